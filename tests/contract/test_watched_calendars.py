"""Outside calendars that are watched: what may be fetched, what is believed, and the last good copy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from oncall.adapters.calendars.fetching import Limits, NotFetched, fetch
from oncall.adapters.calendars.watching import FeedWatch, Source
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.web.line.metrics import Metrics
from oncall.config import config_from, secret
from oncall.logs import log_to
from oncall.service.rota.calendars import WatchedFeed
from tests.support.ward import ward_config
from tests.support.web_house import HOSPITAL, WebHouse, web_house

LOOSE = Limits(seconds=2, size=100_000, schemes=("http",))  # the tests' server has no certificate


# --- fetching -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def outside() -> AsyncIterator[TestServer]:
    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    def moved(where: str) -> Any:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": where.format(port=request.url.port)})

        return answer

    async def say(request: web.Request) -> web.Response:
        match request.match_info["what"]:
            case "good":
                return web.Response(text="BEGIN:VCALENDAR")
            case "large":
                return web.Response(body=b"x" * 200_000)
            case "packed":
                return web.Response(body=b"x", headers={"Content-Encoding": "gzip"})
        return web.Response(status=404)

    app = web.Application()
    for path, where in (
        ("/inside", "http://localhost:{port}/good"),
        ("/number", "http://[::1]:{port}/good"),
        ("/mapped", "http://[::ffff:127.0.0.1]:{port}/good"),
        ("/short", "http://127.1:{port}/good"),
        ("/decimal", "http://2130706433:{port}/good"),
        ("/many", "http://224.0.0.1:{port}/good"),
        ("/metadata", "http://169.254.169.254/latest"),
        ("/translated", "http://[64:ff9b::7f00:1]:{port}/good"),
        ("/translated-inside", "http://[64:ff9b:1::7f00:1]:{port}/good"),
        ("/six-to-four", "http://[2002:7f00:1::]:{port}/good"),
        ("/compatible", "http://[::7f00:1]:{port}/good"),
        ("/site", "http://[fec0::1]:{port}/good"),
        ("/zone", "http://[fe80::1%25eth0]:{port}/good"),
        ("/shared", "http://100.64.0.1:{port}/good"),
        ("/nowhere", "http://0.0.0.0:{port}/good"),
        ("/octal", "http://0177.0.0.1:{port}/good"),
        ("/hex", "http://0x7f000001:{port}/good"),
        ("/file", "file:///etc/passwd"),
        ("/round", "/round"),
        ("/same", "/good"),
    ):
        app.router.add_get(path, moved(where))
    app.router.add_get("/slow", slow)
    app.router.add_get("/{what}", say)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest.mark.parametrize("path", ["/good", "/same"])
async def test_a_calendar_is_fetched_and_followed_to_another_page_of_the_same_server(
    outside: TestServer, path: str
) -> None:
    assert await fetch(str(outside.make_url(path)), LOOSE) == b"BEGIN:VCALENDAR"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/inside", "inside our own network"),
        ("/number", "inside our own network"),
        ("/mapped", "inside our own network"),
        ("/short", "inside our own network"),
        ("/decimal", "inside our own network"),
        ("/many", "inside our own network"),
        ("/metadata", "inside our own network"),
        ("/translated", "inside our own network"),
        ("/translated-inside", "inside our own network"),
        ("/six-to-four", "inside our own network"),
        ("/compatible", "inside our own network"),
        ("/site", "inside our own network"),
        ("/zone", "inside our own network"),
        ("/shared", "inside our own network"),
        ("/nowhere", "inside our own network"),
        ("/octal", "inside our own network"),
        ("/hex", "inside our own network"),
        ("/file", "https"),
        ("/round", "on and on"),
        ("/large", "larger"),
        ("/packed", "packed"),
        ("/missing", "404"),
        ("/slow", "within 2 seconds"),
    ],
)
async def test_what_may_not_be_fetched_is_one_sentence_without_the_address(
    outside: TestServer, path: str, said: str
) -> None:
    with pytest.raises(NotFetched) as problem:
        await fetch(str(outside.make_url(path)), LOOSE)
    assert said in str(problem.value)
    assert str(outside.port) not in str(problem.value)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/x", "ftp://a/b", "nonsense", "https://127.0.0.1:1/x", "https://"]
)
async def test_only_https_is_fetched_and_nobody_there_is_a_sentence(address: str) -> None:
    with pytest.raises(NotFetched):
        await fetch(address, Limits(seconds=5))


# --- believing ------------------------------------------------------------------------------------------------------


class Feed:
    """An outside calendar as a test wants it: so many shifts, or a failure."""

    def __init__(self) -> None:
        self.content: bytes | Exception = rota_of(10)

    async def __call__(self, address: str) -> bytes:
        assert address == "https://outside.example/secret"
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


def rota_of(shifts: int) -> bytes:
    lines = [f"Ana,primary,2026-12-{day:02},07:00,19:00" for day in range(1, shifts + 1)]
    return "\n".join(["person,tier,date,start time,end time", *lines]).encode()


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    opened = await web_house()
    yield opened
    await opened.close()


@pytest.fixture
def logs() -> Iterator[StringIO]:
    before, stream = structlog.get_config(), StringIO()
    log_to(stream)
    yield stream
    structlog.configure(**before)


def logged(logs: StringIO) -> list[tuple[str, str, str]]:
    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    return [(line["level"], line["event"], line["feed"]) for line in lines]


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def watch(house: WebHouse, feed: Feed) -> FeedWatch:
    sources: Sequence[Source] = [Source("amion", "https://outside.example/secret")]
    return FeedWatch(sources, house.register, house.handbooks, house.clock, feed)


async def known(house: WebHouse) -> WatchedFeed:
    return await house.register.watched_feed("amion")


async def test_a_good_copy_is_kept(house: WebHouse, watch: FeedWatch) -> None:
    await watch.look()
    found = await known(house)
    assert (found.shifts, found.fault, found.good_at) == (10, "", house.clock.now())
    assert found.text == rota_of(10).decode()


@pytest.mark.parametrize(
    "worse",
    [
        NotFetched("It answered 500."),
        b"",
        b"<html>please log in</html>",
        b"BEGIN:VCALENDAR\nEND:VCALENDAR\n",
        b"PK\x03\x04",
        rota_of(4),
    ],
    ids=["not fetched", "nothing", "web page", "empty", "workbook", "shrunk"],
)
async def test_a_copy_that_fails_is_empty_or_shrinks_leaves_the_last_good_one(
    house: WebHouse, watch: FeedWatch, feed: Feed, logs: StringIO, worse: bytes | Exception
) -> None:
    await watch.look()
    before = await known(house)
    house.later(hours=1)
    feed.content = worse
    await watch.look()
    after = await known(house)
    assert after.fault
    assert after == replace(before, checked_at=house.clock.now(), fault=after.fault)
    assert logged(logs) == [("warning", "a watched calendar is not believed", "amion")]
    assert "outside.example" not in logs.getvalue()


async def test_a_small_copy_is_believed_once_a_named_person_says_so(
    house: WebHouse, watch: FeedWatch, feed: Feed
) -> None:
    await watch.look()
    feed.content = rota_of(3)
    await watch.look()
    assert "oncall calendar --accept amion" in (await known(house)).fault
    await house.register.take_feed_anyway("amion", "Maria Ortiz")
    await watch.look()
    assert ((await known(house)).shifts, (await known(house)).take_anyway) == (3, False)
    [line] = await house.register.audit(1)
    assert (line.who, line.what) == ("Maria Ortiz", "watched_feeds amion changed")


async def test_a_copy_of_a_day_ago_is_an_alarm_and_the_graphs_know_its_instant(
    house: WebHouse, watch: FeedWatch, feed: Feed, logs: StringIO
) -> None:
    await watch.look()
    good_at = house.clock.now()
    feed.content = NotFetched("It answered 500.")
    house.later(hours=24, minutes=1)
    await watch.look()
    assert ("error", "a watched calendar is old", "amion") in logged(logs)
    metrics = Metrics()
    metrics.show_feeds(watch.good_at())
    shown = metrics.registry.get_sample_value("oncall_calendar_feed_good_at", {"feed": "amion"})
    assert shown == good_at.timestamp()


async def test_the_feed_survives_a_restart_and_its_text_stands_in_no_audit(tmp_path: Path, house: WebHouse) -> None:
    for register in (
        SqliteRegister(tmp_path / "oncall.db", HOSPITAL, house.clock),
        MemoryRegister(HOSPITAL, house.clock),
    ):
        kept: KeptRegister = register
        feed = WatchedFeed("amion", house.clock.now(), house.clock.now() - timedelta(hours=1), "the text", 7, "fault")
        await kept.keep_watched_feed(feed)
        assert await kept.watched_feed("amion") == feed
        await kept.take_feed_anyway("amion", "Maria Ortiz")
        assert await kept.watched_feed("amion") == replace(feed, take_anyway=True)
        assert "the text" not in (await kept.audit())[0].row
        await kept.close()


def test_a_house_without_feeds_has_no_such_chore_and_one_with_them_has(house: WebHouse, watch: FeedWatch) -> None:
    assert [chore.name for chore in watch.chores()] == ["watched calendars"]
    assert FeedWatch([], house.register, house.handbooks, house.clock).chores() == ()


def test_the_address_of_a_feed_is_a_secret_of_the_configuration() -> None:
    told = ward_config("http://127.0.0.1:1", "http://127.0.0.1:1").model_dump(mode="python")
    for part in ("token",):
        told["telephony"][part] = secret(told["telephony"][part])
    told["telephony"]["second_route"] = None
    told["calendars"] = [{"name": "amion", "address": secret("https://outside.example/secret")}]
    assert config_from(told).calendars[0].name == "amion"
    told["calendars"] = [{"name": "amion", "address": "https://outside.example/secret"}]
    with pytest.raises(Exception, match="is a secret"):
        config_from(told)
