"""Staff are told and asked outside of cases: by text, by voice; and a page always goes first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from oncall.adapters.register.rows import PersonPhoneRow
from oncall.core.case.case import Status
from oncall.core.case.messages import Channel
from oncall.core.notices import About, Choice, Notice, Standing
from oncall.core.people import Clinician
from oncall.service.intake import TextIn
from oncall.service.notice_answers import NoticeAnswers
from oncall.service.telephone.family_replies import FamilyReplies
from oncall.service.telephone.inbox import Inbox
from oncall.service.telephone.replies import Replies, StaffText
from tests.support.ward import THREE_AM, Ward, open_ward

ITCHY = "he is so itchy and stiff, his alarm is beeping"
YES_NO = (Choice("1", "yes"), Choice("2", "no"))


def swap(ward: Ward, who: str = "ana", reference: str = "s1", **more: object) -> Notice:
    words = "Ben asks you for Sat 07:00-19:00. Reply {1} yes, {2} no."
    known = {"choices": YES_NO, "person": who, **more}
    return Notice(About("swap", reference), ward.phone(who).number, Channel.SMS, words, "maria", **known)  # type: ignore[arg-type]


def drill(ward: Ward, who: str = "ana", **more: object) -> Notice:
    words = "TEST. This is a test of the pump line. Press 1."
    known = {"choices": (Choice("1", "heard"),), "is_test": True, "person": who, **more}
    return Notice(About("tried", "d1"), ward.phone(who).number, Channel.VOICE, words, "maria", **known)  # type: ignore[arg-type]


def into(heard: list[Notice]) -> Callable[[Notice], Awaitable[None]]:
    async def listener(notice: Notice) -> None:
        heard.append(notice)

    return listener


async def stands(ward: Ward, notice: Notice) -> Notice:
    found = await ward.house.messenger.notices.get(notice.id)
    assert found is not None
    return found


async def test_a_text_asks_and_three_digits_answer_it_and_prove_the_phone(ward: Ward) -> None:
    ana, heard = ward.phone("ana"), list[Notice]()
    ward.house.messenger.hears("swap", into(heard))
    await ward.house.messenger.order(swap(ward))
    await ward.settle()
    assert ana.inbox == ["Ben asks you for Sat 07:00-19:00. Reply 971 yes, 972 no."]
    await ward.pass_time("5m")
    await ana.texts("972")
    assert [(notice.meaning, notice.standing) for notice in heard] == [("no", Standing.ANSWERED)]
    assert ana.inbox[-1] == "Thank you, noted."
    assert await ward.open_cases() == []
    people = (await ward.house.register.directory()).clinicians
    assert people["ana"].phones[0].proven_at == THREE_AM + timedelta(minutes=5)


async def test_the_same_notice_ordered_again_goes_out_once(ward: Ward) -> None:
    for _ in range(3):
        await ward.house.messenger.order(swap(ward))
        await ward.settle()
    assert len(ward.phone("ana").inbox) == 1


async def test_the_first_answer_holds_and_a_repeat_is_told_so(ward: Ward) -> None:
    ana, heard = ward.phone("ana"), list[Notice]()
    ward.house.messenger.hears("swap", into(heard))
    [placed] = await ward.house.messenger.order(swap(ward))
    await ward.settle()
    for text in ("971", "971", "972"):
        await ana.texts(text)
    assert ana.inbox[-2:] == ["That is noted already.", "That was answered before; the first answer holds."]
    assert (await stands(ward, placed)).meaning == "yes"
    assert len(heard) == 1


async def test_a_digit_that_was_not_offered_is_asked_again(ward: Ward) -> None:
    ana = ward.phone("ana")
    [placed] = await ward.house.messenger.order(swap(ward))
    await ward.settle()
    await ana.texts("975")
    assert ana.inbox[-1] == "Please reply 971 or 972."
    assert (await stands(ward, placed)).is_open


async def test_another_phone_of_the_same_person_answers_nothing(ward: Ward) -> None:
    ana = ward.phone("ana")
    [placed] = await ward.house.messenger.order(swap(ward))
    await ward.settle()
    await ana.handsets[1].texts("971")
    await ward.settle()
    assert (await stands(ward, placed)).is_open
    assert ana.handsets[1].inbox[-1] == "Please reply from the phone that was asked."


async def test_a_bare_digit_answers_the_only_question_when_no_page_is_open(ward: Ward) -> None:
    ana = ward.phone("ana")
    [placed] = await ward.house.messenger.order(swap(ward))
    await ward.settle()
    await ana.texts("1")
    assert (await stands(ward, placed)).meaning == "yes"


async def test_with_two_questions_open_a_bare_digit_answers_neither(ward: Ward) -> None:
    ana = ward.phone("ana")
    first, second = await ward.house.messenger.order(swap(ward), swap(ward, reference="s2"))
    await ward.settle()
    await ana.texts("1")
    assert (await stands(ward, first)).is_open
    assert (await stands(ward, second)).is_open


async def test_words_of_consent_answer_only_where_there_is_one_choice(ward: Ward) -> None:
    ana, ben = ward.phones("ana", "ben")
    one = swap(ward)
    two = replace(swap(ward, "ben"), choices=(Choice("1", "works"),))
    await ward.house.messenger.order(one, two)
    await ward.settle()
    await ben.texts("ok")
    assert (await stands(ward, two)).meaning == "works"
    await ana.texts("ok")
    assert (await stands(ward, one)).is_open, "yes to what?"


async def test_with_a_page_and_a_question_open_a_bare_one_means_neither(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    [placed] = await ward.house.messenger.order(swap(ward))
    await ward.settle()
    await mum.texts(ITCHY)
    await ana.texts("1")
    case = await ward.only_case()
    assert case.status is Status.PAGING
    assert (await stands(ward, placed)).is_open
    assert ana.reply_code("1") in ana.inbox[-1], "she is told how to take the case"
    await ana.texts("971")
    assert (await ward.only_case()).status is Status.PAGING
    assert (await stands(ward, placed)).meaning == "yes"
    await ana.texts("ok")
    assert (await ward.only_case()).status is Status.HELD, "with the question answered, ok means the page again"


async def test_a_call_asks_for_a_key_and_voicemail_is_none(ward: Ward) -> None:
    ana, heard = ward.phone("ana"), list[Notice]()
    ward.house.messenger.hears("tried", into(heard))
    ana.is_set("voicemail")
    [placed] = await ward.house.messenger.order(drill(ward))
    await ward.pass_time("2m")
    assert [notice.standing for notice in heard] == [Standing.EXPIRED]
    assert (await stands(ward, placed)).answer is None


async def test_a_key_on_the_call_answers_it(ward: Ward) -> None:
    ana, heard = ward.phone("ana"), list[Notice]()
    ward.house.messenger.hears("tried", into(heard))
    await ward.house.messenger.order(drill(ward))
    await ward.settle()
    assert ana.is_ringing
    await ana.answers()
    assert "TEST. This is a test" in ana.heard
    await ana.presses("5")
    assert heard == []
    await ana.presses("1")
    assert [(notice.standing, notice.meaning) for notice in heard] == [(Standing.ANSWERED, "heard")]
    assert "Thank you, noted." in ana.heard


async def test_an_unanswered_call_rings_as_often_as_was_ordered(ward: Ward) -> None:
    ana = ward.phone("ana")
    [placed] = await ward.house.messenger.order(drill(ward, rings=2))
    await ward.pass_time("10m")
    assert ana.missed == 2
    assert (await stands(ward, placed)).standing is Standing.EXPIRED


async def test_a_test_waits_while_its_recipient_has_an_emergency(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ana.texts(ana.reply_code("2"))
    [placed] = await ward.house.messenger.order(drill(ward))
    await ward.pass_time("2m")
    assert (await stands(ward, placed)).attempts == 0
    await ana.texts(ana.reply_code("6"))
    await ana.texts(ana.reply_code("7") + "1")
    await ward.pass_time("2s")
    assert await ward.open_cases() == []
    assert ana.is_ringing
    assert (await stands(ward, placed)).attempts == 1


async def test_a_ringing_test_is_stopped_when_a_page_for_that_person_is_ordered(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    [placed] = await ward.house.messenger.order(drill(ward))
    await ward.settle()
    assert ana.is_ringing
    await mum.texts(ITCHY)
    test = await stands(ward, placed)
    assert test.standing is Standing.OWED
    assert test.attempts - test.refusals == 0, "it was no ring of its own"
    await ana.answers()
    assert "EMERGENCY" in ana.heard
    assert "TEST" not in ana.heard


async def test_a_notice_that_is_no_test_is_brought_beside_a_page(ward: Ward) -> None:
    mum, ana = ward.phones("mum of Leo", "ana")
    await mum.texts(ITCHY)
    await ward.house.messenger.order(swap(ward))
    await ward.pass_time("2s")
    assert any(text.startswith("Ben asks") for text in ana.inbox)


async def test_a_notice_that_nobody_answers_expires_and_a_late_answer_changes_nothing(ward: Ward) -> None:
    ana, heard = ward.phone("ana"), list[Notice]()
    ward.house.messenger.hears("swap", into(heard))
    await ward.house.messenger.order(swap(ward, expires_at=THREE_AM + timedelta(minutes=30)))
    await ward.pass_time("31m")
    assert [notice.standing for notice in heard] == [Standing.EXPIRED]
    await ana.texts("971")
    assert ana.inbox[-1] == "That question is closed; nothing was changed."
    assert await ward.open_cases() == []


async def test_a_notice_that_is_not_due_waits_for_its_hour(ward: Ward) -> None:
    await ward.house.messenger.order(swap(ward, not_before=THREE_AM + timedelta(hours=4)))
    await ward.pass_time("3h59m")
    assert ward.phone("ana").inbox == []
    await ward.pass_time("1m")
    assert len(ward.phone("ana").inbox) == 1


async def test_what_was_withdrawn_is_not_sent_and_cannot_be_answered(ward: Ward) -> None:
    heard: list[Notice] = []
    ward.house.messenger.hears("swap", into(heard))
    await ward.house.messenger.order(swap(ward, not_before=THREE_AM + timedelta(hours=4)))
    await ward.house.messenger.withdraw("swap", "s1")
    await ward.pass_time("5h")
    assert ward.phone("ana").inbox == []
    assert [notice.standing for notice in heard] == [Standing.WITHDRAWN]


async def test_a_number_that_takes_no_texts_fails_at_once_and_is_heard_of(ward: Ward) -> None:
    heard: list[Notice] = []
    ward.house.messenger.hears("swap", into(heard))
    await ward.phone("ana").texts("STOP")
    for case in await ward.open_cases():
        assert case.status is not Status.HELD
    await ward.house.messenger.order(swap(ward))
    await ward.pass_time("5s")
    assert [notice.standing for notice in heard] == [Standing.FAILED]


async def test_a_listener_that_breaks_is_told_again(ward: Ward) -> None:
    tries: list[Notice] = []

    async def breaks_once(notice: Notice) -> None:
        tries.append(notice)
        if len(tries) == 1:
            raise RuntimeError

    ward.house.messenger.hears("swap", breaks_once)
    await ward.house.messenger.order(swap(ward))
    await ward.settle()
    await ward.phone("ana").texts("971")
    await ward.pass_time("6s")
    assert len(tries) == 2
    assert await ward.house.messenger.notices.unheard() == []


async def test_a_page_passes_every_notice_that_waits() -> None:
    async with open_ward(messages_per_second=1) as ward:
        for n in range(8):
            await ward.house.messenger.order(swap(ward, "cho", reference=f"s{n}"))
        await ward.pass_time("2s")
        await ward.phone("mum of Leo").texts("hello??")
        await ward.pass_time("3s")
        assert [text for text in ward.phone("ana").inbox if "URGENT" in text], "after the family's, before the notices"
        assert len(ward.phone("cho").inbox) == 3
        await ward.pass_time("20s")
        assert len(ward.phone("cho").inbox) == 8


async def test_an_order_survives_a_restart_of_the_house(tmp_path) -> None:  # type: ignore[no-untyped-def]
    database = f"sqlite:///{tmp_path / 'oncall.db'}"
    async with open_ward(database=database) as ward:
        await ward.house.messenger.order(swap(ward, not_before=THREE_AM + timedelta(hours=1)))
        await ward.settle()
    async with open_ward(THREE_AM + timedelta(hours=2), database=database) as ward:
        heard: list[Notice] = []
        ward.house.messenger.hears("swap", into(heard))
        await ward.pass_time("1s")
        assert ward.phone("ana").inbox == ["Ben asks you for Sat 07:00-19:00. Reply 971 yes, 972 no."]
        await ward.phone("ana").texts("971")
        assert [notice.meaning for notice in heard] == ["yes"]


async def test_the_carrier_repeating_a_bare_answer_opens_no_case(ward: Ward) -> None:
    ana = ward.phone("ana")
    await ward.house.messenger.order(swap(ward))
    await ward.settle()
    await ana.texts("1")
    await ward.house.reconciler.look()
    await ward.settle()
    assert await ward.open_cases() == []
    assert ana.inbox[-1] == "Thank you, noted."


async def test_who_says_stop_while_a_notice_waits_is_not_texted() -> None:
    async with open_ward(THREE_AM) as ward:
        later = swap(ward, not_before=THREE_AM + timedelta(hours=1))
        [placed] = await ward.house.messenger.order(later)
        await ward.house.register.set_stopped(placed.to, True, THREE_AM)
        await ward.pass_time("61m")
        assert ward.phone("ana").inbox == []
        assert (await stands(ward, placed)).standing is Standing.FAILED


async def test_who_has_left_the_team_is_neither_texted_nor_rung() -> None:
    async with open_ward(THREE_AM) as ward:
        at = THREE_AM + timedelta(hours=1)
        placed = await ward.house.messenger.order(swap(ward, not_before=at), drill(ward, not_before=at))
        await ward.house.register.deactivate("ana", "maria")
        await ward.pass_time("70m")
        assert (ward.phone("ana").inbox, ward.phone("ana").missed) == ([], 0)
        assert {(await stands(ward, notice)).standing for notice in placed} == {Standing.FAILED}


class UnreadableNotices(NoticeAnswers):
    """The rows of notices were written by another program."""

    async def take(self, person: Clinician, text: StaffText) -> Notice | None:
        raise ValueError("a standing that nobody knows")

    async def is_asking(self, person: Clinician) -> bool:
        raise ValueError("a standing that nobody knows")


async def test_notices_that_cannot_be_read_keep_no_page_from_being_taken() -> None:
    async with open_ward(THREE_AM) as ward:
        house, ana = ward.house, ward.phone("ana")
        answers = UnreadableNotices(house.messenger, house.journal, house.register, ward.clock)
        replies = Replies(house.desk, house.register, ward.clock, lambda: "r1")
        begun = (house.messenger, house.register.task_list, house.register.dangers, house.intake)
        families = FamilyReplies(*begun, house.register, house.handbooks, ward.clock, house.hospital)
        inbox = Inbox(house.register, house.intake, replies, answers, families, ward.clock)
        await ward.phone("+16175550142").texts(ITCHY)
        await inbox.take(TextIn("SM1", ana.number, ana.reply_code("1")))
        [case] = await ward.open_cases()
        assert case.status is Status.HELD


# --- what the carrier's word does not reach, and numbers that are no more --------------------------------------------


async def test_a_notice_whose_callback_was_lost_is_brought_forward_from_the_carriers_list(ward: Ward) -> None:
    ward.carrier.faults.order("filter", "text", code=30007)
    ward.carrier.faults.order("drop_callback", "text", times=9)
    notice = swap(ward)
    await ward.house.messenger.order(notice)
    await ward.pass_time("1m")
    assert (await stands(ward, notice)).standing is Standing.SENT
    await ward.house.reconciler.look()
    await ward.settle()
    assert (await stands(ward, notice)).standing is Standing.FAILED
    assert ward.house.reconciler.recovered["notice"] == 1
    await ward.house.reconciler.look()
    assert ward.house.reconciler.recovered["notice"] == 1, "what is known is not made good again"


async def retires(ward: Ward, who: str = "ana") -> str:
    """The first number is retired; the one that is left."""
    proofs, first = ward.house.number_proofs, ward.phone(who).number
    await proofs.retire(who, first, "maria")
    await ward.settle()
    return (await ward.house.register.directory()).clinicians[who].phones[0].number


async def test_what_waits_for_a_retired_number_goes_to_the_present_one(ward: Ward) -> None:
    notice = swap(ward, not_before=ward.clock.now() + timedelta(hours=1))
    await ward.house.messenger.order(notice)
    present = await retires(ward)
    await ward.pass_time("61m")
    assert ward.phone("ana").inbox == []
    assert (await stands(ward, notice)).standing is Standing.WITHDRAWN
    assert [text[:16] for text in ward.carrier.phone(present).inbox] == ["Ben asks you for"]


async def test_a_question_that_is_out_to_a_number_is_asked_again_when_it_is_retired(ward: Ward) -> None:
    await ward.house.messenger.order(swap(ward))
    await ward.settle()
    present = await retires(ward)
    await ward.pass_time("1s")
    [asked] = ward.carrier.phone(present).inbox
    await ward.carrier.phone(present).texts(asked.split("Reply ")[1][:3])
    await ward.settle()
    answers = await ward.house.messenger.answers(About("swap", "s1"))
    assert sorted(one.standing.value for one in answers) == ["answered", "withdrawn"]


async def test_a_number_that_an_import_retired_gets_nothing_either(ward: Ward) -> None:
    notice = swap(ward, not_before=ward.clock.now() + timedelta(hours=1))
    await ward.house.messenger.order(notice)
    rows = [row for row in await ward.house.register.rows(PersonPhoneRow) if row.person == "ana"]
    await ward.house.register.put([replace(row, retired_at=THREE_AM) for row in rows], "import")
    await ward.pass_time("61m")
    assert ward.phone("ana").inbox == []
    assert (await stands(ward, notice)).standing is Standing.WITHDRAWN
