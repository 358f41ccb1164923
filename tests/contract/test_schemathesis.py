"""Every operation of /openapi.json asked by somebody else's tester, which invents questions from our own description
and holds our answers against it: no server error, no status, type or shape that is not described."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from oncall.adapters.web.app import internal_app
from oncall.adapters.web.openapi import description
from oncall.serving import listen
from tests.support.web_house import ACTING, MUM, bearer, web_house

BUDGET = int(os.environ.get("ONCALL_FUZZ", "8"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]
schema = schemathesis.openapi.from_dict(description())


async def _served(address: list[str], ready: threading.Event, over: threading.Event) -> None:
    async with AsyncExitStack() as stack:
        house = await web_house()
        for _ in range(3):
            await house.text(MUM, "she is stiff")
        address.append(await listen(internal_app(house.given), "127.0.0.1:0", stack))
        ready.set()
        await asyncio.to_thread(over.wait)


@pytest.fixture(scope="module")
def internal() -> Iterator[str]:
    """The listener as it is served, on a thread of its own, because the tester waits for each answer."""
    address: list[str] = []
    ready, over = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_served(address, ready, over)))
    thread.start()
    assert ready.wait(60)
    yield address[0]
    over.set()
    thread.join()


@schema.parametrize()
@settings(
    max_examples=BUDGET,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_keeps_to_its_description(case: schemathesis.Case, internal: str) -> None:
    answer = case.call(base_url=internal, headers=bearer(ACTING))
    case.validate_response(answer, checks=CHECKS)
