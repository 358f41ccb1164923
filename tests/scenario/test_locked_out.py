"""Somebody who is locked out of the internal pages, or has no account at all, still takes a case in every way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from oncall.core.case.case import Status
from oncall.service.people.accounts import Came
from tests.support.ward import Ward, open_ward


async def by_text(ward: Ward, who: str) -> None:
    await ward.phone(who).texts(ward.phone(who).reply_code("2"))


async def by_phone(ward: Ward, who: str) -> None:
    await ward.phone(who).takes_by_voice()


async def by_link(ward: Ward, who: str) -> None:
    page = (await ward.only_case()).page_of(who)
    assert page is not None
    async with ward.client() as client:
        url = f"{ward.house.hospital.public_url}/p/{page.token}"
        async with client.post(url, data={"act": "2"}) as answer:
            assert answer.status == 200
    await ward.settle()


@pytest.mark.parametrize("takes", [by_text, by_phone, by_link])
async def test_a_locked_out_clinician_still_takes_a_case(takes: Callable[[Ward, str], Awaitable[None]]) -> None:
    async with open_ward(internal=True) as ward:
        await ward.phone("mum of Leo").texts("he is so itchy and stiff, two tone alarm")
        who = (await ward.only_case()).pages[0].person
        sign_in = ward.house.sign_in
        await sign_in.invite(who, who, frozenset({"clinician"}), "test")
        await sign_in.set_password(who, "four unrelated words", "test")
        for _ in range(30):
            await sign_in.by_password(who, "not this one", Came("127.0.0.1"))
        assert await sign_in.by_password(who, "four unrelated words", Came("127.0.0.1")) is None
        await takes(ward, who)
        case = await ward.only_case()
        assert case.status is Status.HELD
        assert case.holder is not None
        assert case.holder.person == who
        await ward.is_sound()
