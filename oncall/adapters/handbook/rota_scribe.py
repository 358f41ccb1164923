"""Writes a coordinator's edits into the texts of an edition; what the rota desk asks of the files.

Every result is loaded before it is handed back, so that no edit can make a rota that does not load, and what would
move the past is refused. Deliberately not here: each edit's own lines (`rota_edits` and its siblings), and drafts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from oncall.adapters.handbook import rota_edits, rota_holiday_edits, rota_pattern_edits
from oncall.adapters.handbook.files import load_texts, with_rotations
from oncall.adapters.handbook.reading import HandbookFaults, reading_of
from oncall.adapters.handbook.rota_pages import (
    FOLDER,
    Pages,
    pages_of,
    refuse_moved_past,
    rota_in,
    sentence_of,
    with_witness,
)
from oncall.adapters.handbook.rules_difference import Difference, file_changes
from oncall.adapters.handbook.store import texts_of
from oncall.core.as_json import from_json, to_json
from oncall.core.handbook import Handbook
from oncall.core.rota.edits import (
    AddBeside,
    AddCover,
    AddCovers,
    AddHoliday,
    AddLeave,
    AddSwap,
    CopyWeek,
    Edit,
    EditChange,
    EditHoliday,
    EditPattern,
    EditRefused,
    EndPattern,
    HolidayWords,
    NewPattern,
    RemoveHoliday,
    ReplaceRoster,
    SetOverlap,
    SplitShift,
    TakeBackChange,
)
from oncall.core.rota.on_call import Rota
from oncall.service.ports.journal import Edition

_REMEMBERED = 200  # texts with their readings


class Scribe:
    """See the module; the contract is `rota_drafts.Scribe`.

    It remembers the readings of the editions it saw, so that publishing a cover does not parse the rules again.
    """

    def __init__(self) -> None:
        self._readings: Mapping[str, str] = {}

    def rota(self, files: Mapping[str, str]) -> Rota:
        return rota_in(files)

    def write(self, files: Mapping[str, str], edit: Edit, now: datetime, names: Mapping[str, str]) -> Mapping[str, str]:
        return applied(files, edit, now, names)

    def witnessed(self, files: Mapping[str, str], edit: Edit, now: datetime) -> Edit:
        return witnessed(pages_of(files, now), edit)

    def holiday(self, files: Mapping[str, str], name: str, now: datetime) -> HolidayWords:
        return rota_holiday_edits.holiday_words(pages_of(files, now), name)

    def handbook(self, files: Mapping[str, str], same_rules: Handbook | None) -> Handbook:
        try:
            return with_rotations(same_rules, rota_in(files), files) if same_rules else load_texts(self.sealed(files))
        except HandbookFaults as problem:
            raise EditRefused("\n".join(sentence_of(fault) for fault in problem.faults)) from None

    def texts(self, files: Mapping[str, str]) -> Mapping[str, str]:
        texts = texts_of(files)
        seen = {text: files[f"{name}.json"] for name, text in texts.items() if f"{name}.json" in files}
        self._readings = {**(self._readings if len(self._readings) < _REMEMBERED else {}), **seen}
        return texts

    def sealed(self, files: Mapping[str, str]) -> Mapping[str, str]:
        known = self._readings
        rotations = {n: reading_of(text) for n, text in files.items() if n.startswith(FOLDER) and text not in known}
        readings = {**{name: known[text] for name, text in files.items() if text in known}, **rotations}
        return {**files, **{f"{name}.json": reading for name, reading in readings.items()}}

    def difference(self, before: Mapping[str, str], after: Mapping[str, str], sentences: tuple[str, ...]) -> str:
        return to_json(Difference(file_changes(texts_of(before), texts_of(after)), rota=sentences))

    def sentences(self, edition: Edition) -> tuple[str, ...]:
        if not edition.difference:
            return ()
        difference: Difference = from_json(Difference, edition.difference)
        return difference.rota


def applied(files: Mapping[str, str], edit: Edit, now: datetime, names: Mapping[str, str] = {}) -> dict[str, str]:
    """The texts after one edit. Raises EditRefused."""
    pages = pages_of(files, now, names)
    if isinstance(edit, CopyWeek):
        return _with_covers(pages, rota_edits.copy_week(pages, edit))
    if isinstance(edit, AddCovers):
        return _with_covers(pages, edit.covers)
    after = _written(pages, edit)
    if not isinstance(edit, AddCover | AddBeside | AddLeave | AddSwap | SplitShift):  # those begin now at the earliest
        refuse_moved_past(pages, after)
    rota_in(after)
    return after


def _with_covers(pages: Pages, covers: Iterable[AddCover | AddBeside]) -> dict[str, str]:
    """All of a week or a schedule, loaded once."""
    after = rota_edits.add_covers(pages, covers)
    rota_in(after)
    return after


def _written(pages: Pages, edit: Edit) -> dict[str, str]:
    match edit:
        case AddCover() | AddBeside():
            return rota_edits.add_cover(pages, edit)
        case AddLeave():
            return rota_edits.add_leave(pages, edit)
        case AddSwap():
            return rota_edits.add_swap(pages, edit)
        case SplitShift():
            return rota_edits.split_shift(pages, edit)
        case TakeBackChange():
            return rota_edits.take_back(pages, edit)
        case EditChange():
            return rota_edits.edit_change(pages, edit)
        case NewPattern():
            return rota_pattern_edits.new_pattern(pages, edit)
        case EditPattern():
            return rota_pattern_edits.edit_pattern(pages, edit)
        case EndPattern():
            return rota_pattern_edits.end_pattern(pages, edit)
        case ReplaceRoster():
            return rota_pattern_edits.replace_roster(pages, edit)
        case SetOverlap():
            return rota_pattern_edits.set_overlap(pages, edit)
        case AddHoliday():
            return rota_holiday_edits.add_holiday(pages, edit)
        case EditHoliday():
            return rota_holiday_edits.edit_holiday(pages, edit)
        case RemoveHoliday():
            return rota_holiday_edits.remove_holiday(pages, edit)
    raise EditRefused(f"This program cannot write {type(edit).__name__}.")


def witnessed(pages: Pages, edit: Edit) -> Edit:
    """The edit with what its author sees of the part that it changes."""
    match edit:
        case TakeBackChange() | EditChange():
            return with_witness(edit, rota_edits.change_entry(pages, edit.id)[1])
        case EditPattern() | EndPattern() | ReplaceRoster():
            return with_witness(edit, rota_pattern_edits.pattern_entry(pages, edit.tier, edit.pattern))
        case EditHoliday() | RemoveHoliday():
            return with_witness(edit, rota_holiday_edits.holiday_entry(pages, edit.name)[1])
        case SetOverlap():
            return with_witness(edit, rota_pattern_edits.layer_entry(pages, edit.tier).get("overlap"))
    return edit
