"""The holder's turn ends while he has a case: he is asked to hand it over, and from then on both are paged.

Fifteen minutes ahead he is told; at the end the case is offered to whoever is on now, if he has offered it to nobody.
Until that person says it back the old holder is still the holder, and every five minutes both are texted and called.
A clock of the case carries this from the first word on (law 3). Deliberately not here: noticing that a turn ends
(`service.rota.shift_ends`), the offer itself and its read-back (`handover`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from oncall.core.case import entries as e
from oncall.core.case.case import Case, Clock, ClockKind, Holding, Status
from oncall.core.case.commands import EndTurn
from oncall.core.case.draft import Draft
from oncall.core.case.echoes import slot_of
from oncall.core.case.handover import colleagues, page_incoming
from oncall.core.case.rounds import call
from oncall.core.case.wording import page_link
from oncall.core.people import Clinician
from oncall.core.rota.hand_overs import on_after, paging_layers, turn_ends_at
from oncall.core.rota.on_call import Rota, on_call_at

AHEAD = timedelta(minutes=15)
AGAIN = timedelta(minutes=5)
JUST_OFF = timedelta(hours=1)  # who takes a case so soon after his turn took it in that turn
HOW = "the turn is over"


def end_of_turn(rota: Rota, holder: Holding, until: datetime) -> datetime | None:
    """When the turn in which he took it is or was over; None while he is on at `until`, or if he was on no tier."""
    return turn_ends_at(rota, holder.person, holder.at - JUST_OFF, until)


def next_on(rota: Rota, holder: Holding, at: datetime) -> tuple[str, ...]:
    """Who has his place at `at`."""
    return on_after(rota, holder.person, holder.at - JUST_OFF, at)


def is_to_be_told(case: Case, ends_at: datetime, at: datetime) -> bool:
    """Whether `EndTurn` would change anything: its clock does not run, or would run out too late."""
    running = case.clock(ClockKind.HAND_OVER)
    return case.status is Status.HELD and (running is None or running.due_at > max(ends_at, at + AGAIN))


def end_turn(draft: Draft, command: EndTurn) -> None:
    """The rota says when the holder goes off; a second word of the same end changes nothing."""
    holder = draft.case.holder
    if holder is None or holder.person != command.person or not is_to_be_told(draft.case, command.ends_at, draft.at):
        return
    if command.ends_at <= draft.at:
        _page_both(draft, holder)
        return
    _tell(draft, holder, "turn_ends", by=draft.hour(command.ends_at))
    draft.set_clock_at(ClockKind.HAND_OVER, command.ends_at)


def turn_over(draft: Draft, clock: Clock) -> None:
    """Its clock ran out. Whose turn was made longer meanwhile is left alone until it ends."""
    holder = draft.case.holder
    if draft.case.status is not Status.HELD or holder is None or _is_on_call(draft, holder.person):
        return
    _page_both(draft, holder)


def _page_both(draft: Draft, holder: Holding) -> None:
    offer = draft.case.hand_over
    offered = draft.facts.clinician(offer.to) if offer else None  # None too for who has left the team since
    incoming = offered or _incoming(draft, holder)
    if incoming is None:
        _tell(draft, holder, "turn_over_nobody")
    else:
        if offered is None:
            draft.write(e.HandOverAsked(holder.person, incoming.id, HOW))
        page_incoming(draft, incoming, again=True)
        _tell(draft, holder, "turn_over", name=incoming.name)
    page = draft.case.page_of(holder.person)
    if page is not None:
        call(draft, page)
    draft.set_clock(ClockKind.HAND_OVER, AGAIN)


def _tell(draft: Draft, holder: Holding, key: str, **blanks: str) -> None:
    page = draft.case.page_of(holder.person)
    link = page_link(page, draft.facts.hospital) if page else ""
    draft.tell_person(holder.person, key, slot=slot_of(draft, holder.person), link=link, **blanks)


def _is_on_call(draft: Draft, person: str) -> bool:
    layers = paging_layers(draft.handbook.rota)
    return any(shift.person == person for r, layer in layers for shift in on_call_at(r, layer, draft.at))


def _incoming(draft: Draft, holder: Holding) -> Clinician | None:
    """Whoever has the holder's place now, then whoever else is on call; who would not take it is asked last."""
    case, facts = draft.case, draft.facts
    successors = (facts.clinician(person) for person in next_on(draft.handbook.rota, holder, draft.at))
    able = [p for p in successors if p and p.role == "clinician" and p.phones and p.id != holder.person]
    able += colleagues(case, facts, draft.handbook, draft.at)
    return next((person for person in able if person.id not in case.not_taking), able[0] if able else None)
