"""A number that is lost while its account lives: the running line asks its carrier, and changes nothing there."""

from __future__ import annotations

from dataclasses import replace

from oncall.service.line.own_numbers import AFTER_START, AGAIN, EVERY, TOO_OLD
from tests.support.ward import Ward, open_ward


async def after(ward: Ward, wait: object) -> str | None:
    ward.clock.step(wait)  # type: ignore[arg-type]
    await ward.house.own_numbers.look()
    return await ward.house.own_numbers.are_ours()


async def test_a_number_that_is_lost_or_turned_away_is_told_with_what_to_do() -> None:
    async with open_ward(second_route=True) as ward:
        account, line = ward.carrier.account, ward.carrier.line
        assert await after(ward, AFTER_START) is None
        account.owns_line = False
        assert await after(ward, AGAIN) is None, "it is asked once a day"
        assert "first route: it is no number of our account" in (await after(ward, EVERY) or "")
        account.owns_line = True
        assert await after(ward, AGAIN) is None, "and soon again while something is wrong"
        ours, line.voice = line.voice, replace(line.voice, url="https://old.example/twilio/voice")
        assert "“a call comes in”. Run `oncall preflight --configure`." in (await after(ward, EVERY) or "")
        assert line.voice.url == "https://old.example/twilio/voice", "nothing is changed there"
        line.voice, account.status = ours, "suspended"
        assert "its account is not active" in (await after(ward, AGAIN) or "")
        account.status, ward.second_carrier.account.owns_line = "active", False
        assert "second route" in (await after(ward, EVERY) or "")


async def test_what_cannot_be_asked_is_no_news_before_a_day_has_passed() -> None:
    async with open_ward() as ward:
        assert await after(ward, AFTER_START) is None
        ward.carrier.faults.order("server_error", times=1000)
        assert await after(ward, EVERY) is None
        told = await after(ward, TOO_OLD - EVERY + AGAIN)
        assert told is not None
        assert "For 26 hours the carrier of the first route could not be asked" in told
