"""What waits beside the store: who hears of it, when it is filed, and that nothing of it slips away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from oncall.adapters.clock import VirtualClock
from oncall.service.line.emergency_journal import Contact, Door, EmergencyJournal
from oncall.service.ports.journal import JournalRefused
from tests.support.ward import THREE_AM


class Paper:
    """A file in memory; `slow` holds up its emptying, `refuses` and `is_unreadable` are a disk that fails."""

    def __init__(self) -> None:
        self.told, self.slow, self.emptying, self.refuses = list[str](), threading.Event(), threading.Event(), False
        self.slow.set()
        self.is_unreadable = False

    def append(self, told: str) -> None:
        if self.refuses:
            raise OSError("read-only file system")
        self.told.append(told)

    def lines(self) -> tuple[list[str], list[str]]:
        if self.is_unreadable:
            raise OSError("input/output error")
        return list(self.told), []

    def empty(self) -> None:
        self.emptying.set()
        self.slow.wait(5)
        self.told.clear()


class House:
    """A store that may refuse, an operator who may not be reached, and the journal between them."""

    def __init__(self) -> None:
        self.clock, self.paper = VirtualClock(THREE_AM), Paper()
        self.filed, self.raw = list[str](), list[str]()
        self.refuses, self.breaks = True, False
        self.rung, self.reached = 0, True
        self.heard: Sequence[str] = ()
        self.tells: Callable[[], Sequence[str]] = tuple
        names = iter("abcdefgh")
        said = lambda contacts: [contact.id for contact in contacts]  # noqa: E731 - what is said is not looked at here
        self.journal = EmergencyJournal(
            self.paper, self.clock, lambda: next(names), self.again, self.as_raw, self, said
        )

    async def again(self, contact: Contact) -> None:
        if self.refuses:
            raise JournalRefused("disk full")
        if self.breaks:
            raise ValueError("odd words")
        self.filed.append(contact.id)

    async def as_raw(self, contact: Contact) -> None:
        self.raw.append(contact.id)

    async def ring(self, tells: Callable[[], Sequence[str]]) -> bool:
        self.rung, self.tells = self.rung + 1, tells
        return self.reached


async def test_what_waits_is_filed_once_when_the_store_works_again_and_then_the_file_is_empty() -> None:
    ward = House()
    assert await ward.journal.keep(Door.TEXT, {"body": "itchy"})
    await ward.journal.look()
    assert (ward.filed, len(ward.paper.told)) == ([], 1)
    ward.refuses = False
    await ward.journal.look()
    await ward.journal.look()
    assert (ward.filed, ward.paper.told, ward.journal.waiting) == (["a"], [], [])


async def test_what_cannot_be_read_goes_raw_to_a_person_and_holds_up_nobody() -> None:
    ward = House()
    await ward.journal.keep(Door.TEXT, {"body": "odd"})
    ward.refuses, ward.breaks = False, True
    await ward.journal.look()
    assert (ward.raw, ward.journal.waiting) == (["a"], [])


async def test_a_file_that_cannot_be_read_yet_is_not_emptied() -> None:
    house = House()
    await house.journal.keep(Door.TEXT, {"body": "of the night before"})
    again = House()
    again.paper, again.refuses = house.paper, False
    again.journal = EmergencyJournal(
        again.paper, again.clock, lambda: "z", again.again, again.as_raw, again, lambda contacts: ()
    )
    again.paper.is_unreadable = True
    await again.journal.keep(Door.TEXT, {"body": "new"})
    await again.journal.look()
    assert (again.filed, len(again.paper.told)) == (["z"], 2)
    again.paper.is_unreadable = False
    await again.journal.look()
    assert (again.filed, again.paper.told) == (["z", "a"], [])


async def test_what_comes_while_the_file_is_emptied_still_waits() -> None:
    ward = House()
    await ward.journal.keep(Door.TEXT, {"body": "first"})
    ward.refuses = False
    ward.paper.slow.clear()
    looking = asyncio.create_task(ward.journal.look())
    await asyncio.to_thread(ward.paper.emptying.wait, 5)
    keeping = asyncio.create_task(ward.journal.keep(Door.TEXT, {"body": "second"}))
    await asyncio.sleep(0)
    ward.paper.slow.set()
    await asyncio.gather(looking, keeping)
    assert [contact.id for contact in ward.journal.waiting] == ["b"]
    assert len(ward.paper.told) == 1


async def test_where_not_even_the_file_takes_it_the_answer_is_no_and_it_waits_in_memory() -> None:
    ward = House()
    ward.paper.refuses = True
    assert not await ward.journal.keep(Door.TEXT, {"body": "itchy"})
    ward.refuses = False
    await ward.journal.look()
    assert ward.filed == ["a"]


async def test_a_burst_rings_the_operator_once_and_he_hears_of_all() -> None:
    ward = House()
    for _ in range(5):
        await ward.journal.keep(Door.ALARM, {})
    await asyncio.sleep(0)
    assert ward.rung == 1
    assert ward.tells() == list("abcde")
    ward.clock.step(timedelta(minutes=5))
    await ward.journal.look()
    await asyncio.sleep(0)
    assert ward.rung == 1, "a person has heard of all of it"


async def test_an_operator_whom_the_carrier_did_not_reach_is_rung_at_the_next_look() -> None:
    ward = House()
    ward.reached = False
    await ward.journal.keep(Door.TEXT, {"body": "itchy"})
    await asyncio.sleep(0)
    await ward.journal.look()
    await asyncio.sleep(0)
    assert ward.rung == 2
