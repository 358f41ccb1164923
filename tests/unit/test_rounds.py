"""How a page climbs, minute by minute, when nothing goes wrong and when people are missing, busy or off duty.

Every instant is exact: the watch of these nights is never late unless the test says so. Deliberately not here: what
ends the climbing (test_holding) and what a carrier's bad word brings (test_delivery).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from oncall.core.case import entries as e
from oncall.core.case.case import ClockKind, Status
from oncall.core.case.messages import Channel, Outcome, Progress, Purpose, Verdict
from oncall.core.case.rounds import SLOTS
from oncall.core.rota.on_call import cover, with_changes
from oncall.core.triage.assessment import Urgency
from tests.support.builders import (
    DEVICE_BY_DAY,
    GO,
    MILD,
    PRESSING,
    TEN_AM,
    THREE_AM,
    Night,
    facts,
    handbook,
    minutes,
    phone,
    ward_staff,
    without_rota,
)

SECONDS = timedelta(seconds=1)
CALL = (Purpose.PAGE, Channel.VOICE)
TEXT = (Purpose.PAGE, Channel.SMS)


def test_an_emergency_reaches_each_tier_at_its_minute() -> None:
    """Everyone at 8 min: nobody is left but neurosurgery, the others were reached before."""
    night = Night()
    night.texts(GO)
    night.wait(minutes=11)
    assert night.case.pace is Urgency.EMERGENCY
    assert night.paged() == dict(zip(("ana", "dia", "eli", "gus", "fay"), minutes(0, 3, 6, 8, 8), strict=True))
    assert night.owed_at(Purpose.INFORM, Channel.SMS) == minutes(8, 10), "and again when the promise is missed"
    assert night.owed_at(Purpose.INFORM, Channel.VOICE) == minutes(8, 10)


def test_an_urgent_case_reaches_each_tier_at_its_minute_and_rings_a_minute_after_the_text() -> None:
    night = Night()
    night.texts(PRESSING)
    night.wait(minutes=17)
    assert night.case.pace is Urgency.URGENT
    assert night.paged() == dict(zip(("ana", "dia", "eli", "fay", "gus"), minutes(0, 5, 9, 12, 12), strict=True))
    assert night.owed_at(*CALL, "dia")[0] == timedelta(minutes=6)
    assert night.owed_at(Purpose.INFORM, Channel.VOICE) == minutes(12, 15)


def test_an_emergency_rings_again_every_ninety_seconds() -> None:
    night = Night(facts=facts(ward_staff() | {"ana": replace(ward_staff()["ana"], phones=(phone("+16175550110"),))}))
    night.texts(GO)
    night.wait(minutes=6)
    assert night.owed_at(*CALL, "ana") == [90 * SECONDS * n for n in range(5)]
    assert night.owed_at(*TEXT, "ana") == minutes(0)


def test_an_urgent_case_rings_again_every_three_minutes() -> None:
    night = Night(facts=facts(ward_staff() | {"ana": replace(ward_staff()["ana"], phones=(phone("+16175550110"),))}))
    night.texts(PRESSING)
    night.wait(minutes=11)
    assert night.owed_at(*CALL, "ana") == minutes(1, 4, 7, 10)


@pytest.mark.parametrize("stuck", [(), (Progress.RINGING,), (Progress.ANSWERED,)])
def test_a_call_whose_end_nobody_reports_does_not_keep_him_from_being_rung_again(stuck: tuple[Progress, ...]) -> None:
    """A status callback may be lost (hazards 11 and 12); a second ring is a nuisance, a missing one a death (law 5)."""
    night = Night(carrier=lambda message: (Outcome(Verdict.ACCEPTED, f"SID-{message.id}"), stuck))
    night.texts(GO)
    night.wait(minutes=30)
    rung = night.owed_at(*CALL, "ana")
    assert rung[:3] == minutes(0, 1.5, 3)
    assert max(later - sooner for sooner, later in pairwise(rung)) <= timedelta(seconds=90)


@pytest.mark.parametrize(("sign", "length"), [(GO, 12), (PRESSING, 18)])
def test_the_rounds_go_on_for_ever_and_page_everybody_again(sign: str, length: int) -> None:
    night = Night()
    night.texts(sign)
    night.wait(minutes=5 * length + 1)
    starts = [r.at - night.entries[0].at for r in night.entries if isinstance(r.entry, e.RoundStarted)]
    assert starts == minutes(*(length * n for n in range(6)))
    assert night.owed_at(*TEXT, "fay")[1:] == minutes(*(length * n for n in range(1, 6)))
    assert len(night.owed_at(Purpose.INFORM, Channel.SMS)) == 7, "the last resort is in every round; once for a promise"


def test_a_new_round_adds_nobody_new_and_gives_no_second_page() -> None:
    night = Night()
    night.texts(GO)
    night.wait(minutes=40)
    people = [page.person for page in night.case.pages]
    assert sorted(people) == sorted(set(people))


def test_a_same_day_report_by_day_texts_then_rings_then_becomes_urgent() -> None:
    night = Night(TEN_AM)
    night.texts(MILD)
    night.wait(hours=1, minutes=59)
    assert night.paged() == {"ben": timedelta(0)}
    assert night.owed_at(*CALL, "ben") == minutes(30)
    night.wait(minutes=2)
    assert night.case.pace is Urgency.URGENT
    night.wait(minutes=5)
    assert night.paged()["dia"] == timedelta(hours=2, minutes=5)


def test_a_same_day_report_at_night_waits_for_seven_with_a_text_then() -> None:
    night = Night()
    night.texts(MILD)
    assert night.case.status is Status.WAITING
    night.wait(hours=3, minutes=55)
    assert night.paged() == {}
    night.wait(minutes=1)
    assert set(night.paged().values()) == {timedelta(hours=3, minutes=56)}  # 03:04 to 07:00
    assert not night.owed_at(*CALL)


@pytest.mark.parametrize(("at", "pace"), [(THREE_AM, Urgency.URGENT), (TEN_AM, Urgency.SAME_DAY)])
def test_a_beep_is_urgent_at_night_and_same_day_by_day(at: datetime, pace: Urgency) -> None:
    night = Night(at)
    night.texts(DEVICE_BY_DAY)
    assert night.case.pace is pace


@pytest.mark.parametrize(
    ("local", "status"), [("06:59", Status.WAITING), ("07:00", Status.PAGING), ("20:59", Status.PAGING)]
)
def test_the_day_begins_at_seven_and_ends_at_nine(local: str, status: Status) -> None:
    hour, minute = map(int, local.split(":"))
    night = Night(datetime(2026, 11, 25, hour + 5 - 24 * (hour > 18), minute, tzinfo=UTC) + timedelta(days=hour > 18))
    night.texts(MILD)
    assert night.case.status is status


def test_nine_in_the_evening_is_night() -> None:
    night = Night(datetime(2026, 11, 26, 2, 0, tzinfo=UTC))
    night.texts(MILD)
    assert night.case.status is Status.WAITING


def test_a_busy_primary_is_joined_by_the_next_tier_at_once() -> None:
    night = Night(facts=facts(busy=frozenset({"ana"})))
    night.texts(GO)
    assert set(night.paged()) == {"ana", "dia"}


def test_when_everybody_is_busy_everybody_is_paged_at_once() -> None:
    night = Night(facts=facts(busy=frozenset(ward_staff())))
    night.texts(GO)
    assert set(night.paged()) == {"ana", "dia", "eli", "fay", "gus"}
    assert night.due(ClockKind.ROUND) == timedelta(minutes=12)


def test_a_primary_without_a_phone_is_replaced_at_once_and_the_last_resort_hears() -> None:
    staff = ward_staff()
    night = Night(facts=facts(staff | {"ana": replace(staff["ana"], phones=())}))
    night.texts(GO)
    assert set(night.paged()) == {"dia"}
    assert night.owed_at(Purpose.INFORM, Channel.VOICE) == minutes(0)


def test_an_unproven_phone_is_tried_and_not_trusted() -> None:
    staff = ward_staff()
    shy = replace(staff["ana"], phones=(phone("+16175550110", proven_at=None),))
    night = Night(facts=facts(staff | {"ana": shy}))
    night.texts(GO)
    assert set(night.paged()) == {"ana", "dia"}


def test_with_an_empty_rota_the_rounds_still_go_on() -> None:
    night = Night(book=without_rota())
    night.texts(GO)
    night.wait(minutes=30)
    assert night.paged() == {}
    assert night.due(ClockKind.ROUND) is not None
    assert any("reach our doctors" in text for text in night.family_texts())


def test_with_an_empty_rota_the_last_resort_is_rung_and_texted_at_once_and_in_every_round() -> None:
    night = Night(book=without_rota())
    night.texts(GO)
    assert {m.channel for _, m in night.ordered(Purpose.INFORM)} == {Channel.SMS, Channel.VOICE}
    assert {m.person for _, m in night.ordered(Purpose.INFORM)} == {"operator"}
    before = len(night.ordered(Purpose.INFORM))
    night.wait(minutes=13)
    assert len(night.ordered(Purpose.INFORM)) > before


def test_a_phone_that_takes_no_texts_is_rung_at_once_even_in_an_urgent_case() -> None:
    staff = ward_staff()
    deaf = replace(staff["ana"], phones=(phone("+16175550110", stopped=True),))
    night = Night(facts=facts(staff | {"ana": deaf}))
    night.texts(PRESSING)
    assert night.owed_at(*CALL, "ana") == minutes(0)
    assert night.owed_at(*TEXT, "ana") == []


def test_his_second_number_has_its_turn() -> None:
    night = Night()
    night.texts(GO)
    night.wait(minutes=2)
    numbers = [message.to for _, message in night.ordered(*CALL, "ana")]
    assert set(numbers[:2]) == {"+16175550110", "+16175550120"}


def test_who_goes_off_duty_keeps_ringing_in_an_emergency_and_the_new_one_is_added() -> None:
    night = Night(datetime(2026, 11, 25, 11, 50, tzinfo=UTC))  # 06:50; days begin at 07:00, both are on until 07:15
    night.texts(GO)
    night.wait(minutes=40)
    assert "ben" in night.paged()
    assert max(night.owed_at(*CALL, "ana")) > timedelta(minutes=35)


def test_who_goes_off_duty_rests_in_an_urgent_case() -> None:
    night = Night(datetime(2026, 11, 25, 11, 50, tzinfo=UTC))
    night.texts(PRESSING)
    night.wait(minutes=70)
    assert "ben" in night.paged()
    assert max(night.owed_at(*CALL, "ana")) <= timedelta(minutes=28)
    assert max(night.owed_at(*TEXT, "ana")) <= timedelta(minutes=28), "nor does a new round text who is off duty"


def test_a_raise_starts_a_new_round_and_everybody_reached_keeps_ringing() -> None:
    night = Night()
    night.texts(PRESSING)
    night.wait(minutes=6)
    night.texts(GO)
    assert (night.case.round, night.case.step) == (2, 0)
    assert night.due(ClockKind.STEP) == timedelta(minutes=3)
    now = night.at - night.entries[0].at
    assert now in night.owed_at(*TEXT, "dia")


def test_slots_are_two_digits_that_begin_no_emergency_number() -> None:
    assert set(range(10, 100)) - set(SLOTS) == {11, 91, 98, 99}


def test_a_page_names_who_why_and_which_edition() -> None:
    night = Night()
    night.texts(GO)
    [page] = night.case.pages
    assert page.tier == "pump-team/primary"
    assert "emergency, round 1, step 1" in page.why
    assert night.book.edition[:8] in page.why


def test_who_passes_on_in_a_later_round_is_not_waited_for_where_they_are_the_next_tier_too() -> None:
    """A rehearsed night: nobody was rung for six minutes, because the page was one of an earlier round."""
    book, day = handbook(), timedelta(hours=12)
    twice = cover("c1", "pump-team/attending", "ana", THREE_AM - day, THREE_AM + day)
    night = Night(book=replace(book, rota=with_changes(book.rota, [twice])))
    night.texts(PRESSING)
    night.wait(seconds=4)
    night.texts(GO)
    assert (night.case.pace, night.case.round) == (Urgency.EMERGENCY, 2)
    night.passes_on("ana")
    assert "eli" in night.paged(), "the service, at once"
