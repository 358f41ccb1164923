"""The official client and the published description agree with the carrier, request by request.

The description is Twilio's own OpenAPI file beside the repository; where it is absent the comparison is
skipped by name. Nothing is mocked: real client, real sockets, real signatures.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from aiohttp import encode_basic_auth
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.support.tiny_house import ACCOUNT, ANA, DIA, LINE, MUM, OLD_AUTH, START, LocalTwilio, open_town

pytestmark = pytest.mark.filterwarnings(OLD_AUTH)
DESCRIPTION = Path(__file__).parents[3] / "shared/samples/twilio/twilio_messages_calls.openapi.json"
needs_description = pytest.mark.skipif(
    not DESCRIPTION.exists(), reason="Twilio's published description (../shared) is not on this machine"
)


@pytest.fixture
async def town():
    async with open_town() as town:
        yield town


def as_openapi(request, response):
    """One exchange of the official client in the form that openapi-core checks."""
    url, data = urlsplit(request["url"]), request.get("data") or {}
    query = {name: _as_sent(value) for name, value in (request.get("params") or {}).items()}
    pairs = [(name, _as_sent(one)) for name, value in data.items() for one in _each(value)]
    asked = MockRequest(
        "https://api.twilio.com",
        request["method"].lower(),
        url.path,
        args={**dict(parse_qsl(url.query)), **query},
        headers={"Authorization": encode_basic_auth(*request["auth"])},
        data=urlencode(pairs).encode(),
        content_type="application/x-www-form-urlencoded",
    )
    answered = MockResponse(response.text.encode(), status_code=response.status_code)
    return asked, answered


def _each(value):
    return value if isinstance(value, list) else [value]


def _as_sent(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


async def use_everything(town):
    """Every request the house may make of its carrier."""
    text = await town.text(ANA, "EMERGENCY pump call K7", validity_period=300)
    await town.twilio.messages(text.sid).fetch_async()
    await town.twilio.messages.list_async(to=ANA, date_sent_after=START - timedelta(minutes=1), page_size=1)
    call = await town.call(ANA, timeout=30, machine_detection="Enable", async_amd="true")
    await town.twilio.calls(call.sid).fetch_async()
    await town.twilio.calls.list_async(to=ANA, status="ringing")
    await town.twilio.calls(call.sid).update_async(status="canceled")
    town.house.answers["/page"] = "<Response><Record maxLength='30' action='/kept'/></Response>"
    await town.call(ANA)
    await town.ana.answers()
    await town.ana.says("nobody answers here")  # the carrier keeps no empty recording
    await town.ana.hangs_up()
    recording = next(iter(town.carrier.calls.recordings))
    await town.twilio.recordings(recording).fetch_async()
    await town.twilio.incoming_phone_numbers.list_async(phone_number=LINE)
    await use_a_conference(town)


async def use_a_conference(town):
    """A leg is moved into a conference, spoken to there, and taken out again."""
    town.house.answers["/words"] = "<Response><Say>One moment.</Say></Response>"
    call = await town.call(DIA)
    await town.dia.answers()
    await town.twilio.calls(call.sid).update_async(
        twiml="<Response><Dial><Conference>K7</Conference></Dial></Response>"
    )
    [room] = await town.twilio.conferences.list_async(friendly_name="K7", status="init")
    await room.fetch_async()
    await room.participants.list_async()
    await room.participants(call.sid).fetch_async()
    await room.participants(call.sid).update_async(announce_url=f"{town.house.url}/words")
    await town.clock.settle()
    assert town.dia.heard[-1:] == ["One moment."]
    await room.update_async(status="completed")
    await town.clock.settle()
    assert town.dia.line is None


@needs_description
async def test_every_request_and_every_answer_is_as_published(town):
    published = OpenAPI.from_dict(json.loads(DESCRIPTION.read_text()))
    await use_everything(town)
    assert len(town.http.exchanges) >= 9
    for request, response in town.http.exchanges:
        asked, answered = as_openapi(request, response)
        published.validate_request(asked)
        published.validate_response(asked, answered)


@needs_description
@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("Messages.json", "api.v2010.account.message"),
        ("Calls.json", "api.v2010.account.call"),
        ("Conferences/{sid}.json", "api.v2010.account.conference"),
        ("Participants/{sid}.json", "api.v2010.account.conference.participant"),
    ],
)
async def test_an_answer_has_exactly_the_published_fields(town, path, schema):
    await use_everything(town)
    wanted = json.loads(DESCRIPTION.read_text())["components"]["schemas"][schema]["properties"]
    answers = [
        json.loads(response.text)
        for request, response in town.http.exchanges
        if request["method"] == "POST"
        and re.search(path.replace("{sid}", "[A-Z]{2}[0-9a-f]{32}") + "$", request["url"])
    ]
    assert answers
    assert all(set(answer) == set(wanted) for answer in answers)


async def test_an_inbound_text_carries_all_usual_parameters(town):
    await town.mum.texts("his pump is beeping", media=["https://api.twilio.com/photo"])
    told = town.house.asked[0].params
    usual = """AccountSid ApiVersion Body From To MessageSid SmsMessageSid SmsSid SmsStatus NumMedia
        NumSegments FromCity FromState FromZip FromCountry ToCity ToState ToZip ToCountry
        MediaUrl0 MediaContentType0"""
    assert set(usual.split()) <= set(told)
    assert told["SmsStatus"] == "received"
    assert told["MessageSid"].startswith("MM")


async def test_an_inbound_call_carries_all_usual_parameters(town):
    await town.mum.calls()
    told = town.house.asked[0].params
    usual = """AccountSid ApiVersion CallSid CallStatus Called Caller Direction From To StirVerstat
        FromCity FromState FromZip FromCountry CallerCity CallerState CallerZip CallerCountry
        CalledCity CalledState CalledZip CalledCountry ToCity ToState ToZip ToCountry"""
    assert set(usual.split()) <= set(told)
    assert (told["CallStatus"], told["Direction"]) == ("ringing", "inbound")


async def test_a_wrong_token_is_refused_with_20003(town):
    stranger = LocalTwilio(town.http._base)
    client = Client(ACCOUNT, "not the token", http_client=stranger)
    with pytest.raises(TwilioRestException) as refused:
        await client.messages.create_async(to=ANA, from_=LINE, body="hello")
    await stranger.close()
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert town.ana.inbox == []


async def test_what_does_not_exist_is_a_404(town):
    with pytest.raises(TwilioRestException) as refused:
        await town.twilio.messages("SM" + "a" * 32).fetch_async()
    assert (refused.value.status, refused.value.code) == (404, 20404)


@pytest.mark.parametrize(
    ("to", "details", "code"),
    [
        ("+12025550000", {}, 21211),  # no number kept for fiction
        (LINE, {}, 21266),
        (ANA, {"body": ""}, 21602),
        (ANA, {"body": "x" * 1601}, 21617),
        ("911", {}, 21211),
    ],
)
async def test_a_text_that_cannot_be_is_refused_in_twilios_words(town, to, details, code):
    with pytest.raises(TwilioRestException) as refused:
        await town.text(to, **details)
    assert (refused.value.status, refused.value.code) == (400, code)


@pytest.mark.parametrize("number", ["911", "+1911", "112", "999", "988", "+1 9-1-1"])
async def test_an_emergency_number_is_never_dialled_and_raises_an_alarm(town, number):
    with pytest.raises(TwilioRestException):
        await town.call(number)
    assert "emergency number" in town.carrier.alarms[-1]


async def test_sent_texts_are_found_again_by_number_and_time(town):
    await town.text(ANA, "first")
    await town.pass_time(60)
    await town.text(ANA, "second")
    await town.text(MUM, "somebody else's")
    later = await town.twilio.messages.list_async(to=ANA, date_sent_after=START + timedelta(seconds=30))
    assert [message.body for message in later] == ["second"]
    every = await town.twilio.messages.list_async(to=ANA, page_size=1)
    assert [message.body for message in every] == ["second", "first"]


async def test_a_web_page_of_another_origin_is_refused(town):
    session = town.http.session
    url = f"{town.http._base}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = await session.get(url, headers={"Origin": "https://elsewhere.example"})
    assert answer.status == 403
    answer = await session.get(url, headers={"Host": "elsewhere.example"})
    assert answer.status == 403
