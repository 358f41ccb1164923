"""One rehearsed night from its plan: the house lives, dies and lives again, and is held against the invariants.

Everything happens on the night's own loop, so that the same plan always plays the same. Deliberately not here: drawing
a plan, and many nights (`running`).
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from oncall.adapters.clock import dice
from oncall.adapters.journal.memory import MemoryJournal
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.notice_rows import NoticeRow
from oncall.adapters.rehearsal.faults import Faults
from oncall.adapters.rehearsal.sample_ward import fill_sample
from oncall.core.case.calls import Turn
from oncall.core.case.case import Case, ClockKind, Status
from oncall.core.handbook import Handbook
from oncall.core.triage.assessment import Urgency
from oncall.nights.doors import Doors
from oncall.nights.hours import NightClock, NightLoop, NothingLeft
from oncall.nights.invariants import Breach
from oncall.nights.lives import Edition, Life, Outside, Parts, open_life
from oncall.nights.on_the_board import TAKES, pressed
from oncall.nights.plan import Event, Plan
from oncall.nights.stores import Cut, Trouble
from oncall.nights.town import Town
from oncall.nights.townspeople import TAKES_BY_TEXT, People
from oncall.nights.wards import banned_words, edited, hospital_in
from oncall.nights.witness import Witness
from oncall.service.notice_answers import ECHO

MOST_TURNS = 400_000  # of the loop; a night that turns on is a night that stands still
Fill = Callable[[MemoryRegister, datetime], Any]


@dataclass(slots=True)
class Played:
    """What a night came to; `opened` and `taken` are by case, on a clock that nobody sets."""

    plan: Plan
    breaches: list[Breach] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    opened: dict[str, datetime] = field(default_factory=dict)
    taken: dict[str, datetime] = field(default_factory=dict)
    story: list[str] = field(default_factory=list)


class Night:
    """See the module. `fill` moves the ward in; `parts` may hold one wrong part."""

    def __init__(
        self,
        plan: Plan,
        handbook: Handbook,
        parts: Parts | None = None,
        fill: Fill = fill_sample,
        telling: bool = False,
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
        self.witness = Witness(self.clock, self.played.counts, self._note if telling else None)
        self.witness.bans(banned_words(plan.begins_at))
        self._tasks: set[asyncio.Task[Any]] = set()
        self._over: asyncio.Future[None] = self.loop.create_future()
        self._left = len(plan.events)
        self._numbers: dict[str, str] = {}
        self._turns = 0

    # --- a night -----------------------------------------------------------------------------------------------------

    def play(self) -> Played:
        self.loop.set_exception_handler(self._unheard)
        try:
            self.loop.run_until_complete(self._night())
        except NothingLeft:
            self.witness.finds([Breach("I9", "everybody waits and no timer runs")])
        finally:
            self._ends()
        witness = self.witness
        self.played.breaches, self.played.opened, self.played.taken = witness.breaches, witness.opened, witness.taken
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
        await self._judged()

    async def _opens_town(self) -> None:
        directory = await self._register.directory()
        owners = {
            phone.number: (person.id, person.is_shared)
            for person in directory.clinicians.values()
            for phone in person.phones
        }
        self._numbers = {
            person.id: person.phones[0].number for person in directory.clinicians.values() if person.phones
        }
        self.people = People(self.plan.seed, owners, self.clock.true, self._texts_later, self.plan.answering)
        self.doors = Doors(self.loop, self.clock, self._faults, lambda: self.life, self.played.injected)
        self.towns = [
            Town(name, self.loop, self.clock, self._trouble, self.people, self.doors, self._cut, self._is_kept)
            for name in ("first", "second")[: self.plan.routes]
        ]
        self.outside = Outside(
            loop=self.loop,
            clock=self.clock,
            register=self._register,
            hospital=hospital_in(self.plan.zone),
            edition=self._edition,
            trouble=self._trouble,
            carriers=tuple((town.name, town) for town in self.towns),
            ledgers=tuple(self.towns),
            new_id=lambda: f"n{next(self._ids):06}",
            chance=self._digit,
            seen=self.witness.sees,
            cut=self._cut,
            has_rounds=self.plan.rounds,
        )

    def _is_kept(self, key: str) -> bool:
        return any(kept.startswith(key) for kept in self._received())

    def _received(self) -> frozenset[str]:
        """Every delivery that was stored: with a case, or as an answer to a notice, which is echoed."""
        notices = self._register.store.rows.find(NoticeRow)
        answers = {row.reply_sid for row in notices} | {row.about_ref for row in notices if row.about_kind == ECHO}
        return self._journal.received_keys() | {f"text:{sid}" for sid in answers if sid}

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
        self.witness.was_ill()

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
            self.witness.finds([Breach("I9", f"a loop of the house ended: {type(problem).__name__}: {problem}")])

    def _unheard(self, loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        problem = told.get("exception")
        if isinstance(problem, Exception) and not isinstance(problem, asyncio.CancelledError):
            self.witness.finds([Breach("?", f"{told.get('message')}: {type(problem).__name__}: {problem}")])

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

    def _on_board(self, who: str, what: str) -> None:
        command = pressed(what, who, [case for case in self.witness.cases.values() if case.is_open])
        if command is None:
            return
        self.played.counts["presses"] += 1
        if what in TAKES:
            self.people.act(who, f"pressed {what} on the board")
        self._do(self.doors.knock(lambda life: life.desk.take(command)))

    def _on_task(self, who: str, name: str, late: float) -> None:
        """A family waits for something that nobody has taken; due so many seconds ago."""
        due_at = self.clock.now() - timedelta(seconds=late)
        row = {"id": name, "title": "Ring back about Friday", "patient": "leo", "owner": who, "due_at": due_at}
        self._do(self._register.put_plain({"tasks": [row | {"is_sample": True}]}, who))

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
        self.witness.was_ill()

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
        self.witness.was_ill()

    # --- people ------------------------------------------------------------------------------------------------------

    def _texts_later(self, person: str, number: str, words: str, after: float) -> None:
        self.loop.call_later(after, self._staff_texts, person, number, words)

    def _staff_texts(self, person: str, number: str, words: str) -> None:
        if self._over.done() or not self.people.still_means(person, words):
            return
        self._note(f"{person} texts", words)
        if TAKES_BY_TEXT.match(words.strip().lower()):
            self.people.act(person, f"texted {words}")
        self._do(self.towns[0].text_in(number, words, is_staff=True))

    # --- the hours ----------------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        self._turns += 1
        if self._turns > MOST_TURNS and not self._over.done():
            self.witness.finds([Breach("I9", f"the house turns on and on ({MOST_TURNS} turns)")])
            self._over.set_result(None)
        if self._trouble.cuts and (cut := self._trouble.falls("turn")) is not None:
            self._cut(cut)

    def _rests(self) -> bool:
        """Nobody has anything to do at this instant; True when the night is over."""
        if self._over.done():
            return False
        if self._is_ill():
            self.witness.was_ill()
        self.witness.rests(self.life is not None)
        taken = self.plan.until_taken and self.witness.all_are_taken()
        if self._left == 0 and (taken or (self.people.is_dawn and self.witness.all_is_done())):
            self._over.set_result(None)
            return True
        return False

    def _is_ill(self) -> bool:
        now = self.loop.time()
        disk = now < self._trouble.refuses_until or now < self._trouble.silent_until
        return self.life is None or disk or any(now < town.down_until for town in self.towns) or self._refused_lately()

    def _refused_lately(self) -> bool:
        return self._trouble.last_refusal >= self.loop.time() - 0.001

    def _is_over(self) -> None:
        if self._over.done():
            return
        for case in self.witness.cases.values() if self.people.is_dawn else ():
            if case.status in (Status.PAGING, Status.LISTENING) and not _may_wait(case):
                self.witness.finds([Breach("end", "everybody answers since dawn and it is still paging", case.id)])
        self._over.set_result(None)

    # --- the end -----------------------------------------------------------------------------------------------------

    async def _judged(self) -> None:
        people = frozenset((await self._register.directory()).clinicians)
        notices = await self._register.notices.open()
        await self.witness.judges(self._journal, self._received(), self.towns, self.people.acts, people, notices)
        self.witness.finds(Breach("?", failure) for failure in self.doors.failures)

    def _note(self, *told: Any) -> None:
        if self._telling:
            self.played.story.append(f"{self.loop.time():9.2f}  {' '.join(str(part) for part in told)}")

    def _ends(self) -> None:
        if self.life is not None:
            self.life.dies()
        self.doors.ends()
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


def _may_wait(case: Case) -> bool:
    """A page of the same day rings nobody again before its hour, so that who never had it sleeps through a dawn."""
    return case.pace is Urgency.SAME_DAY and case.clock(ClockKind.UNTAKEN) is not None


def _next_key(left: list[str], turn: Turn) -> str | None:
    return left.pop(0) if left else None
