"""What a coordinator types, checked before it is written: people, layers, and times that exist once.

Each refusal is a sentence for her, with the two times to choose from where the clock skips or doubles one. What has
begun starts now, what is over is refused: the past does not move (RULINGS 11). Deliberately not here: the files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from oncall.adapters.handbook.rotation_words import Unclear, read_instant, read_local, typed
from oncall.core.rota.edits import EditRefused
from oncall.core.rota.on_call import Layer, Rota, Rotation
from oncall.core.rota.spans import moment_in_words
from oncall.core.wall_time import instants_showing, last_pass, neighbours_of_skipped, wall


def layer_of(rota: Rota, tier: str) -> tuple[Rotation, Layer]:
    """The rotation and layer of "rotation/layer", or of a rotation with one layer."""
    name, _, wanted = tier.partition("/")
    rotation = rota.rotations.get(name)
    layers = [layer for layer in rotation.layers if wanted in ("", layer.name)] if rotation else []
    if rotation is None or len(layers) != 1:
        raise EditRefused(f"There is no tier {tier}; choose one of {', '.join(_tiers(rota))}.")
    return rotation, layers[0]


def _tiers(rota: Rota) -> Iterable[str]:
    return (f"{rotation.name}/{layer.name}" for rotation in rota.rotations.values() for layer in rotation.layers)


def known(rota: Rota, person: str) -> str:
    if person not in rota.people:
        raise EditRefused(f"Nobody on the rota is called {person or 'nothing'}; choose one of {_people(rota)}.")
    return person


def _people(rota: Rota) -> str:
    return ", ".join(person.name for person in rota.people.values())


def spaced(text: str) -> str:
    """What a browser's time field sends, with the blank that the files have."""
    return text.strip().replace("T", " ", 1)


def instant(text: str, zone: str, what: str) -> datetime:
    """A typed wall time, or the beginning of a day."""
    try:
        local = _local(spaced(text))
        if isinstance(local, datetime) and len(instants_showing(local, zone)) != 1:
            raise _doubtful(local, zone)
        return read_instant(local if type(local) is date else spaced(text), zone)
    except Unclear as unclear:
        raise EditRefused(f"The {what} {text or 'is empty and'} cannot be read: wanted is {unclear}.") from None
    except (ValueError, OverflowError):
        raise EditRefused(f"The {what} {text} cannot be read: no calendar has it.") from None


def _local(text: str) -> datetime | date | None:
    """None: the offset is typed too, which leaves no doubt."""
    if len(text) > 16:
        return None
    return read_local(date.fromisoformat(text) if _is_day(text) else text)


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _doubtful(local: datetime, zone: str) -> EditRefused:
    instants = instants_showing(local, zone)
    first, second = (typed(at, zone) for at in instants or neighbours_of_skipped(local, zone))
    shown = f"{local:%a} {local.day} {local:%b %Y} {local:%H:%M}"
    if instants:
        why = f"The clock shows {shown} twice in that night"
        return EditRefused(f"{why}: choose the first ({first}) or the second ({second}).", (first, second))
    why = f"The clock skips {shown} in that night"
    return EditRefused(f"{why}: choose {first} or {second}.", (first, second))


def span_keys(starts: str, until: str, zone: str, now: datetime) -> dict[str, str]:
    """`from` with `until` or `through`, as they are written; what has begun starts with this minute."""
    starts_at = instant(starts, zone, "start")
    is_whole_day = _is_day(spaced(until))
    ends_at = end_of(until, zone)
    if ends_at <= starts_at:
        raise EditRefused(
            f"The end, {moment_in_words(ends_at, zone)}, is not after the start, {moment_in_words(starts_at, zone)}."
        )
    if ends_at <= now:
        raise EditRefused(f"This was over at {moment_in_words(ends_at, zone)}: the past does not move.")
    begins = spaced(starts) if starts_at >= minute_of(now) else written_time(minute_of(now), zone)
    return {"from": begins, "through" if is_whole_day else "until": spaced(until)}


def end_of(until: str, zone: str) -> datetime:
    """A typed end; a day ends with its last midnight."""
    text = spaced(until)
    ends_at = instant(text, zone, "end")
    if not _is_day(text):
        return ends_at
    try:
        return last_pass(datetime.combine(date.fromisoformat(text), time()) + timedelta(days=1), zone)
    except OverflowError:
        raise EditRefused(f"The end {text} cannot be read: no calendar has the day after it.") from None


def minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def written_time(at: datetime, zone: str) -> str:
    """An instant as a file has it: wall time, with its offset only where the clock shows that time twice."""
    local = wall(at, zone)
    return f"{local:%Y-%m-%d %H:%M}" if len(instants_showing(local, zone)) == 1 else typed(at, zone)


def bare(rotation: Rotation) -> Rotation:
    """The rotation without its hand-over windows: whose slot it is."""
    return replace(rotation, layers=tuple(replace(layer, overlap=timedelta(0)) for layer in rotation.layers))
