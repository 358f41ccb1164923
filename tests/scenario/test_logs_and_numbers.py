"""Logs and metrics of a whole night hold no name, no number and no word of a family (invariant I8)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from oncall.logs import OfALibrary, log_to
from tests.support.ward import open_ward

PRIVATE = ("leo", "itchy", "stiff", "+1617", "6175550", "dr lee", "beeping", "singh")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything the house logs, at every level."""
    before = structlog.get_config()
    stream = io.StringIO()
    log_to(stream, logging.DEBUG)
    yield stream
    structlog.configure(**before)


async def test_a_night_leaves_no_patient_data_in_logs_or_metrics(log: io.StringIO) -> None:
    async with open_ward(internal=True) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        ward.carrier.faults.order("refuse", "call", status=400, code=21211)
        await mum.texts("leo is so itchy and stiff, his alarm is beeping")
        await ward.pass_time("9m")
        await ana.texts(ana.reply_code("2"))
        await ana.texts("leo is better")
        async with ward.client() as client, client.get(f"{ward.internal_url}/metrics") as answer:
            metrics = await answer.text()
    told = log.getvalue().lower()
    assert "reportadded" in told, "the night was logged"
    assert [word for word in PRIVATE if word in told] == []
    assert [word for word in PRIVATE if word in metrics.lower()] == []


async def test_an_exception_is_logged_by_kind_and_place_without_its_words(log: io.StringIO) -> None:
    try:
        raise ValueError("leo is itchy")
    except ValueError as problem:
        structlog.get_logger("desk").error("decision failed", case="c1", exc_info=problem)
    told = log.getvalue()
    assert "ValueError" in told
    assert "test_logs_and_numbers.py" in told
    assert "itchy" not in told


def test_a_librarys_exception_is_logged_without_its_words() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OfALibrary())
    try:
        raise ValueError("leo is itchy")
    except ValueError as problem:
        record = logging.LogRecord(
            "aiohttp.server", logging.ERROR, "x.py", 5, "of %s", ("leo",), (ValueError, problem, None)
        )
    handler.handle(record)
    told = json.loads(stream.getvalue())
    assert (told["library"], told["exception"]) == ("aiohttp.server", "ValueError")
    assert "leo" not in stream.getvalue()
