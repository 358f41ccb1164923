"""What the family is told, by when, and what happens when the time passes.

A promise is a deadline in the journal, derived from the policy in force and nothing else (RULINGS 2). The family
hears at receipt, every five minutes until somebody has taken the case, at taking, when a promise is missed and at
closing (invariant I11). Deliberately not here: the paging itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oncall.core.case import entries as e
from oncall.core.case.asking import ask_by_text
from oncall.core.case.case import Arrival, ClockKind, Status
from oncall.core.case.draft import Draft
from oncall.core.case.rounds import inform_again, join_next_tier, policy_of
from oncall.core.case.wording import first_reply_key
from oncall.core.rota import working_days
from oncall.core.triage.assessment import ADVICE


def promise(draft: Draft, given_back: bool = False) -> datetime:
    """Set or shorten the promise of the policy in force; an earlier promise holds (RULINGS 10), also the one that
    was given when the case was taken and that nobody will keep now (`given_back`)."""
    by = draft.at + policy_of(draft.case).promise
    told = draft.case.promised_at
    if given_back and told is not None and draft.at < told < by:
        by = told
    kept = draft.case.clock(ClockKind.PROMISE)
    if kept is not None and kept.due_at <= by:
        return kept.due_at
    draft.set_clock_at(ClockKind.PROMISE, by)
    draft.write(e.Promised("a doctor calls", by))
    return by


def first_reply(draft: Draft, by: datetime) -> None:
    """The first answer to a text: the emergency line, who is paged, by when, what then (RULINGS 5)."""
    advice = draft.case.assessment.advice if draft.case.assessment else "wait_for_call"
    draft.tell_family(first_reply_key(advice), by=draft.family_hour(by))


def keep_posted(draft: Draft) -> None:
    """From now the family hears from us every five minutes until somebody has taken the case."""
    if draft.case.phone is not None:
        draft.set_clock(ClockKind.STATUS, draft.case.pinned.waits.status_every)


def status_due(draft: Draft) -> None:
    """Five minutes have passed without a doctor: say so, and when we speak next."""
    next_word = draft.at + draft.case.pinned.waits.status_every
    if not draft.case.is_on_the_line:
        draft.tell_family("still_trying", by=draft.family_hour(next_word))
    keep_posted(draft)


def next_doctor(draft: Draft) -> None:
    """The page has climbed: the family hears that, and the five minutes begin anew."""
    if not draft.case.is_on_the_line:
        next_word = draft.at + draft.case.pinned.waits.status_every
        draft.tell_family("next_doctor", by=draft.family_hour(next_word))
    keep_posted(draft)


def promise_missed(draft: Draft) -> None:
    """Nobody was reached in time: the family hears what to do; the page climbs, or the last resort hears it again."""
    draft.end_clock(ClockKind.PROMISE)
    draft.write(e.PromiseMissed("a doctor calls"))
    draft.tell_family("nobody_reached")
    if draft.case.status is not Status.PAGING:
        return
    keep_posted(draft)
    if draft.case.step + 1 < len(policy_of(draft.case).steps):
        join_next_tier(draft, "the promise to the family was missed")
    else:
        inform_again(draft)


def office_missed(draft: Draft) -> None:
    """Noon, and nobody has answered an office request: an apology, and who to turn to."""
    draft.write(e.PromiseMissed("the office answers"))
    draft.tell_family("office_late")


# --- the hospital's day ---------------------------------------------------------------------------------------------


def is_day(draft: Draft, at: datetime | None = None) -> bool:
    """Whether the hospital counts as awake (07 to 21 h unless declared otherwise)."""
    hours = draft.case.pinned.hours
    local = (at or draft.at).astimezone(_zone(draft)).time()
    return hours.day_from <= local < hours.day_until


def next_morning(draft: Draft) -> datetime:
    """The next instant at which the day begins."""
    hours = draft.case.pinned.hours
    local = draft.at.astimezone(_zone(draft))
    morning = local.replace(hour=hours.day_from.hour, minute=hours.day_from.minute, second=0, microsecond=0, fold=0)
    return (morning if morning > local else morning + timedelta(days=1)).astimezone(draft.at.tzinfo)


def next_working_day(draft: Draft, hour: str) -> datetime:
    """`hour` ("task_due" or "page_at") of the next working day after today."""
    moment = getattr(draft.case.pinned.hours, hour)
    return working_days.next_working_day(draft.handbook.rota, draft.facts.hospital.zone, draft.at, moment)


def _zone(draft: Draft) -> ZoneInfo:
    return ZoneInfo(draft.facts.hospital.zone)


# --- arrivals ---------------------------------------------------------------------------------------------------


def reply_to_arrival(draft: Draft, arrival: Arrival, by: datetime) -> None:
    """Texts and nurses' calls are answered in writing; who is on the line hears it there."""
    if arrival in (Arrival.TEXT, Arrival.NEW_CALL):
        first_reply(draft, by)
    if arrival is Arrival.TEXT:
        ask_by_text(draft)


RAISED = {"call_911": "raised_call_911", "go_now": "raised_go_now"}


def tell_rising_advice(draft: Draft, told: str, now: str) -> bool:
    """What they were told to do is no longer enough: say the new advice first (RULINGS 1). Whether it was said."""
    rises = now in RAISED and ADVICE.index(now) > ADVICE.index(told)
    if rises:
        draft.tell_family(RAISED[now])
    return rises
