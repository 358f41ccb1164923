"""A number that a named person has marked as no patient's: its idle words wake nobody, everything else still pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from oncall.adapters.register.rows import FamilyPhoneRow
from oncall.core.case.case import Status
from oncall.core.case.commands import Acknowledge, Resolve
from oncall.core.case.marked_numbers import MARKED_FOR
from oncall.core.triage.assessment import Urgency
from oncall.service.ports.register import MarkRefused
from tests.support.ward import Ward, open_ward

STRANGER = "+16175550199"


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    """The stranger's number is marked, and no case is open."""
    async with open_ward() as opened:
        await opened.house.register.mark_not_a_patient(STRANGER, opened.clock.now() + MARKED_FOR, "ana")
        yield opened


async def test_idle_words_of_a_marked_number_leave_a_task_and_are_answered_with_911_and_nought(ward: Ward) -> None:
    stranger = ward.phone(STRANGER)
    for words in ("hello", "Who are you", "Hey mike are you coming tonight", "who is this"):
        await stranger.texts(words)
    case = await ward.only_case()
    assert (case.status, case.pace, case.pages) == (Status.WAITING, Urgency.ROUTINE, ())
    assert "911" in stranger.inbox[0]
    assert "0" in stranger.inbox[0].split("911")[1]
    await ward.pass_time("20m")
    assert ward.phone("ana").inbox == []
    await ward.is_sound()


@pytest.mark.parametrize(
    "words",
    [
        "0",
        "he is so stiff",
        "the pump is beeping",
        "pump",
        "my son",
        "not sure",
        "it is doing it",
        "can you call",
        "please",
        "zzzk qqrt",
        "Кто это",
        "quem é você",
        "👍",
        "",
        "HELP",
        "no stiffness",
    ],
)
async def test_nought_a_sign_a_doubt_and_what_nobody_can_read_go_on_as_from_any_number(words: str, ward: Ward) -> None:
    """Also after idle words: the task becomes a page."""
    other = ward.phone("+16175550198")
    await ward.phone(STRANGER).texts("hello")
    await ward.phone(STRANGER).texts(words)
    await other.texts(words)
    marked, unmarked = sorted(await ward.open_cases(), key=lambda case: case.phone or "", reverse=True)
    assert unmarked.pace is not None
    assert marked.pace is not None
    assert marked.pace >= unmarked.pace > Urgency.ROUTINE
    assert bool(marked.pages) >= bool(unmarked.pages)


async def test_the_same_words_page_once_the_mark_has_lapsed_or_was_taken_back(ward: Ward) -> None:
    stranger = ward.phone(STRANGER)
    await stranger.texts("hello")
    case = await ward.only_case()
    await ward.house.desk.take(Resolve(case.id, "ana", "not a pump problem"))
    await stranger.texts("hello")
    again = await ward.only_case()
    assert again.pages == (), "a second idle contact within the day is no clinical one"
    await ward.house.desk.take(Resolve(again.id, "ana", "not a pump problem"))
    ward.clock.step(MARKED_FOR - timedelta(minutes=1))
    await stranger.texts("hello")
    last = await ward.only_case()
    assert last.pages == ()
    ward.clock.step(timedelta(minutes=2))
    await stranger.texts("hello")
    assert (await ward.only_case()).pages
    await ward.house.register.mark_not_a_patient("+16175550197", ward.clock.now() + MARKED_FOR, "ana")
    await ward.house.register.mark_not_a_patient("+16175550197", None, "maria")
    await ward.phone("+16175550197").texts("hello")
    assert all(case.pages for case in await ward.open_cases())


async def test_a_call_with_idle_words_wakes_nobody_and_one_with_a_sign_or_none_at_all_does(ward: Ward) -> None:
    stranger, ana = ward.phone(STRANGER), ward.phone("ana")
    for _ in range(2):
        await stranger.calls()
        await stranger.says("hey mike are you coming tonight")
        await stranger.hangs_up()
        await ward.pass_time("5m")
        assert (await ward.only_case()).pages == ()
    await stranger.calls()
    await ward.pass_time("30s")
    assert ana.inbox, "a silent caller is somebody who may not be able to speak"
    await ward.is_sound()


async def test_a_case_that_somebody_is_paged_for_or_holds_goes_on_as_it_is(ward: Ward) -> None:
    stranger = ward.phone(STRANGER)
    await stranger.texts("he is so stiff")
    before = await ward.only_case()
    await stranger.texts("hello")
    after = await ward.only_case()
    assert (after.status, after.pace) == (Status.PAGING, before.pace)
    await ward.house.desk.take(Acknowledge(after.id, "ana", "on the page"))
    ward.phone("ana").new_texts()
    await stranger.texts("hello")
    assert ward.phone("ana").new_texts(), "the holder is told of every word"


async def test_a_number_of_a_family_or_of_the_team_is_never_marked_and_a_mark_ends_when_it_is_enrolled(
    ward: Ward,
) -> None:
    register, until = ward.house.register, ward.clock.now() + MARKED_FOR
    for who, whose in (("mum of Leo", "phone of a family"), ("ana", "number of the team")):
        with pytest.raises(MarkRefused, match=whose):
            await register.mark_not_a_patient(ward.phone(who).number, until, "ana")
        assert await register.number_mark(ward.phone(who).number) is None
    await register.put([FamilyPhoneRow(number=STRANGER, relation="grandmother", language="en")], "maria")
    await ward.phone(STRANGER).texts("hello")
    assert (await ward.only_case()).pages


async def test_the_mark_is_read_in_the_write_of_a_database_too(tmp_path: Path) -> None:
    async with open_ward(database=f"sqlite:///{tmp_path / 'oncall.db'}") as ward:
        for words, pages in (("hello", False), ("he is so stiff", True)):
            await ward.house.register.mark_not_a_patient(STRANGER, ward.clock.now() + MARKED_FOR, "ana")
            await ward.phone(STRANGER).texts(words)
            assert bool((await ward.only_case()).pages) is pages
        with pytest.raises(MarkRefused):
            await ward.house.register.mark_not_a_patient(ward.phone("ana").number, ward.clock.now() + MARKED_FOR, "ana")
        await ward.is_sound()
