"""Whether a request can be asked at all: its time, its shift, and whom it asks; each reason is a sentence.

Deliberately not here: what publishing it would break (the guards), and who may enter it (the pages).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from oncall.core.case.facts import Directory
from oncall.core.rota.fillers import fillers
from oncall.core.rota.on_call import Gap, Rota
from oncall.core.rota.requests import LAPSES_BEFORE, NOW_WITHIN, Kind, Request, shift_of
from oncall.core.rota.spans import Span, moment_in_words
from oncall.core.rota.stints import name_of, tier_in_words
from oncall.core.wall_time import FOREVER, TICK


@dataclass(frozen=True, slots=True)
class Wanted:
    """As somebody fills in the form. `whom` is empty where the line finds them itself."""

    kind: Kind
    tier: str
    holder: str
    span: Span
    whom: str = ""
    back: Span | None = None
    note: str = ""


def against(wanted: Wanted, rota: Rota, directory: Directory, known: Iterable[Request], now: datetime) -> list[str]:
    """Empty if it can be asked."""
    twin = next((one for one in known if _is_same(one, wanted)), None)
    said = [f"Request {twin.id} asks for this already."] if twin else []
    return [*_time(wanted, rota.zone, now), *_shift(wanted, rota, now), *_whom(wanted, rota, directory), *said]


def could_take(rota: Rota, tier: str, span: Span, directory: Directory, holder: str) -> tuple[str, ...]:
    """Everybody else with a proven telephone, the best first (`core.rota.fillers`)."""
    proven = frozenset(person.id for person in directory.clinicians.values() if person.is_proven)
    rotation, _, layer = tier.partition("/")
    found = fillers(rota, Gap(rotation, layer, *span), proven)
    return tuple(filler.person for filler in found if filler.person != holder)


def _is_same(one: Request, wanted: Wanted) -> bool:
    is_alike = (one.kind, one.tier, one.holder) == (wanted.kind, wanted.tier, wanted.holder)
    return is_alike and one.span[0] < wanted.span[1] and wanted.span[0] < one.span[1]


def _time(wanted: Wanted, zone: str, now: datetime) -> Iterator[str]:
    starts_at, ends_at = wanted.span
    if ends_at <= starts_at:
        yield "The end is not after the start."
    elif ends_at >= FOREVER:
        yield "This shift has no end: say until when."
    elif ends_at <= now:
        yield f"This was over at {moment_in_words(ends_at, zone)}: the past does not move."
    elif wanted.kind is Kind.REPLACE:
        if starts_at - now > NOW_WITHIN:
            yield "Replacing now is for the next two days: ask somebody, or everybody, instead."
    elif min(starts_at, wanted.back[0] if wanted.back else starts_at) - LAPSES_BEFORE <= now:
        yield f"This begins at {moment_in_words(starts_at, zone)}, in less than 12 hours: use Cover me now."


def _shift(wanted: Wanted, rota: Rota, now: datetime) -> Iterator[str]:
    if wanted.holder not in rota.people:
        yield f"Nobody on the rota is called {wanted.holder or 'nothing'}."
    elif wanted.kind is not Kind.LEAVE and not _has(rota, wanted.tier, wanted.holder, wanted.span, now):
        yield f"{name_of(rota, wanted.holder)} does not have {_said(rota, wanted.tier)} for all of this time."
    if wanted.back is not None and not _has(rota, wanted.tier, wanted.whom, wanted.back, now):
        yield f"{name_of(rota, wanted.whom)} does not have {_said(rota, wanted.tier)} for all of what comes back."


def _has(rota: Rota, tier: str, person: str, span: Span, now: datetime) -> bool:
    """From the start, or from now in a shift that runs, to the end, be it in several shifts one after the other."""
    at, ends_at = max(span[0], min(now, span[1] - TICK)), span[1]
    while at < ends_at:
        shift = shift_of(rota, tier, person, at)
        if shift is None:
            return False
        at = shift[1]
    return True


def _said(rota: Rota, tier: str) -> str:
    return tier_in_words(rota, tier) if tier else "no tier"


def _whom(wanted: Wanted, rota: Rota, directory: Directory) -> Iterator[str]:
    if wanted.kind not in (Kind.SWAP, Kind.GIVE):
        return
    asked = directory.clinicians.get(wanted.whom)
    if asked is None or wanted.whom not in rota.people:
        yield "Choose whom to ask."
    elif wanted.whom == wanted.holder:
        yield "Choose somebody else than who has the shift."
    elif not asked.phones:
        yield f"{asked.name} has no telephone in the register."
    if wanted.kind is Kind.SWAP and wanted.back is None:
        yield "Choose the shift that comes back for it."
