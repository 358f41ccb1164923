"""Sees everything that a rehearsed night writes, and holds it against the invariants.

It looks whenever everybody rests, and once more at the end; the same breach is told once. Deliberately not here: the
invariants (`invariants`) and making anything happen (`night`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from oncall.adapters.journal.memory import MemoryJournal
from oncall.core.case import entries as e
from oncall.core.case.case import Arrival, Case, Status
from oncall.core.notices import Notice, is_notice
from oncall.nights.doors import WRITTEN
from oncall.nights.hours import NightClock
from oncall.nights.invariants import (
    AT_REST,
    OF_THE_NIGHT,
    Breach,
    Handed,
    State,
    Told,
    breaches,
    is_family_word,
    is_staff_word,
)
from oncall.nights.town import Contact, Town
from oncall.nights.townspeople import Act
from oncall.service.ports.journal import Written
from oncall.service.telephone.talk import JOINED

LONG_WELL = timedelta(seconds=160)  # after which also the carrier's list has been read in peace
Note = Callable[..., None]


class Witness:
    """See the module. `note` writes the story, `counts` what the night came to."""

    def __init__(self, clock: NightClock, counts: Counter[str], note: Note | None) -> None:
        self._clock, self._counts, self._note = clock, counts, note
        self.breaches: list[Breach] = []
        self.cases: dict[str, Case] = {}
        self.opened: dict[str, datetime] = {}
        self.taken: dict[str, datetime] = {}
        self._written: dict[str, list[e.Recorded]] = {}
        self._staff, self._family, self._ordered = dict[str, datetime](), dict[str, datetime](), dict[str, datetime]()
        self._acknowledged: list[tuple[str, datetime]] = []
        self._known: set[Breach] = set()
        self._state = State(clock.true(), clock.now(), clock.true())

    # --- seeing ------------------------------------------------------------------------------------------------------

    def sees(self, written: Written) -> None:
        """Every commit, as it happens."""
        at = self._clock.true()
        self.cases |= {case.id: case for case in written.cases}
        if written.repeated:
            return
        for recorded, case_id in _placed(written, self._written):
            self._written.setdefault(case_id, []).append(recorded)
            self._looks_at(recorded.entry, case_id, at)

    def _looks_at(self, entry: e.Entry, case_id: str, at: datetime) -> None:
        if isinstance(entry, e.MessageOwed):
            self._ordered[entry.message.id] = at
            if is_staff_word(entry.message):
                self._staff[case_id] = at
                self._counts["pages"] += 1
            elif is_family_word(entry.message):
                self._family[case_id] = at
        elif isinstance(entry, e.CaseOpened):
            self.opened[case_id] = at
        elif isinstance(entry, e.Acknowledged):
            if entry.how != JOINED:  # both were in the talk, and the key was the family's
                self._acknowledged.append((entry.person, at))
            self.taken.setdefault(case_id, at)
            self._counts["taken"] += 1
        elif isinstance(entry, e.ReportAdded) and entry.arrival is Arrival.CALENDAR:
            self._counts["cases of dates and tasks"] += 1
        if self._note is not None:
            self._note(f"  {case_id}", type(entry).__name__, *_shown(entry))

    def was_ill(self) -> None:
        """House, disk, clock or carrier are in trouble, or were until now."""
        self._state.well_since = self._clock.true()

    # --- judging -----------------------------------------------------------------------------------------------------

    def rests(self, is_alive: bool) -> None:
        """Nobody has anything to do at this instant."""
        state = self._state
        state.true, state.wall, state.is_alive = self._clock.true(), self._clock.now(), is_alive
        state.open_cases = [case for case in self.cases.values() if case.is_open]
        self._family |= {case.id: state.true for case in state.open_cases if case.is_on_the_line}
        state.spoke_to_staff, state.spoke_to_family, state.ordered = self._staff, self._family, self._ordered
        self.finds(breaches(state, AT_REST))

    def all_is_done(self) -> bool:
        """Only what waits for the day or for its holder is open, nothing is owed, and nothing was wrong for a while."""
        now = self._clock.now()
        waits = all(_rests(case) and not _owes(case, now) for case in self._state.open_cases)
        return waits and self._state.well_for() > LONG_WELL

    def all_are_taken(self) -> bool:
        return bool(self.opened) and self.taken.keys() >= self.opened.keys()

    async def judges(
        self,
        journal: MemoryJournal,
        received: frozenset[str],
        towns: Sequence[Town],
        acts: Iterable[Act],
        people: frozenset[str],
        notices: Sequence[Notice],
    ) -> None:
        """The night as a whole. What no text may hold is set before (`bans`)."""
        state = self._state
        state.true = self._clock.true()
        state.written = self._written
        state.kept = {case_id: await journal.entries(case_id) for case_id in self._written}
        state.cases = {case_id: case for case_id in self._written if (case := await journal.case(case_id)) is not None}
        state.contacts = [
            Told(c.key, c.number, c.at, c.answer == WRITTEN, c.was_kept, _is_text(c), c.floor, c.case)
            for town in towns
            for c in town.contacts
        ]
        state.received = received
        state.acts = [(act.person, act.at) for act in acts]
        state.acknowledged = self._acknowledged
        handed = sorted(((sent.at, town.name, sent) for town in towns for sent in town.sent), key=lambda one: one[0])
        state.handed = [Handed(sent.message, sent.attempt, name) for _, name, sent in handed]
        state.people, state.notices, state.wall = people, notices, self._clock.now()
        state.audit = await journal.audit()
        self.finds(breaches(state, OF_THE_NIGHT))
        self._counts["cases"] = len(self._written)
        self._counts["entries"] = sum(len(entries) for entries in self._written.values())
        self._counts["texts and calls"] = len(handed)
        self._counts["notices"] = len({sent.message.id for _, _, sent in handed if is_notice(sent.message.id)})

    def bans(self, words: Sequence[str]) -> None:
        self._state.banned = words

    def finds(self, found: Iterable[Breach]) -> None:
        for breach in found:
            known = Breach(breach.law, breach.what.split(" for ")[0].split(" by ")[0], breach.case)
            if known not in self._known:
                self._known.add(known)
                self.breaches.append(breach)
                if self._note is not None:
                    self._note("BREACH", breach)


def _is_text(contact: Contact) -> bool:
    """A family's: what staff write is an answer, not a report."""
    return contact.key.startswith("text:") and not contact.is_staff


def _rests(case: Case) -> bool:
    return case.status is Status.WAITING or (case.status is Status.HELD and not case.clocks)


def _owes(case: Case, now: datetime) -> bool:
    return any(state.is_owed and (state.not_before is None or state.not_before <= now) for state in case.messages)


def _placed(written: Written, known: dict[str, list[e.Recorded]]) -> list[tuple[e.Recorded, str]]:
    """Each entry of a delivery with its case. A delivery of several commands numbers each case for itself."""
    if len({case.id for case in written.cases}) == 1:
        return [(recorded, written.case.id) for recorded in written.entries]
    following = {case.id: len(known.get(case.id, ())) + 1 for case in written.cases}
    placed = []
    for recorded in written.entries:
        case_id = next(case.id for case in written.cases if following[case.id] == recorded.seq)
        following[case_id] += 1
        placed.append((recorded, case_id))
    return placed


def _shown(entry: Any) -> tuple[Any, ...]:
    """The telling fields of an entry, for a story."""
    if isinstance(entry, e.MessageOwed):
        message = entry.message
        return message.purpose.value, message.channel.value, message.to, message.id, message.body[:90]
    told = ("message", "kind", "person", "progress", "pace", "why", "what", "how")
    return tuple(getattr(entry, name) for name in told if hasattr(entry, name))
