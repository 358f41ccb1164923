"""What a draft of the rota changes, said before it is published: who instead of whom, from when until when.

Two states of the rota are compared by whose slot it is; a quarter of an hour of hand-over at both ends of a cover is
no news. "Nothing else changes" is said only where the whole difference was looked at: one-off changes are looked at
to their end, a changed pattern for thirteen months, and then the sentence says until when. Deliberately not here:
whether the change is wise (`guards`), and the files it is written in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import groupby

from oncall.core.rota.on_call import Change, Rota, Rotation, differences, people_between
from oncall.core.rota.spans import Span, hours_in_words, in_words, moment_in_words, time_shared
from oncall.core.rota.stints import is_shared, name_of, tier_in_words
from oncall.core.wall_time import first_pass, wall

LAST_RESORT = "operator"
SOON = timedelta(hours=2)
_FAR = timedelta(days=400)
_LONGEST_SEEN = timedelta(days=1200)
_SAID_SINGLY = 12
_DEEP_NIGHT = time(3)  # who is on at three in the morning has the night


@dataclass(frozen=True, slots=True)
class Move:
    """Other people on one layer ("pump-team/primary") for one span."""

    tier: str
    starts_at: datetime
    ends_at: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def span(self) -> Span:
        return self.starts_at, self.ends_at


def moves(before: Rota, after: Rota, now: datetime) -> tuple[Move, ...]:
    """Everything that changes from `now` on, tier by tier, each in the order of time."""
    until = _looked_at(before, after, now)
    return tuple(move for tier in _layers(before, after) for move in _moves_of(before, after, tier, now, until))


def _moves_of(before: Rota, after: Rota, tier: str, now: datetime, until: datetime) -> Iterator[Move]:
    name, _, layer = tier.partition("/")
    old, new = (_bare(rota.rotations.get(name), layer) for rota in (before, after))
    if old == new:
        return
    if old is not None and new is not None:
        found = [(d.starts_at, d.ends_at, d.before, d.after) for d in differences(old, new, layer, now, until)]
    else:
        steps = people_between(old or new, layer, now, until)  # type: ignore[arg-type]
        edges = [*(at for at, _ in steps), until]
        there = [(a, b, people) for (a, people), b in zip(steps, edges[1:], strict=True) if people]
        found = [(a, b, people, ()) if new is None else (a, b, (), people) for a, b, people in there]
    yield from (Move(tier, *parts) for parts in found)


def _layers(before: Rota, after: Rota) -> tuple[str, ...]:
    listed = (
        f"{r.name}/{layer.name}" for rota in (before, after) for r in rota.rotations.values() for layer in r.layers
    )
    return tuple(dict.fromkeys(listed))


def _bare(rotation: Rotation | None, layer: str) -> Rotation | None:
    """The rotation with this layer alone, without its hand-over window; None if it has no such layer."""
    kept = [found for found in rotation.layers if found.name == layer] if rotation else []
    if rotation is None or not kept:
        return None
    changes = tuple(c for c in rotation.changes if c.tier in (None, f"{rotation.name}/{layer}"))
    return replace(rotation, layers=(replace(kept[0], overlap=timedelta(0)),), changes=changes)


def _looked_at(before: Rota, after: Rota, now: datetime) -> datetime:
    """Until when: to the end of the one-off changes that differ, or thirteen months where a pattern does."""
    ends = [change.ends_at for change in _changed_changes(before, after)]
    seen = min(max([now, *ends]), now + _LONGEST_SEEN) + timedelta(minutes=1)
    return seen if _is_exact(before, after) else max(seen, now + _FAR)


def _is_exact(before: Rota, after: Rota) -> bool:
    """Whether only one-off changes differ, so that what is looked at is all there is."""
    patterns = [{name: r.layers for name, r in rota.rotations.items()} for rota in (before, after)]
    return patterns[0] == patterns[1]


def _changed_changes(before: Rota, after: Rota) -> set[Change]:
    old, new = ({c for r in rota.rotations.values() for c in r.changes} for rota in (before, after))
    return old ^ new


# --- sentences --------------------------------------------------------------------------------------------------------


def difference_in_words(before: Rota, after: Rota, moved: Sequence[Move], now: datetime) -> tuple[str, ...]:
    """The whole difference, a sentence each; the last one says whether anything else changes."""
    told = [*_structure(before, after), *_windows(before, after), *_moves_in_words(before, after, moved)]
    if not told:
        return ("Who is on call does not change.",)
    if _is_exact(before, after):
        return (*told, "Nothing else changes.")
    until = moment_in_words(_looked_at(before, after, now), after.zone, with_year=True)
    return (*told, f"Nothing else changes until {until}; later it goes on in the same way.")


def _moves_in_words(before: Rota, after: Rota, moved: Sequence[Move]) -> Iterator[str]:
    for _, group in groupby(moved, key=lambda move: move.tier):
        listed = list(group)
        yield from (move_in_words(before, after, move) for move in listed[:_SAID_SINGLY])
        if rest := listed[_SAID_SINGLY:]:
            until = moment_in_words(rest[-1].ends_at, after.zone, with_year=True)
            tier = tier_in_words(after if rest[0].tier in _layers(after, after) else before, rest[0].tier)
            yield f"{tier}: {len(rest)} more spans like these until {until}."


def move_in_words(before: Rota, after: Rota, move: Move) -> str:
    """Tue 2 Dec 19:00 to Wed 3 Dec 07:00, pump team primary: Ana Lee -> Dia Osei. 1 night."""
    zone = _zone(before, after, move.tier)
    named = after if move.tier in _layers(after, after) else before
    who = f"{people_in_words(before, move.before)} -> {people_in_words(after, move.after)}"
    return f"{in_words(move.span, zone)}, {tier_in_words(named, move.tier)}: {who}. {how_long(move.span, zone)}."


def people_in_words(rota: Rota, people: Iterable[str]) -> str:
    return " and ".join(name_of(rota, person) for person in people) or "nobody"


def how_long(span: Span, zone: str) -> str:
    """ "2 nights", or hours where there is none."""
    first, last = (wall(at, zone).date() for at in span)
    days = (datetime.combine(first + timedelta(days=n), _DEEP_NIGHT) for n in range((last - first).days + 1))
    nights = sum(span[0] <= first_pass(day, zone) < span[1] for day in days)
    return f"{nights} night{'s' if nights > 1 else ''}" if nights else hours_in_words(span[1] - span[0])


def _zone(before: Rota, after: Rota, tier: str) -> str:
    name = tier.partition("/")[0]
    return (after.rotations.get(name) or before.rotations[name]).zone


def _structure(before: Rota, after: Rota) -> Iterator[str]:
    """Tiers and people that come or go, and the last resort's name."""
    was, becomes = _layers(before, before), _layers(after, after)
    yield from (f"New tier: {tier_in_words(after, tier)}." for tier in becomes if tier not in was)
    yield from (f"The tier {tier_in_words(before, tier)} is gone." for tier in was if tier not in becomes)
    for person in dict.fromkeys((*before.people, *after.people)):
        old, new = before.people.get(person), after.people.get(person)
        if old != new:
            name = (new or old).name  # type: ignore[union-attr]
            yield f"{name} {'can be on call' if old is None else 'leaves the rota' if new is None else 'changes'}."


def _windows(before: Rota, after: Rota) -> Iterator[str]:
    for name in before.rotations.keys() & after.rotations.keys():
        old = {layer.name: layer.overlap for layer in before.rotations[name].layers}
        for layer in after.rotations[name].layers:
            if layer.name in old and old[layer.name] != layer.overlap:
                was, becomes = hours_in_words(old[layer.name]), hours_in_words(layer.overlap)
                tier = tier_in_words(after, f"{name}/{layer.name}")
                yield f"{tier}: both are on for {becomes} at a hand-over, not {was}."


# --- what matters now -------------------------------------------------------------------------------------------------


def right_now(before: Rota, after: Rota, moved: Sequence[Move], now: datetime) -> tuple[str, ...]:
    """Who is on this minute and in the next two hours: unchanged, or who instead of whom."""
    found = [move for move in moved if move.starts_at < now + SOON]
    return tuple(_soon_in_words(before, after, move, now) for move in found) or ("On call right now: unchanged.",)


def changes_soon(moved: Sequence[Move], now: datetime) -> bool:
    """Whether who is on changes now or within two hours: that is confirmed a second time, by name."""
    return any(move.starts_at < now + SOON for move in moved)


def _soon_in_words(before: Rota, after: Rota, move: Move, now: datetime) -> str:
    named = after if move.tier in _layers(after, after) else before
    zone = _zone(before, after, move.tier)
    when = "right now" if move.starts_at <= now else f"at {moment_in_words(move.starts_at, zone)}"
    change = f"from {people_in_words(before, move.before)} to {people_in_words(after, move.after)}"
    return f"On call {when}, {tier_in_words(named, move.tier)} changes {change}."


def whom_to_tell(before: Rota, after: Rota, moved: Sequence[Move]) -> tuple[str, ...]:
    """Everybody who gets or loses a span, by id; a shared telephone is told nothing."""
    people = dict.fromkeys(p for move in moved for p in (*move.before, *move.after) if p not in _both(move))
    return tuple(p for p in people if not is_shared(before, p) and not is_shared(after, p))


def _both(move: Move) -> set[str]:
    return set(move.before) & set(move.after)


def needs_two(before: Rota, after: Rota) -> tuple[str, ...]:
    """Why one person alone may not publish this: the structure of the tiers, or the last resort."""
    reasons = []
    if set(_layers(before, before)) != set(_layers(after, after)):
        reasons.append("The tiers themselves change: a second person must have read this.")
    if _last_resort(before) != _last_resort(after):
        reasons.append("The last resort changes: a second person must have read this.")
    return tuple(reasons)


def _last_resort(rota: Rota) -> object:
    """Its telephones, its pattern, and what was changed of it; somebody's leave lies on every rotation."""
    shared = {person.id: person for person in rota.people.values() if person.role == "shared"}
    rotation = rota.rotations.get(LAST_RESORT)
    changes = [c for c in (rotation.changes if rotation else ()) if c.tier is not None or c.person in shared]
    return shared, rotation.layers if rotation else (), changes


def clashes(mine: Iterable[Move], theirs: Iterable[Move]) -> tuple[tuple[Move, Move], ...]:
    """Where two drafts on one base put different people on the same layer at the same time."""
    others = list(theirs)
    return tuple(
        (one, other)
        for one in mine
        for other in others
        if one.tier == other.tier and one.after != other.after and time_shared(one.span, other.span)
    )
