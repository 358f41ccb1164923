"""What a change of the rota makes worse, said before it is published: red stops it, yellow warns.

Two states of the rota are compared from now on. Red is only what is wrong in itself (a cover that changes
nothing, nobody of that name, a telephone that nobody proved, an empty last resort) or a hole in the first
two tiers within fourteen days that was not there before. An edit that only mends is never red, whatever
else is wrong, and what was so already is not said again (RULINGS 8).
Deliberately not here: how tired and how fair (`strain`), standing alarms, and who may publish.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import groupby
from types import MappingProxyType

from oncall.core.rota.fairness import roster_of
from oncall.core.rota.on_call import Change, Kind, Rota, Rotation, changes_nothing, why_impossible
from oncall.core.rota.spans import Span, in_words, moment_in_words, outside
from oncall.core.rota.stints import Stint, name_of, stints_of, tier_in_words
from oncall.core.rota.strain import Strain, strains
from oncall.core.wall_time import FOREVER

FIRST_TIERS = ("pump-team/primary", "pump-team/attending")
LAST_RESORT = "operator"
SOON, FAR = timedelta(days=14), timedelta(days=400)
LONG_COVER = timedelta(days=14)
_BEHIND = timedelta(days=21)  # how far back a run of nights is followed
_SAID_SINGLY = 3
NOBODY_YOUNG: Mapping[str, datetime] = MappingProxyType({})


class Severity(Enum):
    """Red stops the publishing; yellow may be published with a reason."""

    RED = "red"
    YELLOW = "yellow"


@dataclass(frozen=True, slots=True)
class Guard:
    """One thing that the change makes worse; the span, tier and person that it is about, as far as it has them."""

    severity: Severity
    sentence: str
    rotation: str | None = None
    layer: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    person: str | None = None


def _guard(
    severity: Severity, sentence: str, tier: str | None, span: Span | None = None, person: str | None = None
) -> Guard:
    rotation, _, layer = (tier or "").partition("/")
    starts_at, ends_at = span or (None, None)
    return Guard(severity, sentence, rotation or None, layer or None, starts_at, ends_at, person)


def guards(
    before: Rota, after: Rota, now: datetime, proven: frozenset[str], young: Mapping[str, datetime] = NOBODY_YOUNG
) -> tuple[Guard, ...]:
    """What publishing `after` in the place of `before` would break, red first; `proven` may be paged by voice.

    `young` says whose first telephone is new, and until when it counts as new.
    """
    new = _new_changes(before, after)
    impossible = {change: problem for change in new if (problem := why_impossible(after, change))}
    sound = _without(after, frozenset(impossible))
    was, becomes = (stints_of(rota, now - _BEHIND, now + FAR) for rota in (before, sound))
    found = [
        *(_impossible(change, problem, sound.zone) for change, problem in impossible.items()),
        *_strangers(before, sound, now),
        *_idle(sound, new),
        *_unproven(sound, was, becomes, now, proven),
        *_young(sound, was, becomes, now, young),
        *_holes(before, sound, was, becomes, now),
        *_long_covers(sound, new),
        *(guard for strain in strains(before, sound, was, becomes, now) for guard in _strained(strain, sound, now)),
    ]
    return tuple(sorted(found, key=lambda guard: (guard.severity is Severity.YELLOW, guard.starts_at or now)))


# --- wrong in itself ------------------------------------------------------------------------------------


def _new_changes(before: Rota, after: Rota) -> tuple[Change, ...]:
    known = {change for rotation in before.rotations.values() for change in rotation.changes}
    drafted = (change for rotation in after.rotations.values() for change in rotation.changes)
    return tuple(dict.fromkeys(change for change in drafted if change not in known))


def _without(rota: Rota, changes: frozenset[Change]) -> Rota:
    if not changes:
        return rota
    kept = {
        name: replace(rotation, changes=tuple(change for change in rotation.changes if change not in changes))
        for name, rotation in rota.rotations.items()
    }
    return replace(rota, rotations=kept)


def _impossible(change: Change, problem: str, zone: str) -> Guard:
    sentence = f"{_called(change)} cannot be meant: {problem}."
    return _about(change, Severity.RED, sentence)


def _called(change: Change) -> str:
    return f"{change.kind.value.capitalize()} {change.id}"


def _about(change: Change, severity: Severity, sentence: str) -> Guard:
    return _guard(severity, sentence, change.tier, (change.starts_at, change.ends_at), change.person)


def _strangers(before: Rota, after: Rota, now: datetime) -> Iterator[Guard]:
    """Names that belong to nobody, in a roster or in a cover that is still to come."""
    known = set(_names(before, now)) - set(before.people)
    for person, tier in _names(after, now).items():
        if person not in after.people and person not in known:
            sentence = f"Nobody is called {person}, who stands in the rota of {tier_in_words(after, tier)}."
            yield _guard(Severity.RED, sentence, tier, person=person)


def _names(rota: Rota, now: datetime) -> dict[str, str]:
    """Everybody who may come on, and a tier on which they do."""
    found: dict[str, str] = {}
    for rotation in rota.rotations.values():
        covers = (change for change in rotation.changes if change.tier and change.ends_at > now)
        found.update({change.person: change.tier for change in covers if change.tier})
        for layer in rotation.layers:
            tier = f"{rotation.name}/{layer.name}"
            found.update({person: tier for person in roster_of(layer, now, FOREVER)})
    return found


def _idle(rota: Rota, new: Iterable[Change]) -> Iterator[Guard]:
    """Covers, halves of swaps, and whole splits after which nobody else is on than before."""
    wanted = set(new)
    for rotation in rota.rotations.values():
        for place, parts in _published_together(rotation):
            if wanted.issuperset(parts) and parts[0].kind is not Kind.LEAVE:
                earlier = replace(rotation, changes=rotation.changes[:place])
                if changes_nothing(_with_rotation(rota, earlier), *parts):
                    span = in_words((parts[0].starts_at, parts[-1].ends_at), rota.zone)
                    yield _about(parts[0], Severity.RED, f"{_called(parts[0])} changes nothing from {span}.")


def _published_together(rotation: Rotation) -> Iterator[tuple[int, tuple[Change, ...]]]:
    """The changes in their order, and where each stands; the parts of a split are one."""
    place = 0
    for _, parts in groupby(rotation.changes, key=lambda change: (change.id, change.kind is Kind.SPLIT or change)):
        together = tuple(parts)
        yield place, together
        place += len(together)


def _with_rotation(rota: Rota, rotation: Rotation) -> Rota:
    return replace(rota, rotations={**rota.rotations, rotation.name: rotation})


def _unproven(
    rota: Rota, was: dict[str, list[Stint]], becomes: dict[str, list[Stint]], now: datetime, proven: frozenset[str]
) -> Iterator[Guard]:
    """Somebody who was not on this tier is put there, and no page has ever been seen to reach them."""
    for person, stints in becomes.items():
        before = {stint.tier for stint in was.get(person, ()) if stint.ends_at > now}
        firsts: dict[str, Stint] = {}
        for stint in stints if person not in proven else ():
            if stint.ends_at > now and stint.tier not in before:
                firsts.setdefault(stint.tier, stint)
        for tier, first in firsts.items():
            told = (
                f"{name_of(rota, person)} is put on {tier_in_words(rota, tier)} from {in_words(first.span, rota.zone)}"
            )
            sentence = f"{told}, but has no proven telephone."
            yield _guard(Severity.RED, sentence, tier, first.span, person)


def _young(
    rota: Rota,
    was: dict[str, list[Stint]],
    becomes: dict[str, list[Stint]],
    now: datetime,
    young: Mapping[str, datetime],
) -> Iterator[Guard]:
    """A telephone that is proven, but new: a slip shows in the first day, better not in the first night on call."""
    for person, until in young.items():
        before = _by_tier(was.get(person, ()))
        for tier, spans in _by_tier(becomes.get(person, ())).items():
            for span in outside([(a, b) for a, b in spans if b > now and a < until], before.get(tier, ()))[:1]:
                told = f"{name_of(rota, person)} comes on {tier_in_words(rota, tier)}"
                sentence = f"{told} from {in_words(span, rota.zone)} with a telephone in use for less than a day."
                yield _guard(Severity.YELLOW, sentence, tier, span, person)


def _by_tier(stints: Iterable[Stint]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for stint in stints:
        found.setdefault(stint.tier, []).append(stint.span)
    return found


# --- holes ----------------------------------------------------------------------------------------------


def _holes(
    before: Rota, after: Rota, was: dict[str, list[Stint]], becomes: dict[str, list[Stint]], now: datetime
) -> Iterator[Guard]:
    """What was covered and no longer is: red on the first two tiers soon and on the last resort ever, else yellow."""
    ahead = [(now, now + FAR)]
    for tier in dict.fromkeys((*_layers(before), *_layers(after))):
        old, new = (outside(ahead, _spans_on(tier, stints)) for stints in (was, becomes))
        made = outside(new, old)
        named = after if tier in _layers(after) else before
        red = [span for span in made if _is_grave(tier, span, now)]
        yellow = [span for span in made if span not in red]
        for severity, spans in ((Severity.RED, red), (Severity.YELLOW, yellow)):
            yield from _said(severity, f"Nobody is on {tier_in_words(named, tier)}", spans, after.zone, now, tier)


def _is_grave(tier: str, hole: Span, now: datetime) -> bool:
    return tier.split("/")[0] == LAST_RESORT or (tier in FIRST_TIERS and hole[0] < now + SOON)


def _layers(rota: Rota) -> tuple[str, ...]:
    return tuple(f"{name}/{layer.name}" for name, rotation in rota.rotations.items() for layer in rotation.layers)


def _spans_on(tier: str, stints: dict[str, list[Stint]]) -> list[Span]:
    return [stint.span for own in stints.values() for stint in own if stint.tier == tier]


# --- sentences ------------------------------------------------------------------------------------------


def _long_covers(rota: Rota, new: Iterable[Change]) -> Iterator[Guard]:
    for change in new:
        if change.kind is not Kind.LEAVE and change.ends_at - change.starts_at > LONG_COVER:
            span = in_words((change.starts_at, change.ends_at), rota.zone)
            sentence = f"{_called(change)} is longer than {LONG_COVER.days} days: {span}."
            yield _about(change, Severity.YELLOW, sentence)


def _strained(strain: Strain, rota: Rota, now: datetime) -> Iterator[Guard]:
    return _said(Severity.YELLOW, strain.says, strain.spans, rota.zone, now, strain.tier, strain.person)


def _said(
    severity: Severity,
    says: str,
    spans: list[Span] | tuple[Span, ...],
    zone: str,
    now: datetime,
    tier: str | None = None,
    person: str | None = None,
) -> Iterator[Guard]:
    """One guard for each span; of very many, the first ones and how many follow until when."""
    several = len(spans) > _SAID_SINGLY
    for span in spans[: _SAID_SINGLY - 1] if several else spans:
        open_ended = (span[0], FOREVER if span[1] == now + FAR else span[1])
        sentence = f"{says} from {in_words(open_ended, zone)}."
        yield _guard(severity, sentence, tier, span, person)
    if several:
        rest = spans[_SAID_SINGLY - 1 :]
        until = moment_in_words(rest[-1][1], zone, with_year=True)
        sentence = f"{says} another {len(rest)} times until {until}."
        yield _guard(severity, sentence, tier, (rest[0][0], rest[-1][1]), person)
