"""One rehearsed night from its plan: the house lives, dies and lives again, and is held against the invariants.

Everything happens on the night's own loop, so that the same plan always plays the same. Deliberately not here: drawing
a plan, and many nights (`running`).
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from oncall.adapters.clock import dice
from oncall.adapters.journal.memory import MemoryJournal
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.rehearsal.faults import Faults
from oncall.adapters.rehearsal.sample_ward import fill_sample
from oncall.core import entries as e
from oncall.core.calls import Turn
from oncall.core.case import Case, Status
from oncall.core.handbook import Handbook
from oncall.nights.hours import NightClock, NightLoop, NothingLeft
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
from oncall.nights.lives import Edition, Life, Outside, Parts, open_life
from oncall.nights.plan import Event, Plan
from oncall.nights.stores import Cut, Trouble
from oncall.nights.town import WRITTEN, Town
from oncall.nights.townspeople import TAKES_BY_TEXT, People
from oncall.nights.wards import banned_words, edited, hospital_in
from oncall.service.ports import Written

MOST_TURNS = 400_000  # of the loop; a night that turns on is a night that stands still
Fill = Callable[[MemoryRegister, datetime], Any]


@dataclass(slots=True)
class Played:
    """What a night came to. `first_page_after` and `taken_after` are seconds by case, on a clock that nobody sets."""

    plan: Plan
    breaches: list[Breach] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    first_page_after: list[float] = field(default_factory=list)
    taken_after: list[float] = field(default_factory=list)
    story: list[str] = field(default_factory=list)


class Night:
    """See the module. `fill` moves the ward in; `parts` may hold one wrong part."""

    def __init__(
        self, plan: Plan, handbook: Handbook, parts: Parts | None = None, fill: Fill = fill_sample, telling: bool = False
    ) -> None:
        self.plan, self.parts, self._fill, self._telling = plan, parts or Parts(), fill, telling
        self.loop = NightLoop()
        self.clock = NightClock(self.loop, plan.begins_at)
        self.played = Played(plan)
        self.life: Life | None = None
        self._base = handbook
        self._trouble = Trouble(self.loop.time)
        self._faults = Faults()
        self._register = MemoryRegister(hospital_in(plan.zone), self.clock)
        self._journal = MemoryJournal(self._register.view, self.clock.now)
        self._edition = Edition(handbook)
        self._ids, self._digits = itertools.count(1), itertools.count(1)
        self._written: dict[str, list[e.Recorded]] = {}
        self._cases: dict[str, Case] = {}
        self._state = State(self.clock.true(), self.clock.now(), self.clock.true())
        self._staff, self._family, self._ordered = dict[str, datetime](), dict[str, datetime](), dict[str, datetime]()
        self._acknowledged: list[tuple[str, datetime]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._over: asyncio.Future[None] = self.loop.create_future()
        self._left = len(plan.events)
        self._numbers: dict[str, str] = {}
        self._known: set[Breach] = set()
        self._turns = 0

    # --- a night -----------------------------------------------------------------------------------------------------

    def play(self) -> Played:
        self.loop.set_exception_handler(self._unheard)
        try:
            self.loop.run_until_complete(self._night())
        except NothingLeft:
            self._finds([Breach("I9", "everybody waits and no timer runs")])
        finally:
            self._ends()
        return self.played

    async def _night(self) -> None:
        await self._fill(self._register, self.plan.begins_at)
        await self._opens_town()
        self._lives()
        for event in self.plan.events:
            self.loop.call_at(event.at, self._happens, event)
        self.loop.call_at(self.plan.dawn, self._dawns)
        self.loop.call_at(self.plan.ends, self._is_over)
        self.loop.at_each_turn, self.loop.at_rest = self._turn, self._rests
        await self._over
        self.loop.at_each_turn, self.loop.at_rest = lambda: None, lambda: False
        await self._judge()

    async def _opens_town(self) -> None:
        directory = await self._register.directory()
        owners = {
            phone.number: (person.id, person.is_shared)
            for person in directory.clinicians.values()
            for phone in person.phones
        }
        self._numbers = {person.id: person.phones[0].number for person in directory.clinicians.values() if person.phones}
        self.people = People(self.plan.seed, owners, self.clock.true, self._texts_later)
        self.towns = [
            Town(
                name,
                self.loop,
                self.clock,
                self._faults,
                self._trouble,
                self.people,
                lambda: self.life,
                self._cut,
                self.played.injected,
            )
            for name in ("first", "second")[: self.plan.routes]
        ]
        self.outside = Outside(
            loop=self.loop,
            clock=self.clock,
            register=self._register,
            edition=self._edition,
            trouble=self._trouble,
            carriers=tuple((town.name, town) for town in self.towns),
            ledgers=tuple(self.towns),
            new_id=lambda: f"n{next(self._ids):06}",
            chance=self._digit,
            seen=self._sees,
            cut=self._cut,
        )

    def _digit(self) -> str:
        return dice(f"{self.plan.seed}/digit/{next(self._digits)}").choice("678")

    # --- lives -------------------------------------------------------------------------------------------------------

    def _lives(self) -> None:
        """The house opens on what it finds."""
        if self._over.done():
            return
        self._journal = self._journal.reopened()
        self.life = open_life(self._journal, self.outside, self.parts)
        self.life.begins()
        for task in self.life.tasks:
            task.add_done_callback(self._loop_ended)
        self._was_ill()

    def _cut(self, cut: Cut) -> None:
        """The power fails."""
        if self.life is None:
            return
        self.played.injected[f"power cut, {cut.point}"] += 1
        self._note("power cut", cut.point)
        self.life.dies()
        self.life = None
        self.loop.call_later(cut.down, self._lives)

    def _loop_ended(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (problem := task.exception()) is not None and isinstance(problem, Exception):
            self._finds([Breach("I9", f"a loop of the house ended: {type(problem).__name__}: {problem}")])

    def _unheard(self, loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        problem = told.get("exception")
        if isinstance(problem, Exception) and not isinstance(problem, asyncio.CancelledError):
            self._finds([Breach("?", f"{told.get('message')}: {type(problem).__name__}: {problem}")])

    # --- events ------------------------------------------------------------------------------------------------------

    def _happens(self, event: Event) -> None:
        self._left -= 1
        self._note(event.what, event.who, *event.detail)
        getattr(self, f"_on_{event.what}")(event.who, *event.detail)

    def _do(self, work: Any) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_text(self, who: str, words: str, floor: float = -1) -> None:
        self.played.counts["contacts"] += 1
        self._do(self.towns[0].text_in(who, words, int(floor)))

    def _on_call(self, who: str, *keys: str) -> None:
        self.played.counts["contacts"] += 1
        left = list(keys)
        self._do(self.towns[0].call_in(who or None, lambda turn: _next_key(left, turn)))

    def _on_alarm(self, who: str, body: str, floor: float, alarm_id: str, times: float) -> None:
        self.played.counts["contacts"] += 1
        try:
            fields = json.loads(body)
        except ValueError:
            fields = None
        self._do(self.towns[0].alarm_in(body, alarm_id, fields, int(floor), int(times)))

    def _on_habit(self, who: str, habit: str) -> None:
        self.people.of(who).habit = habit

    def _on_family(self, who: str, habit: str) -> None:
        self.people.family_habits[who] = habit

    def _on_says(self, who: str, words: str) -> None:
        self._staff_texts(who, self._numbers[who], words)

    def _on_fault(self, who: str, kind: str, on: str, times: float, code: float, seconds: float) -> None:
        told: dict[str, Any] = {"times": int(times), "seconds": seconds}
        if code:
            told["code"] = int(code)
        self._faults.order(kind, on, **told)  # type: ignore[arg-type]

    def _on_outage(self, who: str, seconds: float) -> None:
        self.played.injected["outage"] += 1
        for town in self.towns:
            town.down_until = self.loop.time() + seconds

    def _on_crash(self, who: str, point: str, nth: float, down: float) -> None:
        self._trouble.cuts.append(Cut(point, int(nth), down))

    def _on_clock(self, who: str, seconds: float) -> None:
        self.played.injected["clock forward" if seconds > 0 else "clock back"] += 1
        self.clock.step(timedelta(seconds=seconds))
        self._was_ill()

    def _on_disk(self, who: str, how: str, much: float) -> None:
        self.played.injected[f"disk {how}"] += 1
        if how == "next":
            self._trouble.refuse_next = int(much)
        elif how == "silent":
            self._trouble.silent_until = self.loop.time() + much
        else:
            self._trouble.refuses_until = self.loop.time() + much

    def _on_rota(self, who: str, edit: str) -> None:
        self.played.injected["rota edit"] += 1
        self._edition.handbook = edited(self._base, edit, self.clock.now())

    def _dawns(self) -> None:
        """Everybody wakes, the rota is as filed, and nothing goes wrong any more."""
        self._note("dawn")
        self._faults.clear()
        self._trouble.cuts.clear()
        self._trouble.refuse_next = 0
        self._edition.handbook = self._base
        self.people.wakes(self._numbers)
        self._was_ill()

    # --- people ------------------------------------------------------------------------------------------------------

    def _texts_later(self, person: str, number: str, words: str, after: float) -> None:
        self.loop.call_later(after, self._staff_texts, person, number, words)

    def _staff_texts(self, person: str, number: str, words: str) -> None:
        if self._over.done():
            return
        self._note(f"{person} texts", words)
        if TAKES_BY_TEXT.match(words.strip().lower()):
            self.people.act(person, f"texted {words}")
        self._do(self.towns[0].text_in(number, words, is_staff=True))

    # --- watching ----------------------------------------------------------------------------------------------------

    def _sees(self, written: Written) -> None:
        """Every commit, as it happens."""
        at = self.clock.true()
        for case in written.cases:
            self._cases[case.id] = case
        if written.repeated:
            return
        for recorded, case_id in _placed(written, self._written):
            self._written.setdefault(case_id, []).append(recorded)
            self._looks_at(recorded.entry, case_id, at)

    def _looks_at(self, entry: e.Entry, case_id: str, at: datetime) -> None:
        if isinstance(entry, e.MessageOwed):
            message = entry.message
            self._ordered[message.id] = at
            if is_staff_word(message):
                self._staff[case_id] = at
                self.played.counts["pages"] += 1
            elif is_family_word(message):
                self._family[case_id] = at
        elif isinstance(entry, e.Acknowledged):
            self._acknowledged.append((entry.person, at))
            self.played.counts["taken"] += 1
        if self._telling:
            self._note(f"  {case_id}", type(entry).__name__, *_shown(entry))

    def _turn(self) -> None:
        self._turns += 1
        if self._turns > MOST_TURNS and not self._over.done():
            self._finds([Breach("I9", f"the house turns on and on ({MOST_TURNS} turns)")])
            self._over.set_result(None)
        if self._trouble.cuts and (cut := self._trouble.falls("turn")) is not None:
            self._cut(cut)

    def _rests(self) -> bool:
        """Nobody has anything to do at this instant."""
        if self._over.done():
            return False
        if self._is_ill():
            self._was_ill()
        state = self._state
        state.true, state.wall, state.is_alive = self.clock.true(), self.clock.now(), self.life is not None
        state.open_cases = [case for case in self._cases.values() if case.is_open]
        self._family |= {case.id: state.true for case in state.open_cases if case.is_on_the_line}
        state.spoke_to_staff, state.spoke_to_family, state.ordered = self._staff, self._family, self._ordered
        self._finds(breaches(state, AT_REST))
        if self._left == 0 and self.people.is_dawn and self._all_is_done(state.open_cases):
            self._over.set_result(None)
            return True
        return False

    def _is_ill(self) -> bool:
        now = self.loop.time()
        disk = now < self._trouble.refuses_until or now < self._trouble.silent_until
        return self.life is None or disk or any(now < town.down_until for town in self.towns) or self._refused_lately()

    def _refused_lately(self) -> bool:
        return self._trouble.last_refusal >= self.loop.time() - 0.001

    def _was_ill(self) -> None:
        self._state.well_since = self.clock.true()

    def _all_is_done(self, open_cases: Sequence[Case]) -> bool:
        """Only what waits for the day is open, nothing is owed, and the carrier's list was read in peace."""
        waits = all(case.status is Status.WAITING and not _owes(case, self.clock.now()) for case in open_cases)
        return waits and self._state.well_for() > timedelta(seconds=160)

    def _is_over(self) -> None:
        if self._over.done():
            return
        for case in self._cases.values():
            if case.status in (Status.PAGING, Status.LISTENING):
                self._finds([Breach("end", "everybody answers since dawn and it is still paging", case.id)])
        self._over.set_result(None)

    # --- the end -----------------------------------------------------------------------------------------------------

    async def _judge(self) -> None:
        state = self._state
        rows = self._journal
        state.true, state.is_alive = self.clock.true(), self.life is not None
        state.written = self._written
        state.kept = {case_id: await rows.entries(case_id) for case_id in self._written}
        state.cases = {case_id: case for case_id in self._written if (case := await rows.case(case_id)) is not None}
        contacts = [contact for town in self.towns for contact in town.contacts]
        state.contacts = [
            Told(c.key, c.number, c.at, c.answer == WRITTEN, c.key.startswith("text:"), c.floor, c.case)
            for c in contacts
        ]
        state.received = frozenset(rows.received_keys())
        state.acts = [(act.person, act.at) for act in self.people.acts]
        state.acknowledged = self._acknowledged
        handed = sorted(((sent.at, town.name, sent) for town in self.towns for sent in town.sent), key=lambda one: one[0])
        state.handed = [Handed(sent.message, sent.attempt, name) for _, name, sent in handed]
        state.banned = banned_words(self.plan.begins_at)
        state.people = frozenset((await self._register.directory()).clinicians)
        state.audit = await rows.audit()
        self._finds(breaches(state, OF_THE_NIGHT))
        for town in self.towns:
            self._finds(Breach("?", failure) for failure in town.failures)
        self._measures()

    def _measures(self) -> None:
        counts = self.played.counts
        counts["cases"] = len(self._written)
        counts["texts and calls"] = sum(len(town.sent) for town in self.towns)
        counts["entries"] = sum(len(entries) for entries in self._written.values())

    def _finds(self, found: Any) -> None:
        for breach in found:
            known = Breach(breach.law, breach.what.split(" for ")[0].split(" by ")[0], breach.case)
            if known not in self._known:
                self._known.add(known)
                self.played.breaches.append(breach)
                self._note("BREACH", str(breach))

    def _note(self, *told: Any) -> None:
        if self._telling:
            self.played.story.append(f"{self.loop.time():9.2f}  {' '.join(str(part) for part in told)}")

    def _ends(self) -> None:
        if self.life is not None:
            self.life.dies()
        for town in getattr(self, "towns", ()):
            town.ends()
        for task in self._tasks:
            task.cancel()
        self.loop.at_each_turn, self.loop.at_rest = lambda: None, lambda: False
        _run_dry(self.loop)
        self.loop.close()


def _run_dry(loop: NightLoop) -> None:
    waiting = [task for task in asyncio.all_tasks(loop) if not task.done()]
    for task in waiting:
        task.cancel()
    if waiting:
        loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))


def _next_key(left: list[str], turn: Turn) -> str | None:
    return left.pop(0) if left else None


def _owes(case: Case, now: datetime) -> bool:
    return any(state.is_owed and (state.not_before is None or state.not_before <= now) for state in case.messages)


def _placed(written: Written, known: dict[str, list[e.Recorded]]) -> list[tuple[e.Recorded, str]]:
    """Each entry of a delivery with its case. A delivery of several commands numbers each case for itself."""
    placed, cases = [], list(written.cases)
    if len({case.id for case in cases}) == 1:
        return [(recorded, cases[0].id) for recorded in written.entries]
    following = {case.id: len(known.get(case.id, ())) + 1 for case in cases}
    for recorded in written.entries:
        case_id = next(case.id for case in cases if following[case.id] == recorded.seq)
        following[case_id] += 1
        placed.append((recorded, case_id))
    return placed


def _shown(entry: Any) -> tuple[Any, ...]:
    """The telling fields of an entry, for a story."""
    if isinstance(entry, e.MessageOwed):
        message = entry.message
        return (message.purpose.value, message.channel.value, message.to, message.id, message.body[:90])
    return tuple(getattr(entry, name) for name in ("message", "kind", "person", "progress", "pace", "why", "what", "how") if hasattr(entry, name))

