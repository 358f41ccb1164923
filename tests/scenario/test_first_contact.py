"""First contact, where nothing is in order: texts that overtake each other, keys in a prompt, whose telephone it is.

Deliberately not here: what single answers mean (test_family_texts, test_family_calls).
"""

from __future__ import annotations

import asyncio
import itertools

import pytest

from oncall.adapters.rehearsal.pace import HUMAN, Pace
from oncall.core.case.case import Status
from oncall.core.reports import Heard
from tests.support.ward import Phone, Ward, open_ward

FIRST, SECOND, THIRD = "pump is beeping", "he is stiff now", "and he wont wake up"


@pytest.mark.parametrize("order", list(itertools.permutations((FIRST, SECOND, THIRD))))
async def test_three_rapid_texts_in_any_order_are_one_case_with_every_sign(ward: Ward, order: tuple[str, ...]) -> None:
    mum = ward.phone("mum of Leo")
    await asyncio.gather(*(mum.handset.texts(words) for words in order))
    await ward.settle()
    case = await ward.only_case()
    assert len(case.reports) == 3
    present = {finding.code for finding in case.findings if finding.heard is Heard.PRESENT}
    assert {"alarm_heard", "hard_to_wake"} <= present
    assert case.pace is not None
    assert case.pace.word == "emergency"
    assert any("911" in text for text in mum.inbox)


@pytest.mark.parametrize("key", ["1", "2", "3", "0", "8"])
@pytest.mark.parametrize("after", ["100ms", "4s", "12s"])
async def test_a_key_in_the_middle_of_a_prompt_is_taken_at_once(key: str, after: str) -> None:
    """At 150 words a minute the greeting and the menu last far longer than this."""
    async with open_ward() as ward:
        ward.carrier.pace = Pace(words_a_minute=HUMAN.words_a_minute)
        mum, ana = ward.phones("mum of Leo", "ana")
        await mum.calls()
        await ward.pass_time(after)
        assert mum.handset.line is not None
        said = len(mum.handset.heard)
        await mum.presses(key)
        await ward.pass_time("1s")
        assert mum.handset.line.lost_keys == ""
        assert ana.inbox
        assert (await ward.only_case()).status is Status.PAGING
        assert len(mum.handset.heard) <= said + 2, "the prompt was cut short"


# --- the same person? ------------------------------------------------------------------------------------------------


async def stays_on_the_line(phone: Phone) -> None:
    await phone.calls()
    await phone.presses("2")
    await phone.presses("2")
    await phone.says("he is stiff")
    await phone.presses("1")
    await phone.presses("1")


async def test_identity_is_asked_after_danger_and_another_person_s_record_is_not_read_as_his(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await stays_on_the_line(mum)
    assert ana.inbox, "the page was out before anybody was asked who it is"
    assert "the same person as usual" in mum.heard
    label = (await ward.only_case()).label
    await mum.presses("2")
    case = await ward.only_case()
    assert case.label == f"another person, caller says not {label}"
    assert case.asked == "waking_breathing", "and the call goes on"
    assert "the caller says: about another person than this telephone's" in await ward.story()


@pytest.mark.parametrize(("key", "label"), [("1", "{}"), ("3", "caller unsure whether {}")])
async def test_the_usual_person_stays_and_not_sure_is_said_so(ward: Ward, key: str, label: str) -> None:
    mum = ward.phone("mum of Leo")
    await stays_on_the_line(mum)
    before = (await ward.only_case()).label
    await mum.presses(key)
    assert (await ward.only_case()).label == label.format(before)


async def test_it_is_asked_once_and_never_after_a_redial(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await stays_on_the_line(mum)
    await mum.presses("1")
    await mum.hangs_up()
    heard = len(mum.handset.heard)
    await mum.calls()
    await mum.presses("2")
    await ward.pass_time("20s")
    assert "the same person as usual" not in " ".join(mum.handset.heard[heard:])


@pytest.mark.parametrize("who", ["+12125550166", "dad of Ada and Finn"])
async def test_a_telephone_without_one_usual_person_is_not_asked(ward: Ward, who: str) -> None:
    """A stranger has no usual person; a telephone of several says "one of two" on the page."""
    phone = ward.phone(who)
    await stays_on_the_line(phone)
    await ward.pass_time("10s")
    assert "the same person as usual" not in phone.heard
    assert (await ward.only_case()).asked == "waking_breathing"


async def test_another_relative_who_is_enrolled_joins_the_case_and_hears_the_danger_question_first(ward: Ward) -> None:
    mum, dad = ward.phones("mum of Leo", "dad of Leo")
    await stays_on_the_line(mum)
    await mum.presses("1")
    await dad.calls()
    assert "press 1" in dad.heard
    assert len((await ward.only_case()).calls) == 2


async def test_a_relative_on_an_unknown_phone_has_a_case_of_its_own_that_only_a_person_links(ward: Ward) -> None:
    mum, aunt = ward.phones("mum of Leo", "+12125550166")
    await mum.texts("Leo is stiff and itchy")
    await aunt.calls()
    assert "press 1" in aunt.heard
    await aunt.presses("2")
    cases = await ward.open_cases()
    assert len(cases) == 2
    assert all(case.links == () for case in cases), "no machine says that they are one patient"
