"""The vigil: the outside hears of us only while all is well, and people hear by a road that still works."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from oncall.adapters.clock import VirtualClock
from oncall.service.line.vigil import Incident, LineProof, Road, Vigil

NIGHT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


@dataclass
class Outside:
    """A dead-man service that counts what it hears."""

    heard: int = 0

    async def alive(self) -> bool:
        self.heard += 1
        return True


@dataclass
class Told:
    """Those who answer for the line, and the roads that take something."""

    words: list[tuple[str, tuple[Road, ...]]] = field(default_factory=list)
    takes: bool = True

    async def tell(self, words: str, roads: Sequence[Road]) -> bool:
        self.words.append((words, tuple(roads)))
        return self.takes


@dataclass
class Line:
    wrong: str | None = None
    outside: Outside = field(default_factory=Outside)
    told: Told = field(default_factory=Told)
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NIGHT))
    blocks: frozenset[Road] = frozenset()

    def __post_init__(self) -> None:
        self.vigil = Vigil(
            [LineProof("store", self.ask, "The store", self.blocks)], self.outside, self.told, self.clock
        )

    async def ask(self) -> str | None:
        return self.wrong

    async def look(self, times: int = 1) -> None:
        for _ in range(times):
            await self.vigil.look()


async def test_while_all_is_well_the_beacon_hears_and_nobody_is_told() -> None:
    line = Line()
    await line.look(3)
    assert (line.outside.heard, line.told.words, line.vigil.beacon_at) == (3, [], NIGHT)
    assert line.vigil.standing[0].held_at == NIGHT


async def test_while_anything_is_wrong_the_beacon_hears_nothing() -> None:
    line = Line("The store refuses.")
    await line.look(3)
    assert (line.outside.heard, line.vigil.beacon_at) == (0, None)


async def test_one_miss_is_no_news_and_the_second_is() -> None:
    line = Line("The store refuses.")
    await line.look()
    assert line.told.words == []
    await line.look()
    assert line.told.words == [("Pump line: The store refuses. See the runbook: The store.", tuple(Road))]


async def test_it_is_said_again_each_hour_and_once_when_it_is_over() -> None:
    line = Line("The store refuses.")
    await line.look(20)
    assert len(line.told.words) == 1
    await line.clock.pass_time(timedelta(hours=1))
    await line.look(5)
    assert len(line.told.words) == 2
    line.wrong = None
    await line.look(5)
    assert [words for words, _ in line.told.words[2:]] == ["Pump line: store is in order again."]


async def test_what_nobody_took_is_told_again_at_the_next_look() -> None:
    line = Line("The store refuses.", told=Told(takes=False))
    await line.look(4)
    assert len(line.told.words) == 3


async def test_news_avoids_the_road_that_has_failed() -> None:
    line = Line("The carrier's list was not read.", blocks=frozenset({Road.TEXT}))
    await line.look(2)
    assert [roads for _, roads in line.told.words] == [(Road.MAIL,)]


async def test_a_proof_that_breaks_is_what_is_wrong_and_its_words_stay_inside() -> None:
    async def breaks() -> str | None:
        raise ValueError("Leo is stiff")

    told = Told()
    vigil = Vigil([LineProof("contact", breaks, "A test contact")], Outside(), told, VirtualClock(NIGHT))
    await vigil.look()
    await vigil.look()
    assert told.words[0][0] == "Pump line: contact: it failed (ValueError). See the runbook: A test contact."


async def test_a_proof_that_hangs_is_given_up() -> None:
    async def hangs() -> str | None:
        await asyncio.Event().wait()
        return None

    outside = Outside()
    vigil = Vigil([LineProof("door", hangs, "The door")], outside, Told(), VirtualClock(NIGHT), patience=0.01)
    await vigil.look()
    assert outside.heard == 0
    assert vigil.standing[0].wrong == "door: no answer in 0.01 seconds."


async def test_what_was_out_of_order_stays_listed_with_when_and_how_long() -> None:
    line = Line("The store refuses.")
    await line.look()
    line.wrong = None
    await line.look()
    assert list(line.vigil.past) == [], "a single miss is no news"
    line.wrong = "The store refuses."
    await line.look()
    await line.clock.pass_time(timedelta(seconds=30))
    await line.look()
    line.wrong = None
    await line.clock.pass_time(timedelta(minutes=4))
    await line.look()
    assert list(line.vigil.past) == [Incident("store", NIGHT, NIGHT + timedelta(minutes=4, seconds=30))]
