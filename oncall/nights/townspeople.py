"""The people of a rehearsed night: clinicians as they are at night, families who were called back.

A clinician has a habit, and habits change with the hour. What one does next follows from the seed, the person and how
often something has happened to them, never from the order of the night, so that a shortened night has the same people.
Every act that could take a case is written down: an acknowledgement without one is a machine's. Deliberately not here:
what the line makes of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oncall.adapters.clock import Dice, dice
from oncall.core.case.calls import Turn
from oncall.core.case.messages import Purpose
from oncall.nights.plan import Answering

HABITS = (
    "answers", "answers", "answers", "connects", "replies", "replies", "late", "ignores", "ignores", "voicemail",
    "busy", "wrong key", "says nothing", "passes", "undoes", "sleeps again", "mumbles", "stops", "hands over", "adds",
)  # fmt: skip
SLOT = re.compile(r"Reply (\d\d)1 take")
ABOUT = re.compile(r"#([A-Z]\w+)")
OFFER = re.compile(r"[Rr]eply (\d{3})\b")  # of a text that is no page: a notice, or how to go on
NOT_THEIRS = re.compile(r"Nothing to do|is not yours|is closed")
DIGIT = re.compile(r"\b([678])\b")
TAKES_BY_TEXT = re.compile(  # also "reached": who says so of a case that climbs again has it again
    r"#?\s*\d\d\s*[01256]|^(?:1|6|ok|okay|ack|got it|yes|y|on it|mine|taking it|reached|spoke|spoken)\b"
)
ACCEPT, KEYS, CONFIRM, CONNECT, SERVICE, OUTCOME = "accept", "keys", "confirm", "connect", "service", "outcome"
Keys = Callable[[Turn], str | None]


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person did that may take a case."""

    person: str
    at: datetime
    what: str


@dataclass(slots=True)
class Known:
    """What one clinician knows of the night: slots that were texted, and how often the phone rang."""

    habit: str = "answers"
    slots: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)  # of the slots
    let_go: set[str] = field(default_factory=set)  # codes that are over, or somebody else's
    rings: int = 0


class People:
    """See the module. `texts` sends a text from a clinician's phone after so many seconds; with `answering` everybody
    is the same, and habits do not matter."""

    def __init__(
        self,
        seed: int,
        owners: Mapping[str, tuple[str, bool]],
        now: Callable[[], datetime],
        texts: Callable[[str, str, str, float], None],
        answering: Answering | None = None,
    ) -> None:
        self._seed, self._owners, self._now, self._texts = seed, owners, now, texts
        self._answering = answering
        self.known: dict[str, Known] = {}
        self.family_habits: dict[str, str] = {}
        self.acts: list[Act] = []
        self.is_dawn = False
        self._counts: Counter[str] = Counter()

    def of(self, person: str) -> Known:
        return self.known.setdefault(person, Known())

    def habit_of(self, person: str) -> str:
        return "answers" if self.is_dawn else self.of(person).habit

    def act(self, person: str, what: str) -> None:
        self.acts.append(Act(person, self._now(), what))

    def says(self, person: str, number: str, words: str, after: float) -> None:
        """A text from this person's phone; whether it takes anything the line decides."""
        self._texts(person, number, words, after)

    def still_means(self, person: str, words: str) -> bool:
        """Whether somebody goes on with a case at dawn: not once they were told that it is over or another's."""
        known = self.of(person)
        return not self.is_dawn or known.codes.get(words[:2]) not in known.let_go

    def chance(self, about: str) -> Dice:
        """The dice of the n-th time that this happens."""
        self._counts[about] += 1
        return dice(f"{self._seed}/{about}/{self._counts[about]}")

    # --- texts -------------------------------------------------------------------------------------------------------

    def reads(self, number: str, body: str) -> None:
        owner = self._owners.get(number)
        if owner is None or owner[1]:
            return
        person, found = owner[0], SLOT.search(body)
        known, habit = self.of(person), self.habit_of(owner[0])
        about = ABOUT.search(body)
        if found is None:
            if about is not None and NOT_THEIRS.search(body):
                known.let_go.add(about[1])
            self._follows(person, number, body, habit)
            return
        slot = found[1]
        if about is not None:
            known.codes[slot] = about[1]
            known.let_go.discard(about[1])
        is_new = slot not in known.slots
        if is_new:
            known.slots.append(slot)
        roll = self.chance(f"reads {person}")
        if self.is_dawn:
            self._sees_to(person, number, slot, roll.uniform(5, 30))
        elif self._answering is not None:
            if roll.random() < self._answering.texts:
                self.says(person, number, f"{slot}2", roll.uniform(20, 180))
        elif is_new:
            self._reacts(person, number, slot, habit, roll)

    def _follows(self, person: str, number: str, body: str, habit: str) -> None:
        """Who does what the line offers, or who is only asked whether the phone works, mostly answers so."""
        offer = OFFER.search(body)
        if offer is None or self._answering is not None or (habit != "obeys" and "#" in body):
            return
        roll = self.chance(f"offer {person}")
        if roll.random() < (0.7 if habit != "ignores" else 0.2):
            self.says(person, number, offer[1], roll.uniform(5, 120))

    def _reacts(self, person: str, number: str, slot: str, habit: str, roll: Dice) -> None:
        after = roll.uniform(8, 90)
        match habit:
            case "replies":
                self.says(person, number, f"{slot}{roll.choice('12')}", after)
                self._goes_on(person, number, slot, after, roll)
            case "passes":
                self.says(person, number, f"{slot}3{roll.choice(('', '3'))}", after)
            case "undoes":
                self.says(person, number, f"{slot}2", after)
                self.says(person, number, f"{slot}9", after + roll.uniform(5, 150))
            case "sleeps again":
                self.says(person, number, roll.choice((f"{slot}2", "ok", f"#{slot} 2")), after)
            case "mumbles":
                words = roll.choice(("waht?? which kid", "driving, 5 min", f"{slot}", "👍", ""))
                self.says(person, number, words, after)
            case "stops":
                self.says(person, number, "STOP", after)
            case "hands over":
                self.says(person, number, f"{slot}2", after)
                self.says(person, number, f"{slot}0 {roll.choice(('Osei', 'Singh', 'Nobody', ''))}", after + 40)
            case "adds":
                self.says(person, number, f"{slot}2", after)
                self.says(person, number, f"{slot}4{roll.choice('1234')}", after + 20)
                self._goes_on(person, number, slot, after + 30, roll)

    def _goes_on(self, person: str, number: str, slot: str, after: float, roll: Dice) -> None:
        """Who has taken it mostly calls, says so, and closes."""
        self.of(person).taken.add(slot)
        if roll.random() < 0.8:
            after += roll.uniform(40, 400)
            self.says(person, number, roll.choice((f"{slot}6", f"{slot}6", "reached")), after)
            if roll.random() < 0.8:
                after += roll.uniform(20, 300)
                self.says(person, number, roll.choice((f"{slot}7{roll.randint(1, 6)}", f"{slot}7", "done")), after)

    def _sees_to(self, person: str, number: str, slot: str, after: float) -> None:
        for turn, action in enumerate(("1", "6", "74")):
            self.says(person, number, slot + action, after + turn * 25)

    def wakes(self, numbers: Mapping[str, str]) -> None:
        """Dawn: whoever still has a page sees to it."""
        self.is_dawn = True
        for turn, (person, known) in enumerate(sorted(self.known.items())):
            for slot in known.slots:
                self._sees_to(person, numbers[person], slot, 5.0 + 7 * turn)

    # --- calls -------------------------------------------------------------------------------------------------------

    def picks_up(self, call: Any) -> tuple[float, str, Keys]:
        number = call.number or ""
        person, is_shared = self._owners.get(number, ("", False))
        if not person:
            return self._family_picks_up(call, number)
        if is_shared:
            return 6.0, "person", _Script(self, person, (ACCEPT, "1"), call)
        known, habit = self.of(person), self.habit_of(person)
        known.rings += 1
        roll = self.chance(f"ring {person}")
        if call.message is not None and call.message.purpose is Purpose.CONNECT and habit not in ("ignores", "busy"):
            return roll.uniform(3, 9), "person", _Script(self, person, (ACCEPT,), call)
        return self._by_habit(person, number, habit, known, roll, call)

    def _by_habit(
        self, person: str, number: str, habit: str, known: Known, roll: Dice, call: Any
    ) -> tuple[float, str, Keys]:
        after = roll.uniform(4, 22)
        if self._answering is not None and not self.is_dawn:
            hears = roll.random() < self._answering.rings
            return after, "person" if hears else "nobody", _Script(self, person, (ACCEPT, "2"), call)
        match habit:
            case "answers" | "adds" | "hands over":
                key = roll.choice("22225")
                if known.slots and known.slots[-1] not in known.taken:
                    self._goes_on(person, number, known.slots[-1], after + 20, roll)
                return after, "person", _Script(self, person, (ACCEPT, key, roll.choice(("", "6"))), call)
            case "connects":
                return after, "person", _Script(self, person, (ACCEPT, "1", "6", "7", "4"), call)
            case "late" if known.rings >= 4:
                return after, "person", _Script(self, person, (ACCEPT, "2"), call)
            case "voicemail":
                return 20.0, "voicemail", _Script(self, person, (), call)
            case "busy":
                return 0.0, "busy", _Script(self, person, (), call)
            case "wrong key":
                return after, "person", _Script(self, person, ("1", "3", None), call)
            case "says nothing":
                return after, "person", _Script(self, person, ("", "", None), call)
            case "passes":
                return after, "person", _Script(self, person, (ACCEPT, "3", roll.choice(("3", ""))), call)
            case "undoes":
                return after, "person", _Script(self, person, (ACCEPT, "2", "9"), call)
            case "sleeps again":
                return after, "person", _Script(self, person, (ACCEPT, "2"), call)
        return 0.0, "nobody", _Script(self, person, (), call)

    def _family_picks_up(self, call: Any, number: str) -> tuple[float, str, Keys]:
        roll = self.chance(f"ring {number}")
        match self.family_habits.get(number, roll.choice(("answers", "answers", "ignores"))):
            case "answers":
                return roll.uniform(3, 15), "person", _FamilyKeys(roll)
            case "voicemail":
                return 20.0, "voicemail", lambda turn: ""
        return 0.0, "nobody", lambda turn: None


class _Script:
    """A clinician's keys in order; ACCEPT is whatever digit was spoken, None hangs up, "" waits."""

    def __init__(self, people: People, person: str, keys: tuple[str | None, ...], call: Any) -> None:
        self._people, self._person, self._keys, self._call = people, person, list(keys), call

    def __call__(self, turn: Turn) -> str | None:
        if not self._keys:
            return None
        key = self._keys.pop(0)
        if key == ACCEPT:
            spoken = DIGIT.search(turn.says[0].text) if turn.says and turn.ask == ACCEPT else None
            return spoken[1] if spoken else ""
        if key and key in "1256" and turn.ask in (KEYS, "sure", "line"):
            self._people.act(self._person, f"pressed {key}")
        elif key and turn.ask == "line":
            self._people.act(self._person, f"said back {key}")
        return key


class _FamilyKeys:
    """A family that is rung: joins a talk with 1, answers questions with digits, hangs up in the end."""

    def __init__(self, roll: Dice) -> None:
        self._roll, self._left = roll, roll.randint(1, 5)

    def __call__(self, turn: Turn) -> str | None:
        if turn.ask == CONNECT:
            return self._roll.choice(("1", "1", "1", ""))
        self._left -= 1
        if self._left < 0:
            return None
        return self._roll.choice(("1", "2", "3", "", "0")) if turn.ask else ""
