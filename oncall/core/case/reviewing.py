"""A case that a database put back brings with it: page at once while it is young, else wait for a person (RULINGS 7).

Nobody knows what has happened to it since the backup, or since the record ends. An emergency heard of within the hour
is paged anew, marked DELAYED; for anything else the old pages, promises and texts are out of date: they are dropped,
and it waits on the board until somebody takes it, closes it, or the family is heard of again. Deliberately not here:
who is rung about it (`service.line.after_restore`).
"""

from __future__ import annotations

from datetime import timedelta

from oncall.core.case import entries as e
from oncall.core.case.case import Case, ClockKind, Status
from oncall.core.case.commands import GoOnRestored
from oncall.core.case.draft import Draft
from oncall.core.case.holding import begin_again
from oncall.core.case.messages import Progress
from oncall.core.case.promises import promise
from oncall.core.case.rounds import next_round
from oncall.core.triage.assessment import Urgency

YOUNG = timedelta(minutes=60)
REVIEW_AGAIN = timedelta(hours=1)


def go_on_restored(draft: Draft, command: GoOnRestored) -> None:
    """See the module. A case that somebody holds and that is young goes on by its own clocks."""
    young = _is_young(draft)
    if young and draft.case.status is Status.HELD:
        draft.notice(f"the record was put back to {command.made_at}")
        return
    _drop_what_is_out_of_date(draft)
    if young:
        draft.notice(f"the record was put back to {command.made_at}: paged at once")
        draft.delayed = True
        _page_now(draft)
        return
    for clock in draft.case.clocks:
        draft.write(e.ClockEnded(clock.kind, clock.subject))
    draft.notice(f"the record was put back to {command.made_at}: review")
    draft.set_clock(ClockKind.REVIEW, REVIEW_AGAIN)


def review_due(draft: Draft) -> None:
    """Still nobody has looked at it."""
    draft.notice("the record was put back, and nobody has reviewed this case")
    draft.set_clock(ClockKind.REVIEW, REVIEW_AGAIN)


def heard_of_again(draft: Draft) -> None:
    """The family or the pump tells us something: the case is not over, and is paged as if it had begun now."""
    if draft.case.clock(ClockKind.REVIEW) is None:
        return
    draft.end_clock(ClockKind.REVIEW)
    draft.notice("heard of again: it is paged without a review")
    if draft.case.status is not Status.HELD:
        _page_now(draft)


def is_in_review(case: Case) -> bool:
    return case.clock(ClockKind.REVIEW) is not None


def _is_young(draft: Draft) -> bool:
    """What nobody has judged yet counts as the worst."""
    heard_at = max((note.at for note in draft.case.reports), default=draft.at)
    return draft.case.pace in (None, Urgency.EMERGENCY) and draft.at - heard_at < YOUNG


def _page_now(draft: Draft) -> None:
    if draft.case.round == 0:
        begin_again(draft)
        return
    promise(draft, given_back=True)
    next_round(draft)


def _drop_what_is_out_of_date(draft: Draft) -> None:
    for call in draft.case.calls:
        if call.live:
            draft.write(e.CallEnded(call.sid))
    for state in draft.case.messages:
        if state.is_owed:
            draft.write(e.MessageProgressed(state.message.id, Progress.DROPPED))
