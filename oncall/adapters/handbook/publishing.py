"""From two folders to an edition: read, compare, refuse or store.

A draft is what the folders would become; its difference to the edition in force is what the author and the second
reader answer for. Nothing that is refused is stored. Deliberately not here: printing, and how the proof is done (it
is handed in as one function).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from oncall.adapters.handbook.files import laid_out, load_handbook, read_files
from oncall.adapters.handbook.lending import lent_to
from oncall.adapters.handbook.reading import Fault, HandbookFaults, reading_of
from oncall.adapters.handbook.rota_pages import rota_in
from oncall.adapters.handbook.rules_difference import (
    CaseChange,
    Difference,
    changes_between,
    file_changes,
    saved_case_changes,
    worst_first,
)
from oncall.adapters.handbook.rules_examples import example_faults
from oncall.adapters.handbook.rules_files import load_rulebook, read_rules
from oncall.adapters.handbook.rules_in_words import Described, described
from oncall.adapters.handbook.rules_parts import Given
from oncall.adapters.handbook.store import texts_of
from oncall.core.as_json import to_json
from oncall.core.handbook import Handbook
from oncall.core.rota.difference import difference_in_words, moves, needs_two, right_now
from oncall.core.rota.edits import EditRefused
from oncall.core.rota.guards import Guard, Severity, guards
from oncall.core.rota.on_call import Rota
from oncall.core.triage.rulebook import Rulebook
from oncall.service.cases.past_cases import PastCase
from oncall.service.ports.journal import Edition, Journal

FIRST = "This is the first edition: there is nothing to compare it with."
UNREADABLE = "The edition in force cannot be read by this program: only its files are compared."

OVERTAKEN = "Another edition was published meanwhile: publish again to see the difference to it."

Prove = Callable[[Mapping[str, str]], str]  # the files of a draft; a sentence when they may not be published


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be published; `files` with their readings. `base` is the edition it was compared with and `in_force`
    that one's rules; `red` are the examples that do not hold, `guards` what the rota would make worse."""

    handbook: Handbook
    files: Mapping[str, str]
    base: str
    in_force: Rulebook | None
    difference: Difference
    red: tuple[Fault, ...]
    rota_in_force: Rota | None = None
    guards: tuple[Guard, ...] = ()
    for_two: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Who answers for it: the author, who read it too, and why an emergency is lowered or a warning accepted."""

    author: str
    second: str = ""
    reason: str = ""

    @property
    def is_two_people(self) -> bool:
        return bool(_name(self.second)) and _name(self.second) != _name(self.author)


@dataclass(frozen=True, slots=True)
class _Rules:
    """One edition's rules as written, as compiled, and in words."""

    given: Given
    rulebook: Rulebook
    words: Described


async def draft_of(journal: Journal | None, rules: Path, rotations: Path) -> Draft:
    """The folders beside the newest edition; `journal` None before the first start. Raises HandbookFaults."""
    handbook, texts = load_handbook(rules, rotations), read_files(rules, rotations)
    files = {**texts, **readings_of(texts)}
    editions = await journal.editions() if journal else []
    base = editions[0].name if editions else ""
    stored = (await journal.edition_files(base) if journal and base else None) or {}
    difference = Difference(file_changes(texts_of(stored), texts))
    rota = _stored_rota(stored)
    if not difference.touches_rules:
        return Draft(handbook, files, base, None, difference, (), rota)
    drafted = _rules_in(rules, handbook.rulebook)
    difference, in_force = _compared(difference, stored, drafted)
    red = tuple(sorted(example_faults(drafted.given, handbook.rulebook)))
    return Draft(handbook, files, base, in_force, difference, red, rota)


def _stored_rota(stored: Mapping[str, str]) -> Rota | None:
    """None for the first edition, and for one that this program cannot read."""
    try:
        return rota_in(texts_of(stored)) if stored else None
    except EditRefused:
        return None


def difference_between(before: Mapping[str, str], after: Mapping[str, str]) -> Difference:
    """Two stored editions; `before` empty for the first. Raises HandbookFaults when `after` cannot be read."""
    difference = Difference(file_changes(texts_of(before), texts_of(after)))
    return _compared(difference, before, _stored_rules(after))[0] if difference.touches_rules else difference


def _compared(difference: Difference, stored: Mapping[str, str], after: _Rules) -> tuple[Difference, Rulebook | None]:
    """The difference with what the rules say, and the rules in force; as far as there is something to compare."""
    if not stored:
        return replace(difference, note=FIRST), None
    try:
        before = _stored_rules(stored)
    except HandbookFaults:
        return replace(difference, note=UNREADABLE), None
    saved, changed = saved_case_changes(before.rulebook, after.rulebook)
    changes = changes_between(before.words, after.words)
    return replace(difference, changes=changes, saved=saved, saved_changes=changed), before.rulebook


def _stored_rules(files: Mapping[str, str]) -> _Rules:
    with laid_out({**files, **lent_to(files)}) as folder:  # an older edition is compared as it is read
        return _rules_in(folder / "rules", load_rulebook(folder / "rules"))


def _rules_in(folder: Path, rulebook: Rulebook) -> _Rules:
    given = read_rules(folder)
    return _Rules(given, rulebook, described(given, folder))


def readings_of(files: Mapping[str, str]) -> dict[str, str]:
    """What lies beside the texts of an edition, so that a start need not parse them (decision 0011)."""
    return {f"{name}.json": reading_of(text) for name, text in files.items()}


def with_past(draft: Draft, past: Iterable[PastCase]) -> Draft:
    """The draft with what this hospital's own cases would have become."""
    read = tuple(past)
    return replace(draft, difference=replace(draft.difference, past=len(read), past_changes=past_changes(read)))


def with_rota(draft: Draft, now: datetime, proven: frozenset[str]) -> Draft:
    """The draft with who is on instead of whom, and the guards; as far as there is a rota to compare with."""
    before, after = draft.rota_in_force, draft.handbook.rota
    if before is None or not any(file.name.startswith("rotations/") for file in draft.difference.files):
        return draft
    moved = moves(before, after, now)
    told = (*difference_in_words(before, after, moved, now), *right_now(before, after, moved, now))
    found = guards(before, after, now, proven)
    difference = replace(draft.difference, rota=told)
    return replace(draft, difference=difference, guards=found, for_two=needs_two(before, after))


def past_changes(past: Iterable[PastCase]) -> tuple[CaseChange, ...]:
    """The cases whose urgency changes, by their code, never by their words; lowered emergencies first."""
    return worst_first(
        [
            CaseChange(case.code, case.was.name, case.becomes.name, case.rules_before, case.rules_after)
            for case in past
            if case.was != case.becomes
        ]
    )


def refusals(draft: Draft, signature: Signature, prove: Prove) -> tuple[str, ...]:
    """Why it may not be published, a sentence each; the proof is asked last, and only when nothing else is wrong."""
    rules = (*_unsigned(draft.difference, signature), *_red(draft.red), *_lowered(draft.difference, signature))
    found = (*rules, *_guarded(draft, signature))
    if found or not draft.difference.touches_rules:
        return found
    disproof = prove(texts_of(draft.files))
    return (disproof,) if disproof else ()


def _unsigned(difference: Difference, signature: Signature) -> Iterable[str]:
    if not _name(signature.author):
        yield "Nobody publishes: name yourself with --by."
    if difference.touches_rules and not _name(signature.second):
        yield "Rules change only with a second name: let somebody else read the difference and name them with --second."
    elif difference.touches_rules and not signature.is_two_people:
        yield "The second name is the author's own: let somebody else read the difference and name them with --second."


def _red(faults: tuple[Fault, ...]) -> Iterable[str]:
    if faults:
        listed = "".join(f"\n  {fault}" for fault in faults)
        fail = "example does" if len(faults) == 1 else "examples do"
        yield f"{len(faults)} {fail} not hold any more: mend the rules or the examples.{listed}"


def _lowered(difference: Difference, signature: Signature) -> Iterable[str]:
    lowered = len(difference.lowered_emergencies)
    if lowered and not signature.reason.strip():
        cases = "emergency is" if lowered == 1 else "emergencies are"
        yield f"{lowered} {cases} lowered: mend the rules, or say with --reason why that is right."


def _guarded(draft: Draft, signature: Signature) -> Iterable[str]:
    """Red is refused, yellow wants a reason, the tiers and the last resort a second reader (RULINGS 8)."""
    yield from (guard.sentence for guard in draft.guards if guard.severity is Severity.RED)
    yellow = [guard.sentence for guard in draft.guards if guard.severity is Severity.YELLOW]
    if yellow and not signature.reason.strip():
        yield f"Say with --reason why this is right: {' '.join(yellow)}"
    if draft.for_two and not signature.is_two_people:
        yield from (f"{sentence} Name them with --second." for sentence in draft.for_two)


def _name(told: str) -> str:
    return " ".join(told.casefold().split())


def edition_from(draft: Draft, signature: Signature, at: datetime) -> Edition:
    """What is to be stored beside the files."""
    told = to_json(draft.difference)
    return Edition(draft.handbook.edition, at, signature.author, signature.second, signature.reason, told)
