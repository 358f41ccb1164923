"""The test bench: what was heard, why, who would be paged, and that it is the line's own doing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from oncall.core.case.case import Case
from oncall.core.case.entries import MessageOwed, PaceSet, Recorded
from oncall.core.case.facts import Directory
from oncall.core.case.messages import Message, Purpose
from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Urgency
from oncall.service.rules.bench import Door, Outcome, Trial, marked, try_out
from oncall.service.rules.dry_run import FAMILY
from tests.support.builders import HOSPITAL, TEN_AM, THREE_AM, handbook, ward_staff, without_rota
from tests.support.web_house import STRANGER, WebHouse, web_house

STIFF = "she is so itchy and stiff, her pump is beeping two tones"
STAFF = Directory(HOSPITAL, ward_staff())


def tried(*messages: str, door: Door = Door.TEXT, **how: object) -> Outcome:
    trial = replace(Trial(door, THREE_AM, messages), **how)  # type: ignore[arg-type]
    return try_out(trial, handbook(), STAFF)


# --- the same as the line ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [STIFF, "shes itchy", "constipation", "when is my appointment", "qwzx vbnk", ""])
async def test_the_bench_pages_and_writes_what_the_line_does(words: str) -> None:
    """The same words through the real intake, its clocks passing one by one."""
    house = await web_house()
    opened = house.clock.now()
    trial = Trial(Door.TEXT, opened, (words,) if words else ())
    outcome = try_out(trial, house.handbooks.current(), await house.register.directory())
    case = await house.text(STRANGER, words)
    while case.round < 2 and case.due_at is not None:
        case = await house.time_passes(case.id, seconds=(case.due_at - house.clock.now()).total_seconds())
    until = outcome.night.again_at or house.clock.now() + timedelta(seconds=1)
    names = (await house.register.directory()).clinicians
    paged = [(page.ordered_at, names[page.person].name) for page in case.pages if page.ordered_at < until]
    assert [(one.at, one.name) for one in outcome.night.paged] == paged
    language = ("en", "es").index(case.language)
    told = [one.versions[language].body for one in outcome.night.told if one.versions]
    assert told == [message.body for at, message in await written(house, case) if at < until]
    assert outcome.night.pace is first_pace(await house.journal.entries(case.id))
    await house.close()


async def written(house: WebHouse, case: Case) -> list[tuple[datetime, Message]]:
    """What was written to the family, and when."""
    rows = await house.journal.entries(case.id)
    owed = [(row.at, row.entry.message) for row in rows if isinstance(row.entry, MessageOwed)]
    return [(at, message) for at, message in owed if message.purpose is Purpose.FAMILY]


def first_pace(recorded: list[Recorded]) -> Urgency:
    return next(row.entry.pace for row in recorded if isinstance(row.entry, PaceSet))


def test_nothing_on_the_bench_can_reach_a_telephone() -> None:
    assert FAMILY not in {phone.number for person in STAFF.clinicians.values() for phone in person.phones}
    assert HOSPITAL.line != FAMILY


# --- hearing -------------------------------------------------------------------------------------------------------


def test_each_finding_names_its_very_words_and_they_are_marked() -> None:
    outcome = tried("maybe she has a fever, no seizure, itchy")
    heard = {finding.sign: finding for finding in outcome.findings}
    assert (heard["fever"].heard, heard["fever"].evidence, heard["fever"].marked) == ("not sure", "fever", True)
    assert heard["seizure"].heard == "denied"
    assert heard["itching"].heard == "present"
    assert not heard["days of drug left unknown"].marked
    [stretches] = outcome.messages
    assert "".join(stretch.text for stretch in stretches) == outcome.trial.messages[0]
    numbers = {stretch.text: stretch.numbers for stretch in stretches if stretch.numbers}
    assert numbers["fever"] == (heard["fever"].number,)


def test_overlapping_words_carry_both_numbers_and_parts_of_words_none() -> None:
    findings = [Finding("a", Heard.PRESENT, "very stiff"), Finding("b", Heard.PRESENT, "stiff legs")]
    [stretches] = marked(["unstiff, very stiff legs"], findings)
    assert [(one.text, one.numbers) for one in stretches] == [
        ("unstiff, ", ()),
        ("very ", (1,)),
        ("stiff", (1, 2)),
        (" legs", (2,)),
    ]


def test_a_word_is_marked_in_the_first_message_that_holds_it() -> None:
    first, second = tried("hello", "itchy", "so itchy").messages[1:]
    assert any(one.numbers for one in first)
    assert not any(one.numbers for one in second)


@pytest.mark.parametrize("evidence", ["", "  ", "(.*)", "a\nb"])
def test_evidence_that_is_no_word_marks_nothing_and_breaks_nothing(evidence: str) -> None:
    assert marked(["so itchy"], [Finding("x", Heard.PRESENT, evidence)])[0][0].numbers == ()


# --- why -----------------------------------------------------------------------------------------------------------


def test_rules_stand_with_their_sentence_source_and_signs() -> None:
    told = {rule.id: rule for rule in tried("hes so itchy today").fired}
    assert told["W-itch"].sentence == "IF itching → URGENT, leans to too little drug"
    assert told["W-itch"].source == "S5, S33"
    assert told["W-itch"].signs == ("itching",)


def test_what_would_have_raised_it_is_said_in_words_and_never_for_an_emergency() -> None:
    assert "hot or cold to the touch" in tried("hes so itchy today").would_raise
    assert tried(STIFF).would_raise == ()


def test_what_nobody_understands_is_urgent_and_a_persons() -> None:
    outcome = tried("qwzx vbnk")
    assert outcome.assessment.urgency is Urgency.URGENT
    assert outcome.assessment.needs_human


# --- answers and alarms --------------------------------------------------------------------------------------------


def test_answers_are_findings_and_are_not_asked_again() -> None:
    outcome = tried(door=Door.ANSWERS, answers={"waking_breathing": "2", "stiff_hot_itch": "3"})
    assert outcome.assessment.urgency >= Urgency.URGENT
    asked = outcome.next_question[0].body
    assert asked.startswith("In the last day, a seizure")
    bodies = [one.versions[0].body for one in outcome.night.told if one.versions]
    assert asked in bodies
    assert not any("hard to wake them" in body for body in bodies)


def test_a_keyed_temperature_goes_through_the_limits() -> None:
    signs = {finding.sign for finding in tried(door=Door.ANSWERS, answers={"temperature": "1042"}).findings}
    assert "temperature 40 C (104 F) or more" in signs


def test_no_answer_at_all_pages() -> None:
    assert tried(door=Door.ANSWERS).assessment.urgency is Urgency.URGENT


def test_a_zero_asks_for_a_person_as_it_does_on_the_line() -> None:
    assert "asked for a person" in {finding.sign for finding in tried("0").findings}
    assert "unreadable words" not in {finding.sign for finding in tried("0").findings}


def test_an_alarm_speaks_to_no_family() -> None:
    outcome = tried(door=Door.ALARM, alarm={"alarm_reason": "low_reservoir", "device_model": "synchromed"}, at=TEN_AM)
    assert outcome.assessment.urgency >= Urgency.SAME_DAY
    assert outcome.night.told == ()
    assert outcome.next_question == ()
    assert outcome.night.paged


def test_the_record_raises() -> None:
    beep = {"alarm_reason": "low_reservoir"}
    known = {"days_to_low_reservoir_alarm": 60, "days_to_empty_estimate": 90}
    calm = tried(door=Door.ALARM, alarm=beep, context=known)
    late = tried(door=Door.ALARM, alarm=beep, context={**known, "days_to_low_reservoir_alarm": -2})
    assert (calm.assessment.urgency, late.assessment.urgency) == (Urgency.SAME_DAY, Urgency.URGENT)


# --- who and when --------------------------------------------------------------------------------------------------


def test_a_night_emergency_climbs_as_the_table_says() -> None:
    night = tried(STIFF).night
    waits = [(one.at - THREE_AM, one.name, one.tier) for one in night.paged][:3]
    assert waits == [
        (timedelta(0), "Dr Lee", "pump-team/primary"),
        (timedelta(minutes=3), "Dr Osei", "pump-team/attending"),
        (timedelta(minutes=6), "Dr Abud", "anaesthesia-pain"),
    ]
    assert night.paged[0].called_at == night.paged[0].texted_at == THREE_AM
    assert night.paged[-1].informs
    assert (night.again_at, night.raised) == (THREE_AM + timedelta(minutes=12), None)
    assert night.ring_again == timedelta(seconds=90)


def test_a_same_day_matter_at_night_waits_and_one_with_a_sound_does_not() -> None:
    quiet, sound = tried("constipation").night, tried("one beep every hour").night
    assert quiet.waits
    assert quiet.paged[0].at - THREE_AM == timedelta(hours=3, minutes=56)
    assert quiet.raised is Urgency.URGENT
    assert not sound.waits
    assert sound.pace is Urgency.URGENT


def test_an_office_matter_pages_nobody_until_it_is_left_lying() -> None:
    night = tried("when is my appointment").night
    assert night.waits
    assert night.ring_again is None
    assert any("is texted" in what for _, what in night.notices)


def test_an_empty_rota_still_has_an_outcome() -> None:
    night = try_out(Trial(Door.TEXT, THREE_AM, (STIFF,)), without_rota(), STAFF).night
    assert not night.waits
    assert night.notices


def test_the_texts_stand_in_both_languages_with_their_measures() -> None:
    first = tried(STIFF).night.told[0]
    english, spanish = first.versions
    assert "3:14 AM" in english.body
    assert "3:14 AM" in spanish.body
    assert english.measures.letters == len(english.body)
    assert english.measures.parts == 1
    assert english.measures.grade is not None
    assert (spanish.language, spanish.measures.grade) == ("es", None)
