"""Who is suggested for a hole, in which order, and what is said of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from oncall.core.rota.fillers import fillers, fillers_for_leave
from oncall.core.rota.on_call import Gap, Holiday, Rota, cover, leave, with_changes
from tests.support.rotas import DAYS, EVERYBODY, at, hospital

NIGHT = (at("2026-06-04 19:00"), at("2026-06-05 07:00"))  # Cho's; Ana has the days, Eli attends, Ben is off
HOLE = Gap("pump-team", "primary", *NIGHT)
AWAY = leave("L1", "cho", *NIGHT)


def names(rota: Rota, proven: frozenset[str] = EVERYBODY) -> list[str]:
    return [filler.person for filler in fillers(rota, HOLE, proven)]


def test_the_free_and_rested_come_before_the_tired_and_these_before_who_is_on_another_tier():
    assert names(hospital(AWAY)) == ["ben", "ana", "dia", "eli"]


def test_the_reason_is_said_in_a_sentence():
    found = {filler.person: filler for filler in fillers(hospital(AWAY), HOLE, EVERYBODY)}
    assert found["ben"].sentence.startswith(
        "Ben Singh has more than two days of rest before and more than two days after"
    )
    assert found["ana"].sentence.startswith("Ana Lee has no hour of rest before and no hour after")
    assert found["eli"].sentence.startswith("Eli Abud is on pump team attending at that time")
    assert "weighted hours in the eight weeks around it" in found["ben"].sentence
    assert (found["ana"].is_free, found["ana"].is_rested) == (True, False)


def test_nobody_without_a_proven_telephone_is_suggested():
    assert "ben" not in names(hospital(AWAY), EVERYBODY - {"ben"})


def test_nobody_on_leave_is_suggested_not_even_for_a_part():
    later = leave("L2", "ben", NIGHT[1] - timedelta(hours=1), NIGHT[1] + timedelta(days=1))
    assert "ben" not in names(hospital(AWAY, later))
    assert "cho" not in names(hospital(AWAY))


def test_of_two_who_are_rested_the_one_with_fewer_hours_comes_first():
    by_ben = cover("C1", "pump-team/primary", "ben", at("2026-05-25 07:00"), at("2026-05-25 19:00"))  # it was Cho's
    by_cho = cover("C1", "pump-team/primary", "cho", at("2026-05-18 07:00"), at("2026-05-18 19:00"))  # it was Ben's
    for extra, order in ((by_ben, ["cho", "ben"]), (by_cho, ["ben", "cho"])):
        found = fillers(hospital(extra, primary=(DAYS,)), HOLE, frozenset({"ben", "cho"}))
        assert [filler.person for filler in found] == order
        assert found[0].hours < found[1].hours


def test_half_a_post_makes_every_hour_count_twice():
    people = hospital(AWAY).people
    halved = replace(hospital(AWAY), people={**people, "ben": replace(people["ben"], fte=0.5)})
    (whole, half) = (fillers(rota, HOLE, frozenset({"ben"}))[0].hours for rota in (hospital(AWAY), halved))
    assert half == 2 * whole


def test_hours_of_nights_weekends_and_holidays_weigh_two():
    def more(start: str, hours: int, *holidays: Holiday) -> float:
        starts_at = at(start)
        covered = cover("C1", "pain", "ben", starts_at, starts_at + timedelta(hours=hours))
        rota = replace(with_changes(hospital(AWAY), [covered]), holidays=holidays)
        without = replace(hospital(AWAY), holidays=holidays)
        after, before = (fillers(state, HOLE, frozenset({"ben"}))[0].hours for state in (rota, without))
        return after - before

    assert more("2026-06-03 09:00", 2) == 2
    assert more("2026-06-03 01:00", 2) == 4
    assert more("2026-06-06 09:00", 2) == 4
    assert more("2026-06-03 09:00", 2, Holiday("Day", "Day", at("2026-06-03 00:00"), at("2026-06-04 00:00"))) == 4


def test_a_leave_is_answered_hole_by_hole():
    week = leave("L1", "cho", at("2026-06-01 00:00"), at("2026-06-08 00:00"))
    found = fillers_for_leave(hospital(), week, EVERYBODY)
    assert [gap.starts_at for gap, _ in found] == [at(f"2026-06-0{day} 19:00") for day in range(1, 8)]
    assert all(suggested[0].person == "ben" for _, suggested in found)
    assert found[-1][0].ends_at == at("2026-06-08 00:00")


def test_a_leave_that_opens_no_hole_asks_for_nobody():
    assert fillers_for_leave(hospital(), leave("L1", "ben", *NIGHT), EVERYBODY) == ()
