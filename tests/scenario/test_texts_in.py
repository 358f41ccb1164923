"""Every kind of text has a clear answer, loses nothing, and pages wherever a family stands behind it."""

from __future__ import annotations

import pytest

from oncall.core.case.case import Status
from oncall.core.triage.assessment import Urgency
from tests.support.ward import Ward

STRANGER = "+16175550199"


async def test_an_unknown_number_gets_full_service(ward: Ward) -> None:
    stranger, ana = ward.phones(STRANGER, "ana")
    await stranger.texts("my daughter has a baclofen pump and she wont wake up")
    case = await ward.only_case()
    assert case.key == f"phone:{STRANGER}"
    assert case.label == "caller unknown"
    assert case.pace is Urgency.EMERGENCY
    assert ana.is_ringing
    assert "CALL 911 NOW" in stranger.inbox[0]


@pytest.mark.parametrize(
    "words",
    ["", "   ", "😭😭🔥", "asdf qwer zxcv", "x" * 1600, "\u202eolleh", "a\x00b", "<script>x()</script>", "??", "help"],
    ids=["empty", "blank", "emoji", "gibberish", "1600 characters", "right to left", "NUL", "script", "marks", "help"],
)
async def test_what_cannot_be_read_pages_and_is_answered(ward: Ward, words: str) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(words)
    case = await ward.only_case()
    assert case.pace is not None
    assert case.pace >= Urgency.URGENT
    assert ana.inbox
    assert any("911" in text for text in mum.inbox), "help also brings the carrier's own canned reply"
    report = await ward.house.journal.report(case.reports[0].id)
    assert report is not None
    assert report.raw == words, "the words are kept as they came"


@pytest.mark.parametrize("word", ["STOP", "stop", "END", "Cancel", "QUIT", "HELP", "INFO", "YES", "UNSUBSCRIBE"])
async def test_a_reserved_word_alone_is_a_case_a_page_and_a_voice_call(ward: Ward, word: str) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(word)
    assert (await ward.only_case()).status is Status.PAGING
    assert ana.inbox
    await ward.pass_time("2m30s")
    assert mum.missed or mum.is_ringing, "nobody answers our texts any more, so we ring"


async def test_a_stopped_phone_is_told_everything_by_voice(ward: Ward) -> None:
    wife, ana = ward.phones("wife of Theo", "ana")
    await wife.texts("he is very stiff today")
    assert (await ward.only_case()).status is Status.PAGING
    assert ana.inbox
    assert wife.is_ringing


async def test_a_landline_is_told_by_voice_when_texts_fail(ward: Ward) -> None:
    grandmother = ward.phone("kitchen of Sam")
    await grandmother.calls()
    await grandmother.presses("2")
    await grandmother.hangs_up()
    await ward.pass_time("5m10s")
    assert grandmother.is_ringing or grandmother.missed
    assert (await ward.only_case()).status is Status.PAGING


async def test_a_photo_is_noted_and_pages(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts("", media=("https://carrier.example/photo.jpg",))
    case = await ward.only_case()
    assert any(finding.code == "photo_sent" for finding in case.findings)
    assert case.status is Status.PAGING


async def test_a_withheld_number_that_texts_still_pages(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("she wont wake up", shown_as="anonymous")
    case = await ward.only_case()
    assert case.phone is None
    assert case.key.startswith("report:")
    assert ana.is_ringing


async def test_the_same_message_twice_is_answered_as_the_first_time(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    sid = await mum.texts("he is stiff")
    texts = len(mum.inbox)
    await mum.texts("he is stiff", sid=sid)
    assert len((await ward.only_case()).reports) == 1
    assert len(mum.inbox) == texts


async def test_siblings_on_one_phone_say_one_of_two(ward: Ward) -> None:
    dad = ward.phone("dad of Ada and Finn")
    await dad.texts("she is so stiff")
    assert (await ward.only_case()).label == "one of 2 at this number"


async def test_an_office_request_opens_a_task_and_wakes_nobody(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("got a bill for $412 who do i call")
    case = await ward.only_case()
    assert case.pace is Urgency.ROUTINE
    assert case.status is Status.WAITING
    assert ana.inbox == []
    [answer] = mum.inbox
    assert "911" in answer
    assert "reply 0" in answer


async def test_zero_turns_a_task_into_a_page(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("got a bill for $412 who do i call")
    await mum.texts("0")
    assert (await ward.only_case()).status is Status.PAGING
    assert ana.inbox


async def test_a_task_nobody_takes_tells_the_coordinator_at_noon_and_then_pages(day_ward: Ward) -> None:
    mum, maria, ana, ben, cho = day_ward.phones("mum of Leo", "maria", "ana", "ben", "cho")
    await mum.texts("got a bill for $412 who do i call")
    await day_ward.pass_time("2d2h")  # Thursday is Thanksgiving
    assert maria.inbox
    assert not any(phone.inbox for phone in (ana, ben, cho))
    await day_ward.pass_time("2h")
    assert any("SAME DAY" in text for phone in (ana, ben, cho) for text in phone.inbox)


async def test_a_same_day_report_at_night_waits_for_the_morning_and_says_so(ward: Ward) -> None:
    eva, ana, ben, cho = ward.phones("dad of Eva", "ana", "ben", "cho")
    await eva.texts("mri is day after tmrw for his hips, do you need to do anything")
    case = await ward.only_case()
    if case.pace is Urgency.SAME_DAY:
        assert case.status is Status.WAITING
        assert not any(phone.inbox for phone in (ana, ben, cho))
        await ward.pass_time("4h")
    assert any(phone.inbox for phone in (ana, ben, cho))


async def test_an_answered_question_brings_the_next_and_a_worse_answer_raises(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("his legs are stiffer than usual today")
    assert (await ward.only_case()).pace is Urgency.URGENT
    asked = mum.inbox[-1]
    assert "1 yes 2 no 3 not sure" in asked
    await mum.texts("2")
    assert mum.inbox[-1] != asked
    await mum.texts("3")
    assert (await ward.only_case()).pace is Urgency.EMERGENCY, "not sure counts as yes"
    assert ana.is_ringing


async def test_silence_after_a_question_brings_a_call_back_at_two_minutes(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts("his legs are stiffer than usual today")
    await ward.pass_time("1m59s")
    assert not mum.is_ringing
    await ward.pass_time("1s")
    assert mum.is_ringing
    await mum.answers()
    assert "calling back" in mum.heard


async def test_questions_stop_when_somebody_has_taken_the_case(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("his legs are stiffer than usual today")
    await ana.texts(ana.reply_code("2"))
    await ward.pass_time("3m")
    assert not mum.is_ringing
    mum.new_texts()
    await mum.texts("2")
    assert not any("1 yes 2 no" in text for text in mum.new_texts())


async def test_two_families_at_once_are_two_cases_and_never_bundled(ward: Ward) -> None:
    leo, noa, ana = ward.phones("mum of Leo", "mum of Noa", "ana")
    await leo.texts("he is so itchy and stiff, his alarm is beeping")
    await noa.texts("i cant wake her up")
    assert len(await ward.open_cases()) == 2
    codes = {text.split("#")[1][:2] for text in ana.inbox if "pump call #" in text}
    assert len(codes) == 2
