"""Dates that pass and tasks that nobody takes, with phones and a clock: cases at nine, answers, pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from oncall.adapters.register.rows import FamilyPhoneRow, PatientRow
from oncall.core.case.case import Case, Status
from oncall.core.case.commands import Acknowledge, Resolve
from oncall.core.tasks import By, Task
from oncall.core.triage.assessment import Urgency
from oncall.service.patients.overdue_refills import OverdueRefills
from tests.support.ward import Ward, open_ward

SUNDAY = datetime(2026, 11, 22, 13, 50, tzinfo=UTC)  # 08:50 in New York
MONDAY = SUNDAY + timedelta(days=1)
SIX_PM = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # Monday
MARIA = By("maria", "Maria Ortiz")
PLAIN = ("1", "2", "OK", "yes", "no", "thank you", "gracias", "can we do friday?")
NOT_PLAIN = (
    "he is stiff",
    "0",
    "3",
    "8",
    "ok but he is itchy",
    "1 she is hot",
    "??",
    "",
    "\N{THUMBS UP SIGN}",
    "he died",
)


async def case_of(ward: Ward, patient: str) -> Case | None:
    found = await ward.house.journal.open_case(f"patient:{patient}")
    return await ward.house.journal.case(found) if found else None


async def record(ward: Ward, patient: str, **dates: object) -> None:
    [row] = [row for row in await ward.house.register.rows(PatientRow) if row.id == patient]
    await ward.house.register.put([replace(row, **dates)], "test")  # type: ignore[arg-type]


# --- a date that has passed ------------------------------------------------------------------------------------------


async def test_an_overdue_refill_is_a_case_at_nine_on_monday_and_not_on_sunday() -> None:
    async with open_ward(SUNDAY) as ward:
        for span in ("10m", "4h", "19h49m"):  # Sunday 09:00, 13:00, Monday 08:49
            await ward.pass_time(span)
            await ward.house.overdue_refills.look()
            assert await ward.open_cases() == []
        await ward.pass_time("11m")
        await ward.house.overdue_refills.look()
        case = await ward.only_case()
        assert (case.key, case.status, case.pace) == ("patient:noa", Status.PAGING, Urgency.URGENT)
        assert any("low-reservoir date" in finding.evidence for finding in case.findings)
        assert "the calendar of the house" in " ".join(await ward.story())
        await ward.is_sound()


async def test_it_is_opened_once_for_each_date_whatever_happens_to_the_case() -> None:
    async with open_ward(MONDAY, day_rounds=True) as ward:
        await ward.pass_time("11m")
        case = await ward.only_case()
        person = case.pages[0].person
        await ward.house.desk.take(Acknowledge(case.id, person, "replied", case.pages[0].id))
        await ward.house.desk.take(Resolve(case.id, person, "phone advice"))
        again = OverdueRefills(ward.house.dangers, ward.house.intake, ward.house.handbooks, ward.clock)
        await again.look()
        assert await ward.open_cases() == [], "after a restart too"
        await record(ward, "noa", refill_booked_on=MONDAY.date() - timedelta(days=1))
        await ward.pass_time("2m")
        assert (await ward.only_case()).key == "patient:noa", "a visit was booked since, and has passed"


async def test_a_visit_that_is_booked_keeps_it_from_being_a_case() -> None:
    async with open_ward(MONDAY, day_rounds=True) as ward:
        await record(ward, "noa", refill_booked_on=MONDAY.date())
        await ward.pass_time("30m")
        assert await case_of(ward, "noa") is None


async def test_a_house_that_starts_late_in_the_morning_still_opens_it_and_one_that_starts_at_night_waits() -> None:
    async with open_ward(MONDAY + timedelta(hours=5), day_rounds=True) as ward:
        await ward.pass_time("2m")
        assert await case_of(ward, "noa") is not None
    async with open_ward(MONDAY + timedelta(hours=12), day_rounds=True) as ward:
        await ward.pass_time("2m")
        assert await ward.open_cases() == []


async def test_the_morning_list_tells_the_coordinator_how_much_waits_and_nobody_else() -> None:
    async with open_ward(MONDAY - timedelta(hours=1, minutes=44)) as ward:  # 07:06
        await ward.house.register.task_list.leave(waiting(), "test")
        await ward.house.morning_list.look()
        await ward.pass_time("10s")
        [text] = ward.phone("maria").inbox
        assert "Due: 2 overdue, 1 near; Tasks: 1 for today" in text
        assert "Noa" not in text
        assert "overdue" not in ward.phone("operator").inbox[0]


# --- texts that we begin ---------------------------------------------------------------------------------------------


async def sent_sweep(ward: Ward, who: str = "mum of Noa") -> None:
    """The coordinator ticks this family's text, and the evening comes."""
    number = ward.phone(who).number
    [one] = [one for one in await ward.house.evening_sweep.proposals() if one.notice.to == number]
    assert await ward.house.evening_sweep.send([one.id], "maria") == 1
    await ward.pass_time("2h31m")


async def open_answers(ward: Ward) -> list[Task]:
    return [task for task in await ward.house.register.task_list.open_tasks() if task.id.startswith("answer-")]


async def test_nothing_goes_out_before_the_evening_and_it_names_nobody() -> None:
    async with open_ward(SIX_PM) as ward:
        mum = ward.phone("mum of Noa")
        [one] = [one for one in await ward.house.evening_sweep.proposals() if one.notice.to == mum.number]
        await ward.house.evening_sweep.send([one.id], "maria")
        await ward.pass_time("2h29m")
        assert mum.inbox == []
        await ward.pass_time("2m")
        [text] = mum.inbox
        assert "Noa" not in text
        assert "911" in text
        assert await ward.house.evening_sweep.proposals() == [], "nobody is asked again the same evening"


async def test_plain_words_are_a_task_and_wake_nobody() -> None:
    async with open_ward(SIX_PM) as ward:
        await sent_sweep(ward)
        await ward.phone("mum of Noa").texts("ok thanks")
        assert await ward.open_cases() == []
        [task] = await open_answers(ward)
        assert (task.words, task.patient) == ("ok thanks", "noa")
        assert task.promised_at == datetime(2026, 11, 24, 17, 0, tzinfo=UTC), "noon of the next working day"
        assert "The pump office will answer you by Tue 12:00 PM" in ward.phone("mum of Noa").inbox[-1]
        for words in PLAIN:
            assert ward.house.intake.is_plain(words), words
        for words in NOT_PLAIN:
            assert not ward.house.intake.is_plain(words), words


async def test_a_sign_in_the_answer_is_a_case_as_ever() -> None:
    async with open_ward(SIX_PM) as ward:
        await sent_sweep(ward)
        await ward.phone("mum of Noa").texts("he is stiff")
        assert (await ward.only_case()).status is Status.PAGING
        await ward.phone("mum of Noa").texts("ok thanks")
        assert await open_answers(ward) == [], "the family has begun a conversation of its own"
        assert len((await ward.only_case()).reports) == 2


async def test_the_same_answer_twice_is_one_task_and_only_the_first_is_answered() -> None:
    async with open_ward(SIX_PM) as ward:
        await sent_sweep(ward)
        mum = ward.phone("mum of Noa")
        sid = await mum.texts("ok thanks")
        await mum.texts("ok thanks", sid=sid)
        await mum.texts("ok")
        assert len(await open_answers(ward)) == 2
        assert len([text for text in mum.inbox if "pump office will answer" in text]) == 1


async def test_an_answer_counts_for_three_days() -> None:
    async with open_ward(SIX_PM) as ward:
        await sent_sweep(ward)
        await ward.pass_time("73h")
        await ward.phone("mum of Noa").texts("yes")
        assert (await ward.only_case()).status is Status.PAGING


async def test_yes_to_the_number_check_verifies_the_number() -> None:
    async with open_ward(SIX_PM) as ward:
        mum = ward.phone("mum of Leo")
        [row] = [row for row in await ward.house.register.rows(FamilyPhoneRow) if row.number == mum.number]
        await ward.house.register.put([replace(row, verified_at=None)], "test")
        await sent_sweep(ward, "mum of Leo")
        await mum.texts("1")
        [row] = [row for row in await ward.house.register.rows(FamilyPhoneRow) if row.number == mum.number]
        assert row.verified_at is not None
        assert len(await open_answers(ward)) == 1


async def test_stop_brings_one_call_by_day_in_their_language_and_its_key_2_a_doctor() -> None:
    async with open_ward(SIX_PM) as ward:
        mum = ward.phone("mum of Noa")
        [row] = [row for row in await ward.house.register.rows(FamilyPhoneRow) if row.number == mum.number]
        await ward.house.register.put([replace(row, language="es")], "test")
        await sent_sweep(ward)
        assert mum.inbox[-1].startswith("Equipo de la bomba")
        await ward.pass_time("30m")
        await mum.texts("STOP")
        assert await ward.open_cases() == []
        await ward.pass_time("9h58m30s")
        assert not mum.is_ringing, "06:59:40"
        await ward.pass_time("30s")
        assert mum.is_ringing
        await mum.answers()
        assert "Línea de la bomba. Recibimos STOP." in mum.heard
        await mum.presses("2")
        assert (await ward.only_case()).status is Status.PAGING


async def test_nobody_who_answers_that_call_is_a_task_and_it_rings_once() -> None:
    async with open_ward(SIX_PM) as ward:
        await sent_sweep(ward)
        mum = ward.phone("mum of Noa")
        await mum.texts("STOP")
        await ward.pass_time("10m")
        assert mum.missed == 1
        titles = sorted(task.title for task in await open_answers(ward))
        assert [title.partition(" ")[0] for title in titles] == ["A", "Ring"]
        await ward.pass_time("24h")
        assert mum.missed == 1
        assert await ward.open_cases() == []


# --- tasks -----------------------------------------------------------------------------------------------------------


def waiting(patient: str | None = "leo") -> Task:
    due = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # noon
    return Task("call-back", "Ring back about Friday", due, patient=patient, promised_at=due if patient else None)


def told(ward: Ward) -> list[str]:
    return [text for text in ward.phone("maria").inbox if "nobody has taken it" in text]


async def without_sample_task(ward: Ward, task: Task) -> None:
    await ward.house.register.finish_task("sample-task", "test")
    await record(ward, "noa", refill_booked_on=MONDAY.date() + timedelta(days=10))
    await ward.house.register.task_list.leave(task, "test")


async def test_an_untaken_task_tells_the_coordinator_at_noon_and_pages_at_two_across_a_restart(tmp_path) -> None:
    database = f"sqlite:///{tmp_path / 'ward.db'}"
    async with open_ward(MONDAY, database) as ward:
        await without_sample_task(ward, waiting())
        await looked_at(ward, "3h9m")
        assert told(ward) == []
        await looked_at(ward, "1m")
        assert len(told(ward)) == 1
        await looked_at(ward, "1m")
        assert len(told(ward)) == 1
    async with open_ward(ward.clock.now(), database, fill=False) as ward:
        await looked_at(ward, "1h45m")
        assert await ward.open_cases() == []
        await looked_at(ward, "13m")
        await looked_at(ward, "5m")
        case = await ward.only_case()
        assert (case.status, case.pace, case.key) == (Status.PAGING, Urgency.SAME_DAY, "patient:leo")
        assert len(case.reports) == 1
        assert told(ward) == [], "it was told before the restart"
        await ward.is_sound()


async def looked_at(ward: Ward, span: str) -> None:
    """The chore's look after that time; what it orders goes out."""
    await ward.pass_time(span)
    await ward.house.task_alarms.look()
    await ward.pass_time("10s")


async def test_a_task_that_was_taken_pages_nobody_and_one_of_the_house_only_tells() -> None:
    async with open_ward(MONDAY, day_rounds=True) as ward:
        await without_sample_task(ward, waiting())
        await ward.house.task_list.take("call-back", MARIA)
        await ward.pass_time("7h")
        assert told(ward) == []
        assert any("is past its time" in text for text in ward.phone("maria").inbox)
        assert await ward.open_cases() == []
    async with open_ward(MONDAY, day_rounds=True) as ward:
        await without_sample_task(ward, waiting(patient=None))
        await ward.pass_time("7h")
        assert len(told(ward)) == 1
        assert await ward.open_cases() == []


async def test_an_untaken_task_of_friday_evening_pages_on_monday() -> None:
    friday = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)  # 17:00
    async with open_ward(friday) as ward:
        await without_sample_task(ward, replace(waiting(), due_at=friday + timedelta(hours=1)))
        for span in ("20h", "20h", "20h"):  # Saturday 13:00, Sunday 09:00, Monday 05:00
            await looked_at(ward, span)
            assert await ward.open_cases() == []
        await looked_at(ward, "3h")
        assert (await ward.only_case()).pace is Urgency.SAME_DAY


async def test_an_office_request_that_is_a_case_keeps_its_own_clock() -> None:
    async with open_ward(SUNDAY) as ward:
        await ward.house.register.finish_task("sample-task", "test")
        await ward.phone("mum of Leo").texts("need a school letter please")
        day = await ward.house.task_list.day()
        [case] = day.cases
        assert case.promised_at == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
        await looked_at(ward, "29h30m")
        assert len(await ward.open_cases()) == 1
        assert told(ward) == [], "its own clock tells"
