"""Covers, swaps and leave written into the text of rotations/overrides.yaml, changed and taken back.

Each edit changes its own lines and no others, so comments, order and quoting survive. Ids (C7, S3, L2, B1) are the
next that are free. What has begun is ended, not taken back: the past does not move. Deliberately not here: patterns
and holidays (`rota_pattern_edits`, `rota_holiday_edits`), drafts and publishing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import count, pairwise
from typing import Any

from oncall.adapters.handbook.rota_pages import OVERRIDES, Pages, refuse_other
from oncall.adapters.handbook.rota_times import bare, end_of, instant, known, layer_of, span_keys, written_time
from oncall.adapters.handbook.yaml_blocks import appended, changed, entry_of, in_one_line, without, written
from oncall.core.rota.edits import (
    AddBeside,
    AddCover,
    AddLeave,
    AddSwap,
    CopyWeek,
    EditChange,
    EditRefused,
    Given,
    SplitShift,
    TakeBackChange,
)
from oncall.core.rota.on_call import Change, Rotation, on_call_at, people_between
from oncall.core.rota.spans import in_words, moment_in_words
from oncall.core.wall_time import FOREVER, first_pass, wall

_HEAD = "# Covers, swaps and leave, in the order in which they were published: a later one beats an earlier one.\n"
_LETTERS = {"cover": "C", "beside": "B", "leave": "L", "swap": "S"}  # of an id, by what it is
Files = dict[str, str]


def add_cover(pages: Pages, edit: AddCover | AddBeside) -> Files:
    return _added(pages, _cover_parts(pages, edit))


def add_covers(pages: Pages, edits: Iterable[AddCover | AddBeside]) -> Files:
    """Many at once: a year of a schedule is hundreds, and each look at the file costs."""
    return _added(pages, *(_cover_parts(pages, edit) for edit in edits))


def _cover_parts(pages: Pages, edit: AddCover | AddBeside) -> dict[str, Any]:
    rotation, layer = layer_of(pages.rota, edit.tier)
    instead_of = edit.instead_of if isinstance(edit, AddCover) else None
    if instead_of is not None:
        known(pages.rota, instead_of)
    kind = "cover" if isinstance(edit, AddCover) else "beside"
    parts = {kind: f"{rotation.name}/{layer.name}", "by": known(pages.rota, edit.by), "instead_of": instead_of}
    return {**parts, **_keys(edit.starts, edit.until, rotation.zone, pages), "note": edit.note}


def add_leave(pages: Pages, edit: AddLeave) -> Files:
    keys = _keys(edit.starts, edit.until, pages.rota.zone, pages)
    return _added(pages, {"leave": known(pages.rota, edit.person), **keys, "note": edit.note})


def add_swap(pages: Pages, edit: AddSwap) -> Files:
    rotation, layer = layer_of(pages.rota, edit.tier)
    if edit.first.person == edit.second.person:
        raise EditRefused("A swap is between two people: choose two.")
    for given in (edit.first, edit.second):
        _refuse_idle(pages, rotation, layer.name, given)
    spans = [in_one_line(_given(given, rotation.zone, pages)) for given in (edit.first, edit.second)]
    return _added(pages, {"swap": f"{rotation.name}/{layer.name}", "spans": spans, "note": edit.note})


def _given(given: Given, zone: str, pages: Pages) -> dict[str, str]:
    if instant(given.starts, zone, "start") < pages.now:
        raise EditRefused("A shift that has begun is not swapped any more: enter a cover for the rest of it.")
    return {"gives": given.person, **_keys(given.starts, given.until, zone, pages)}


def _refuse_idle(pages: Pages, rotation: Rotation, layer: str, given: Given) -> None:
    """Nobody gives away what is not theirs: such a swap would look agreed and change nothing."""
    name = pages.rota.people[known(pages.rota, given.person)].name
    starts_at, ends_at = instant(given.starts, rotation.zone, "start"), end_of(given.until, rotation.zone)
    if ends_at <= starts_at:
        raise EditRefused(f"The end of what {name} gives is not after its start.")
    if all(given.person not in people for _, people in people_between(rotation, layer, starts_at, ends_at)):
        when = in_words((starts_at, ends_at), rotation.zone)
        raise EditRefused(f"{name} is not on in {rotation.name} {layer} in {when}: there is nothing to give.")


def split_shift(pages: Pages, edit: SplitShift) -> Files:
    """A cover of the rest of the shift that runs at the time given."""
    rotation, layer = layer_of(pages.rota, edit.tier)
    at = instant(edit.at, rotation.zone, "time")
    running = on_call_at(bare(rotation), layer.name, at)
    if not running or running[0].ends_at >= FOREVER:
        why = "nobody is on" if not running else "the shift has no end"
        raise EditRefused(f"At {moment_in_words(at, rotation.zone)} {why}: enter a cover with its own times.")
    instead_of = running[0].person if len(running) > 1 else None
    until = written_time(running[0].ends_at, rotation.zone)
    return add_cover(pages, AddCover(edit.tier, edit.by, edit.at, until, instead_of, edit.note))


def copy_week(pages: Pages, edit: CopyWeek) -> list[AddCover | AddBeside]:
    """What gives one week the people of another, at the same wall times; nothing where they are on already."""
    rotation, layer = layer_of(pages.rota, edit.tier)
    source, target = (_monday(text) for text in (edit.from_day, edit.to_day))
    if source == target:
        raise EditRefused("A week cannot be copied onto itself: choose two weeks.")
    wanted = _steps(rotation, layer.name, source)
    covers = []
    for starts, until, people in wanted:
        begins, ends = starts + (target - source), until + (target - source)
        for there, gone, on in _steps(rotation, layer.name, target):
            if people and on != people and there < ends and gone > begins:
                covers.append((_to_have(people, on), max(begins, there), min(ends, gone)))
    joined = list(_joined(covers))
    if not joined:
        raise EditRefused("That week has these people already: nothing to copy.")
    return [
        kind(edit.tier, by, _written(a, rotation.zone), _written(b, rotation.zone), note=edit.note)
        for makes, a, b in joined
        for kind, by in makes
    ]


_Makes = tuple[tuple[type[AddCover] | type[AddBeside], str], ...]
_Piece = tuple[_Makes, datetime, datetime]


def _to_have(people: tuple[str, ...], on: tuple[str, ...]) -> _Makes:
    """Who is missing beside those who are on; where somebody else is on, one takes the slot and the others join."""
    if on and set(on) < set(people):
        return tuple((AddBeside, one) for one in people if one not in on)
    return ((AddCover, people[0]), *((AddBeside, one) for one in people[1:]))


def _written(local: datetime, zone: str) -> str:
    return written_time(first_pass(local, zone), zone)


def _joined(pieces: list[_Piece]) -> Iterator[_Piece]:
    """Neighbours of the same people as one."""
    for place, (makes, starts, until) in enumerate(pieces):
        if place and pieces[place - 1][0] == makes and pieces[place - 1][2] == starts:
            continue
        for before, after in pairwise(pieces[place:]):
            if before[2] != after[1] or after[0] != makes:
                break
            until = after[2]
        yield makes, starts, until


def _monday(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise EditRefused(
            f"The week of {text or 'no day'} cannot be read: wanted is a day such as 2026-12-02."
        ) from None
    return datetime.combine(day - timedelta(days=day.weekday()), time())


def _steps(rotation: Rotation, layer: str, monday: datetime) -> list[tuple[datetime, datetime, tuple[str, ...]]]:
    """A week in wall time: from, until, and who."""
    start, end = (first_pass(monday + timedelta(days=days), rotation.zone) for days in (0, 7))
    steps = people_between(bare(rotation), layer, start, end)
    edges = [*(wall(at, rotation.zone) for at, _ in steps), monday + timedelta(days=7)]
    return [(a, b, people) for (a, b), (_, people) in zip(pairwise(edges), steps, strict=True) if a < b]


# --- changing and taking back -----------------------------------------------------------------------------------------


def take_back(pages: Pages, edit: TakeBackChange) -> Files:
    place, entry = change_entry(pages, edit.id)
    refuse_other(edit.was, entry, edit.id)
    made = _made(pages, edit.id)
    if all(change.ends_at <= pages.now for change in made):
        raise EditRefused(f"{edit.id} is over: the past does not move.")
    if all(change.starts_at >= pages.now for change in made):
        return pages.having(OVERRIDES, without(pages.text(OVERRIDES), ["overrides", place]))
    if of_several := _of_several(entry):
        raise EditRefused(f"{edit.id} is a {of_several} that has begun: enter a cover for the rest of it.")
    return _rewritten(pages, place, {"until": written_time(pages.now, _zone(pages, entry))})


def edit_change(pages: Pages, edit: EditChange) -> Files:
    place, entry = change_entry(pages, edit.id)
    refuse_other(edit.was, entry, edit.id)
    made = _made(pages, edit.id)
    if (of_several := _of_several(entry)) and (edit.starts or edit.until or edit.by):
        raise EditRefused(f"{edit.id} is a {of_several}: take it back and enter the new one.")
    if all(change.ends_at <= pages.now for change in made):
        raise EditRefused(f"{edit.id} is over: the past does not move.")
    has_begun = any(change.starts_at < pages.now for change in made)
    if has_begun and (edit.starts is not None or edit.by is not None):
        raise EditRefused(f"{edit.id} has begun: its end may change, or enter a cover for the rest of it.")
    zone, parts = _zone(pages, entry), dict[str, str]()
    if edit.by is not None:
        parts["leave" if "leave" in entry else "by"] = known(pages.rota, edit.by)
    if edit.note is not None:
        parts["note"] = edit.note
    if edit.starts is not None or edit.until is not None:
        parts |= _new_span(pages, edit, entry, zone, has_begun)
    return _rewritten(pages, place, parts)


def _of_several(entry: Mapping[str, Any]) -> str:
    """A change of several people at once has no one end and no one person to change."""
    return next((kind for kind in ("swap", "split") if kind in entry), "")


def _new_span(pages: Pages, edit: EditChange, entry: Mapping[str, Any], zone: str, has_begun: bool) -> dict[str, str]:
    starts, until = edit.starts or str(entry["from"]), edit.until or str(entry.get("until") or entry.get("through"))
    keys = span_keys(starts, until, zone, pages.now)
    if has_begun:
        del keys["from"]
    return keys


def _rewritten(pages: Pages, place: int, parts: Mapping[str, str]) -> Files:
    def change(entry: Any) -> None:
        for name, value in parts.items():
            other = {"until": "through", "through": "until"}.get(name)
            if other in entry:  # the end keeps its place in the entry
                entry.insert(list(entry).index(other), name, written(value))
                del entry[other]
            elif value:
                entry[name] = written(value)
            else:
                entry.pop(name, None)

    return pages.having(OVERRIDES, changed(pages.text(OVERRIDES), ["overrides", place], change))


def change_entry(pages: Pages, id: str) -> tuple[int, Mapping[str, Any]]:
    """Where a change stands, and what it says."""
    for place, entry in enumerate(pages.listed(OVERRIDES, "overrides")):
        if entry["id"] == id:
            return place, entry
    raise EditRefused(f"{id} is not there any more: somebody has taken it back.")


def _made(pages: Pages, id: str) -> list[Change]:
    return [change for rotation in pages.rota.rotations.values() for change in rotation.changes if change.id == id]


def _zone(pages: Pages, entry: Mapping[str, Any]) -> str:
    tier = entry.get("cover") or entry.get("beside") or entry.get("swap") or entry.get("split")
    return layer_of(pages.rota, tier)[0].zone if tier else pages.rota.zone


def _keys(starts: str, until: str, zone: str, pages: Pages) -> dict[str, str]:
    return span_keys(starts, until, zone, pages.now)


def _added(pages: Pages, *all_parts: Mapping[str, Any]) -> Files:
    numbers = {letter: count(_next_number(pages, letter)) for letter in _LETTERS.values()}
    letters = [next(letter for kind, letter in _LETTERS.items() if kind in parts) for parts in all_parts]
    named = zip(letters, all_parts, strict=True)
    entries = [entry_of({"id": f"{letter}{next(numbers[letter])}", **parts}) for letter, parts in named]
    return pages.having(OVERRIDES, appended(pages.text(OVERRIDES) or _HEAD, "overrides", *entries))


def _next_number(pages: Pages, letter: str) -> int:
    """The number after the highest, so that an id that was taken back last is the only one that comes again."""
    taken = (re.fullmatch(rf"{letter}(\d{{1,9}})", str(entry["id"])) for entry in pages.listed(OVERRIDES, "overrides"))
    return max((int(found[1]) for found in taken if found), default=0) + 1
