"""Coordinators hear by day, unless they are in the rota themselves; whoever takes no texts gets a mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from oncall.core.case.escalation import Hours
from oncall.core.case.facts import Directory
from oncall.core.case.messages import Channel
from oncall.core.notices import About
from oncall.core.people import Clinician, Hospital, Phone
from oncall.core.rota.on_call import with_changes
from oncall.core.rota.shifts import cover
from oncall.service.telling import by_day, told_coordinators, written_to
from tests.support.ward import shipped

HOURS = Hours(time(7), time(21), time(12), time(13))
NIGHT, MORNING = datetime(2026, 11, 25, 8, 4, tzinfo=UTC), datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HOSPITAL = Hospital("Lakeside", "America/New_York", "911", "+16175550100", "+16175550101", "http://x")
MARIA = Clinician("maria", "Maria Ortiz", "Maria Ortiz", "coordinator", (Phone("+16175550117"),))
ABOUT = About("rota-hole", "x")


def test_by_day_is_now_by_day_and_seven_at_night() -> None:
    zone = "America/New_York"
    assert by_day(NIGHT, HOURS, zone) == MORNING
    assert by_day(MORNING, HOURS, zone) == MORNING
    late = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # 21:00 on the day before
    assert by_day(late, HOURS, zone) == MORNING
    assert by_day(late - timedelta(seconds=1), HOURS, zone) == late - timedelta(seconds=1)


def test_by_day_keeps_the_wall_time_over_the_end_of_summer_time() -> None:
    night = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)  # 31 October 22:00 EDT
    assert by_day(night, HOURS, "America/New_York") == datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def test_a_coordinator_is_woken_only_while_rostered() -> None:
    directory, rota = Directory(HOSPITAL, {"maria": MARIA}), shipped().rota
    [notice] = told_coordinators(directory, rota, HOURS, ABOUT, "words", "test", NIGHT)
    assert notice.not_before == MORNING
    span = (NIGHT - timedelta(hours=1), NIGHT + timedelta(hours=1))
    rostered = with_changes(rota, [cover("c", "pump-team/primary", "maria", *span)])
    [notice] = told_coordinators(directory, rostered, HOURS, ABOUT, "words", "test", NIGHT)
    assert notice.not_before == NIGHT


def test_who_takes_no_texts_gets_a_mail_and_who_has_neither_nothing() -> None:
    landline = replace(MARIA, phones=(Phone("+16175550117", takes_texts=False),))
    assert written_to(landline, ABOUT, "words", "test") is None
    mailed = written_to(replace(landline, email="maria@hospital.example"), ABOUT, "words", "test")
    assert mailed is not None
    assert (mailed.channel, mailed.to) == (Channel.MAIL, "maria@hospital.example")
    assert mailed.words == "Pump line\n\nwords"
    texted = written_to(replace(MARIA, email="maria@hospital.example"), ABOUT, "words", "test")
    assert texted is not None
    assert (texted.channel, texted.words) == (Channel.SMS, "words")
