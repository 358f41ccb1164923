"""The pages of rotations/ that an edit works on, read and, where need be, marked so that nobody hits another's work.

A witness is what an author saw of the part she changes; if the part reads otherwise when the edit is applied, the
edit is refused. Deliberately not here: what the edits do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from oncall.adapters.handbook.files import laid_out
from oncall.adapters.handbook.reading import Fault, HandbookFaults, data_of, reading_of
from oncall.adapters.handbook.rota_times import bare, minute_of
from oncall.adapters.handbook.rotation_files import load_rotations
from oncall.core.rota.edits import EditRefused
from oncall.core.rota.on_call import Rota, called, differences
from oncall.core.rota.spans import in_words

FOLDER = "rotations/"
OVERRIDES, HOLIDAYS = FOLDER + "overrides.yaml", FOLDER + "holidays.yaml"
_REMEMBERED = timedelta(days=400)  # how far back the past is looked at


@dataclass(frozen=True, slots=True)
class Pages:
    """The texts of an edition by their names, the rota they make, and the minute from which it may be changed."""

    files: Mapping[str, str]
    rota: Rota
    now: datetime

    def text(self, name: str) -> str:
        return self.files.get(name, "")

    def data(self, name: str) -> Any:
        return data_of(self.text(name), _reading(self.text(name))) if self.text(name) else {}

    def listed(self, name: str, key: str) -> list[Any]:
        """The entries of a list in a file, none if there is no such file."""
        return (self.data(name) or {}).get(key) or []

    def having(self, name: str, text: str) -> dict[str, str]:
        return {**self.files, name: text}


def pages_of(files: Mapping[str, str], now: datetime, names: Mapping[str, str] = {}) -> Pages:
    """`names` are what people are called in a refusal."""
    return Pages(files, called(rota_in(files), names), minute_of(now))


def rota_in(files: Mapping[str, str]) -> Rota:
    """The rota of an edition's texts. Raises EditRefused with every fault as a sentence."""
    try:
        return _rota_in(tuple(sorted((name, text) for name, text in files.items() if _is_page(name))))
    except HandbookFaults as problem:
        raise EditRefused("\n".join(sentence_of(fault) for fault in problem.faults)) from None


def _is_page(name: str) -> bool:
    return name.startswith(FOLDER) and name.endswith(".yaml")


@lru_cache(maxsize=64)  # every state of a draft that is being looked at
def _rota_in(pages: tuple[tuple[str, str], ...]) -> Rota:
    with laid_out({**dict(pages), **dict(_readings(pages))}) as folder:
        return load_rotations(folder / "rotations")


def _readings(pages: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    for name, text in pages:
        if (reading := _reading(text)) is not None:
            yield f"{name}.json", reading


@lru_cache(maxsize=256)
def _reading(text: str) -> str | None:
    """Most pages are the same from edit to edit; None for a text that is no YAML, which the loader will say."""
    return None if data_of(text) is None else reading_of(text)


def sentence_of(fault: Fault) -> str:
    """A fault for somebody who sees a form and no file."""
    if fault.found.endswith("which changes nothing"):
        change = _capital(fault.found.partition(",")[0])
        return f"{change} would change nobody: whom it puts on is on already, or whom it relieves is not."
    return f"{_capital(fault.found)} does not fit: wanted is {fault.wanted}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def refuse_moved_past(before: Pages, after: Mapping[str, str]) -> None:
    """The past does not move (RULINGS 11). Hand-over windows are left out: they have no date of their own."""
    rota = rota_in(after)
    for name, rotation in before.rota.rotations.items():
        if name not in rota.rotations:
            continue
        for layer in {layer.name for layer in rotation.layers} & {layer.name for layer in rota.rotations[name].layers}:
            then = before.now - _REMEMBERED
            moved = differences(bare(rotation), bare(rota.rotations[name]), layer, then, before.now)
            if moved:
                when = in_words((moved[0].starts_at, moved[0].ends_at), rotation.zone)
                raise EditRefused(f"This would change who was on, {when}: the past does not move. Choose a later day.")


def shown(data: Any) -> str:
    """A part of a page as its witness."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, default=str)


def refuse_other(was: str, data: Any, what: str) -> None:
    """Somebody may have changed the part since its author saw it."""
    if was and was != shown(data):
        raise EditRefused(f"{what} is not what it was when you looked: look again, then change it.")


def with_witness(edit: Any, data: Any) -> Any:
    return replace(edit, was=shown(data))
