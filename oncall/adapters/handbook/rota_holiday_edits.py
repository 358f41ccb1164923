"""Holidays written into the text of rotations/holidays.yaml: named days with people of their own, or closed.

A day that is over keeps its people, and its place in the order in which they take the years; what a form cannot say of
a tier stays as it stands. Deliberately not here: what a holiday does to a layer (`rotation_changes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from oncall.adapters.handbook.rota_pages import HOLIDAYS, Pages, refuse_other
from oncall.adapters.handbook.rota_times import end_of, instant, known, layer_of, spaced
from oncall.adapters.handbook.yaml_blocks import appended, changed, entry_of, in_one_line, without, written
from oncall.core.rota.edits import AddHoliday, EditHoliday, EditRefused, HolidayWords, RemoveHoliday, StandIn
from oncall.core.wall_time import wall

_WHEN = ("on", "from", "until")
_SAID = {"people", "hours"}  # of a tier, by the form
_HEAD = "# Days with a rota of their own, from midnight to midnight; a later one beats an earlier one.\n"


def add_holiday(pages: Pages, edit: AddHoliday) -> dict[str, str]:
    _refuse_twin(pages, edit.words.name)
    entry = entry_of(_parts(pages, edit.words))
    return pages.having(HOLIDAYS, appended(pages.text(HOLIDAYS) or _HEAD, "holidays", entry))


def _refuse_twin(pages: Pages, name: str) -> None:
    if any(entry["name"] == name for entry in pages.listed(HOLIDAYS, "holidays")):
        raise EditRefused(f"There is a holiday {name} already: change that one.")


def edit_holiday(pages: Pages, edit: EditHoliday) -> dict[str, str]:
    place, entry = holiday_entry(pages, edit.name)
    refuse_other(edit.was, entry, edit.name)
    if edit.words.name != edit.name:
        _refuse_twin(pages, edit.words.name)
    parts = _parts(pages, edit.words, entry["tiers"])

    def change(found: Any) -> None:
        for key in [key for key in _WHEN if key in found and key not in parts]:
            del found[key]
        for key, value in parts.items():
            if key != "tiers" and entry.get(key) != value:
                found[key] = written(value)
        _change_tiers(found["tiers"], entry["tiers"], parts["tiers"])

    return pages.having(HOLIDAYS, changed(pages.text(HOLIDAYS), ["holidays", place], change))


def remove_holiday(pages: Pages, edit: RemoveHoliday) -> dict[str, str]:
    """Its days to come; those that are over stay."""
    place, entry = holiday_entry(pages, edit.name)
    refuse_other(edit.was, entry, edit.name)
    days = entry.get("on")
    over = [day for day in (days if isinstance(days, list) else [days]) if day and day < _today(pages)]
    path = ["holidays", place]
    if not over:
        return pages.having(HOLIDAYS, without(pages.text(HOLIDAYS), path))
    if len(over) == (len(days) if isinstance(days, list) else 1):
        raise EditRefused(f"{edit.name} has no day to come: the past does not move.")
    return pages.having(HOLIDAYS, changed(pages.text(HOLIDAYS), path, lambda e: e.__setitem__("on", written(over))))


def _change_tiers(found: Any, was: Mapping[str, Any], becomes: Mapping[str, Any]) -> None:
    """Only what differs is written."""
    for tier in [tier for tier in found if tier not in becomes]:
        del found[tier]
    for tier, stand_in in becomes.items():
        if was.get(tier) != stand_in:
            found[tier] = stand_in


def holiday_words(pages: Pages, name: str) -> HolidayWords:
    """A holiday as its form shows it."""
    _, entry = holiday_entry(pages, name)
    on = entry.get("on")
    days = on if isinstance(on, list) else [on] if on is not None else []
    ends = (_typed(entry.get(key)) for key in ("from", "until"))
    tiers = tuple(_stand_in(pages, tier, shape) for tier, shape in entry["tiers"].items())
    return HolidayWords(name, tuple(str(day) for day in days), tiers, *ends)


def _typed(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else str(at or "")


def _stand_in(pages: Pages, tier: str, shape: Any) -> StandIn:
    rotation, layer = layer_of(pages.rota, tier)
    full = f"{rotation.name}/{layer.name}"
    if not isinstance(shape, Mapping):
        return StandIn(full)
    people, hours = shape.get("people"), shape.get("hours", "")
    is_plain = set(shape) <= _SAID and isinstance(people, list) and len(people) <= 3 and isinstance(hours, str)
    if not is_plain or not all(isinstance(one, str) for one in people or ()):
        return StandIn(full, as_it_is=True)
    return StandIn(full, tuple(people or ()), hours)


def holiday_entry(pages: Pages, name: str) -> tuple[int, Mapping[str, Any]]:
    for place, entry in enumerate(pages.listed(HOLIDAYS, "holidays")):
        if entry["name"] == name:
            return place, entry
    raise EditRefused(f"There is no holiday {name} any more.")


def _parts(pages: Pages, words: HolidayWords, was: Mapping[str, Any] = {}) -> dict[str, Any]:
    if not words.name.strip():
        raise EditRefused("A holiday needs a name.")
    if not (words.on or words.starts) or not words.tiers:
        raise EditRefused(f"{words.name} needs at least one day and one tier.")
    return {"name": words.name, **_when(pages, words), "tiers": _tiers(pages, words, was)}


def _when(pages: Pages, words: HolidayWords) -> dict[str, Any]:
    if not words.starts:
        days = [_day(text) for text in words.on]
        return {"on": days if len(days) > 1 else days[0]}
    if words.on:
        raise EditRefused(f"{words.name} has either days, or a span from and until: empty one of them.")
    if end_of(words.until, pages.rota.zone) <= instant(words.starts, pages.rota.zone, "start"):
        raise EditRefused(f"The end of {words.name} is not after its start.")
    return {"from": spaced(words.starts), "until": spaced(words.until)}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise EditRefused(f"The day {text or 'is empty and'} cannot be read: wanted is 2026-12-25.") from None


def _tiers(pages: Pages, words: HolidayWords, was: Mapping[str, Any]) -> dict[str, Any]:
    """By the names that the file has for its tiers already."""
    names = {_full(pages, tier): tier for tier in was}
    told = dict[str, Any]()
    for stand_in in words.tiers:
        tier = names.get(_full(pages, stand_in.tier), stand_in.tier)
        who = [known(pages.rota, person) for person in stand_in.people]
        hours = {"hours": stand_in.hours} if stand_in.hours else {}
        told[tier] = in_one_line({"people": who, **hours}) if who else "closed"
        if stand_in.as_it_is and tier in was:
            told[tier] = was[tier]
    return told


def _full(pages: Pages, tier: str) -> str:
    rotation, layer = layer_of(pages.rota, tier)
    return f"{rotation.name}/{layer.name}"


def _today(pages: Pages) -> date:
    return wall(pages.now, pages.rota.zone).date()
