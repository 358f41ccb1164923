"""A family's texts turn by turn: one question at a time, the carrier's own words, photographs, echoes, 911."""

from __future__ import annotations

import pytest

from oncall.core.case.case import ClockKind, Status
from oncall.core.triage.assessment import Urgency
from tests.support.ward import Ward

STRANGER = "+16175550199"
RESERVED = (
    "STOP", "StopAll", "unsubscribe", "END", "quit", "Cancel", "REVOKE", "optout", "help", "INFO", "yes", "START",
    "Unstop",
)  # fmt: skip


@pytest.mark.parametrize("word", RESERVED)
async def test_every_reserved_word_alone_is_a_case_a_page_and_a_call(ward: Ward, word: str) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(word)
    case = await ward.only_case()
    assert case.status is Status.PAGING
    assert ana.inbox
    await ward.pass_time("2m30s")
    assert mum.missed or mum.is_ringing
    stops = word.upper() in {"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"}
    assert (await ward.only_case()).texts_blocked == stops


async def test_start_lets_texts_through_again(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts("stop")
    assert (await ward.only_case()).texts_blocked
    mum.new_texts()
    await mum.texts("START")
    assert not (await ward.only_case()).texts_blocked
    assert any("911" in text for text in mum.new_texts())


async def test_one_parent_who_says_stop_does_not_silence_the_other(ward: Ward) -> None:
    mum, dad = ward.phones("mum of Leo", "dad of Leo")
    await mum.texts("he is stiffer than usual today")
    await dad.texts("STOP")
    mum.new_texts()
    await ward.pass_time("5m")
    assert any("Still working on it" in text for text in mum.new_texts())


async def test_the_911_text_is_answered_by_a_digit_and_the_questions_stop(ward: Ward) -> None:
    mum, ana, dia = ward.phones("mum of Leo", "ana", "dia")
    await mum.texts("he wont wake up")
    assert "CALL 911 NOW" in mum.inbox[0]
    assert "Reply 1 when you have called 911" in mum.inbox[1]
    await mum.texts("1")
    case = await ward.only_case()
    assert case.has_said("called_911")
    assert "you called 911" in mum.inbox[-1]
    assert any("the family has called 911" in text for text in ana.inbox)
    assert case.clock(ClockKind.SILENCE) is None
    await ward.pass_time("3m")
    assert dia.is_ringing, "the page goes on"
    assert not any("1 yes 2 no" in text for text in mum.inbox)


async def test_who_cannot_call_911_hears_what_to_do_and_is_asked_on(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("he wont wake up")
    await mum.texts("2")
    assert any("Ask someone near you to call 911" in text for text in mum.inbox)
    assert any("cannot call 911" in text for text in ana.inbox)
    assert "1 yes 2 no 3 not sure" in mum.inbox[-1]


async def test_a_digit_that_may_answer_two_questions_is_read_as_the_worse(ward: Ward) -> None:
    """The waking question was open when his words made 911 the advice: 1 may be yes to either."""
    mum = ward.phone("mum of Leo")
    await mum.texts("his legs are stiffer than usual today")
    await mum.texts("now he is having a seizure and turning blue")
    assert "Reply 1 when you have called 911" in mum.inbox[-1]
    await mum.texts("1")
    case = await ward.only_case()
    assert case.has_said("menu_sleepy_or_breathing")
    assert not case.has_said("called_911"), "a doubt never stops the questions"


async def test_what_is_not_understood_is_said_so_and_the_question_asked_again(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts("his legs are stiffer than usual today")
    asked = mum.inbox[-1]
    mum.new_texts()
    await mum.texts("zxcv qwer")
    told = mum.new_texts()
    assert "We did not understand that. A person will read your words" in told[0]
    assert told[1] == asked
    assert len(told) == 2


async def test_nine_is_spanish_and_answers_nothing(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts("his legs are stiffer than usual today")
    mum.new_texts()
    await mum.texts("9")
    case = await ward.only_case()
    assert case.language == "es"
    assert case.answered == ()
    assert any("1 sí 2 no 3 no sé" in text for text in mum.new_texts())


async def test_a_photo_is_acknowledged_and_seen_by_the_doctor(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts("look", media=("https://carrier.example/photo.jpg",))
    assert any("Photo received" in text for text in mum.inbox)
    assert any(finding.code == "photo_sent" for finding in (await ward.only_case()).findings)


async def test_an_auto_responder_is_not_answered_for_ever_and_its_page_lives_on(ward: Ward) -> None:
    robot, ana = ward.phones(STRANGER, "ana")
    for _ in range(12):
        await robot.texts("I'm driving right now and will reply later")
    case = await ward.only_case()
    withheld = await entries_named(ward, case.id, "ReplyWithheld")
    assert len(withheld) == 9, "three with the same words were answered"
    assert len(case.reports) == 12
    assert ana.inbox
    assert case.status is Status.PAGING
    before = len(robot.inbox)
    await ward.pass_time("5m")
    assert len(robot.inbox) > before, "the promised word still comes"


async def test_at_most_five_texts_an_hour_that_change_nothing_are_answered(ward: Ward) -> None:
    robot = ward.phone(STRANGER)
    for n in range(12):
        await robot.texts(f"zxcv {'abcdefghijkl'[n] * 4} qwer")
    case = await ward.only_case()
    withheld = len(await entries_named(ward, case.id, "ReplyWithheld"))
    assert withheld in (5, 6), "the first opens the case; whether a second one says something new is the reading's"
    await robot.texts("she is not breathing")
    assert "CALL 911 NOW" in robot.inbox[-2] + robot.inbox[-1]
    assert (await ward.only_case()).pace is Urgency.EMERGENCY


async def test_two_bots_face_to_face_come_to_rest(ward: Ward) -> None:
    robot = ward.phone(STRANGER)
    answered = 0
    await robot.texts("out of office")
    for _ in range(60):
        new = robot.new_texts()
        if not new:
            break
        answered += 1
        await robot.texts("out of office")
    assert answered <= 4


async def test_thanks_after_closing_are_not_answered_for_ever(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts("his legs are stiffer than usual today")
    await ana.texts(ana.reply_code("2"))
    await ana.texts(ana.reply_code("6"))
    await ana.texts(ana.reply_code("74"))
    mum.new_texts()
    for _ in range(8):
        await mum.texts("thank you so much")
    assert len(mum.new_texts()) == 3


async def entries_named(ward: Ward, case: str, kind: str) -> list[object]:
    return [r.entry for r in await ward.house.journal.entries(case) if type(r.entry).__name__ == kind]


# --- what we promise -------------------------------------------------------------------------------------------------


async def test_the_family_hears_that_the_page_climbs_at_each_step(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.texts("he is so itchy and stiff, his alarm is beeping")
    mum.new_texts()
    heard = []
    for _ in range(10):
        await ward.pass_time("1m")
        heard.append(" ".join(mum.new_texts()))
    assert ["the first doctor has not answered" in text for text in heard] == [n in (2, 5, 7) for n in range(10)]
    assert "We are sorry: we could not reach our doctors" in heard[9]


async def test_a_missed_promise_tells_the_last_resort_again(ward: Ward) -> None:
    mum, operator = ward.phones("mum of Leo", "operator")
    await mum.texts("he is so itchy and stiff, his alarm is beeping")
    await ward.pass_time("9m")
    operator.new_texts()
    await ward.pass_time("1m")
    assert operator.new_texts()


async def test_an_office_that_does_not_answer_by_noon_apologises_and_tells_the_coordinator(day_ward: Ward) -> None:
    mum, maria = day_ward.phones("mum of Leo", "maria")
    await mum.texts("got a bill for $412 who do i call")
    mum.new_texts()
    await day_ward.pass_time("2d2h")  # Thursday is Thanksgiving
    assert any("the office has not answered you yet" in text for text in mum.new_texts())
    assert maria.inbox
