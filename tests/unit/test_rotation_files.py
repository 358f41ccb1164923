"""The rota as coordinators write it: what is understood, and what is refused with its line and what was wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.handbook.rota_times import end_of
from oncall.adapters.handbook.rotation_files import check_rotations, load_rotations
from oncall.adapters.handbook.rotation_words import Unclear, read_instant, read_span, read_turn
from oncall.core.rota.edits import EditRefused
from oncall.core.rota.on_call import Rota, gaps_between, on_call_at, people_between, shifts_between, tier_shifts
from oncall.core.wall_time import first_pass, last_pass

SHIPPED = Path(__file__).parents[2] / "rotations"
ZONE = "America/New_York"
PEOPLE = """\
hospital: Lakeside Children's
zone: America/New_York
people:
  - {id: ana, name: Ana Lee, spoken: Doctor Lee, role: clinician}
  - {id: ben, name: Ben Singh, spoken: Doctor Singh, role: clinician}
  - {id: cho, name: Cho Park, spoken: Doctor Park, role: clinician}
"""
WEEKLY = "{people: [ana, ben], turn: weekly, hands_over: Mon 08:00, since: 2026-01-05}"


@pytest.fixture
def written(tmp_path):
    """Writes a rota directory: the layers of one team, and if need be holidays and overrides."""

    def write(primary: str = WEEKLY, holidays: str = "", overrides: str = "", people: str = PEOPLE) -> Path:
        (tmp_path / "people.yaml").write_text(people)
        (tmp_path / "team.yaml").write_text(f"layers:\n  primary: {primary}\n")
        if holidays:
            (tmp_path / "holidays.yaml").write_text(f"holidays:\n{holidays}")
        if overrides:
            (tmp_path / "overrides.yaml").write_text(f"overrides:\n{overrides}")
        return tmp_path

    return write


def at(text: str) -> datetime:
    return first_pass(datetime.fromisoformat(text), ZONE)


def on(rota: Rota, text: str) -> list[str]:
    return [shift.person for shift in tier_shifts(rota, "team", at(text))]


def faults(directory: Path) -> list[str]:
    """Each fault as file:line, found and wanted."""
    return [str(fault).removeprefix(f"{directory}/") for fault in check_rotations(directory)]


def only_fault(directory: Path) -> str:
    (fault,) = faults(directory)
    return fault


# --- the shipped sample ---


def test_the_shipped_rota_has_no_fault():
    assert check_rotations(SHIPPED) == ()


def test_the_shipped_rota_has_the_rotations_that_the_policies_name():
    assert set(load_rotations(SHIPPED).rotations) == {
        "pump-team",
        "neurosurgery",
        "neurocritical",
        "anaesthesia-pain",
        "complex-care",
        "operator",
    }


def test_the_shipped_rota_leaves_no_hole_where_pages_go_for_years_to_come():
    rota = load_rotations(SHIPPED)
    start, end = at("2026-01-06 00:00"), at("2036-01-01 00:00")
    for name, rotation in rota.rotations.items():
        for layer in rotation.layers:
            assert bool(gaps_between(rotation, layer.name, start, end)) == (name == "complex-care")


def test_nobody_of_the_shipped_team_has_day_and_night_or_both_backing_tiers_at_once():
    rota = load_rotations(SHIPPED)
    team, pain = rota.rotations["pump-team"], rota.rotations["anaesthesia-pain"]
    for day in range(365):
        noon = at("2026-03-01 12:00") + timedelta(days=day)
        (by_day,), (by_night,) = (on_call_at(team, "primary", noon + timedelta(hours=n)) for n in (0, 12))
        assert by_day.person != by_night.person
    start, end = at("2026-04-01 00:00"), at("2027-04-01 00:00")
    attending, on_pain = people_between(team, "attending", start, end), people_between(pain, "primary", start, end)
    holidays = {edge for edge, _ in attending} - {edge for edge, _ in on_pain}
    assert len(holidays) <= 4  # a holiday may put one person on both for a day


def test_the_shipped_sample_has_a_cover_a_swap_and_a_leave_that_is_covered():
    rota = load_rotations(SHIPPED)
    reasons = {
        shift.why.split()[1].rstrip(":")
        for layer in ("primary", "attending")
        for shift in shifts_between(rota.rotations["pump-team"], layer, at("2026-01-06 00:00"), at("2026-04-01 00:00"))
        if shift.why.startswith(("cover", "swap"))
    }
    assert reasons == {"C1", "C2", "S1"}


# --- what is understood ---


def test_a_day_in_since_means_the_hand_over_of_that_day(written):
    rota = load_rotations(written())
    assert on(rota, "2026-01-05 07:59") == []
    assert on(rota, "2026-01-05 08:00") == ["ana"]
    assert on(rota, "2026-01-12 08:00") == ["ben"]


def test_a_rota_may_begin_in_the_middle_of_the_first_turn(written):
    rota = load_rotations(written(WEEKLY.replace("2026-01-05", "2026-01-07")))
    assert on(rota, "2026-01-07 07:59") == []
    assert on(rota, "2026-01-07 08:00") == ["ana"]
    assert on(rota, "2026-01-12 08:00") == ["ben"]


def test_two_patterns_with_the_same_day_join_without_a_hole(written):
    rota = load_rotations(
        written("""
    patterns:
      - {people: [ana], turn: weekly, hands_over: Mon 08:00, since: 2026-01-05, until: 2026-06-01}
      - {people: [ben], turn: daily, hands_over: 08:00, since: 2026-06-01}
""")
    )
    assert gaps_between(rota.rotations["team"], "primary", at("2026-05-01 00:00"), at("2026-07-01 00:00")) == ()
    assert on(rota, "2026-06-01 08:00") == ["ben"]


@pytest.mark.parametrize(
    ("turn", "length"),
    [
        ("turn: daily, hands_over: 08:00", timedelta(days=1)),
        ("turn: 3 days, hands_over: 08:00", timedelta(days=3)),
        ("turn: 2 weeks, hands_over: Mon 08:00", timedelta(days=14)),
        ("turn: 12h, hands_over: 08:00", timedelta(hours=12)),
        ("turn: 36 hours, hands_over: 08:00", timedelta(hours=36)),
        ("turn: monthly, hands_over: 1st 08:00", timedelta(days=31)),
        ("turn: monthly, hands_over: 08:00", timedelta(days=31)),
        ("turn: 2 months, hands_over: 5th 08:00", timedelta(days=59)),
    ],
)
def test_turns_are_written_the_way_they_are_said(written, turn, length):
    since = "2026-01-01" if "1st" in turn else "2026-01-05"
    rota = load_rotations(written(f"{{people: [ana, ben], {turn}, since: {since}}}"))
    (first,) = on_call_at(rota.rotations["team"], "primary", at(f"{since} 08:00"))
    assert (first.person, first.ends_at - first.starts_at) == ("ana", length)


def test_a_monthly_turn_on_the_31st_takes_the_last_day_of_a_short_month(written):
    rota = load_rotations(written("{people: [ana, ben], turn: monthly, hands_over: 31st 08:00, since: 2026-02-10}"))
    assert on(rota, "2026-02-28 07:59") == ["ana"]
    assert on(rota, "2026-02-28 08:00") == ["ben"]
    assert on(rota, "2026-03-30 12:00") == ["ben"]
    assert on(rota, "2026-03-31 08:00") == ["ana"]


def test_weekday_nights_and_whole_weekends_are_one_pattern(written):
    rota = load_rotations(
        written("""
    people: [ana, ben]
    turn: weekly
    hands_over: Mon 07:00
    since: 2026-01-05
    hours:
      - Mon-Fri 17:00-07:00
      - Sat, Sun 07:00-07:00
""")
    )
    assert on(rota, "2026-01-09 12:00") == []
    assert on(rota, "2026-01-10 12:00") == ["ana"]
    assert on(rota, "2026-01-12 06:59") == ["ana"]
    assert on(rota, "2026-01-12 17:00") == ["ben"]


def test_days_without_hours_are_whole_days(written):
    rota = load_rotations(
        written("{people: [ana], days: Sat-Sun, turn: weekly, hands_over: Mon 08:00, since: 2026-01-05}")
    )
    assert on(rota, "2026-01-10 00:00") == ["ana"]
    assert on(rota, "2026-01-12 00:00") == []


def test_daily_turns_with_hours_hand_over_when_the_hours_open(written):
    rota = load_rotations(written("{people: [ana, ben], turn: daily, hours: 17:00-07:00, since: 2026-01-05}"))
    assert on(rota, "2026-01-06 06:00") == ["ana"]
    assert on(rota, "2026-01-06 18:00") == ["ben"]


def test_people_together_share_one_turn(written):
    rota = load_rotations(
        written("{people: [ana, {together: [ben, cho]}], turn: daily, hands_over: 08:00, since: 2026-01-05}")
    )
    assert on(rota, "2026-01-05 12:00") == ["ana"]
    assert on(rota, "2026-01-06 12:00") == ["ben", "cho"]


def test_people_together_without_turns_are_always_on(written):
    assert on(load_rotations(written("{together: [ana, ben]}")), "2020-01-01 00:00") == ["ana", "ben"]


def test_a_roster_change_takes_effect_at_the_next_hand_over(written):
    rota = load_rotations(
        written("""
    people: [ana, ben]
    turn: weekly
    hands_over: Mon 08:00
    since: 2026-01-05
    roster:
      - {from: 2026-01-14, people: [ana, ben, cho]}
      - {from: 2026-02-04, people: [cho, ana], starts_with: ana}
""")
    )
    noons = [f"2026-{day} 12:00" for day in ("01-14", "01-19", "01-26", "02-02", "02-09", "02-16")]
    assert [on(rota, noon) for noon in noons] == [["ben"], ["cho"], ["ana"], ["ben"], ["ana"], ["cho"]]


def test_a_rotation_may_live_in_another_zone(written):
    directory = written()
    (directory / "west.yaml").write_text(f"zone: America/Los_Angeles\nlayers:\n  primary: {WEEKLY}\n")
    rota = load_rotations(directory)
    (shift,) = on_call_at(rota.rotations["west"], "primary", at("2026-01-06 00:00"))
    assert shift.starts_at == first_pass(datetime.fromisoformat("2026-01-05 08:00"), "America/Los_Angeles")


def test_a_declared_overlap_keeps_both_on(written):
    rota = load_rotations(written(WEEKLY.replace("{people", "{overlap: 15m, people")))
    assert on(rota, "2026-01-12 08:14") == ["ben", "ana"]
    assert on(rota, "2026-01-12 08:15") == ["ben"]


# --- holidays ---


def test_a_holiday_has_a_pattern_of_its_own_from_midnight_to_midnight(written):
    rota = load_rotations(
        written(holidays="  - {name: Thanksgiving, on: 2026-11-26, tiers: {team: {people: [cho]}}}\n")
    )
    assert on(rota, "2026-11-25 23:59") != ["cho"]
    assert on(rota, "2026-11-26 00:00") == on(rota, "2026-11-26 23:59") == ["cho"]
    assert on(rota, "2026-11-27 00:00") != ["cho"]
    assert tier_shifts(rota, "team", at("2026-11-26 12:00"))[0].why == "holiday Thanksgiving"


def test_several_people_take_the_days_of_a_holiday_in_order(written):
    holiday = "  - {name: Day, on: [2026-11-26, 2027-11-25, 2028-11-23], tiers: {team/primary: {people: [cho, ana]}}}\n"
    rota = load_rotations(written(holidays=holiday))
    assert [on(rota, f"{day} 12:00") for day in ("2026-11-26", "2027-11-25", "2028-11-23")] == [
        ["cho"],
        ["ana"],
        ["cho"],
    ]


def test_a_holiday_may_have_turns_and_hours_and_its_own_ends(written):
    holiday = """\
  - name: Easter
    from: 2026-04-03 17:00
    until: 2026-04-06 08:00
    tiers:
      team: {people: [cho, ana], turn: daily, hands_over: 08:00}
"""
    rota = load_rotations(written(holidays=holiday))
    assert on(rota, "2026-04-03 17:00") == ["cho"]
    assert on(rota, "2026-04-04 08:00") == ["ana"]
    assert tier_shifts(rota, "team", at("2026-04-06 08:00"))[0].why == "weekly turn"


def test_a_holiday_with_hours_has_the_night_that_opens_on_it_and_not_the_night_before(written):
    nights = "{people: [ana], turn: daily, hours: 19:00-07:00, since: 2026-01-05}"
    holiday = "  - {name: Day, on: 2026-11-26, tiers: {team: {people: [cho], hours: 19:00-07:00}}}\n"
    rota = load_rotations(written(nights, holidays=holiday))
    shifts = shifts_between(rota.rotations["team"], "primary", at("2026-11-25 20:00"), at("2026-11-27 20:00"))
    assert [(shift.person, shift.starts_at, shift.ends_at) for shift in shifts] == [
        ("ana", at("2026-11-25 19:00"), at("2026-11-26 07:00")),
        ("cho", at("2026-11-26 19:00"), at("2026-11-27 07:00")),
        ("ana", at("2026-11-27 19:00"), at("2026-11-28 07:00")),
    ]


def test_the_turns_of_a_holiday_with_hours_begin_with_its_first_person(written):
    holiday = """\
  - name: Day
    on: 2026-11-26
    tiers:
      team: {people: [cho, ben], turn: 12h, hours: [07:00-19:00, 19:00-07:00], hands_over: 07:00}
"""
    rota = load_rotations(written(holidays=holiday))
    assert on(rota, "2026-11-26 07:00") == ["cho"]
    assert on(rota, "2026-11-26 19:00") == on(rota, "2026-11-27 06:59") == ["ben"]
    assert tier_shifts(rota, "team", at("2026-11-27 07:00"))[0].why == "weekly turn"


def test_a_closed_holiday_uses_up_its_turn_unless_worked_turns_are_counted(written):
    office = "{people: [ana, ben, cho], turn: daily, hours: Mon-Fri 08:00-17:00, since: 2026-01-05%s}"
    holiday = "  - {name: Inventory, on: 2026-01-06, tiers: {team: closed}}\n"
    by_calendar = load_rotations(written(office % "", holidays=holiday))
    assert [on(by_calendar, f"2026-01-0{day} 12:00") for day in (6, 7)] == [[], ["cho"]]
    by_work = load_rotations(written(office % ", count: worked", holidays=holiday))
    assert [on(by_work, f"2026-01-0{day} 12:00") for day in (6, 7)] == [[], ["ben"]]


# --- covers, swaps, leave ---


def test_overrides_are_published_in_the_order_of_the_file(written):
    overrides = """\
  - {id: C1, cover: team, by: cho, from: 2026-02-03 19:00, until: 2026-02-04 07:00, note: course}
  - {id: L1, leave: ana, from: 2026-02-16, through: 2026-02-17}
  - id: S1
    swap: team/primary
    spans:
      - {gives: ana, from: 2026-03-03 00:00, until: 2026-03-04 00:00}
      - {gives: ben, from: 2026-03-10 00:00, through: 2026-03-10}
"""
    rota = load_rotations(written(overrides=overrides))
    assert on(rota, "2026-02-03 19:00") == ["cho"]
    assert on(rota, "2026-02-16 12:00") == on(rota, "2026-02-17 23:59") == []
    assert on(rota, "2026-02-18 00:00") == ["ana"]
    assert (on(rota, "2026-03-03 12:00"), on(rota, "2026-03-10 12:00")) == (["ben"], ["ana"])


def test_a_typed_time_that_comes_twice_is_refused_with_both_choices(written):
    cover = "  - {id: C1, cover: team, by: cho, from: 2026-11-01 01:30, until: 2026-11-01 07:00}\n"
    assert only_fault(written(overrides=cover)) == (
        "overrides.yaml:2 found '2026-11-01 01:30', wanted 2026-11-01 01:30-04:00 (the first) or "
        "2026-11-01 01:30-05:00 (the second): the clock shows this time twice"
    )


def test_a_typed_time_that_does_not_exist_is_refused_with_both_choices(written):
    cover = "  - {id: C1, cover: team, by: cho, from: 2026-03-08 02:30, until: 2026-03-08 07:00}\n"
    assert only_fault(written(overrides=cover)) == (
        "overrides.yaml:2 found '2026-03-08 02:30', wanted 2026-03-08 01:30-05:00 or "
        "2026-03-08 03:30-04:00: the clock skips this time"
    )


def test_an_offset_chooses_between_the_two_passes(written):
    cover = "  - {id: C1, cover: team, by: cho, from: 2026-11-01 01:30-05:00, until: 2026-11-01 07:00}\n"
    (shift,) = tier_shifts(load_rotations(written(overrides=cover)), "team", at("2026-11-01 06:00"))
    assert shift.starts_at == last_pass(datetime.fromisoformat("2026-11-01 01:30"), ZONE)
    wrong = cover.replace("-05:00", "-07:00")
    assert "wanted an offset that holds in America/New_York" in only_fault(written(overrides=wrong))


def test_a_day_whose_midnight_is_skipped_still_begins(written):
    people = PEOPLE.replace("America/New_York", "America/Sao_Paulo")
    leave = "  - {id: L1, leave: ana, from: 2018-11-04, through: 2018-11-04}\n"
    since_2018 = WEEKLY.replace("2026-01-05", "2018-10-29").replace("ana, ben", "ana")
    rota = load_rotations(written(since_2018, overrides=leave, people=people))
    assert tier_shifts(rota, "team", datetime(2018, 11, 4, 2, 59, tzinfo=UTC)) != ()
    assert tier_shifts(rota, "team", datetime(2018, 11, 4, 3, 0, tzinfo=UTC)) == ()


def test_a_cover_that_changes_nothing_is_red(written):
    cover = "  - {id: C1, cover: team, by: ana, from: 2026-01-06 19:00, until: 2026-01-07 07:00}\n"
    assert only_fault(written(overrides=cover)) == (
        "overrides.yaml:2 found cover C1, which changes nothing, "
        "wanted one that puts somebody else on for some of its time"
    )


@pytest.mark.parametrize(
    ("override", "found", "wanted"),
    [
        ("{id: C1, cover: team, by: zed, from: 2026-02-03 19:00, until: 2026-02-04 07:00}", "cover C1", "zed"),
        ("{id: C1, cover: tema, by: cho, from: 2026-02-03 19:00, until: 2026-02-04 07:00}", "cover C1", "tema"),
        ("{id: C1, cover: team, by: cho, from: 2026-02-04 07:00, until: 2026-02-03 19:00}", "cover C1", "the end"),
        ("{id: C1, cover: team, by: cho, from: 2026-02-03, until: 2026-02-04}", "2026-02-04", "through: 2026-02-04"),
        ("{id: C1, cover: team, from: 2026-02-03, through: 2026-02-04}", "a cover without by", "by:"),
        ("{id: C1, by: cho, from: 2026-02-03, through: 2026-02-04}", "no kind of change", "one of cover, swap"),
        ("{id: C1, cover: team, leave: ana, from: 2026-02-03, through: 2026-02-04}", "cover and leave", "one of"),
        ("{id: S1, swap: team, spans: []}", "not between two", "two spans"),
        ("{id: L1, leave: ana, from: tomorrow, through: 2026-02-04}", "'tomorrow'", "a time such as 2026-02-03 19:00"),
        ("{id: L1, leave: ana, from: 2026-02-30 10:00, through: 2026-03-04}", "2026-02-30", "exist in the calendar"),
        ("{id: L1, leave: ana, through: 2026-02-04}", "None", "a time such as"),
    ],
)  # fmt: skip
def test_an_override_that_cannot_be_meant_is_refused_on_its_line(written, override, found, wanted):
    fault = only_fault(written(overrides=f"\n  - {override}\n"))
    assert fault.startswith("overrides.yaml:3 ")
    assert found in fault.partition(", wanted ")[0]
    assert wanted in fault.partition(", wanted ")[2]


def test_two_overrides_with_one_id_are_refused(written):
    leave = "  - {id: L1, leave: ana, from: 2026-02-03, through: 2026-02-04}\n"
    assert "wanted an id that no other override has" in only_fault(written(overrides=leave * 2))


# --- what is refused in a pattern ---


@pytest.mark.parametrize(
    ("primary", "found", "wanted"),
    [
        ("{people: [ana, zed], turn: weekly, hands_over: Mon 08:00, SINCE}", "zed", "somebody in"),
        ("{people: [], turn: weekly, hands_over: Mon 08:00, SINCE}", "an empty list", "at least one"),
        ("{people: [{together: []}], turn: weekly, hands_over: Mon 08:00, SINCE}", "an empty list", "at least one"),
        ("{together: [ana, ana]}", "['ana', 'ana']", "each person once"),
        ("{turn: weekly, hands_over: Mon 08:00, SINCE}", "no people", "people: [ana, ben]"),
        ("{people: [ana, ben], turn: 0 days, hands_over: 08:00, SINCE}", "'0 days'", "longer than zero"),
        ("{people: [ana, ben], turn: fortnightly, hands_over: 08:00, SINCE}", "'fortnightly'", "a turn such as"),
        ("{people: [ana, ben], turn: weekly, hands_over: 08:00, SINCE}", "08:00", "a weekday too"),
        ("{people: [ana, ben], turn: daily, hands_over: Mon 08:00, SINCE}", "Mon 08:00", "without a weekday"),
        ("{people: [ana, ben], turn: daily, hands_over: 1st 08:00, SINCE}", "1st 08:00", "without a day"),
        ("{people: [ana, ben], turn: weekly, hands_over: Man 08:00, SINCE}", "Man 08:00", "a weekday such"),
        ("{people: [ana, ben], turn: daily, hands_over: 25:00, SINCE}", "25:00", "from 00:00 to 24:00"),
        ("{people: [ana, ben], turn: daily, hands_over: 24:00, SINCE}", "24:00", "from 00:00 to 23:59"),
        ("{people: [ana, ben], turn: monthly, hands_over: 32nd 08:00, SINCE}", "32nd 08:00", "1st to 31st"),
        ("{people: [ana, ben], turn: weekly, SINCE}", "without hands_over", "Mon 08:00"),
        ("{people: [ana, ben], turn: weekly, hands_over: Mon 08:00}", "without since", "since: 2026-01-05"),
        ("{people: [ana, ben]}", "several people without a turn", "turn: weekly"),
        ("{people: [ana], hands_over: Mon 08:00}", "Mon 08:00", "a turn beside it"),
        ("{people: [ana], since: 2026-01-05, until: 2026-01-05}", "2026-01-05", "an end after"),
        ("{people: [ana], since: January}", "'January'", "a time such as"),
        ("{people: [ana], hours: 17-07}", "'17-07'", "hours such as 17:00-07:00"),
        ("{people: [ana], hours: [17:00-07:00, 06:00-12:00]}", "06:00-12:00", "do not overlap"),
        ("{people: [ana], hours: Mon 17:00-07:00, days: Tue}", "Mon 17:00-07:00", "not both"),
        ("{people: [ana], days: Someday}", "'Someday'", "a weekday such"),
        ("{people: [ana], days: Mon, overlap: soon}", "'soon'", "15m or 1h"),
        ("{people: [ana], days: Mon, overlap: 5h}", "5h", "at most 2h"),
        ("{people: [ana], roster: [{from: 2026-02-01, people: [ben]}]}", "a roster without a turn", "a second pattern"),
        ("{patterns: []}", "no pattern", "at least one pattern"),
        ("{people: [ana], patterns: [{people: [ana]}]}", "people beside patterns", "either people"),
        ("{patterns: [{people: [ana]}, {people: [ben]}]}", "never reached", "above the pattern that is always on"),
        ("{peple: [ana]}", "['ana']", "extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_a_pattern_that_would_be_an_empty_night_is_refused_on_its_line(written, primary, found, wanted):
    messages = faults(written(primary.replace("SINCE", "since: 2026-01-05")))
    assert all(message.startswith("team.yaml:2 ") for message in messages)
    assert any(found in m.partition(", wanted ")[0] and wanted in m.partition(", wanted ")[2] for m in messages)


def test_a_roster_change_must_lie_after_the_one_before_it_and_name_who_is_in_it(written):
    rosters = """
    people: [ana, ben]
    turn: weekly
    hands_over: Mon 08:00
    since: 2026-01-05
    roster:
      - {from: 2026-01-05, people: [cho]}
      - {from: 2026-02-02, people: [cho], starts_with: ana}
"""
    assert faults(written(rosters)) == [
        "team.yaml:8 found 2026-01-05, wanted a day after the roster before it began",
        "team.yaml:9 found ana, wanted somebody in this roster",
    ]


def test_every_fault_of_every_file_is_said_at_once(written):
    directory = written("{people: [zed]}")
    (directory / "second.yaml").write_text("layers:\n  primary:\n    people: [yan]\n")
    assert [fault.partition(" ")[0] for fault in faults(directory)] == ["second.yaml:3", "team.yaml:2"]
    with pytest.raises(HandbookFaults, match="zed") as raised:
        load_rotations(directory)
    assert len(raised.value.faults) == 2


@pytest.mark.parametrize(
    ("people", "wanted"),
    [
        (PEOPLE.replace("id: ben", "id: ana"), "an id that nobody else has"),
        (PEOPLE.replace("id: ben", "id: Ben B"), "string should match pattern"),
        (PEOPLE.replace("role: clinician}", "role: boss}", 1), "'clinician', 'coordinator' or 'shared'"),
        (PEOPLE.replace("role: clinician}", "role: clinician, phone: 1}", 1), "extra inputs are not permitted"),
        (PEOPLE.replace("America/New_York", "EST"), "a time zone such as America/New_York"),
        (PEOPLE.replace("America/New_York", "Etc/GMT+5"), "a time zone such as America/New_York"),
        (PEOPLE.replace("America/New_York", "America/Nowhere"), "a time zone such as America/New_York"),
        (PEOPLE.replace("America/New_York", "../../etc/passwd"), "a time zone such as America/New_York"),
    ],
)  # fmt: skip
def test_people_that_cannot_be_used_are_refused(written, people, wanted):
    assert any(wanted in fault for fault in faults(written(people=people)))


def test_a_directory_without_people_or_rotations_is_refused(tmp_path):
    assert "people.yaml:1 found a file that cannot be read" in only_fault(tmp_path)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    assert "wanted at least one, such as pump-team.yaml" in only_fault(tmp_path)


@pytest.mark.parametrize(
    ("holiday", "found", "wanted"),
    [
        ("{name: Day, on: 2026-11-26, tiers: {tema: closed}}", "tema", "a layer such as"),
        ("{name: Day, on: 2026-11-26, tiers: {team/second: closed}}", "team/second", "a layer such as"),
        ("{name: Day, on: 2026-11-26, tiers: {team: shut}}", "'shut'", "'closed'"),
        ("{name: Day, on: soon, tiers: {team: closed}}", "'soon'", "a day such as"),
        ("{name: Day, tiers: {team: closed}}", "without its days", "either on"),
        ("{name: Day, on: 2026-11-26, tiers: {team: {people: [ana, zed]}}}", "zed", "somebody in people.yaml"),
        ("{name: Day, on: 2026-11-26, tiers: {team: {people: []}}}", "an empty list", "at least one person"),
    ],
)
def test_a_holiday_that_cannot_be_meant_is_refused_on_its_line(written, holiday, found, wanted):
    fault = only_fault(written(holidays=f"\n  - {holiday}\n"))
    assert fault.startswith("holidays.yaml:3 ")
    assert found in fault.partition(", wanted ")[0]
    assert wanted in fault.partition(", wanted ")[2]


# --- shares ---


def test_a_person_has_a_whole_post_unless_the_file_says_a_part(written):
    part = PEOPLE.replace("role: clinician}\n  - {id: ben", "role: clinician, fte: 0.6}\n  - {id: ben")
    people = load_rotations(written(people=part)).people
    assert (people["ana"].fte, people["ben"].fte) == (0.6, 1.0)


@pytest.mark.parametrize("fte", ["0", "1.2", "half"])
def test_a_part_of_a_post_lies_above_nought_and_up_to_one(written, fte):
    part = PEOPLE.replace("role: clinician}\n  - {id: ben", f"role: clinician, fte: {fte}}}\n  - {{id: ben")
    assert only_fault(written(people=part)).startswith("people.yaml:4 ")


def test_a_holiday_is_counted_under_its_name_or_under_the_bucket_it_names(written):
    rota = load_rotations(
        written(
            holidays="""\
  - {name: Christmas, on: [2026-12-25, 2027-12-25], tiers: {team: {people: [cho]}}}
  - {name: Boxing Day, bucket: Christmas, on: 2026-12-26, tiers: {team: closed}}
"""
        )
    )
    assert [(day.name, day.bucket, day.starts_at) for day in rota.holidays] == [
        ("Christmas", "Christmas", at("2026-12-25 00:00")),
        ("Christmas", "Christmas", at("2027-12-25 00:00")),
        ("Boxing Day", "Christmas", at("2026-12-26 00:00")),
    ]


# --- splits ---

SPLIT = """
  - id: P1
    split: team
    from: 2026-01-07 19:00
    until: 2026-01-08 07:00
    at: 2026-01-08 00:00
    between: [ana, cho]
    note: early flight
"""


def test_a_split_shares_one_night_out_in_the_order_of_the_names(written):
    rota = load_rotations(written(overrides=SPLIT))
    assert on(rota, "2026-01-07 23:59") == ["ana"]
    assert on(rota, "2026-01-08 00:00") == ["cho"]
    assert on(rota, "2026-01-08 07:00") == ["ana"]


def test_a_split_may_have_more_than_two_parts(written):
    three = SPLIT.replace("at: 2026-01-08 00:00", "at: [2026-01-07 23:00, 2026-01-08 03:00]").replace(
        "[ana, cho]", "[ben, cho, ben]"
    )
    rota = load_rotations(written(overrides=three))
    times = ("2026-01-07 22:00", "2026-01-08 02:00", "2026-01-08 05:00")
    assert [on(rota, time) for time in times] == [["ben"], ["cho"], ["ben"]]


@pytest.mark.parametrize(
    ("instead", "wanted"),
    [
        (("at: 2026-01-08 00:00\n", "\n"), "a split without its parts"),
        (("[ana, cho]", "[cho]"), "a split without its parts"),
        (("[ana, cho]", "[ana, ana]"), "split P1, which changes nothing"),
        (("at: 2026-01-08 00:00", "at: 2026-01-09 00:00"), "the end is not after the start"),
        (("[ana, cho]", "[ana, zed]"), "nobody is called zed"),
        (("split: team", "split: team\n    cover: team"), "cover and split"),
    ],
)
def test_a_split_that_cannot_be_meant_is_refused(written, instead, wanted):
    assert wanted in only_fault(written(overrides=SPLIT.replace(*instead)))


@pytest.mark.parametrize("text", ["1026-01-05 00:00", "0001-01-01 00:00+14:00", "9999-12-31 23:59-14:00"])
def test_a_time_of_another_age_is_refused_in_a_sentence(text):
    """From the year 1026 turns would be counted until nothing answers who is on."""
    with pytest.raises(Unclear):
        read_instant(text, "America/New_York")
    with pytest.raises(EditRefused):
        end_of(text, "America/New_York")


def test_the_year_9999_means_for_ever(written):
    forever = WEEKLY.replace("since:", "until: 9999-12-31, since:")
    assert check_rotations(written(forever)) == ()
    assert read_instant("9999-12-31 23:59", "America/New_York").year == 9999


def test_a_cover_of_centuries_is_refused_on_its_line(written):
    cover = "  - {id: C1, cover: team, by: cho, from: 2026-03-10 19:00, until: 2926-03-11 07:00}\n"
    [fault] = check_rotations(written(overrides=cover))
    assert "an end within 20 years of its start" in str(fault)


@pytest.mark.parametrize("text", [f"{'9' * 5000}h", f"{'9' * 20} days"], ids=["hours", "days"])
def test_a_turn_that_never_ends_is_not_read(text):
    with pytest.raises(Unclear):
        read_turn(text)
    with pytest.raises(Unclear):
        read_span(text)
