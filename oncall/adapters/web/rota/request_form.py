"""The form on which somebody gives a shift away: what it offers, and what was filled in.

A time that was left as it stood means the shift's own instant; one that the clock shows twice or skips is refused with
both choices. Deliberately not here: whether it can be asked (`service.rota.request_checks`), and who may.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.adapters.web.forms import typed
from oncall.core.case.facts import Directory
from oncall.core.rota.on_call import Rota, shifts_between
from oncall.core.rota.requests import NOW_WITHIN, Kind
from oncall.core.rota.spans import Span, in_words
from oncall.core.rota.stints import without_windows
from oncall.core.wall_time import FOREVER, TICK, wall
from oncall.service.cases.board import tiers_in_order
from oncall.service.rota.request_checks import Wanted
from oncall.service.typed_time import Choice, Doubt, instant_typed

AHEAD = timedelta(weeks=8)  # which shifts are offered
OPEN_ENDED = timedelta(hours=24)  # how much is offered of a shift without an end
LONGEST = timedelta(days=14)
FIELDS = ("kind", "starts", "until", "whom", "back", "note")


@dataclass(frozen=True, slots=True)
class Offered:
    """One shift of one person on "rotation/layer", cut to what can still be given away."""

    tier: str
    person: str
    span: Span

    @property
    def value(self) -> str:
        """As a form sends it."""
        return f"{self.person}|{self.span[0].isoformat()}|{self.span[1].isoformat()}"


@dataclass(frozen=True, slots=True)
class Filled:
    """What was typed, what is wrong with it, and where one of two times must be chosen; `wanted` if nothing is."""

    told: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    wanted: Wanted | None = None


def offered(rota: Rota, person: str, now: datetime, until: timedelta = AHEAD, tier: str = "") -> list[Offered]:
    """The next shifts of somebody ("" for everybody), on every tier or on one, by beginning."""
    names = [f"{rotation.name}/{layer}" for rotation, layer in tiers_in_order(rota)]
    found = [one for name in names if tier in ("", name) for one in _on_tier(rota, name, now, now + until)]
    shared = {known.id for known in rota.people.values() if known.role == "shared"}
    own = (one for one in found if person in ("", one.person) and one.person not in shared)
    return sorted(own, key=lambda one: (one.span[0], one.tier))


def _on_tier(rota: Rota, tier: str, start: datetime, end: datetime) -> list[Offered]:
    name, _, layer = tier.partition("/")
    shifts = shifts_between(without_windows(rota.rotations[name]), layer, start, end)
    return [Offered(tier, shift.person, _cut((shift.starts_at, shift.ends_at), start)) for shift in shifts]


def _cut(span: Span, now: datetime, at: datetime | None = None) -> Span:
    """What of it is still to come; of one without an end a day, from `at`."""
    begins = max(span[0], now.replace(second=0, microsecond=0))
    if span[1] < FOREVER and span[1] - begins <= LONGEST:
        return begins, span[1]
    begins = max(begins, at or begins)
    return begins, begins + OPEN_ENDED


def shift_at(rota: Rota, tier: str, at: datetime, now: datetime, liked: str) -> Offered | None:
    """The shift that is meant: of several people at once that of `liked`."""
    name, _, layer = tier.partition("/")
    rotation = rota.rotations.get(name)
    if rotation is None or all(known.name != layer for known in rotation.layers):
        return None
    shifts = shifts_between(without_windows(rotation), layer, at, at + TICK)
    found = sorted(shifts, key=lambda shift: shift.person != liked)
    return next((Offered(tier, s.person, _cut((s.starts_at, s.ends_at), now, at)) for s in found), None)


def may_be_now(shift: Offered, now: datetime) -> bool:
    return shift.span[0] - now <= NOW_WITHIN


def filled(form: Mapping[str, object], shift: Offered, zone: str) -> Filled:
    """What the form says of this shift."""
    told = {name: typed(form, name).strip()[:200] for name in FIELDS}
    kind = next((kind for kind in Kind if kind.value == told["kind"]), None)
    if kind is None:
        return Filled(told, ("Choose what you ask for.",))
    times = {name: _instant(told[name], own, zone) for name, own in zip(("starts", "until"), shift.span, strict=True)}
    doubts = {name: at for name, at in times.items() if isinstance(at, Doubt)}
    if doubts:
        choices = {name: doubt.choices for name, doubt in doubts.items() if doubt.choices}
        return Filled(told, tuple(doubt.sentence for doubt in doubts.values()), choices)
    starts_at, until = times["starts"], times["until"]
    assert isinstance(starts_at, datetime)
    assert isinstance(until, datetime)
    whom, back = _back(told["back"]) if kind is Kind.SWAP else (told["whom"], None)
    tier = "" if kind is Kind.LEAVE else shift.tier
    return Filled(told, wanted=Wanted(kind, tier, shift.person, (starts_at, until), whom, back, told["note"]))


def _instant(told: str, own: datetime, zone: str) -> datetime | Doubt:
    return own if told in ("", local_field(own, zone)) else instant_typed(told, zone)


def _back(told: str) -> tuple[str, Span | None]:
    """The shift that comes back, as `Offered.value` says it."""
    person, _, span = told.partition("|")
    try:
        starts_at, ends_at = (datetime.fromisoformat(part) for part in span.split("|"))
    except ValueError:
        return "", None
    return (person, (starts_at, ends_at)) if starts_at.tzinfo and ends_at.tzinfo else ("", None)


def local_field(at: datetime, zone: str) -> str:
    """As a browser's field for a time has it."""
    return f"{wall(at, zone):%Y-%m-%dT%H:%M}"


def shift_words(shift: Offered, rota: Rota) -> str:
    return in_words(shift.span, rota.zone)


def others(rota: Rota, directory: Directory, holder: str) -> list[tuple[str, str]]:
    """Whom somebody may ask: everybody on the rota with a telephone, by name."""
    known = directory.clinicians
    found = (person for person in rota.people if person in known and person != holder)
    people = [(id, known[id].name) for id in found if known[id].role == "clinician" and known[id].phones]
    return sorted(people, key=lambda one: one[1])
