"""Next month with this rota and this policy: how soon would somebody take a case, and where is the rota thin?

For every night from noon to noon some families turn to the line at drawn hours, and people answer as assumed; the
whole house pages, climbs and rings as it would. Deliberately not here: printing, and any promise: it is as good as the
assumptions, which are told with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from multiprocessing import get_context
from zoneinfo import ZoneInfo

from oncall.adapters.clock import dice
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.rehearsal.sample_ward import OPERATOR, sample_rows
from oncall.core.rota.hand_overs import paging_layers
from oncall.core.rota.on_call import Rota, gaps_between, on_call_at, people_between
from oncall.nights.night import Night
from oncall.nights.plan import Answering, Event, Plan
from oncall.nights.running import Ground, quiet
from oncall.nights.wards import handbook_of

GIVEN_UP = 3600.0  # seconds after which a case counts as not taken
WORDS = ("she won't wake up", "he is itchy since the evening")  # an emergency and an urgent one, in turn
CALLER = "+16175550142"
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the answer hangs on besides rota and policy. `contacts` is how many are tried per night."""

    answering: Answering = field(default_factory=Answering)
    contacts: int = 8
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Waited:
    """One night: seconds until somebody took each case, shortest first; GIVEN_UP where nobody did within the hour."""

    night: date
    seconds: tuple[float, ...]
    breaches: tuple[str, ...] = ()

    @property
    def median(self) -> float:
        return quantile(self.seconds, 0.5)

    @property
    def p90(self) -> float:
        return quantile(self.seconds, 0.9)

    @property
    def longest(self) -> float:
        return self.seconds[-1]

    @property
    def not_taken(self) -> int:
        return sum(wait >= GIVEN_UP for wait in self.seconds)


@dataclass(frozen=True, slots=True)
class WeakSpot:
    """Where the rota is thin: what kind, on which layer, and in words."""

    kind: str
    tier: str
    told: str


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share does not exceed."""
    return ordered[min(max(-int(-share * len(ordered) // 1), 1), len(ordered)) - 1]


# --- the rota itself -------------------------------------------------------------------------------------------------


def weak_spots(rota: Rota, start: datetime, end: datetime) -> list[WeakSpot]:
    """Holes, layers that one person carries alone, and hours in which one person is two tiers (asked every hour)."""
    spots: list[WeakSpot] = []
    for name, layer in _layers(rota):
        rotation, tier = rota.rotations[name], f"{name}/{layer}"
        for gap in gaps_between(rotation, layer, start, end):
            span = f"{_hour(gap.starts_at, rota)} to {_hour(gap.ends_at, rota)}"
            spots.append(WeakSpot("hole", tier, f"nobody from {span}"))
        people = {person for _, on in people_between(rotation, layer, start, end) for person in on}
        if len(people) == 1:
            spots.append(WeakSpot("one person", tier, f"{_name(rota, people.pop())} alone, all month"))
    return [*spots, *_on_two_tiers(rota, start, end)]


def _layers(rota: Rota) -> list[tuple[str, str]]:
    """Those that page at night too."""
    return [(rotation.name, layer) for rotation, layer in paging_layers(rota)]


def _on_two_tiers(rota: Rota, start: datetime, end: datetime) -> Iterator[WeakSpot]:
    hours: Counter[tuple[str, str]] = Counter()
    at = start
    while at < end:
        on: dict[str, list[str]] = {}
        for name, layer in _layers(rota):
            for shift in on_call_at(rota.rotations[name], layer, at):
                on.setdefault(shift.person, []).append(f"{name}/{layer}")
        doubled = ((person, dict.fromkeys(tiers)) for person, tiers in on.items())
        hours.update((person, " and ".join(tiers)) for person, tiers in doubled if len(tiers) > 1)
        at += timedelta(hours=1)
    for (person, tiers), count in sorted(hours.items()):
        yield WeakSpot("two tiers", tiers, f"{_name(rota, person)} is both for {count} h")


def _name(rota: Rota, person: str) -> str:
    known = rota.people.get(person)
    return known.name if known else person


def _hour(at: datetime, rota: Rota) -> str:
    return f"{at.astimezone(ZoneInfo(rota.zone)):%a %d %b %H:%M}"


# --- the nights ------------------------------------------------------------------------------------------------------


def nights_of(month: date) -> list[date]:
    """Every day of this month."""
    days = (month.replace(day=1) + timedelta(days=n) for n in range(31))
    return [day for day in days if day.month == month.month]


def span_of(month: date, zone: str) -> tuple[datetime, datetime]:
    """From the first noon of the month to the last one after it, UTC."""
    nights = nights_of(month)
    return _noon(nights[0], zone), _noon(nights[-1] + timedelta(days=1), zone)


def _noon(day: date, zone: str) -> datetime:
    return datetime.combine(day, NOON, ZoneInfo(zone)).astimezone(UTC)


def forecast(month: date, ground: Ground, assumed: Assumed, workers: int = 1) -> Iterator[Waited]:
    """Night by night. Raises HandbookFaults."""
    handbook_of(ground.rules, ground.rotations)  # read once, before the forks
    ask = partial(waited, ground=ground, assumed=assumed)
    if workers <= 1:
        yield from map(ask, nights_of(month))
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        yield from pool.map(ask, nights_of(month))


def waited(night: date, ground: Ground, assumed: Assumed) -> Waited:
    """How long the contacts of one night wait."""
    quiet()
    handbook = handbook_of(ground.rules, ground.rotations)
    found: list[float] = []
    breaches: list[str] = []
    for n in range(assumed.contacts):
        plan = _contact(night, n, handbook.rota.zone, assumed)
        played = Night(plan, handbook, fill=partial(_fill, rota=handbook.rota)).play()
        taken = (at for case, at in played.taken.items() if case in played.opened)
        first = min(taken, default=None)
        wait = (first - plan.begins_at).total_seconds() - plan.events[0].at if first else GIVEN_UP
        found.append(round(min(wait, GIVEN_UP), 1))
        breaches += [str(breach) for breach in played.breaches]
    return Waited(night, tuple(sorted(found)), tuple(breaches))


def _contact(night: date, n: int, zone: str, assumed: Assumed) -> Plan:
    roll = dice(f"{assumed.seed}/{night}/{n}")
    start, end = _noon(night, zone), _noon(night + timedelta(days=1), zone)
    begins_at = start + (end - start) * roll.random()
    text = Event(1.0, "text", CALLER, (WORDS[n % len(WORDS)], -1.0))
    return Plan(
        seed=roll.randrange(1 << 30),
        zone=zone,
        begins_at=begins_at,
        dawn=GIVEN_UP + 60,
        ends=GIVEN_UP,
        events=(text,),
        answering=assumed.answering,
        until_taken=True,
    )


async def _fill(register: MemoryRegister, at: datetime, rota: Rota) -> None:
    """The people of this rota with imagined telephones, and one family."""
    tables = sample_rows(at)
    numbers = _numbers(rota)
    tables["people"] = [
        {"id": person.id, "full_name": person.name, "name": person.name, "spoken": person.spoken, "role": person.role}
        for person in rota.people.values()
    ]
    tables["person_phones"] = [
        {"number": number, "person": person, "position": 1, "proven_at": at - timedelta(days=3)}
        for person, number in numbers.items()
    ]
    tables["accounts"], tables["tasks"] = [], []
    await register.put_plain(tables, "rehearsal")


def _numbers(rota: Rota) -> Mapping[str, str]:
    """Numbers that ring nobody, one each; the operator has his own."""
    numbered = enumerate(sorted(rota.people), 100)
    return {person: OPERATOR if person == "operator" else f"+1202555{n:04}" for n, person in numbered}
