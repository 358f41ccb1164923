"""The shipped rules/escalation.yaml is RULINGS 2, number by number, and means the people whom RULINGS 10 names.

Whoever edits the file changes a signed table; these numbers are then edited by the same hand. Deliberately not here:
what a case does with them (test_rounds).
"""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from oncall.core.case.tiers import people_for, services_for
from oncall.core.triage.assessment import Leaning, Urgency
from tests.support.builders import TEN_AM, THREE_AM, handbook, heard, minutes, without_rota

TABLE = handbook().table
PRIMARY, ATTENDING = "pump-team/primary", "pump-team/attending"


def span(m: float = 0, h: float = 0, s: float = 0) -> timedelta:
    return timedelta(hours=h, minutes=m, seconds=s)


@pytest.mark.parametrize(
    ("pace", "offsets"), [(Urgency.EMERGENCY, minutes(0, 3, 6, 8)), (Urgency.URGENT, minutes(0, 5, 9, 12))]
)
def test_the_steps_stand_where_the_table_puts_them(pace: Urgency, offsets: list[timedelta]) -> None:
    steps = TABLE.policy(pace).steps
    assert [step.after for step in steps] == offsets
    assert [step.tiers for step in steps] == [(PRIMARY,), (ATTENDING,), ("service",), ("everyone",)]
    assert [step.inform for step in steps] == [(), (), (), ("operator",)]


def test_an_emergency_texts_and_rings_together_and_an_urgent_one_rings_a_minute_later() -> None:
    assert {(step.text, step.voice) for step in TABLE.emergency.steps} == {(span(0), span(0))}
    assert {(step.text, step.voice) for step in TABLE.urgent.steps} == {(span(0), span(s=60))}


@pytest.mark.parametrize(
    ("pace", "again", "promise", "next_round", "reach"),
    [
        (Urgency.EMERGENCY, span(s=90), span(10), span(12), span(5)),
        (Urgency.URGENT, span(3), span(15), span(18), span(10)),
        (Urgency.SAME_DAY, None, span(h=2, m=15), None, span(h=2)),
    ],
)
def test_the_clocks_of_a_pace_are_the_table_s(
    pace: Urgency, again: timedelta | None, promise: timedelta, next_round: timedelta | None, reach: timedelta
) -> None:
    policy = TABLE.policy(pace)
    assert policy.urgency is pace
    assert policy.voice_again == again
    assert policy.promise == promise
    assert policy.next_round == next_round
    assert policy.reach_family == reach


def test_a_same_day_page_rings_after_half_an_hour_and_becomes_urgent_after_two() -> None:
    [step] = TABLE.same_day.steps
    assert (step.tiers, step.text, step.voice) == ((PRIMARY,), span(0), span(30))
    assert TABLE.same_day.raise_after == span(h=2)
    assert TABLE.same_day.promise == span(h=2) + TABLE.urgent.promise


def test_the_hospital_s_day_is_seven_to_twenty_one() -> None:
    hours = TABLE.hours
    assert (hours.day_from, hours.day_until) == (time(7), time(21))
    assert hours.task_due == time(12)
    assert hours.day_from <= hours.page_at < hours.day_until
    assert hours.page_at > hours.task_due


def test_the_short_waits_are_those_of_the_rulings() -> None:
    waits = TABLE.waits
    assert waits.status_every == span(5)
    assert waits.call_start == span(s=20)
    assert waits.first_sentence <= waits.call_start
    assert waits.hang_up == waits.silence == waits.undo == span(2)
    assert waits.holder_silent == span(3)
    assert waits.bare_reply == span(10)


def test_routine_pages_nobody() -> None:
    with pytest.raises(KeyError):
        TABLE.policy(Urgency.ROUTINE)


@pytest.mark.parametrize(
    ("leanings", "codes", "services"),
    [
        ((Leaning.DEVICE,), (), ("neurosurgery",)),
        ((Leaning.INFECTION,), (), ("neurosurgery",)),
        ((Leaning.OTHER,), ("wound_open",), ("neurosurgery",)),
        ((Leaning.OVERDOSE,), (), ("neurocritical",)),
        ((Leaning.DEVICE,), ("hard_to_wake",), ("neurocritical", "neurosurgery")),
        ((Leaning.CANNOT_TELL,), (), ("neurocritical", "anaesthesia-pain")),
        ((Leaning.WITHDRAWAL,), (), ("anaesthesia-pain",)),
        ((Leaning.OVERDOSE,), ("wound_open",), ("neurocritical", "neurosurgery")),
        ((Leaning.NONE,), (), ("anaesthesia-pain",)),
        ((), (), ("anaesthesia-pain",)),
    ],
)
def test_the_service_follows_the_leaning(
    leanings: tuple[Leaning, ...], codes: tuple[str, ...], services: tuple[str, ...]
) -> None:
    assert services_for(leanings, heard(*codes)) == services


def test_everyone_is_every_rotation_but_the_last_resort_and_the_day_team() -> None:
    by_day = {target.person for target in people_for("everyone", handbook(), TEN_AM, None, ())}
    assert by_day == {"ben", "dia", "eli", "fay", "gus"}


def test_a_tier_with_nobody_on_it_and_one_that_does_not_exist_are_empty() -> None:
    assert people_for("everyone", without_rota(), THREE_AM, None, ()) == ()
    assert people_for("no-such-tier", handbook(), THREE_AM, None, ()) == ()
    assert people_for("pump-team/no-such-layer", handbook(), THREE_AM, None, ()) == ()
