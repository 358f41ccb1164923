"""Fixtures for every suite: a ward at three in the morning, and one by day."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator

import pytest
import structlog
from hypothesis import settings

from tests.support.ward import TEN_AM, Ward, open_ward

# The same stories on every run, so that a red run means a change; HYPOTHESIS_PROFILE=wander looks for new ones.
settings.register_profile("everyday", derandomize=True, deadline=None)
settings.register_profile("wander", derandomize=False, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))


@pytest.fixture(autouse=True, scope="session")
def _quiet_logs() -> None:
    """What fails shows in assertions; the house's log lines are tested where they are the subject."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    """A house at 03:04 on a Wednesday."""
    async with open_ward() as opened:
        yield opened


@pytest.fixture
async def day_ward() -> AsyncIterator[Ward]:
    """A house at 10:00 on a Wednesday."""
    async with open_ward(TEN_AM) as opened:
        yield opened
