"""After a crash the house asks the carrier whether a text went out, and must not be fooled by one in the same words.

Found by the power cut: a question was asked twice, the house died between the second attempt and its outcome, took the
first text for the second, and the family was never asked again (law 5).
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from oncall.core.case.commands import RecordAttempt
from oncall.core.case.messages import Message
from oncall.service.dispatch import LEASE, Dispatcher
from tests.crash.night import BEGINS, House, Parts, mother_writes, mother_writes_again, open_house, until

QUESTION = "Reply 1 when you have called"


class DiesOverARepeat(Dispatcher):
    """It sends everything but a question in the words of an earlier message: that is where it dies."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._first: dict[str, str] = {}

    async def send(self, message: Message) -> None:
        first = self._first.setdefault(message.body, message.id)
        if first != message.id and message.body.startswith(QUESTION):
            await self.die_over(message)
            return
        await super().send(message)

    async def die_over(self, message: Message) -> None:
        """The attempt is written, and then nothing more is heard of it."""
        await self._desk.take(RecordAttempt(message.case, message.id, "7"))


async def ask_twice(folder: Path, parts: Parts, stack: AsyncExitStack) -> House:
    house = await open_house(folder, parts, stack)
    house.names.begin("first")
    await mother_writes(house)
    await until(house, BEGINS + timedelta(seconds=20))
    house.names.begin("second")
    await mother_writes_again(house)
    await house.clock.settle()
    return house


def questions(house: House) -> list[dict[str, Any]]:
    return [line for line in house.world.of("sent") if line["body"].startswith(QUESTION)]


async def test_an_earlier_text_in_the_same_words_is_not_taken_for_the_lost_one(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        house = await ask_twice(tmp_path, Parts(dispatcher=DiesOverARepeat), stack)
        assert len(questions(house)) == 1
    async with AsyncExitStack() as stack:
        house = await open_house(tmp_path, Parts(), stack)
        await house.clock.settle()
        assert [line["attempt"] for line in questions(house)] == [1, 2]
        assert await house.journal.audit() == []


class DiesAfterSending(DiesOverARepeat):
    """It hands the repeated question over, and dies before it can write down that it did."""

    async def die_over(self, message: Message) -> None:
        await super().die_over(message)
        await self._pager.send(message, 1)


@pytest.mark.parametrize("waits", [timedelta(0), LEASE])
async def test_a_text_that_did_go_out_is_found_and_not_sent_again(waits: timedelta, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        house = await ask_twice(tmp_path, Parts(dispatcher=DiesAfterSending), stack)
        assert len(questions(house)) == 2
    async with AsyncExitStack() as stack:
        house = await open_house(tmp_path, Parts(), stack)
        await until(house, house.clock.now() + waits)
        await house.clock.settle()
        assert len(questions(house)) == 2
        case = (await house.journal.open_cases())[0]
        assert all(not state.is_owed for state in case.messages)
