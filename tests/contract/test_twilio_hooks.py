"""The webhooks against a carrier that behaves badly: forged, repeated, oversized, garbled, out of order; and a store
that refuses. A family or a known sender behind a request always gets something that helps."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from oncall.adapters.journal.sqlite import SqliteJournal
from oncall.adapters.telephony import own_door
from oncall.core.case.case import Status
from oncall.core.case.messages import Progress
from tests.support.ward import LINE, Ward, open_ward

MUM = "+16175550142"


def text_form(body: str, sid: str = "SM" + "1" * 32, number: str = MUM) -> dict[str, str]:
    return {"MessageSid": sid, "From": number, "To": LINE, "Body": body, "NumMedia": "0"}


async def post(
    ward: Ward, path: str, form: Mapping[str, str] | bytes, signature: str | None = "true", host: str | None = None
) -> tuple[int, str]:
    """A webhook as the carrier would send it; `signature` "true" signs over the public address."""
    url = ward.house.hospital.public_url + path
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if host:
        headers["Host"] = host
    if signature == "true":
        signature = RequestValidator("token").compute_signature(url, dict(form) if isinstance(form, Mapping) else {})
    if signature is not None:
        headers["X-Twilio-Signature"] = signature
    async with ward.client() as client, client.post(url, data=BytesIO(body), headers=headers) as answer:
        result = answer.status, await answer.text()
    await ward.settle()
    return result


async def test_health_hears_of_true_and_forged_requests_and_not_of_our_own_proof(ward: Ward) -> None:
    heard, now = ward.house.hooks.heard, ward.clock.now()
    await post(ward, own_door.PATH, {"nonce": "x"})
    assert heard.requests(now).count == 0
    await post(ward, "/twilio/status", {"MessageStatus": "sent", "MessageSid": "SM1"})
    await post(ward, "/twilio/status", {"MessageStatus": "sent", "MessageSid": "SM1"}, None)
    assert (heard.requests(now).count, heard.requests(now).forged) == (1, 1)


@pytest.mark.parametrize("signature", [None, "", "bm90IGEgc2lnbmF0dXJl"], ids=["missing", "empty", "wrong"])
async def test_a_webhook_without_a_true_signature_is_403_and_files_nothing(ward: Ward, signature: str | None) -> None:
    status, said = await post(ward, "/twilio/text", text_form("he wont wake up"), signature)
    assert status == 403
    assert "signature" in said
    assert await ward.open_cases() == []


async def test_a_flood_of_forgeries_is_remembered_by_a_handful_and_keeps_nobody_waiting(ward: Ward) -> None:
    hooks = ward.house.hooks
    for _ in range(20):
        await post(ward, "/twilio/text", b"", None)
    assert len(hooks.forged) <= 5


async def test_the_signature_is_checked_over_the_public_address_whatever_the_host_header_says(ward: Ward) -> None:
    status, _ = await post(ward, "/twilio/text", text_form("he wont wake up"), host="proxy.internal")
    assert status == 200
    assert len(await ward.open_cases()) == 1


async def test_a_text_is_answered_with_an_empty_twiml_and_the_reply_is_a_message_of_its_own(ward: Ward) -> None:
    status, said = await post(ward, "/twilio/text", text_form("he wont wake up"))
    assert (status, said.endswith("<Response />")) == (200, True)
    assert "911" in ward.phone(MUM).inbox[0]


async def test_a_repeated_message_sid_adds_nothing(ward: Ward) -> None:
    first = await post(ward, "/twilio/text", text_form("he wont wake up"))
    again = await post(ward, "/twilio/text", text_form("he wont wake up"))
    assert first == again
    assert len((await ward.only_case()).reports) == 1


async def test_a_repeated_step_of_a_call_is_answered_exactly_as_the_first_time(ward: Ward) -> None:
    call = {"CallSid": "CA" + "1" * 32, "From": MUM, "To": LINE, "Direction": "inbound", "CallStatus": "ringing"}
    picked_up = await post(ward, "/twilio/voice", call)
    assert await post(ward, "/twilio/voice", call) == picked_up
    key = {**call, "Digits": "1", "CallStatus": "in-progress"}
    path = "/twilio/voice/said?q=menu&step=1&silent=0&from=x"
    pressed = await post(ward, path, key)
    await ward.phone("ana").texts("1")
    assert await post(ward, path, key) == pressed, "even after somebody has taken the case"


async def test_three_texts_out_of_order_are_one_case(ward: Ward) -> None:
    for number in (3, 1, 2):
        await post(ward, "/twilio/text", text_form(f"he is stiff, part {number}", sid=f"SM{number:032}"))
    assert len((await ward.only_case()).reports) == 3


async def test_a_body_that_is_not_utf_8_is_kept_and_pages(ward: Ward) -> None:
    form = urlencode(text_form("")).encode().replace(b"Body=", b"Body=no+despierta+%F1%E1")
    url = ward.house.hospital.public_url + "/twilio/text"
    read_as = text_form("no despierta \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}")
    status, _ = await post(ward, "/twilio/text", form, RequestValidator("token").compute_signature(url, read_as))
    assert status == 200
    assert (await ward.only_case()).status is Status.PAGING


async def test_ten_megabytes_are_refused_and_the_line_lives_on(ward: Ward) -> None:
    status, _ = await post(ward, "/twilio/text", b"Body=" + b"x" * 10_000_000, "anything")
    assert status == 413
    assert (await post(ward, "/twilio/text", text_form("he wont wake up")))[0] == 200


async def test_statuses_only_move_forward(ward: Ward) -> None:
    await post(ward, "/twilio/text", text_form("shes just not right"))
    case = await ward.only_case()
    page = next(state for state in case.messages if state.message.person == "ana")
    assert page.progress is Progress.DELIVERED
    for late in ("sent", "queued", "undelivered"):
        form = {"MessageSid": page.sid or "", "MessageStatus": late}
        assert (await post(ward, f"/twilio/status?m={page.message.id}", form))[0] == 200
    again = (await ward.only_case()).message(page.message.id)
    assert again is not None
    assert again.progress is Progress.DELIVERED


async def test_a_status_of_a_message_we_never_sent_is_answered_and_changes_nothing(ward: Ward) -> None:
    form = {"MessageSid": "SM" + "9" * 32, "MessageStatus": "delivered"}
    assert (await post(ward, "/twilio/status?m=cunknown.0123456789ab", form))[0] == 200
    assert await ward.open_cases() == []


async def test_a_step_of_a_call_that_nobody_knows_hangs_up(ward: Ward) -> None:
    call = {"CallSid": "CA" + "7" * 32, "From": LINE, "To": "+16175550110", "Direction": "outbound-api"}
    status, said = await post(ward, "/twilio/voice/out?m=cunknown.0123456789ab", call)
    assert status == 200
    assert "<Hangup" in said


async def fill_the_disk(ward: Ward) -> None:
    """From now on the file may not grow by a page."""
    journal = ward.house.journal
    assert isinstance(journal, SqliteJournal)

    def stop_growing(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA max_page_count = 1").fetchone()

    await journal._submit(stop_growing)


async def test_a_store_that_refuses_still_says_911_and_dials_the_operator(tmp_path: Path) -> None:
    async with open_ward(database=f"sqlite:///{tmp_path / 'oncall.db'}") as ward:
        await fill_the_disk(ward)
        call = {"CallSid": "CA" + "1" * 32, "From": MUM, "To": LINE, "Direction": "inbound"}
        long_text = text_form("he wont wake up " * 4000)
        status, said = await post(ward, "/twilio/text", long_text)
        assert status == 200
        assert "call 911 now" in said
        statuses = [await post(ward, "/twilio/voice", {**call, "CallSid": f"CA{n:032}"}) for n in range(40)]
        refused = [said for status, said in statuses if "<Dial" in said]
        assert refused, "a full file must refuse at last"
        assert "9 1 1" in refused[0]
        assert "+16175550100" in refused[0]


async def test_a_trial_call_is_signed_like_the_rest_and_tells_its_key_to_a_signed_question_only(ward: Ward) -> None:
    call = {"CallSid": "CA" + "2" * 32, "From": LINE, "To": "+16175550110", "Direction": "outbound-api"}
    assert (await post(ward, "/twilio/voice/trial?t=name", call, None))[0] == 403
    status, said = await post(ward, "/twilio/voice/trial?t=name", call)
    assert (status, "press any key" in said.lower()) == (200, True)
    assert await post(ward, "/twilio/trial?t=name", {"CallStatus": "asked"}) == (200, "")
    await post(ward, "/twilio/voice/trial?t=name&turn=1", {**call, "Digits": "4"})
    assert await post(ward, "/twilio/trial?t=name", {"CallStatus": "asked"}) == (200, "4")
    assert await post(ward, "/twilio/trial?t=other", {"CallStatus": "asked"}) == (200, "")
    assert (await post(ward, "/twilio/trial?t=name", {"CallStatus": "asked"}, None))[0] == 403
    assert await ward.open_cases() == []


async def test_a_call_that_was_found_in_the_list_first_still_hears_something_when_its_webhook_comes(ward: Ward) -> None:
    ward.carrier.faults.order("lose_webhook", "call")
    sid = await ward.phone("mum of Leo").calls()
    await ward.house.reconciler.look()
    call = {"CallSid": sid, "From": MUM, "To": LINE, "Direction": "inbound"}
    status, said = await post(ward, "/twilio/voice", call)
    assert status == 200
    assert "<Say" in said
    assert len(await ward.open_cases()) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"NumMedia": "many"},
        {"NumMedia": "9" * 5000},
        {"NumMedia": "²"},
        {"NumMedia": "1", "MediaUrl0": "http://["},
        {"MediaUrl0": "not an address"},
        {"From": "nobody"},
    ],
    ids=["words", "endless", "superscript", "address", "no-count", "number"],
)
async def test_an_odd_field_of_the_carrier_costs_no_family_its_text(ward: Ward, odd: dict[str, str]) -> None:
    status, said = await post(ward, "/twilio/text", text_form("he wont wake up") | odd)
    assert (status, said.endswith("<Response />")) == (200, True)
    assert len((await ward.only_case()).reports) == 1


async def test_a_recording_is_ready_and_its_address_needs_no_number_to_know_whose_it_is(ward: Ward) -> None:
    """No address that we hand out holds a family's number: a proxy would keep it in its log."""
    call, sound = {"CallSid": "CA" + "1" * 32, "From": MUM, "To": LINE}, "RE" + "1" * 32
    _, said = await post(ward, "/twilio/voice", call)
    assert "5550142" not in said
    told = {"CallSid": call["CallSid"], "RecordingDuration": "4", "RecordingStatus": "completed"}
    address = f"https://api.twilio.com/2010-04-01/Accounts/AC{'0' * 32}/Recordings/{sound}"
    assert (await post(ward, "/twilio/recording", told | {"RecordingUrl": address}))[0] == 200
    assert [note.sender for note in (await ward.only_case()).reports] == [MUM, MUM]
