"""What people read and hear of a request: the question, what became of it, and who is on call meanwhile.

Every sentence before publishing says that the holder stays on: half-known swaps are how nobody turns up. Texts fit one
segment with ordinary names. No patient, no reason of anybody's absence. Deliberately not here: who is told, and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from oncall.core.rota.on_call import Rota
from oncall.core.rota.requests import Entry, Kind, Move, Request, State, shift_of
from oncall.core.rota.spans import in_words
from oncall.core.rota.stints import tier_in_words
from oncall.core.wall_time import TICK

ELSEWHERE = "The rota has changed meanwhile: look there who has it."
BEGINS = {
    State.DECLINED: "Declined",
    State.LAPSED: "Lapsed, not agreed in time",
    State.WITHDRAWN: "Withdrawn",
}
Names = Mapping[str, str]  # a person's id -> as colleagues read it


def name_in(names: Names, person: str) -> str:
    return names.get(person, person)


def what(request: Request, rota: Rota) -> str:
    """ "pump team primary, Tue 2 Dec 19:00 to Wed 3 Dec 07:00"; a leave is from everything."""
    span = in_words(request.span, rota.zone)
    return span if request.kind is Kind.LEAVE else f"{tier_in_words(rota, request.tier)}, {span}"


def title(request: Request, rota: Rota, names: Names) -> str:
    """One line: who asks for what."""
    holder, shift = name_in(names, request.holder), what(request, rota)
    match request.kind:
        case Kind.LEAVE:
            return f"{holder} asks for leave, {shift}"
        case Kind.SWAP if request.back is not None:
            other = name_in(names, request.asked[0])
            return f"{holder} asks {other} to swap {shift}, for {in_words(request.back, rota.zone)}"
        case Kind.REPLACE:
            return f"{holder} must be replaced now: {shift}"
        case Kind.ASK_ALL:
            return f"{holder} asks everybody: who takes {shift}?"
        case _:
            return f"{holder} asks {name_in(names, request.asked[0])} to take {shift}"


def on_meanwhile(request: Request, rota: Rota, names: Names, now: datetime) -> str:
    """Who is on call because of it, now, as the rota says. The one sentence that no page leaves out."""
    holder = name_in(names, request.holder)
    if request.state is State.PUBLISHED:
        return f"Published: {_changed(request, names)}"
    if request.span[1] <= now:
        return "This time is over, and nothing was changed by it."
    if request.kind is Kind.LEAVE:
        return f"Nothing is changed: {holder} is on call as the rota says."
    if not has_it(request, rota, now):
        return ELSEWHERE
    if request.is_replacing and request.asked_now:
        asked = name_in(names, request.asked_now[-1])
        return f"{holder} IS STILL ON CALL. {asked} has been asked; a page goes to both, and to the next tier at once."
    if request.is_replacing:
        return f"{holder} IS STILL ON CALL. Nobody has taken over; a page goes to the next tier at once as well."
    return f"Nothing is changed: {holder} HAS this shift" + (", until it is published." if request.is_open else ".")


def has_it(request: Request, rota: Rota, now: datetime) -> bool:
    """Whether the holder still stands there, at the beginning and at the end: others may have published."""
    ends = (max(request.span[0], now), request.span[1] - TICK)
    return all(shift_of(rota, request.tier, request.holder, at) for at in ends)


def _changed(request: Request, names: Names) -> str:
    holder, taker = name_in(names, request.holder), name_in(names, request.taker)
    if request.kind is Kind.LEAVE:
        return f"{holder} is on leave."
    return f"{taker} and {holder} have swapped." if request.back else f"{taker} has it instead of {holder}."


def question(request: Request, rota: Rota, names: Names) -> str:
    """To who is asked, by text; {1} and {2} become whole replies."""
    holder, shift = name_in(names, request.holder), what(request, rota)
    if request.kind is Kind.REPLACE:
        return f"REPLACE NOW: {holder} cannot go on. Take {shift}? {{1}} yes, you are on at once. {{2}} no."
    if request.back is not None:
        swap = f"{holder} asks: swap {shift} for your {in_words(request.back, rota.zone)}?"
        return f"{swap} {{1}} yes, {{2}} no. {_until_published(holder)}"
    return f"{holder} asks you to take {shift}. {{1}} yes, {{2}} no. {_until_published(holder)}"


def _until_published(holder: str) -> str:
    return f"{holder} keeps it until we tell you."


def spoken_question(request: Request, rota: Rota, names: Names, spoken: Names) -> str:
    """The same on a call."""
    holder, shift = name_in(spoken, request.holder), what(request, rota)
    if request.kind is Kind.REPLACE:
        told = f"This is the pump line. {holder} cannot go on. We ask you to take over now: {shift}."
        return f"{told} To take it, press 1: you are then on call at once. If you cannot, press 2."
    back = f", for your {in_words(request.back, rota.zone)}" if request.back else ""
    verb = "swap" if request.back else "take"
    told = f"This is the pump line. This is no page. {holder} asks you to {verb} {shift}{back}."
    return f"{told} Press 1 for yes, or 2 for no. Until we tell you, nothing is changed."


def news(request: Request, rota: Rota, names: Names, now: datetime) -> str:
    """To those concerned, once it has come to an end."""
    shift, holder = what(request, rota), name_in(names, request.holder)
    if request.state is State.PUBLISHED:
        return f"Published, {shift}: {_changed(request, names)}"
    if request.kind is Kind.LEAVE:
        stays = "Nothing is changed."
    else:
        stays = f"{holder} HAS it, as before." if has_it(request, rota, min(now, request.span[1] - TICK)) else ELSEWHERE
    match request.state:
        case State.LAPSED if request.kind is Kind.REPLACE:
            return f"Nobody has taken over from {holder}, {shift}. {holder} IS STILL ON; pages go to the next tier too."
        case State.REFUSED:
            return f"Not possible, {shift}: {stays} {why_refused(request)}".strip()
        case _:
            return f"{BEGINS[request.state]}, {shift}: {stays}"


def why_refused(request: Request) -> str:
    return next((entry.note for entry in reversed(request.entries) if entry.move is Move.REFUSE), "")


def awaits_approval(request: Request, rota: Rota, names: Names) -> str:
    """To the coordinators."""
    agreed = "" if request.kind is Kind.LEAVE else f" {name_in(names, request.taker)} agrees."
    return f"For your approval, request {request.id}: {title(request, rota, names)}.{agreed} Nothing is changed yet."


def replacing(request: Request, rota: Rota, names: Names) -> str:
    """To the coordinators, as soon as somebody must be replaced."""
    asked = name_in(names, request.asked[-1]) if request.asked else "nobody: no other proven phone"
    holder = name_in(names, request.holder)
    return f"Replace now, request {request.id}: {holder}, {what(request, rota)}. Asked: {asked}. {holder} is still on."


def entry_in_words(entry: Entry, names: Names) -> str:
    """One line of a request's history."""
    who, whom = name_in(names, entry.who), name_in(names, entry.whom)
    if entry.move is Move.ASK and entry.whom:
        told = f"{who} asked {whom}"
    elif entry.whom and entry.whom != entry.who:
        told = f"{whom} {entry.move.value}, entered by {who}"
    else:
        told = f"{who} {entry.move.value}"
    return f"{told}: {entry.note}" if entry.note else told
