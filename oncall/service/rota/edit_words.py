"""An edit of a draft in the words of its form, for the list of what a draft holds.

What it does to the rota is said by the preview; this is only what was meant. Deliberately not here: judging it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from oncall.core.rota import edits as r
from oncall.core.rota.on_call import Rota
from oncall.core.rota.spans import moment_in_words
from oncall.service.cases.board import tier_title
from oncall.service.rota.span_words import day_words
from oncall.service.typed_time import Doubt, instant_typed


@dataclass(frozen=True, slots=True)
class EditWords:
    """How people are called here, and the rota that knows the tiers."""

    rota: Rota
    called: Mapping[str, str]

    def said(self, edit: r.Edit) -> str:
        """ "Cover, Pump team, primary: Dr Osei, Wed 2 Dec 19:00 to Thu 3 Dec 07:00"."""
        match edit:
            case r.AddCover(tier, by, starts, until, _, note):
                return _noted(f"Cover, {self.tier(tier)}: {self.name(by)}, {self.span(starts, until)}", note)
            case r.AddBeside(tier, by, starts, until, note):
                told = f"{self.tier(tier)}: {self.name(by)} is on as well, {self.span(starts, until)}"
                return _noted(told, note)
            case r.AddSwap(tier, first, second, note):
                told = f"Swap, {self.tier(tier)}: {self._given(first)}; {self._given(second)}"
                return _noted(told, note)
            case r.AddLeave(person, starts, until, note):
                return _noted(f"Leave: {self.name(person)}, {self.span(starts, until)}", note)
            case r.SplitShift(tier, by, at, note):
                return _noted(f"Split, {self.tier(tier)}: {self.name(by)} from {self.time(at)}", note)
            case r.TakeBackChange(id):
                return f"Take back {id}"
            case r.EditChange(id, starts, until, by, _):
                return f"Change {id}: {self._parts(starts, until, by)}"
            case r.CopyWeek(tier, source, target, note):
                told = f"Copy, {self.tier(tier)}: the week of {self.time(source)} to the week of {self.time(target)}"
                return _noted(told, note)
            case r.ReplaceRoster(tier, number, people, starts):
                return f"Roster {number} of {self.tier(tier)} from {self.time(starts)}: {self._slots(people)}"
            case _:
                return self._structure(edit)

    def _structure(self, edit: r.Edit) -> str:
        match edit:
            case r.NewPattern(tier, words):
                return f"New pattern, {self.tier(tier)}: {self._pattern(words)}"
            case r.EditPattern(tier, number, words, starts):
                return f"Pattern {number} of {self.tier(tier)} from {self.time(starts)}: {self._pattern(words)}"
            case r.EndPattern(tier, number, until):
                return f"Pattern {number} of {self.tier(tier)} ends {self.time(until)}"
            case r.AddCovers(covers, source):
                return f"{len(covers)} cover{'s' if len(covers) > 1 else ''}, taken in from {source or 'a schedule'}"
            case r.SetOverlap(tier, overlap):
                return f"Hand-over window of {self.tier(tier)}: {overlap or 'none'}"
            case r.AddHoliday(words) | r.EditHoliday(_, words):
                return f"Holiday {words.name}: {', '.join(self.time(day) for day in words.on)}"
            case r.RemoveHoliday(name):
                return f"No holiday {name}"
        return type(edit).__name__

    def tier(self, tier: str) -> str:
        name, _, layer = tier.partition("/")
        rotation = self.rota.rotations.get(name)
        return tier_title(rotation, layer) if rotation else tier

    def name(self, person: str) -> str:
        return self.called.get(person, person)

    def span(self, starts: str, until: str) -> str:
        return f"{self.time(starts)} to {self.time(until)}"

    def time(self, typed: str) -> str:
        """A typed time or day; what cannot be read as it was typed."""
        at = instant_typed(typed.replace(" ", "T", 1), self.rota.zone)
        if isinstance(at, Doubt):
            return typed
        return day_words(datetime.fromisoformat(typed).date()) if len(typed) == 10 else self._moment(at)

    def _moment(self, at: datetime) -> str:
        return moment_in_words(at, self.rota.zone)

    def _given(self, given: r.Given) -> str:
        return f"{self.name(given.person)} gives {self.span(given.starts, given.until)}"

    def _parts(self, starts: str | None, until: str | None, by: str | None) -> str:
        told = (
            f"from {self.time(starts)}" if starts else "",
            f"until {self.time(until)}" if until else "",
            self.name(by) if by else "",
        )
        return ", ".join(part for part in told if part)

    def _slots(self, slots: r.Slots) -> str:
        return ", ".join(" with ".join(self.name(person) for person in slot) for slot in slots)

    def _pattern(self, words: r.PatternWords) -> str:
        parts = (self._slots(words.people), words.turn, words.hands_over, ", ".join(words.hours))
        return "; ".join(part for part in parts if part)


def _noted(told: str, note: str) -> str:
    return f"{told} ({note})" if note else told
