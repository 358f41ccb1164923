"""A number of a colleague is proven with the telephone in the hand: a code by text, a key on a call; and STOP."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import ClientSession

from oncall.core.notices import Standing
from tests.support.ward import LINE, TEN_AM, Phone, Ward, open_ward

NEW, MASKED = "+16175550170", "•••• 0170"


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    async with open_ward(at=TEN_AM, internal=True) as opened:
        yield opened
        await opened.is_sound()


@pytest.fixture
async def maria(ward: Ward) -> AsyncIterator[ClientSession]:
    async with await ward.browser("maria") as browser:
        yield browser


async def does(ward: Ward, browser: ClientSession, act: str, number: str = NEW, who: str = "ana", **more: str) -> str:
    """One form of a person's page; what the page says afterwards."""
    form: Mapping[str, Any] = {"act": act, "number": number, **more}
    async with browser.post(f"{ward.internal_url}/team/{who}/numbers", data=form) as answer:
        page = await answer.text()
    await ward.settle()
    return page


async def page(ward: Ward, browser: ClientSession, who: str = "ana") -> str:
    async with browser.get(f"{ward.internal_url}/team/{who}") as answer:
        return await answer.text()


def code_in(phone: Phone) -> str:
    [text] = [text for text in phone.new_texts() if "is the code for this phone" in text]
    found = re.search(r"\b(\d{6})\b", text)
    assert found is not None
    return found[1]


async def numbers_of(ward: Ward, who: str) -> list[str]:
    return [phone.number for phone in (await ward.house.register.directory()).clinicians[who].phones]


async def test_a_number_is_paged_only_after_its_code_and_its_key(ward: Ward, maria: ClientSession) -> None:
    phone = ward.phone(NEW)
    assert "nobody is paged on it before its code and its key" in await does(ward, maria, "add", again=NEW)
    await does(ward, maria, "code")
    assert "The code is right." in await does(ward, maria, "type", code=code_in(phone))
    assert NEW not in await numbers_of(ward, "ana"), "the code alone proves no human at a ringing telephone"
    assert "Still missing: the key on a call" in await page(ward, maria)
    await does(ward, maria, "ring")
    await phone.answers()
    assert "TEST" in phone.heard
    await phone.presses("1")
    assert NEW in await numbers_of(ward, "ana")
    assert "new: in use for less than a day" in await page(ward, maria)
    await ward.pass_time("24h")
    assert "new: in use" not in await page(ward, maria)


async def test_voicemail_and_other_keys_prove_nothing(ward: Ward, maria: ClientSession) -> None:
    phone = ward.phone(NEW)
    await does(ward, maria, "add", again=NEW, rings_only="yes")
    await does(ward, maria, "ring")
    assert "on its way already" in await does(ward, maria, "ring")
    await phone.answers()
    await phone.presses("5")
    await phone.hangs_up()
    await ward.pass_time("15m")
    assert NEW not in await numbers_of(ward, "ana")
    phone.is_set("voicemail")
    await does(ward, maria, "ring")
    await ward.pass_time("15m")
    assert NEW not in await numbers_of(ward, "ana")


async def test_wrong_codes_run_out_and_a_late_one_is_void(ward: Ward, maria: ClientSession) -> None:
    phone = ward.phone(NEW)
    await does(ward, maria, "add", again=NEW)
    await does(ward, maria, "code")
    right = code_in(phone)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    assert "That is not the code: try again." in await does(ward, maria, "type", code=wrong)
    assert "less than a minute ago" in await does(ward, maria, "code")
    for _ in range(3):
        await does(ward, maria, "type", code=wrong)
    assert "too many tries" in await does(ward, maria, "type", code=wrong)
    assert "used up or older" in await does(ward, maria, "type", code=right)
    await ward.pass_time("2m")
    await does(ward, maria, "code")
    late = code_in(phone)
    assert late != right
    await ward.pass_time("15m")
    assert "used up or older than 15 minutes" in await does(ward, maria, "type", code=late)


async def test_after_stop_no_code_arrives_and_the_page_says_what_to_do(ward: Ward, maria: ClientSession) -> None:
    phone = ward.phone(NEW)
    await does(ward, maria, "add", again=NEW)
    await phone.texts("STOP")
    await does(ward, maria, "code")
    assert not [text for text in phone.new_texts() if "is the code" in text]
    assert "Text START from this phone to the line" in await page(ward, maria)
    await phone.texts("START")
    await ward.pass_time("2m")
    await does(ward, maria, "code")
    assert "The code is right." in await does(ward, maria, "type", code=code_in(phone))
    assert "STOP" not in await page(ward, maria)


async def test_a_stranger_with_a_waiting_number_is_no_colleague(ward: Ward, maria: ClientSession) -> None:
    await does(ward, maria, "add", again=NEW)
    assert await ward.house.register.clinician_by_number(NEW) is None


async def test_a_proving_call_waits_behind_a_page(ward: Ward, maria: ClientSession) -> None:
    await ward.phone("mum of Leo").texts("he is so stiff and itchy and will not wake up")
    paged = (await ward.only_case()).pages[0].person
    number = (await numbers_of(ward, paged))[0]
    await does(ward, maria, "ring", number=number, who=paged)
    [call] = await ward.house.number_proofs.calls(paged, number)
    assert (call.attempts, call.is_open) == (0, True), "the page rings, the test waits"
    [free] = [who for who in ("ana", "ben", "cho") if who != paged][:1]
    await does(ward, maria, "ring", number=(await numbers_of(ward, free))[0], who=free)
    [other] = await ward.house.number_proofs.calls(free, (await numbers_of(ward, free))[0])
    assert other.attempts == 1, "nobody pages this one"


async def test_a_test_page_is_answered_and_the_page_says_after_how_long(ward: Ward, maria: ClientSession) -> None:
    async with maria.post(f"{ward.internal_url}/team/ana/test") as answer:
        assert "A test page is on its way" in await answer.text()
    await ward.settle()
    ana = ward.phone("ana")
    await ward.pass_time("7s")
    await ana.answers()
    await ana.presses("1")
    assert "answered after" in await page(ward, maria)


async def test_a_number_has_one_owner_and_the_line_itself_is_refused(ward: Ward, maria: ClientSession) -> None:
    ben = ward.phone("ben").number
    assert "This is Dr Singh&#39;s number" in await does(ward, maria, "add", number=ben, again=ben)
    assert "a number of the pump line itself" in await does(ward, maria, "add", number=LINE, again=LINE)
    mum = ward.phone("mum of Leo").number
    assert "enrolled as a family&#39;s telephone" in await does(ward, maria, "add", number=mum, again=mum)
    assert "The number is added" in await does(ward, maria, "add", number=mum, again=mum, sure="yes")


async def test_a_second_number_becomes_the_first_and_a_retired_one_is_silent(ward: Ward, maria: ClientSession) -> None:
    first, second = await numbers_of(ward, "ana")
    await does(ward, maria, "first", number=second)
    assert await numbers_of(ward, "ana") == [second, first]
    await does(ward, maria, "retire", number=first)
    assert await numbers_of(ward, "ana") == [second]
    assert "pages would go past them" in await does(ward, maria, "retire", number=second)
    assert await numbers_of(ward, "ana") == [second], "the last proven number of somebody on a tier is asked twice"
    await does(ward, maria, "retire", number=second, sure="yes")
    assert "not ready: no telephone" in await page(ward, maria)
    assert "is there already" not in await does(ward, maria, "add", number=first, again=first)
    assert await numbers_of(ward, "ana") == [], "a number that comes back is proven anew"


async def test_a_retired_number_is_not_rung_by_a_call_that_waited(ward: Ward, maria: ClientSession) -> None:
    await ward.phone("mum of Leo").texts("he is so stiff and itchy and will not wake up")
    paged = (await ward.only_case()).pages[0].person
    await does(ward, maria, "add", again=NEW, who=paged, rings_only="yes")
    await does(ward, maria, "ring", who=paged)
    await does(ward, maria, "retire", who=paged)
    await ward.pass_time("11m")
    assert ward.phone(NEW).missed == 0
    assert not ward.phone(NEW).is_ringing
    [call] = await ward.house.number_proofs.calls(paged, NEW)
    assert (call.attempts, call.standing) == (0, Standing.WITHDRAWN)
