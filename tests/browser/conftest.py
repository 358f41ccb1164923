"""What most tests of pages hold: a house with its doors open, and a browser in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.web_house import WebHouse, web_house


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house(training=True)
    yield made
    await made.close()


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    from tests.browser.chromium import launched  # here, because it skips whole modules

    async with launched() as opened:
        yield opened
