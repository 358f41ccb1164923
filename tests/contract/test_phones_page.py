"""The phones page shows what the carrier knows, does what a visitor presses, and tells six stories."""

from __future__ import annotations

import asyncio
import json

import pytest

from oncall.adapters.rehearsal.fault_orders import ORDERS
from oncall.adapters.rehearsal.stories import STORIES
from tests.support.tiny_house import ANA, MUM, OLD_AUTH, open_town

pytestmark = pytest.mark.filterwarnings(OLD_AUTH)


@pytest.fixture
async def town():
    async with open_town() as town:
        town.house.answers["/page"] = (
            "<Response><Gather numDigits='1' action='/pressed'><Say>Press 7.</Say></Gather></Response>"
        )
        yield town


async def visit(town, path, **body):
    """Press something on the page."""
    answer = await town.http.session.post(town.http._base + path, json=body)
    await town.clock.settle()
    return answer.status, await answer.json()


async def first_news(town, wanted):
    """The first server-sent news whose name and data fit."""
    async with asyncio.timeout(5), town.http.session.get(town.http._base + "/phones/events") as stream:
        name = ""
        async for line in stream.content:
            told = line.decode().strip()
            name = told.removeprefix("event: ") if told.startswith("event: ") else name
            if told.startswith("data: ") and wanted(name, news := json.loads(told.removeprefix("data: "))):
                return news
    return None


async def test_the_page_shows_every_phone_the_board_the_stories_and_the_ribbon(town):
    page = await (await town.http.session.get(town.http._base + "/")).text()
    for words in ("mother of Leo", "Dr Ana", "(617) 555-0142", "The board", "Nothing leaves this machine"):
        assert words in page
    assert all(story.title in page for story in STORIES)
    assert "http://" not in page.replace("http://www.w3.org", "")


async def test_a_visitor_texts_calls_presses_and_hangs_up(town):
    await visit(town, f"/phones/{MUM}/text", words="he is stiff")
    assert town.house.told("/twilio/text", "Body") == ["he is stiff"]
    await town.call(ANA)
    await visit(town, f"/phones/{ANA}/answer")
    await visit(town, f"/phones/{ANA}/key", keys="7")
    assert town.house.told("/pressed", "Digits") == ["7"]
    await visit(town, f"/phones/{MUM}/call")
    assert await visit(town, f"/phones/{MUM}/hang-up") == (200, {})
    assert town.mum.line is None


async def test_a_visitor_changes_what_sort_of_phone_it_is(town):
    await visit(town, f"/phones/{ANA}/mode", mode="voicemail")
    assert town.ana.mode == "voicemail"
    status, answer = await visit(town, f"/phones/{ANA}/mode", mode="made of cheese")
    assert status == 409
    assert "cheese" in answer["trouble"]


@pytest.mark.parametrize(
    "path", [f"/phones/{MUM}/dance", "/phones/+12025550000/text", "/phones/jump", "/stories/itchy/99"]
)
async def test_what_does_not_exist_is_not_found(town, path):
    answer = await town.http.session.post(town.http._base + path, json={})
    assert answer.status == 404


async def test_news_of_a_ringing_phone_reaches_the_page_at_once(town):
    await town.call(ANA)
    news = await first_news(town, lambda name, data: name == "phone" and data["number"] == ANA)
    assert (news["state"], news["status"]) == ("ringing", "is ringing")


async def test_a_familys_words_are_shown_as_words_and_never_as_markup(town):
    await town.mum.texts("<script>alert(1)</script>")
    news = await first_news(town, lambda name, data: name == "phone" and data["number"] == MUM)
    assert "&lt;script&gt;" in news["screen"]
    assert "<script>" not in news["screen"]


async def test_somebody_who_never_called_before_gets_a_phone_on_the_page(town):
    await town.carrier.phone("+14135550177").texts("hello?")
    card = await (await town.http.session.get(town.http._base + "/phones/+14135550177")).text()
    assert "(413) 555-0177" in card


async def test_a_story_step_says_what_was_seen(town):
    town.house.answers["/twilio/text"] = "<Response><Message>Call 911 now.</Message></Response>"
    status, told = await visit(town, "/stories/itchy/0")
    assert (status, told["is_done"]) == (200, True)
    assert town.mum.inbox == ["Call 911 now."]


async def test_a_story_step_that_needs_an_earlier_one_says_so(town):
    step = len(STORIES[0].steps) - 1
    _, told = await visit(town, f"/stories/{STORIES[0].key}/{step}")
    assert not told["is_done"]
    assert "No clinician" in told["note"]


# --- what goes wrong, to order ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.key)
async def test_every_fault_of_the_menu_can_be_ordered_is_shown_and_called_off(town, order):
    assert await visit(town, "/faults", key=order.key, times="2") == (200, {})
    news = await first_news(town, lambda name, data: name == "faults")
    assert ("the whole carrier is down" if order.kind is None else order.told) in news["html"]
    assert await visit(town, "/faults/none") == (200, {})
    news = await first_news(town, lambda name, data: name == "faults")
    assert "Nothing is ordered to go wrong." in news["html"]
    assert not town.carrier.is_down


async def test_an_ordered_fault_happens_and_is_used_up(town):
    await visit(town, "/faults", key="unheard-text", times="1")
    await visit(town, f"/phones/{MUM}/text", words="he is stiff")
    assert town.house.told("/twilio/text", "Body") == []
    await visit(town, f"/phones/{MUM}/text", words="he is stiff and hot")
    assert town.house.told("/twilio/text", "Body") == ["he is stiff and hot"]


@pytest.mark.parametrize(
    "given", [{}, {"key": "nonsense"}, {"key": "error", "times": "0"}, {"key": "error", "times": "x"}]
)
async def test_what_is_no_order_is_said_so_and_nothing_goes_wrong(town, given):
    status, told = await visit(town, "/faults", **given)
    assert status == 409
    assert "Choose what goes wrong" in told["trouble"]
    assert town.carrier.faults.ordered == []


async def test_a_picture_is_sent_from_a_phone_and_the_house_can_fetch_it(town):
    await visit(town, f"/phones/{MUM}/picture")
    assert town.house.told("/twilio/text", "NumMedia") == ["1"]
    [url] = town.house.told("/twilio/text", "MediaUrl0")
    [picture] = town.carrier.texts.pictures.values()
    assert url.endswith(picture.path)
    assert picture.body.startswith(b"\x89PNG")
