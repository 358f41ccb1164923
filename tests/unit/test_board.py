"""What a board says: worst first, what comes next, who is on call, and a story that can be followed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall.core.case import entries as e
from oncall.core.case.case import Arrival, Case, ClockKind, Status
from oncall.core.case.commands import ConfirmInformed, RecordAttempt, RecordOutcome, RecordProgress
from oncall.core.case.facts import Directory
from oncall.core.case.messages import Channel, Outcome, Progress, Purpose, Verdict
from oncall.core.rota.on_call import beside, leave, with_changes
from oncall.core.triage.assessment import Urgency
from oncall.service.cases.board import (
    WHAT_COMES,
    BoardReader,
    CaseRow,
    board_of,
    case_row,
    holes_ahead,
    span_words,
    tiers_now,
)
from oncall.service.cases.card import card_of
from oncall.service.cases.story import StoryRow, story_lines, tell_story
from oncall.service.cases.story_words import ARRIVALS, PROGRESS
from tests.support.web_house import HOSPITAL, MUM, NIGHT, SIBLINGS, STRANGER, WebHouse, shipped_handbook, web_house

STIFF = "she is so itchy and stiff, her pump is beeping two tones"


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


def read(house: WebHouse) -> BoardReader:
    return BoardReader(house.journal, house.register, house.handbooks, house.clock)


async def row_of(house: WebHouse, case: Case) -> CaseRow:
    found = await house.journal.case(case.id)
    assert found is not None
    return await read(house).row(found)


async def story_of(house: WebHouse, case: Case) -> list[StoryRow]:
    return [row for row in await read(house).story(case.id) if row.kind != "clocks"]


# --- the board -----------------------------------------------------------------------------------------------------


async def test_the_worst_stands_first_then_the_oldest(house: WebHouse) -> None:
    office = await house.text(STRANGER, "when is my appointment")
    older = await house.text("+16175550171", "his pump made a sound once")
    house.later(minutes=1)
    newer = await house.text("+16175550172", "his pump made a sound once")
    worst = await house.text(MUM, "cannot wake her")
    board = await read(house).board()
    assert [row.code for row in board.cases] == [worst.code, older.code, newer.code]
    assert [row.code for row in board.tasks] == [office.code]
    assert board.emergencies == 1
    assert board.cases[1].waiting(house.clock.now()) == timedelta(minutes=1)


async def test_a_case_nobody_has_judged_yet_stands_among_the_urgent(house: WebHouse) -> None:
    case = await house.text(MUM, "cannot wake her")
    unjudged = replace(case, id="c9", pace=None, status=Status.LISTENING, opened_at=NIGHT - timedelta(minutes=1))
    board = board_of([unjudged, case], [], await house.register.directory(), shipped_handbook(), NIGHT)
    assert [row.id for row in board.cases] == [case.id, "c9"]


async def test_an_empty_board_is_quiet(house: WebHouse) -> None:
    board = await read(house).board()
    assert (board.cases, board.tasks, board.closed, board.emergencies) == ((), (), (), 0)


async def test_closed_cases_stay_for_a_day(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    await house.closed(await house.taken(case))
    board = await read(house).board()
    assert board.cases == ()
    [row] = board.closed
    assert (row.closer_name, row.mark.outcome, row.mark.label) == ("Dr Park", "phone advice", case.label)
    house.later(hours=25)
    assert (await read(house).board()).closed == ()


# --- one case ------------------------------------------------------------------------------------------------------


async def test_what_comes_next_names_the_next_person_and_the_hour(house: WebHouse) -> None:
    row = await row_of(house, await house.text(MUM, STIFF))
    assert row.next is not None
    assert row.next.what == "Dr Abud is paged as well"
    assert row.next.at == NIGHT + timedelta(minutes=3)
    assert [coming.at for coming in row.coming] == sorted(coming.at for coming in row.coming)


async def test_after_the_last_step_the_next_round_comes(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    for _ in range(4):
        case = await house.time_passes(case.id, minutes=3, seconds=5)
    row = await row_of(house, case)
    assert "round" in " ".join(coming.what for coming in row.coming)
    assert any(page.name == "Hospital operator" for page in row.pages)


async def test_a_held_case_says_who_has_it_and_whether_the_family_was_reached(house: WebHouse) -> None:
    case = await house.taken(await house.text(MUM, STIFF))
    row = await row_of(house, case)
    assert (row.holder_name, row.family_reached) == ("Dr Park", False)
    assert row.next is not None
    assert row.next.what == "Dr Park is rung: the family has not been reached"
    assert (await row_of(house, await house.reached(case))).family_reached
    house.later(minutes=1)
    await house.text(MUM, "she is worse now")
    again = await row_of(house, case)
    assert not again.family_reached, "news after the call makes it 'not yet' again (RULINGS 4)"


async def test_a_page_says_how_often_it_rang_and_where_it_stands(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    assert (await row_of(house, case)).pages[0].state == "about to be paged"
    for state in [s for s in case.messages if s.message.purpose is Purpose.PAGE]:
        await house.desk.take(RecordAttempt(case.id, state.message.id, "7"))
        await house.desk.take(RecordOutcome(case.id, state.message.id, Outcome(Verdict.ACCEPTED, sid=state.message.id)))
    [page] = (await row_of(house, case)).pages
    assert (page.texts, page.calls, page.state) == (1, 1, "ringing now")
    call = next(s.message.id for s in case.messages if s.message.channel is Channel.VOICE)
    await house.desk.take(RecordProgress(case.id, call, Progress.NO_ANSWER))
    assert (await row_of(house, case)).pages[0].state == "rung"


async def test_every_clock_has_a_sentence(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    directory = await house.register.directory()
    for kind in ClockKind:
        clock = replace(case.clocks[0], kind=kind)
        [coming] = case_row(replace(case, clocks=(clock,)), directory, shipped_handbook()).coming
        assert coming.what
        assert "_" not in coming.what
    assert set(WHAT_COMES) <= set(ClockKind)


# --- who is on call ------------------------------------------------------------------------------------------------


async def test_tiers_stand_in_the_order_in_which_they_are_paged(house: WebHouse) -> None:
    tiers = tiers_now(shipped_handbook().rota, await house.register.directory(), NIGHT)
    assert [tier.title for tier in tiers[:2]] == ["Pump team, primary", "Pump team, attending"]
    assert tiers[-1].title == "Operator"
    primary, attending = tiers[0], tiers[1]
    assert [(person.name, person.is_proven) for person in primary.people] == [("Dr Park", True)]
    assert primary.people[0].until == datetime(2026, 11, 23, 12, 15, tzinfo=UTC)
    assert (primary.next_name, primary.next_at) == ("Dr Singh", datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    assert [(person.name, person.is_proven) for person in attending.people] == [("Dr Abud", False)]


async def test_a_hole_is_seen_before_it_comes() -> None:
    rota = shipped_handbook().rota
    away = leave("L9", "fay", NIGHT + timedelta(days=9), NIGHT + timedelta(days=10))
    [hole] = holes_ahead(with_changes(rota, [away]), NIGHT)
    assert (hole.title, hole.starts_at) == ("Neurosurgery", NIGHT + timedelta(days=9))
    assert holes_ahead(rota, NIGHT) == ()
    far = leave("L9", "fay", NIGHT + timedelta(days=15), NIGHT + timedelta(days=16))
    assert holes_ahead(with_changes(rota, [far]), NIGHT) == ()


def test_who_stands_beside_a_holder_without_a_yes_is_said_to_be_so() -> None:
    helper = beside("B1", "pump-team/primary", "dia", NIGHT - timedelta(minutes=1), NIGHT + timedelta(hours=1))
    rota = with_changes(shipped_handbook().rota, [helper])
    [primary] = [tier for tier in tiers_now(rota, Directory(HOSPITAL, {}), NIGHT) if tier.tier == "pump-team/primary"]
    told = {person.person: person.cannot_go_on for person in primary.people}
    assert told == {"dia": "has not said yes: paged beside the holder, and the next tier at once", "cho": ""}


async def test_somebody_the_register_does_not_know_is_shown_by_id() -> None:
    tiers = tiers_now(shipped_handbook().rota, Directory(HOSPITAL, {}), NIGHT)
    assert [(person.name, person.has_phone) for person in tiers[0].people] == [("cho", False)]


# --- the story -----------------------------------------------------------------------------------------------------


async def test_the_story_of_a_night_reads_in_order(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    await house.time_passes(case.id, minutes=3)
    await house.reached(await house.taken(case))
    await house.closed(case)
    rows = await story_of(house, case)
    told = [row.text for row in rows]
    assert told[0] == f"case #{case.code} opened: T.R., 9 y"
    assert told[1] == "text from the family, phone ending 0142"
    assert rows[1].words == STIFF
    assert "page to Dr Park: pump-team/primary, nights, weekly turn, emergency, round 1, step 1" in told
    assert told.index("Dr Park took the case (replied)") < told.index("Dr Park reached the family (replied)")
    assert "Dr Park closed the case: phone advice" in told
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert [row.seq for row in rows] == sorted(row.seq for row in rows)


async def test_the_story_says_why_somebody_was_paged(house: WebHouse) -> None:
    rows = await story_of(house, await house.text(MUM, STIFF))
    page = next(row for row in rows if row.text.startswith("page to Dr Park"))
    assert page.why.startswith("Dr Park was on pump-team/primary at that instant: nights, weekly turn; emergency")
    assert f"edition {shipped_handbook().edition[:8]}" in page.why


async def test_the_story_names_the_rules_with_their_sentences_and_edition(house: WebHouse) -> None:
    rows = await story_of(house, await house.text(MUM, STIFF))
    judged = next(row for row in rows if row.text.startswith("judged emergency"))
    assert "W-two-signs: Two independent signs of too little drug are an emergency." in judged.details
    assert judged.why == f"edition {shipped_handbook().rulebook.rules.edition[:8]}"
    heard = next(row for row in rows if row.text.startswith("understood: "))
    assert "itching" in heard.text
    assert any("itchy" in line for line in heard.details)


async def test_what_became_of_a_message_stands_on_its_own_row(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    message = next(s.message.id for s in case.messages if s.message.purpose is Purpose.PAGE)
    await house.desk.take(RecordAttempt(case.id, message, "7"))
    house.later(seconds=2)
    await house.desk.take(RecordOutcome(case.id, message, Outcome(Verdict.ACCEPTED, sid="SM1")))
    await house.desk.take(RecordProgress(case.id, message, Progress.UNDELIVERED, code=30003))
    row = next(row for row in await story_of(house, case) if row.text == "text to Dr Park")
    assert [what for _, what in row.then] == [
        "handed to the carrier",
        "the carrier has it",
        "not delivered (carrier code 30003: the phone is off or out of reach)",
    ]
    assert row.then[1][0] - row.then[0][0] == timedelta(seconds=2)


async def test_the_story_never_repeats_the_key_of_a_page_or_a_whole_number(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    case = await house.time_passes(case.id, minutes=9)
    told = "\n".join(story_lines(await read(house).story(case.id), HOSPITAL.zone))
    for page in case.pages:
        assert page.token not in told
        assert page.slot is None or not re.search(rf"\b{page.slot}[1-9]\b", told)
    assert "Reply ··1 take" in told
    assert MUM not in told
    assert "/p/…" in told


async def test_shown_times_never_run_backwards(house: WebHouse) -> None:
    """A clock stepped back is shown clamped; the order is the journal's (RULINGS 7)."""
    case = await house.text(MUM, STIFF)
    house.later(minutes=-20)
    await house.text(MUM, "and she is hot")
    rows = await read(house).story(case.id)
    assert [row.at for row in rows] == sorted(row.at for row in rows)


async def test_an_alarm_is_told_field_by_field(house: WebHouse) -> None:
    written = await house.intake.take_alarms(
        [{"event": "device_alarm", "alarm_reason": "motor_stall", "x": [1]}], "g", "1", b""
    )
    rows = await story_of(house, written.case)
    assert rows[1].text == "pump alarm"
    assert rows[1].words.splitlines() == ["alarm reason: motor_stall", "event: device_alarm", "x: [1]"]


async def test_words_that_are_gone_are_said_to_be_gone(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    house.journal._rows.reports.clear()
    assert (await story_of(house, case))[1].words == "(the words are not kept any more)"


async def test_a_shared_phone_that_knows_is_told_as_such(house: WebHouse) -> None:
    case = await house.text(MUM, STIFF)
    case = await house.time_passes(case.id, minutes=9)
    page = next(page for page in case.pages if page.informs)
    await house.desk.take(ConfirmInformed(case.id, page.id, "pressed 1"))
    told = [row.text for row in await story_of(house, case)]
    assert "Hospital operator knows (pressed 1); this stops nothing" in told


def test_every_kind_of_entry_is_told() -> None:
    """A kind that the story does not know is said by its name; no kind may break the page."""

    class Surprise:
        pass

    rows = tell_story([e.Recorded(1, NIGHT, Surprise())], {}, Directory(HOSPITAL, {}), {})  # type: ignore[arg-type]
    assert [row.text for row in rows] == ["surprise"]
    assert set(PROGRESS) == set(Progress)
    assert set(ARRIVALS) == set(Arrival)


def test_lines_carry_the_hospitals_time() -> None:
    rows = [StoryRow(1, NIGHT, "pages", "text to Dr Lee", then=((NIGHT + timedelta(seconds=2), "delivered"),))]
    assert story_lines(rows, "America/New_York") == ["03:04:10 text to Dr Lee (delivered 03:04:12)"]


# --- the card ------------------------------------------------------------------------------------------------------


async def test_the_card_shows_not_sure_as_not_sure(house: WebHouse) -> None:
    case = await house.text(MUM, "maybe she has a fever, no seizure, itchy")
    report = await house.journal.report(case.reports[0].id)
    assert report is not None
    card = card_of(case, {report.id: report}, shipped_handbook())
    assert card.words == ("maybe she has a fever, no seizure, itchy",)
    assert card.who == "T.R., 9 y"
    background = "\n".join(card.background)
    assert "not sure: fever" in background
    assert "they say no: seizure" in background
    assert card.because
    assert card.leans.startswith("withdrawal")


async def test_the_card_explains_its_assessment(house: WebHouse) -> None:
    """Findings with their words, rules with their signs, what would have raised it, and the edition."""
    case = await house.text(MUM, "hes so itchy today")
    card = card_of(case, {}, shipped_handbook())
    assert "itching: “itchy”" in card.heard
    assert not any("SynchroMed" in line for line in card.heard), "the record stands in the background"
    assert "W-itch: Itching may be an early sign of too little drug, with a rash too. (itching)" in card.because
    assert "hot or cold to the touch" in card.would_raise
    assert card.edition == shipped_handbook().rulebook.edition[:8]
    unsure = card_of(await house.text(SIBLINGS, "maybe a fever, no seizure"), {}, shipped_handbook())
    assert {"fever, not sure: “fever”", "seizure, denied: “seizure”"} <= set(unsure.heard)


async def test_the_card_of_siblings_says_that_it_may_be_either(house: WebHouse) -> None:
    case = await house.text(SIBLINGS, "he is sleepy")
    assert card_of(case, {}, shipped_handbook()).who == "one of 2 at this number"
    assert case.pace is not None
    assert case.pace >= Urgency.URGENT


# --- time in words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min 0 s"),
        (484, "8 min 4 s"),
        (3600, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (86400, "1 day 0 h"),
        (266400, "3 days 2 h"),
    ],
)
def test_a_span_in_words(seconds: float, words: str) -> None:
    assert span_words(timedelta(seconds=seconds)) == words
