"""What would happen if a draft were published now: the difference in words, the guards, and what stands against it.

Everything is worked out on the newest edition, whatever the draft began from; where somebody has published since, the
merge says what, and which edits still fit. Deliberately not here: storing (`desk`), and drawing the two rotas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from oncall.core.case.facts import Directory
from oncall.core.rota.difference import (
    Move,
    changes_soon,
    clashes,
    difference_in_words,
    move_in_words,
    moves,
    needs_two,
    right_now,
    whom_to_tell,
)
from oncall.core.rota.edits import EditRefused
from oncall.core.rota.guards import Guard, Severity, guards
from oncall.core.rota.on_call import Rota, called
from oncall.core.staff_numbers import new_until
from oncall.service.ports.journal import Edition
from oncall.service.rota.drafts import Draft, Drafted, Scribe

Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Staff:
    """Who has a proven telephone, what everybody is called, and whose first telephone is new until when."""

    proven: frozenset[str]
    names: Mapping[str, str]
    young: Mapping[str, datetime]


def staff_of(directory: Directory) -> Staff:
    people = directory.clinicians.values()
    proven = frozenset(person.id for person in people if person.is_proven)
    return Staff(proven, {person.id: person.name for person in people}, new_until(people))


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that does not fit (any more), and why; `choices` are times to type instead."""

    drafted: Drafted
    sentence: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clash:
    """One edit of the draft and what somebody else published put different people on at the same time."""

    drafted: Drafted
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Somebody published since the draft began: the editions, oldest first, and what they changed."""

    editions: tuple[Edition, ...]
    sentences: tuple[str, ...]
    clashes: tuple[Clash, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """`newest` is the edition that the draft was laid on; `files` what would be published. `soon`: who is on changes
    now or within two hours, which the page lets the author confirm by name."""

    draft: Draft
    newest: str
    files: Files
    before: Rota
    after: Rota
    moves: tuple[Move, ...]
    sentences: tuple[str, ...]
    right_now: tuple[str, ...]
    soon: bool
    tells: tuple[str, ...]
    red: tuple[Guard, ...]
    yellow: tuple[Guard, ...]
    needs_two: tuple[str, ...]
    refused: tuple[Refused, ...]
    changes_anything: bool
    merge: Merge | None = None

    def against(self, reason: str = "", second: str = "", author: str = "") -> tuple[str, ...]:
        """Why it may not be published as it stands, a sentence each."""
        found = [*(f"{one.sentence}" for one in self.refused), *(guard.sentence for guard in self.red)]
        if self.merge:
            found.append("Somebody has published since you began: look at what differs, then accept it.")
        if self.yellow and not reason.strip():
            found.append(f"Say why: {' '.join(guard.sentence for guard in self.yellow)}")
        if self.needs_two and _name(second) in ("", _name(author)):
            found.extend(self.needs_two)
        return tuple(found) if self.changes_anything or found else ("There is nothing to publish.",)


def preview_of(
    scribe: Scribe, draft: Draft, base: Files, newest: Files, since: Sequence[Edition], name: str,
    staff: Staff, now: datetime,
) -> Preview:  # fmt: skip
    """The draft on the newest edition (`name`); `since` are the editions after the draft's base, oldest first."""
    files, refused = written(scribe, newest, draft.edits, staff.names, now)
    found = compared(scribe, newest, files, staff, now, draft=draft, name=name, refused=refused)
    if not since:
        return found
    return replace(found, merge=_merge(scribe, draft, base, newest, since, staff, now))


def compared(
    scribe: Scribe, before_files: Files, files: Files, staff: Staff, now: datetime, *, draft: Draft,
    name: str, refused: tuple[Refused, ...] = (),
) -> Preview:  # fmt: skip
    """Two states of the files side by side."""
    needed = needs_two(scribe.rota(before_files), scribe.rota(files))
    before, after = _called(scribe.rota(before_files), scribe.rota(files), staff)
    moved = moves(before, after, now)
    found = guards(before, after, now, staff.proven, staff.young)
    return Preview(
        draft=draft,
        newest=name,
        files=files,
        before=before,
        after=after,
        moves=moved,
        sentences=difference_in_words(before, after, moved, now),
        right_now=right_now(before, after, moved, now),
        soon=changes_soon(moved, now),
        tells=whom_to_tell(before, after, moved),
        red=tuple(guard for guard in found if guard.severity is Severity.RED),
        yellow=tuple(guard for guard in found if guard.severity is Severity.YELLOW),
        needs_two=needed,
        refused=refused,
        changes_anything=dict(before_files) != dict(files),
    )


def written(
    scribe: Scribe, files: Files, edits: Sequence[Drafted], names: Mapping[str, str], now: datetime
) -> tuple[Files, tuple[Refused, ...]]:
    """The texts with every edit that fits, in order, and those that do not."""
    refused = []
    for drafted in edits:
        try:
            files = scribe.write(files, drafted.edit, now, names)
        except EditRefused as problem:
            refused.append(Refused(drafted, str(problem), problem.choices))
    return files, tuple(refused)


def _called(before: Rota, after: Rota, staff: Staff) -> tuple[Rota, Rota]:
    """By the names of the pages; whoever the files change keeps the old name before, so that this is seen."""
    unchanged = {id: name for id, name in staff.names.items() if before.people.get(id) == after.people.get(id)}
    return called(before, unchanged), called(after, staff.names)


def _merge(
    scribe: Scribe, draft: Draft, base: Files, newest: Files, since: Sequence[Edition], staff: Staff, now: datetime
) -> Merge:
    before, other = _called(scribe.rota(base), scribe.rota(newest), staff)
    theirs = moves(before, other, now)
    told = difference_in_words(before, other, theirs, now)
    found = (_clashes(scribe, drafted, base, before, other, theirs, staff, now) for drafted in draft.edits)
    return Merge(tuple(since), told, tuple(chain.from_iterable(found)))


def _clashes(
    scribe: Scribe, drafted: Drafted, base: Files, before: Rota, other: Rota, theirs: Sequence[Move], staff: Staff,
    now: datetime,
) -> list[Clash]:  # fmt: skip
    """Where this edit, on the base that its author saw, meets what the others changed; the first on each tier."""
    files, refused = written(scribe, base, [drafted], staff.names, now)
    if refused:
        return []  # it stood on an earlier edit of the draft, which is judged by itself
    own = called(scribe.rota(files), staff.names)
    met: dict[str, tuple[Move, Move]] = {}
    for mine, their in clashes(moves(before, own, now), theirs):
        met.setdefault(mine.tier, (mine, their))
    return [
        Clash(drafted, move_in_words(before, own, mine), move_in_words(before, other, their))
        for mine, their in met.values()
    ]


def _name(told: str) -> str:
    return " ".join(told.casefold().split())
