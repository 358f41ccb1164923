"""Holidays written into the text of rotations/holidays.yaml: named days with people of their own, or closed.

A day that is over keeps its people, and its place in the order in which they take the years. Deliberately not here:
what a holiday does to a layer (`rotation_changes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from oncall.adapters.handbook.rota_pages import HOLIDAYS, Pages, refuse_other
from oncall.adapters.handbook.rota_times import known, layer_of
from oncall.adapters.handbook.yaml_blocks import appended, changed, entry_of, in_one_line, without, written
from oncall.core.rota_edits import AddHoliday, EditHoliday, EditRefused, HolidayWords, RemoveHoliday
from oncall.core.wall_time import wall

_HEAD = "# Days with a rota of their own, from midnight to midnight; a later one beats an earlier one.\n"


def add_holiday(pages: Pages, edit: AddHoliday) -> dict[str, str]:
    if any(entry["name"] == edit.words.name for entry in pages.listed(HOLIDAYS, "holidays")):
        raise EditRefused(f"There is a holiday {edit.words.name} already: change that one.")
    entry = entry_of(_parts(pages, edit.words))
    return pages.having(HOLIDAYS, appended(pages.text(HOLIDAYS) or _HEAD, "holidays", entry))


def edit_holiday(pages: Pages, edit: EditHoliday) -> dict[str, str]:
    place, entry = holiday_entry(pages, edit.name)
    refuse_other(edit.was, entry, edit.name)
    if "on" not in entry:
        raise EditRefused(f"{edit.name} has hours of its own, which this form cannot say: change it in the file.")
    parts = _parts(pages, edit.words)

    def change(found: Any) -> None:
        for key, value in parts.items():
            if entry.get(key) != value:
                found[key] = written(value)

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


def holiday_entry(pages: Pages, name: str) -> tuple[int, Mapping[str, Any]]:
    for place, entry in enumerate(pages.listed(HOLIDAYS, "holidays")):
        if entry["name"] == name:
            return place, entry
    raise EditRefused(f"There is no holiday {name} any more.")


def _parts(pages: Pages, words: HolidayWords) -> dict[str, Any]:
    if not words.name.strip():
        raise EditRefused("A holiday needs a name.")
    if not words.on or not words.tiers:
        raise EditRefused(f"{words.name} needs at least one day and one tier.")
    days = [_day(text) for text in words.on]
    return {"name": words.name, "on": days if len(days) > 1 else days[0], "tiers": _tiers(pages, words)}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise EditRefused(f"The day {text or 'is empty and'} cannot be read: wanted is 2026-12-25.") from None


def _tiers(pages: Pages, words: HolidayWords) -> dict[str, Any]:
    told = {}
    for stand_in in words.tiers:
        layer_of(pages.rota, stand_in.tier)
        who = [known(pages.rota, person) for person in stand_in.people]
        told[stand_in.tier] = in_one_line({"people": who}) if who else "closed"
    return told


def _today(pages: Pages) -> date:
    return wall(pages.now, pages.rota.zone).date()
