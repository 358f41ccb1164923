"""The official client against the carrier: what it accepts, refuses, loses and finds again becomes our two words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall.adapters.clock import VirtualClock, new_id
from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.pace import INSTANT
from oncall.adapters.rehearsal.phones import HandsetSpec
from oncall.adapters.rehearsal.server import Rehearsal
from oncall.adapters.telephony.twilio_pager import TwilioPager
from oncall.core.case.messages import Channel, Lane, Message, Purpose, Verdict

NOW = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)
ANA, LINE = "+16175550110", "+16175550101"
PAGE = Message(
    id="c1.0123456789ab",
    case="c1",
    channel=Channel.SMS,
    purpose=Purpose.PAGE,
    lane=Lane.EMERGENCY,
    to=ANA,
    body="EMERGENCY pump call #K7 3:04 AM. Reply 101 take, 103 pass on.",
)
RING = replace(PAGE, channel=Channel.VOICE, body="", id="c1.ba9876543210")


@asynccontextmanager
async def telephones(limit: float = 5.0) -> AsyncIterator[tuple[TwilioPager, Carrier]]:
    """A pager and the carrier it speaks to."""
    clock = VirtualClock(NOW)
    account = "AC" + "0" * 32
    rehearsal = Rehearsal(
        clock,
        new_id,
        account,
        "token",
        LINE,
        "http://127.0.0.1:9",
        [HandsetSpec(ANA, "ana", "clinician")],
        pace=INSTANT,
    )
    api = await rehearsal.start()
    pager = TwilioPager(account, "token", api, LINE, "http://127.0.0.1:9", limit)
    try:
        yield pager, rehearsal.carrier
    finally:
        await pager.close()
        await rehearsal.stop()


async def test_a_text_and_a_call_are_accepted_with_their_sids() -> None:
    async with telephones() as (pager, _):
        text, call = await pager.send(PAGE, 1), await pager.send(RING, 1)
    assert (text.verdict, text.sid and text.sid[:2]) == (Verdict.ACCEPTED, "SM")
    assert (call.verdict, call.sid and call.sid[:2]) == (Verdict.ACCEPTED, "CA")


@pytest.mark.parametrize(("status", "code"), [(500, 20500), (503, 20503), (429, 20429), (401, 20003)])
async def test_the_carriers_own_trouble_is_refused_for_now(status: int, code: int) -> None:
    async with telephones() as (pager, carrier):
        carrier.faults.order("refuse", status=status, code=code)
        assert (await pager.send(PAGE, 1)).verdict is Verdict.REFUSED_FOR_NOW


@pytest.mark.parametrize("code", [21211, 21610, 21614, 21408])
async def test_a_number_that_cannot_be_reached_is_refused_for_good(code: int) -> None:
    async with telephones() as (pager, carrier):
        carrier.faults.order("refuse", status=400, code=code)
        outcome = await pager.send(PAGE, 1)
    assert (outcome.verdict, outcome.code) == (Verdict.REFUSED_FOR_GOOD, code)


async def test_a_post_that_fails_is_not_repeated_by_the_client() -> None:
    async with telephones() as (pager, carrier):
        carrier.faults.order("accept_then_error", "text")
        assert (await pager.send(PAGE, 1)).verdict is Verdict.REFUSED_FOR_NOW
        await carrier.settle()
        assert len(carrier.phone(ANA).inbox) == 1


async def test_a_text_that_went_out_is_found_by_its_words() -> None:
    async with telephones() as (pager, carrier):
        assert await pager.find(PAGE, NOW) is None
        carrier.faults.order("accept_then_error", "text")
        await pager.send(PAGE, 1)
        found = await pager.find(PAGE, NOW)
        assert found is not None
        assert found.verdict is Verdict.ACCEPTED
        assert await pager.find(replace(PAGE, body="other words"), NOW) is None
        assert await pager.find(PAGE, NOW + timedelta(hours=1)) is None, "older than the first attempt"
        assert await pager.find(RING, NOW) is None, "a call leaves no trace of ours"


async def test_a_carrier_that_never_answers_is_given_up_within_the_limit() -> None:
    async with telephones(limit=0.3) as (pager, carrier):
        carrier.faults.order("hang", "text")
        assert (await pager.send(PAGE, 1)).verdict is Verdict.REFUSED_FOR_NOW


async def test_a_ringing_call_is_stopped_and_stopping_it_again_is_no_error() -> None:
    async with telephones() as (pager, carrier):
        call = await pager.send(RING, 1)
        await carrier.settle()
        assert carrier.phone(ANA).ringing
        assert call.sid is not None
        assert (await pager.stop(call.sid)).verdict is Verdict.ACCEPTED
        await carrier.settle()
        assert not carrier.phone(ANA).ringing
        assert (await pager.stop(call.sid)).verdict is Verdict.ACCEPTED


async def test_a_carrier_that_is_not_there_is_refused_for_now() -> None:
    async with telephones() as (_pager, _):
        lonely = TwilioPager("AC" + "0" * 32, "token", "http://127.0.0.1:9", LINE, "http://127.0.0.1:9")
        try:
            assert (await lonely.send(PAGE, 1)).verdict is Verdict.REFUSED_FOR_NOW
            assert (await lonely.stop("CA" + "0" * 32)).verdict is Verdict.REFUSED_FOR_NOW
            assert await lonely.find(PAGE, NOW) is None
        finally:
            await lonely.close()


@pytest.mark.parametrize(
    ("purpose", "detected"),
    [(Purpose.PAGE, True), (Purpose.CONNECT, True), (Purpose.LEG, True), (Purpose.INFORM, False)],
)
async def test_a_machine_is_asked_for_beside_the_words_but_not_at_the_last_resort(
    purpose: Purpose, detected: bool
) -> None:
    """A switchboard is a machine too, and the last resort is never hung up on."""
    async with telephones() as (pager, carrier):
        await pager.send(replace(RING, purpose=purpose), 1)
        [call] = carrier.calls.all.values()
    assert (call.machine_detection, bool(call.amd_callback.url)) == ("DetectMessageEnd" * detected, detected)


async def test_a_live_call_is_given_other_words_and_one_that_is_over_refuses_for_good() -> None:
    async with telephones() as (pager, carrier):
        sid = (await pager.send(RING, 1)).sid
        moving = replace(RING, channel=Channel.MOVE, purpose=Purpose.BRIDGE, body="join", target=sid)
        assert (await pager.send(moving, 1)).verdict is Verdict.REFUSED_FOR_GOOD, "it only rings"
        await carrier.settle()
        carrier.phone(ANA).line.answer()  # type: ignore[union-attr]
        await carrier.settle()
        unknown = replace(moving, target="CA" + "0" * 32)
        assert (await pager.send(unknown, 1)).verdict is Verdict.REFUSED_FOR_GOOD
        into_nowhere = replace(moving, channel=Channel.SAY, target=f"CF{'0' * 32}/{sid}")
        assert (await pager.send(into_nowhere, 1)).verdict is Verdict.REFUSED_FOR_GOOD
