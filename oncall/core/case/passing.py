"""Time passes: what each clock of a case does when it runs out.

A late look is harmless: the case reaches the step where it should be by now, each person is paged once, and the page
says that it is delayed. Deliberately not here: who wakes us up (`service.watch`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from oncall.core.case import entries as e
from oncall.core.case.bridge_legs import leg_lost
from oncall.core.case.bridging import interpreter_late, try_family
from oncall.core.case.case import Clock, ClockKind, Status
from oncall.core.case.delivery import BACKOFF, delivery_overdue
from oncall.core.case.draft import Draft
from oncall.core.case.dropped_calls import call_back
from oncall.core.case.echoes import slot_of
from oncall.core.case.evolve import worst
from oncall.core.case.holder_news import ring_holder
from oncall.core.case.holding import climb_again
from oncall.core.case.messages import LegKind, MessageState, Progress, Purpose
from oncall.core.case.promises import (
    first_reply,
    is_day,
    next_doctor,
    next_working_day,
    office_missed,
    promise_missed,
    status_due,
)
from oncall.core.case.reporting import begin_paging, judge, pace_for, raise_paging
from oncall.core.case.reviewing import review_due
from oncall.core.case.rounds import (
    catch_up,
    is_late,
    next_round,
    policy_of,
    reach_step,
    refresh_holders,
    restart_clock_of_round,
    ring_due,
)
from oncall.core.case.shift_end import turn_over
from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Urgency

BACKWARD = timedelta(seconds=1)  # a clock this much further away than its own wait was set before a step back
LONGEST_WAIT = timedelta(seconds=BACKOFF[-1])


def pass_time(draft: Draft) -> None:
    """Handle every clock that is due, earliest first; set anew what a backward clock step put too far away."""
    _mend_backward_step(draft)
    for _ in range(200):  # far above the clocks a case can have; a runaway would be our bug and ends in blind
        due = min((c for c in draft.case.clocks if c.due_at <= draft.at), key=lambda c: c.due_at, default=None)
        if due is None:
            _look_at_replacements(draft)
            return
        draft.delayed = is_late(due.due_at, draft.at)
        draft.end_clock(due.kind, due.subject)
        HANDLERS[due.kind](draft, due)
    raise RuntimeError("clocks of a case keep coming due")


def _look_at_replacements(draft: Draft) -> None:
    """Somebody who was paged may have become unable to go on since: who stands in is paged now, not at a ring."""
    if draft.facts.directory.replacing and draft.case.status is Status.PAGING:
        refresh_holders(draft)


def _mend_backward_step(draft: Draft) -> None:
    for clock in draft.case.clocks:
        if clock.due_at - draft.at > clock.wait + BACKWARD:
            draft.notice("the clock stepped back; waits are set anew")
            draft.set_clock(clock.kind, clock.wait, clock.subject)
            if clock.kind in (ClockKind.STEP, ClockKind.ROUND):
                restart_clock_of_round(draft)
    for state in draft.case.messages:
        if _waits_too_long(state, draft.at):
            draft.write(e.MessagePutOff(state.message.id, draft.at))


def _waits_too_long(state: MessageState, at: datetime) -> bool:
    """Held back for longer than the carrier's refusals ever do; what waits for the morning is left alone."""
    until = state.not_before if state.progress is Progress.OWED else None
    for_an_hour = state.message.purpose is Purpose.STAFF and not state.refusals
    return until is not None and not for_an_hour and until - at > LONGEST_WAIT + BACKWARD


def _step(draft: Draft, clock: Clock) -> None:
    index = draft.case.step + 1
    if index < len(policy_of(draft.case).steps):
        reach_step(draft, index)
        catch_up(draft)
        next_doctor(draft)


def _round(draft: Draft, clock: Clock) -> None:
    next_round(draft)


def _ring(draft: Draft, clock: Clock) -> None:
    ring_due(draft, clock.subject)


def _promise(draft: Draft, clock: Clock) -> None:
    promise_missed(draft)


def _status(draft: Draft, clock: Clock) -> None:
    status_due(draft)


def _silence(draft: Draft, clock: Clock) -> None:
    """A question to the family without an answer: ring them (RULINGS 5)."""
    if not draft.case.has_help:
        call_back(draft)


def _nobody_spoke(draft: Draft, clock: Clock) -> None:
    """A call, or a hung-up call, about which nothing is known: a person hears of it (RULINGS 3)."""
    draft.write(e.FindingsDrawn("", (Finding("caller_silent", Heard.PRESENT, "no key and no word"),)))
    urgency = max(judge(draft).urgency, Urgency.URGENT)
    draft.write(e.PaceSet(worst(draft.case.pace, pace_for(draft, urgency)), "nothing was said: a person must ask"))
    begin_paging(draft, None)


def _hung_up(draft: Draft, clock: Clock) -> None:
    """Whoever rang off is paged for after all: they hear who calls and by when, as somebody who texts does."""
    _nobody_spoke(draft, clock)
    if draft.case.promised_at is not None and not draft.case.is_on_the_line:
        first_reply(draft, draft.case.promised_at)


def _morning(draft: Draft, clock: Clock) -> None:
    begin_paging(draft, None)


def _untaken(draft: Draft, clock: Clock) -> None:
    _raise(draft, Urgency.URGENT, "nobody took a same-day page")


def _task(draft: Draft, clock: Clock) -> None:
    """Noon, and nobody took the morning's task: the family and the coordinator hear, and in two hours it pages."""
    office_missed(draft)
    for person in draft.facts.directory.clinicians.values():
        if person.role == "coordinator":
            draft.tell_person(person.id, "coordinator_task")
    hours = draft.case.pinned.hours
    wait = timedelta(
        hours=hours.page_at.hour - hours.task_due.hour, minutes=hours.page_at.minute - hours.task_due.minute
    )
    draft.set_clock(ClockKind.TASK_PAGE, max(wait, timedelta(0)))


def _task_page(draft: Draft, clock: Clock) -> None:
    """It pages in office hours; a task found late, at night, waits for the next working day."""
    if not is_day(draft):
        draft.set_clock_at(ClockKind.TASK_PAGE, next_working_day(draft, "page_at"))
        return
    draft.write(e.PaceSet(worst(draft.case.pace, Urgency.SAME_DAY), "a morning task nobody took"))
    begin_paging(draft, None)


def _family_reached(draft: Draft, clock: Clock) -> None:
    """Taken, but the family has not been reached: the holder is rung, they are told, in 3 minutes it climbs."""
    holder = draft.case.holder
    if holder is None:
        return
    wait = draft.case.pinned.waits.holder_silent
    if _may_be_talking(draft):
        draft.tell_person(holder.person, "holder_talking", slot=slot_of(draft, holder.person))
        draft.set_clock(ClockKind.HOLDER_SILENT, wait)
        return
    draft.write(e.PromiseMissed("the doctor calls"))
    ring_holder(draft)
    silent = draft.case.clock(ClockKind.HOLDER_SILENT)  # an earlier one may run already
    draft.tell_person(
        holder.person,
        "holder_late",
        by=draft.hour(silent.due_at if silent else draft.at + wait),
        slot=slot_of(draft, holder.person),
    )
    draft.tell_family("promise_late")


def _may_be_talking(draft: Draft) -> bool:
    """Both sides are in the talk: nobody is rung out of it, the holder is asked for his word (RULINGS 4)."""
    met = any(leg.met for leg in draft.case.legs if leg.kind is LegKind.FAMILY)
    return met and draft.case.has_leg(LegKind.CLINICIAN)


def _holder_silent(draft: Draft, clock: Clock) -> None:
    if draft.case.status is Status.HELD:
        climb_again(draft, "the holder did not answer and the family has not been reached")


def _raise(draft: Draft, pace: Urgency, why: str) -> None:
    draft.write(e.PaceSet(worst(draft.case.pace, pace), why))
    raise_paging(draft)


HANDLERS: dict[ClockKind, Callable[[Draft, Clock], None]] = {
    ClockKind.CALL_START: _nobody_spoke,
    ClockKind.HANG_UP: _hung_up,
    ClockKind.STEP: _step,
    ClockKind.ROUND: _round,
    ClockKind.RING: _ring,
    ClockKind.DELIVERY: delivery_overdue,
    ClockKind.PROMISE: _promise,
    ClockKind.STATUS: _status,
    ClockKind.SILENCE: _silence,
    ClockKind.MORNING: _morning,
    ClockKind.UNTAKEN: _untaken,
    ClockKind.TASK: _task,
    ClockKind.TASK_PAGE: _task_page,
    ClockKind.REVIEW: lambda draft, clock: review_due(draft),
    ClockKind.FAMILY_REACHED: _family_reached,
    ClockKind.HOLDER_SILENT: _holder_silent,
    ClockKind.FAMILY_TRY: lambda draft, clock: try_family(draft),
    ClockKind.INTERPRETER: lambda draft, clock: interpreter_late(draft),
    ClockKind.HAND_OVER: turn_over,
    ClockKind.LEG_LOST: lambda draft, clock: leg_lost(draft, clock.subject),
}
