"""What would change: two editions side by side, in lines that an author and a second reader can both read.

Lowered emergencies come first, because they are what a tired person must not overlook. The saved cases are all
examples that stand inside the rules of either edition; each is read by both, and told when its urgency changes.
Deliberately not here: past cases of this hospital (`service/past_cases`), and whether it may be published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from oncall.adapters.handbook.rules_in_words import Described, Said
from oncall.core.triage.assessment import Urgency
from oncall.core.triage.chapters import Example
from oncall.core.triage.rulebook import Rulebook
from oncall.service.rules.examples import assessed

KINDS = (
    "rule",
    "red flag",
    "clock",
    "threshold",
    "record",
    "finding",
    "alarm table",
    "question",
    "sentence",
    "words",
    "file",
)
NO_URGENCY = Urgency.ROUTINE - 1


@dataclass(frozen=True, slots=True)
class Change:
    """One declared thing that differs. `what`: added, removed or changed; `lines` say each property."""

    kind: str
    name: str
    what: str
    lines: tuple[str, ...]
    lowers: str = ""  # the urgency that a rule gave and does not give any more


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A saved or past case whose urgency changes; urgencies in capitals. `rules`: what decided before and after."""

    said: str
    was: str
    becomes: str
    rules_before: tuple[str, ...] = ()
    rules_after: tuple[str, ...] = ()

    @property
    def is_lowered(self) -> bool:
        return urgency_of(self.becomes) < urgency_of(self.was)

    @property
    def lowers_emergency(self) -> bool:
        return self.was == Urgency.EMERGENCY.name and self.is_lowered


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file by its name in the edition, with how many of its lines came and went."""

    name: str
    what: str
    lines_added: int
    lines_removed: int


@dataclass(frozen=True, slots=True)
class Difference:
    """All of it. `note` says why there is less to compare; `saved` and `past` count the cases that were read twice."""

    files: tuple[FileChange, ...]
    changes: tuple[Change, ...] = ()
    saved: int = 0
    saved_changes: tuple[CaseChange, ...] = ()
    past: int = 0
    past_changes: tuple[CaseChange, ...] = ()
    note: str = ""
    rota: tuple[str, ...] = ()  # who is on instead of whom, a sentence each

    @property
    def touches_rules(self) -> bool:
        return any(file.name.startswith("rules/") for file in self.files)

    @property
    def lowered_emergencies(self) -> tuple[CaseChange, ...]:
        return tuple(case for case in (*self.saved_changes, *self.past_changes) if case.lowers_emergency)


def urgency_of(told: str) -> int:
    """An urgency in capitals as a number; none of its own is below them all."""
    name = told.replace(" ", "_")
    return Urgency[name] if name in Urgency.__members__ else NO_URGENCY


def changes_between(before: Described, after: Described) -> tuple[Change, ...]:
    """Worst first: rules that lower an emergency, rules that lower, then kind by kind."""
    found = [change for key in sorted({*before, *after}) if (change := _change(key, before.get(key), after.get(key)))]
    return tuple(sorted(found, key=_worst_first))


def _worst_first(change: Change) -> tuple[int, int, str]:
    return -urgency_of(change.lowers), KINDS.index(change.kind), change.name


def _change(key: tuple[str, str], before: Mapping[str, Said] | None, after: Mapping[str, Said] | None) -> Change | None:
    if before == after:
        return None
    what = "added" if before is None else "removed" if after is None else "changed"
    lines = tuple(_lines(before or {}, after or {}))
    return Change(*key, what, lines, _lowered(before or {}, after or {}) if key[0] == "rule" else "")


def _lowered(before: Mapping[str, Said], after: Mapping[str, Said]) -> str:
    was, becomes = str(before.get("urgency", "")), str(after.get("urgency", ""))
    return was if urgency_of(becomes) < urgency_of(was) else ""


def _lines(before: Mapping[str, Said], after: Mapping[str, Said]) -> Iterator[str]:
    for name in dict.fromkeys((*before, *after)):
        was, becomes = before.get(name), after.get(name)
        if was != becomes:
            yield f"{name} {_became(was, becomes)}".strip()


def _became(was: Said | None, becomes: Said | None) -> str:
    if isinstance(was, tuple) or isinstance(becomes, tuple):
        return _list_became(_items(was), _items(becomes))
    if was is None or becomes is None:
        return f"(removed) {was}" if becomes is None else f"{becomes}"
    return f"{was} -> {becomes}"


def _items(said: Said | None) -> tuple[str, ...]:
    return said if isinstance(said, tuple) else (said,) if said else ()


def _list_became(was: tuple[str, ...], becomes: tuple[str, ...]) -> str:
    parts = [f"{len(was)} -> {len(becomes)}"]
    for word, listed, other in (("added", becomes, was), ("removed", was, becomes)):
        if only := list(dict.fromkeys(item for item in listed if item not in set(other))):
            parts.append(f"{word}: {'; '.join(only)}")
    return ", ".join(parts if len(parts) > 1 else [*parts, "in another order"])


def saved_case_changes(before: Rulebook, after: Rulebook) -> tuple[int, tuple[CaseChange, ...]]:
    """How many saved cases there are, and those whose urgency changes, lowered emergencies first."""
    saved = {example.said: example for book in (after, before) for example in _examples(book)}
    found = []
    for said, example in saved.items():
        was, becomes = (assessed(example, rulebook).urgency for rulebook in (before, after))
        if was != becomes:
            found.append(CaseChange(said, was.name, becomes.name))
    return len(saved), worst_first(found)


def _examples(rulebook: Rulebook) -> Iterator[Example]:
    return (example for chapter in rulebook.chapters for example in chapter.examples)


def worst_first(found: list[CaseChange]) -> tuple[CaseChange, ...]:
    """Lowered emergencies, then whatever else is lowered, then the raised."""
    return tuple(sorted(found, key=lambda case: (not case.lowers_emergency, not case.is_lowered)))


def difference_lines(difference: Difference) -> Iterator[str]:
    """For reading aloud: cases first, then what was declared, then the files."""
    if difference.note:
        yield difference.note
    yield from case_lines(difference.saved, "saved cases", difference.saved_changes)
    yield from case_lines(difference.past, "past cases", difference.past_changes)
    yield from difference.rota
    for change in difference.changes:
        yield from (f"{change.kind} {change.name}: {line}" for line in change_lines(change))
    yield from (file_line(file) for file in difference.files)


def case_lines(count: int, kind: str, changes: Sequence[CaseChange]) -> Iterator[str]:
    """One line that counts, and one for each that changes."""
    if not count:
        return
    yield f"{len(changes):,} of {count:,} {kind} {'changes' if len(changes) == 1 else 'change'} urgency."
    for case in changes:
        mark = "LOWERED EMERGENCY " if case.lowers_emergency else ""
        rules = f" ({_rules(case.rules_before)} -> {_rules(case.rules_after)})" if case.rules_before else ""
        yield f"  {mark}{case.said!r} {case.was} -> {case.becomes}{rules}"


def _rules(ids: Sequence[str]) -> str:
    return ", ".join(ids) or "no rule"


def change_lines(change: Change) -> Iterator[str]:
    """Each property, and what it became."""
    if change.what != "changed":
        yield change.what
    yield from change.lines if change.what != "removed" else ()


def file_line(file: FileChange) -> str:
    """The file, and how many of its lines came and went."""
    return f"{file.what}: {file.name} (+{file.lines_added} -{file.lines_removed} lines)"


def file_changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileChange, ...]:
    """The files of two editions that differ."""
    return tuple(
        _file_change(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def _file_change(name: str, before: str | None, after: str | None) -> FileChange:
    what = "added" if before is None else "removed" if after is None else "changed"
    added, removed = _lines_changed((before or "").splitlines(), (after or "").splitlines())
    return FileChange(name, what, added, removed)


def _lines_changed(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Added and removed. By counting, not by aligning: that takes minutes for a year of covers, and pages wait."""
    added, removed = (Counter(new) - Counter(old)).total(), (Counter(old) - Counter(new)).total()
    if added or removed:
        return added, removed
    moved = sum(before != after for before, after in zip(old, new, strict=True))
    return moved, moved
