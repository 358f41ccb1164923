"""What is said to a coordinator before a change of the rota is published: red, yellow, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.core.rota.guards import Guard, Severity, guards
from oncall.core.rota.on_call import Holiday, Rota, cover, leave, split, swap
from oncall.core.rota.turns import Pattern
from tests.support.rotas import DAYS, EVERYBODY, NIGHTS, ZONE, always, at, hospital, hours, in_turns

NOW = at("2026-06-03 12:00")  # a Wednesday; Ana has the days this week, Cho the nights, Eli attends
PRIMARY, ATTENDS = "pump-team/primary", "pump-team/attending"
NIGHT = (at("2026-06-04 19:00"), at("2026-06-05 07:00"))


def said(before: Rota, after: Rota, proven: frozenset[str] = EVERYBODY) -> list[str]:
    """Each guard as its colour and sentence."""
    return [f"{guard.severity.value}: {guard.sentence}" for guard in guards(before, after, NOW, proven)]


def reds(before: Rota, after: Rota, proven: frozenset[str] = EVERYBODY) -> list[str]:
    return [sentence for sentence in said(before, after, proven) if sentence.startswith("red")]


def yellows(before: Rota, after: Rota) -> list[str]:
    return [sentence for sentence in said(before, after) if sentence.startswith("yellow")]


# --- a new telephone ---


def test_somebody_who_comes_on_with_a_telephone_of_the_same_day_is_yellow_and_named():
    taken = hospital(cover("C1", PRIMARY, "dia", *NIGHT))
    young = {"dia": NIGHT[0] + timedelta(hours=1)}
    told = [
        guard.sentence
        for guard in guards(hospital(), taken, NOW, EVERYBODY, young)
        if "less than a day" in guard.sentence
    ]
    assert told == [
        "Dia Osei comes on pump team primary from Thu 4 Jun 19:00 to Fri 5 Jun 07:00 "
        "with a telephone in use for less than a day."
    ]
    assert guards(hospital(), taken, NOW, EVERYBODY, {"dia": NIGHT[0]}) == guards(hospital(), taken, NOW, EVERYBODY)


def test_a_new_telephone_of_somebody_whose_turns_do_not_change_is_no_news():
    taken = hospital(cover("C1", PRIMARY, "dia", *NIGHT))
    young = {"cho": NOW + timedelta(hours=23), "ana": NOW + timedelta(hours=23)}
    assert not [g for g in guards(hospital(), taken, NOW, EVERYBODY, young) if "less than a day" in g.sentence]


# --- red ---


def test_a_new_hole_in_the_first_tier_tomorrow_is_red_and_names_it_in_the_wards_own_time():
    (guard,) = guards(hospital(), hospital(leave("L1", "cho", *NIGHT)), NOW, EVERYBODY)
    assert guard == Guard(
        Severity.RED,
        "Nobody is on pump team primary from Thu 4 Jun 19:00 to Fri 5 Jun 07:00.",
        "pump-team",
        "primary",
        *NIGHT,
    )


def test_a_new_hole_in_the_second_tier_within_fourteen_days_is_red():
    away = leave("L1", "dia", at("2026-06-09 08:00"), at("2026-06-10 08:00"))
    assert reds(hospital(), hospital(away)) == [
        "red: Nobody is on pump team attending from Tue 9 Jun 08:00 to Wed 10 Jun 08:00."
    ]


def test_a_hole_that_begins_in_more_than_fourteen_days_is_yellow():
    away = leave("L1", "ben", at("2026-06-18 19:00"), at("2026-06-19 07:00"))
    assert said(hospital(), hospital(away)) == [
        "yellow: Nobody is on pump team primary from Thu 18 Jun 19:00 to Fri 19 Jun 07:00."
    ]


def test_a_hole_in_a_service_is_yellow_even_tomorrow():
    away = leave("L1", "dia", *NIGHT)
    assert said(hospital(), hospital(away)) == ["yellow: Nobody is on pain from Thu 4 Jun 19:00 to Fri 5 Jun 07:00."]


def test_a_hole_that_was_there_before_is_not_said_again():
    away = leave("L1", "cho", *NIGHT)
    elsewhere = cover("C1", ATTENDS, "cho", at("2026-06-20 08:00"), at("2026-06-20 20:00"))
    assert reds(hospital(away), hospital(away, elsewhere)) == []


def test_a_hole_made_longer_is_red_for_the_part_that_is_new():
    short, long = leave("L1", "cho", *NIGHT), leave("L2", "ana", NIGHT[1], NIGHT[1] + timedelta(hours=2))
    assert reds(hospital(short), hospital(short, long)) == [
        "red: Nobody is on pump team primary from Fri 5 Jun 07:00 to Fri 5 Jun 09:00."
    ]


def test_a_hole_half_filled_is_never_red():
    away = leave("L1", "cho", *NIGHT)
    half = cover("C1", PRIMARY, "dia", NIGHT[0], NIGHT[0] + timedelta(hours=4))
    assert reds(hospital(away), hospital(away, half)) == []


def test_a_cover_taken_back_that_leaves_a_hole_is_red():
    away, covered = leave("L1", "cho", *NIGHT), cover("C1", PRIMARY, "eli", *NIGHT)
    assert len(reds(hospital(away, covered), hospital(away))) == 1


def test_a_hole_now_begins_now_and_not_in_the_past():
    away = leave("L1", "ana", NOW - timedelta(hours=3), NOW + timedelta(hours=1))
    (guard,) = guards(hospital(), hospital(away), NOW, EVERYBODY)
    assert (guard.starts_at, guard.ends_at) == (NOW, NOW + timedelta(hours=1))


def test_a_tier_that_is_struck_out_is_a_hole_without_an_end():
    team = hospital().rotations["pump-team"]
    alone = replace(team, layers=team.layers[:1])
    after = replace(hospital(), rotations={**hospital().rotations, "pump-team": alone})
    (sentence,) = reds(hospital(), after)
    assert sentence.endswith("attending from Wed 3 Jun 12:00 until further notice.")


def test_a_pattern_that_stops_in_a_year_is_a_hole_without_an_end():
    ends = tuple(replace(pattern, ends_at=at("2027-02-01 07:00")) for pattern in (DAYS, NIGHTS))
    assert yellows(hospital(), hospital(primary=ends)) == [
        "yellow: Nobody is on pump team primary from Mon 1 Feb 07:00 until further notice."
    ]


def test_the_last_resort_may_never_be_empty_not_even_in_a_year():
    ends = replace(always("operator"), ends_at=at("2027-05-01 00:00"))
    (layer,) = hospital().rotations["operator"].layers
    emptied = replace(hospital().rotations["operator"], layers=(replace(layer, patterns=(ends,)),))
    after = replace(hospital(), rotations={**hospital().rotations, "operator": emptied})
    assert reds(hospital(), after) == ["red: Nobody is on operator from Sat 1 May 00:00 until further notice."]
    assert reds(after, after) == []


def test_a_cover_that_changes_nothing_is_red():
    assert reds(hospital(), hospital(cover("C1", PRIMARY, "cho", *NIGHT))) == [
        "red: Cover C1 changes nothing from Thu 4 Jun 19:00 to Fri 5 Jun 07:00."
    ]


def test_the_half_of_a_swap_in_which_somebody_gives_what_they_do_not_have_is_red():
    night_of_ben = (NIGHT[0] + timedelta(days=1), NIGHT[1] + timedelta(days=1))  # it is Cho's
    after = hospital(*swap("S1", PRIMARY, ("cho", *NIGHT), ("ben", *night_of_ben)))
    assert reds(hospital(), after) == ["red: Swap S1 changes nothing from Fri 5 Jun 19:00 to Sat 6 Jun 07:00."]


def test_a_useless_cover_among_useful_ones_is_found_at_its_place():
    first, second = cover("C1", PRIMARY, "dia", *NIGHT), cover("C2", PRIMARY, "dia", *NIGHT)
    assert reds(hospital(), hospital(first, second)) == [
        "red: Cover C2 changes nothing from Thu 4 Jun 19:00 to Fri 5 Jun 07:00."
    ]


def test_a_split_is_judged_whole():
    edges = (NIGHT[0], NIGHT[0] + timedelta(hours=5), NIGHT[1])
    shared, alone = (split("P1", PRIMARY, people, edges) for people in (("cho", "dia"), ("cho", "cho")))
    assert reds(hospital(), hospital(*shared)) == []
    assert reds(hospital(), hospital(*alone)) == [
        "red: Split P1 changes nothing from Thu 4 Jun 19:00 to Fri 5 Jun 07:00."
    ]


def unchecked(change) -> Rota:
    """The hospital with a change that no door would have let in."""
    team = hospital().rotations["pump-team"]
    return replace(hospital(), rotations={**hospital().rotations, "pump-team": replace(team, changes=(change,))})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (cover("C1", PRIMARY, "dia", NIGHT[1], NIGHT[0]), "the end is not after the start"),
        (cover("C1", PRIMARY, "zed", *NIGHT), "nobody is called zed"),
        (cover("C1", "pump-team/third", "dia", *NIGHT), "there is no layer pump-team/third"),
    ],
)
def test_a_change_that_cannot_be_meant_is_red_once_and_nothing_else_is_said_of_it(change, problem):
    assert said(hospital(), unchecked(change)) == [f"red: Cover C1 cannot be meant: {problem}."]


def test_a_stranger_in_a_roster_is_red():
    with_zed = in_turns("ana ben cho zed", 7, "2026-01-05 07:00", hours("07:00-19:00"))
    after = hospital(primary=(with_zed, NIGHTS))
    assert "red: Nobody is called zed, who stands in the rota of pump team primary." in reds(hospital(), after)
    assert reds(after, after) == []


def test_somebody_struck_out_of_the_people_who_still_has_a_cover_is_red():
    covered = hospital(cover("C1", PRIMARY, "dia", *NIGHT))
    kept = {id: person for id, person in covered.people.items() if id != "dia"}
    assert reds(covered, replace(covered, people=kept))[0].startswith("red: Nobody is called dia")


def test_somebody_without_a_proven_telephone_may_not_be_put_on_a_tier():
    after = hospital(cover("C1", PRIMARY, "dia", *NIGHT))
    assert reds(hospital(), after, EVERYBODY - {"dia"}) == [
        "red: Dia Osei is put on pump team primary from Thu 4 Jun 19:00 to Fri 5 Jun 07:00, "
        "but has no proven telephone."
    ]


def test_somebody_on_a_tier_already_whose_proof_has_lapsed_does_not_stop_a_change():
    after = hospital(cover("C1", PRIMARY, "ben", *NIGHT))
    assert reds(hospital(), after, EVERYBODY - {"ben"}) == []


def test_a_holiday_on_which_a_first_tier_is_closed_is_a_hole_like_any_other():
    closed = Pattern(ZONE, (), starts_at=at("2026-06-06 00:00"), ends_at=at("2026-06-07 00:00"), is_closed=True)
    assert reds(hospital(), hospital(primary=(closed, DAYS, NIGHTS))) == [
        "red: Nobody is on pump team primary from Sat 6 Jun 00:00 to Sun 7 Jun 00:00."
    ]


# --- yellow ---


def test_one_person_on_two_tiers_at_once_is_yellow():
    after = hospital(cover("C1", PRIMARY, "eli", *NIGHT))
    assert said(hospital(), after) == [
        "yellow: Eli Abud is on pump team attending and pump team primary at once "
        "from Thu 4 Jun 19:00 to Fri 5 Jun 07:00."
    ]


def test_a_night_between_two_days_is_36_hours_without_a_break():
    after = hospital(cover("C1", PRIMARY, "ana", *NIGHT))
    assert said(hospital(), after) == [
        "yellow: Ana Lee is on for 36 h or more without a break from Thu 4 Jun 07:00 to Fri 5 Jun 19:00."
    ]


def test_a_week_without_a_break_is_no_surprise_where_the_pattern_has_weeks():
    week = hospital(cover("C1", ATTENDS, "ben", at("2026-07-14 08:00"), at("2026-07-19 08:00")))
    assert said(hospital(), week) == []


def test_less_than_ten_hours_of_rest_is_yellow_and_ten_are_not():
    def rests(hour: str) -> list[str]:
        early = cover("C1", PRIMARY, "ana", at(f"2026-06-05 {hour}"), at("2026-06-05 06:00"))
        return [sentence for sentence in said(hospital(), hospital(early)) if "of rest" in sentence]

    assert rests("05:00") == ["yellow: Ana Lee has less than 10 h of rest from Fri 5 Jun 06:00 to Fri 5 Jun 07:00."]
    assert len(rests("04:59")) == 2


def test_a_rest_in_the_middle_of_what_was_a_stint_is_not_too_short():
    relieved = cover("C1", PRIMARY, "dia", NIGHT[0] + timedelta(hours=3), NIGHT[0] + timedelta(hours=6))
    assert not [sentence for sentence in said(hospital(), hospital(relieved)) if "Cho" in sentence]


def test_an_eighth_night_in_a_row_is_yellow_and_the_seventh_is_not():
    def runs(*nights: str) -> list[str]:
        covers = [
            cover(night, PRIMARY, "cho", at(f"2026-06-{night} 19:00"), at(f"2026-06-{night} 23:59")) for night in nights
        ]
        return [sentence for sentence in yellows(hospital(), hospital(*covers)) if "nights in a row" in sentence]

    eighth = cover("C1", PRIMARY, "cho", at("2026-06-08 19:00"), at("2026-06-09 07:00"))
    found = yellows(hospital(), hospital(eighth))
    assert [sentence for sentence in found if "nights in a row" in sentence] == [
        "yellow: Cho Park has more than 7 nights in a row from Mon 1 Jun 23:00 to Tue 9 Jun 07:00."
    ]
    assert runs("08") == []  # until a minute to midnight is not a night


def test_who_is_on_leave_and_is_put_on_all_the_same_is_yellow():
    away = leave("L1", "ben", at("2026-06-08 00:00"), at("2026-06-15 00:00"))
    on = cover("C1", PRIMARY, "ben", at("2026-06-10 07:00"), at("2026-06-10 19:00"))
    found = yellows(hospital(away), hospital(away, on))
    assert (
        "yellow: Ben Singh is on pump team primary while on leave from Wed 10 Jun 07:00 to Wed 10 Jun 19:00." in found
    )


def test_a_cover_of_more_than_fourteen_days_is_yellow():
    long = cover("C1", ATTENDS, "cho", at("2026-07-06 08:00"), at("2026-07-20 08:01"))
    assert "yellow: Cover C1 is longer than 14 days: Mon 6 Jul 08:00 to Mon 20 Jul 08:01." in yellows(
        hospital(), hospital(long)
    )


def test_what_was_so_before_is_not_said_again():
    tired = hospital(cover("C1", PRIMARY, "ben", *NIGHT), cover("C2", ATTENDS, "ana", *NIGHT))
    assert said(tired, tired) == []
    assert said(hospital(), tired) != []


def test_a_change_that_gives_rest_back_says_nothing():
    assert said(hospital(cover("C1", PRIMARY, "ben", *NIGHT)), hospital()) == []


def test_a_third_holiday_for_the_same_person_is_yellow():
    days = ("2026-07-03", "2026-09-07", "2026-11-26")
    spans = [(at(f"{day} 08:00"), at(f"{day} 08:00") + timedelta(days=1)) for day in days]
    shared = tuple(Holiday(day, "major", *span) for day, span in zip(days, spans, strict=True))
    before = replace(hospital(), holidays=shared)
    covers = [cover(f"C{n}", ATTENDS, "cho", *span) for n, span in enumerate(spans)]
    after = replace(hospital(*covers), holidays=shared)
    found = [sentence for sentence in yellows(before, after) if "holidays" in sentence]
    assert len(found) == 1
    assert found[0].startswith("yellow: Cho Park has ")


def test_of_very_many_holes_the_first_are_said_and_how_many_follow():
    found = yellows(hospital(), hospital(primary=(DAYS,)))
    nights = [sentence for sentence in said(hospital(), hospital(primary=(DAYS,))) if "Nobody" in sentence]
    assert nights[:2] == [
        "red: Nobody is on pump team primary from Wed 3 Jun 19:00 to Thu 4 Jun 07:00.",
        "red: Nobody is on pump team primary from Thu 4 Jun 19:00 to Fri 5 Jun 07:00.",
    ]
    assert nights[2] == "red: Nobody is on pump team primary another 12 times until Wed 17 Jun 2026 07:00."
    assert "yellow: Nobody is on pump team primary another 384 times until Thu 8 Jul 2027 07:00." in found


def test_on_the_night_of_25_hours_a_doubled_time_says_which_of_the_two_it_is():
    away = leave("L1", "cho", at("2026-11-01 01:30"), at("2026-11-01 07:00"))
    (hole,) = yellows(hospital(), hospital(away))
    assert "from Sun 1 Nov 01:30 (the first) to Sun 1 Nov 07:00" in hole
