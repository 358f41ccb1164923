"""What stands for the whole night is walked once; a connection that closes leaves nothing behind for ever."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from oncall.adapters.standing_memory import hold_off, look_through_all, set_aside
from oncall.adapters.web.line.metrics import Metrics
from oncall.serving import watch_the_loop
from tests.support.ward import open_ward


class Ring:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def walks_as_before() -> Iterator[None]:
    yield
    gc.enable()
    assert gc.get_freeze_count() == 0, "the other tests are walked again"


async def test_a_house_whose_doors_are_open_is_not_walked_again() -> None:
    hold_off()
    assert not gc.isenabled(), "a start is not interrupted"
    async with open_ward() as ward, AsyncExitStack() as stack:
        watch_the_loop(ward.house, Metrics(), stack)
        assert gc.isenabled()
        assert gc.get_freeze_count() > 100_000, "programs and handbook"
        assert len(gc.get_objects()) < 1_000, "which no walk finds"


async def test_an_edition_that_comes_later_is_walked_once() -> None:
    async with AsyncExitStack() as stack:
        set_aside(stack)
        before = gc.get_freeze_count()
        edition = [{"clock": [minute]} for minute in range(10_000)]
        gc.collect()
        assert gc.get_freeze_count() > before + 10_000
    assert len(edition) == 10_000


async def test_a_ring_that_dies_is_found_at_once_and_one_that_dies_aside_in_the_night() -> None:
    async with AsyncExitStack() as stack:
        aside = Ring()
        set_aside(stack)
        young = Ring()
        rings = [weakref.ref(aside), weakref.ref(young)]
        del aside, young
        gc.collect()
        assert [ring() is None for ring in rings] == [False, True]
        await look_through_all()
        assert [ring() is None for ring in rings] == [True, True]
        assert gc.get_freeze_count() > 100_000, "and what lives stands aside again"
