"""A coordinator's edits in the text of rotations/: what they mean, what they leave alone, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from oncall.adapters.handbook.files import read_files
from oncall.adapters.handbook.rota_edits import copy_week
from oncall.adapters.handbook.rota_holiday_edits import holiday_words
from oncall.adapters.handbook.rota_pages import OVERRIDES, pages_of, rota_in
from oncall.adapters.handbook.rota_scribe import Scribe, applied
from oncall.core.rota.edits import (
    AddBeside,
    AddCover,
    AddCovers,
    AddHoliday,
    AddLeave,
    AddSwap,
    CopyWeek,
    Edit,
    EditChange,
    EditHoliday,
    EditPattern,
    EditRefused,
    EndPattern,
    Given,
    HolidayWords,
    NewPattern,
    PatternWords,
    RemoveHoliday,
    ReplaceRoster,
    SetOverlap,
    SplitShift,
    StandIn,
    TakeBackChange,
    decode,
    encode,
)
from oncall.core.rota.on_call import Change, Rota, beside, cover, leave, on_call_at, shifts_between, swap, with_changes
from oncall.core.wall_time import first_pass
from tests.support.ward import ROOT

ZONE = "America/New_York"
TIER = "pump-team/primary"


@pytest.fixture
def files() -> Mapping[str, str]:
    return read_files(ROOT / "rules", ROOT / "rotations")


def at(text: str) -> datetime:
    return first_pass(datetime.fromisoformat(text), ZONE)


NOW = at("2026-11-25 10:00") + timedelta(seconds=31)


def on(files: Mapping[str, str], text: str, tier: str = TIER) -> list[str]:
    rotation, _, layer = tier.partition("/")
    return [shift.person for shift in on_call_at(rota_in(files).rotations[rotation], layer, at(text))]


def changed_lines(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The new lines; every old line must still stand, in its order."""
    (name,) = [name for name in after if before.get(name) != after[name]]
    old, new = before.get(name, "").splitlines(), after[name].splitlines()
    added, place = [], 0
    for line in new:
        if place < len(old) and line == old[place]:
            place += 1
        else:
            added.append(line)
    assert place == len(old), f"lost: {old[place:]}"
    return [line for line in added if line]


NIGHT = ("2026-12-02 19:00", "2026-12-03 07:00")
DAYS = ("2026-12-02", "2026-12-04")
ONE_OFF: list[tuple[Edit, tuple[Change, ...]]] = [
    (AddCover(TIER, "dia", *NIGHT, note="at: 2"), (cover("C3", TIER, "dia", *map(at, NIGHT), "at: 2"),)),
    (AddCover(TIER, "dia", *NIGHT, instead_of="ben"), (cover("C3", TIER, "dia", *map(at, NIGHT), instead_of="ben"),)),
    (AddBeside(TIER, "dia", *NIGHT), (beside("B1", TIER, "dia", *map(at, NIGHT)),)),
    (AddLeave("ben", *NIGHT, note="#1"), (leave("L2", "ben", *map(at, NIGHT), "#1"),)),
    (AddLeave("ben", *DAYS), (leave("L2", "ben", at("2026-12-02 00:00"), at("2026-12-05 00:00")),)),
    (
        AddSwap("pump-team/attending", Given("eli", "2026-12-05 08:00", "2026-12-06 08:00"),
                Given("dia", "2026-12-10 08:00", "2026-12-11 08:00")),
        swap("S2", "pump-team/attending", ("eli", at("2026-12-05 08:00"), at("2026-12-06 08:00")),
             ("dia", at("2026-12-10 08:00"), at("2026-12-11 08:00"))),
    ),
    (AddCover("operator", "ana", *NIGHT), (cover("C3", "operator/primary", "ana", *map(at, NIGHT)),)),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "changes"), ONE_OFF)
def test_an_edit_in_the_text_is_the_change_in_the_rota(
    files: Mapping[str, str], edit: Edit, changes: tuple[Change, ...]
) -> None:
    after = applied(files, edit, NOW)
    assert rota_in(after) == with_changes(rota_in(files), changes)
    assert changed_lines(files, after)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_cover_adds_its_own_lines_and_no_other_byte_changes(files: Mapping[str, str], line_end: str) -> None:
    files = {**files, OVERRIDES: files[OVERRIDES].replace("\n", line_end)}
    after = applied(files, AddCover(TIER, "dia", *NIGHT, note="course: 'x' #1"), NOW)[OVERRIDES]
    assert after.startswith(files[OVERRIDES])
    assert after[len(files[OVERRIDES]) :].split(line_end) == [
        "",
        "  - id: C3",
        f"    cover: {TIER}",
        "    by: dia",
        "    from: 2026-12-02 19:00",
        "    until: 2026-12-03 07:00",
        "    note: \"course: 'x' #1\"",
        "",
    ]


def test_a_hospital_without_overrides_gets_the_file(files: Mapping[str, str]) -> None:
    bare = {name: text for name, text in files.items() if name != OVERRIDES}
    for none in (bare, {**bare, OVERRIDES: "overrides: []   # nothing yet\n"}):
        after = applied(none, AddCover(TIER, "dia", *NIGHT), NOW)
        assert "dia" in on(after, "2026-12-03 03:00")
    assert "# nothing yet" in after[OVERRIDES]


def test_what_is_added_and_taken_back_leaves_the_file_as_it_was(files: Mapping[str, str]) -> None:
    for edit, changes in ONE_OFF:
        after = applied(files, edit, NOW)
        again = applied(after, TakeBackChange(changes[0].id), NOW)
        assert again[OVERRIDES].rstrip() == files[OVERRIDES].rstrip()


# --- times -----------------------------------------------------------------------------------------------------------


def refused(files: Mapping[str, str], edit: Edit, now: datetime = NOW) -> EditRefused:
    with pytest.raises(EditRefused) as problem:
        applied(files, edit, now)
    assert not [word for word in ("yaml", "Fault", "wanted is one of {", ".py") if word in str(problem.value)]
    return problem.value


def test_a_doubled_time_is_refused_with_both_choices_and_each_can_be_typed(files: Mapping[str, str]) -> None:
    problem = refused(files, AddCover(TIER, "dia", "2027-11-07 01:30", "2027-11-07 07:00"))
    assert problem.choices == ("2027-11-07 01:30-04:00", "2027-11-07 01:30-05:00")
    assert str(problem).startswith("The clock shows Sun 7 Nov 2027 01:30 twice in that night: choose the first")
    first, second = (
        rota_in(applied(files, AddCover(TIER, "dia", choice, "2027-11-07 07:00"), NOW)) for choice in problem.choices
    )
    starts = [rota.rotations["pump-team"].changes[-1].starts_at for rota in (first, second)]
    assert starts[1] - starts[0] == timedelta(hours=1)


def test_a_skipped_time_is_refused_with_the_hour_before_and_after(files: Mapping[str, str]) -> None:
    problem = refused(files, AddLeave("ana", "2027-03-13 19:00", "2027-03-14T02:30"))
    assert problem.choices == ("2027-03-14 01:30-05:00", "2027-03-14 03:30-04:00")
    assert "skips Sun 14 Mar 2027 02:30" in str(problem)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (AddCover(TIER, "zoe", *NIGHT), "Nobody on the rota is called zoe"),
        (AddCover("pump-team", "dia", *NIGHT), "There is no tier pump-team"),
        (AddCover(TIER, "dia", NIGHT[1], NIGHT[0]), "is not after the start"),
        (AddCover(TIER, "dia", "tonight", NIGHT[1]), "The start tonight cannot be read"),
        (AddCover(TIER, "dia", "2026-11-20 19:00", "2026-11-21 07:00"), "the past does not move"),
        (AddCover(TIER, "ben", "2026-12-02 20:00", "2026-12-02 21:00"), "would change nobody"),
        (AddSwap(TIER, Given("ana", *NIGHT), Given("ana", *NIGHT)), "between two people"),
        (AddSwap(TIER, Given("dia", *NIGHT), Given("ana", *NIGHT)), "Dia Osei is not on"),
        (TakeBackChange("C99"), "C99 is not there any more"),
        (TakeBackChange("C1"), "C1 is over"),
        (TakeBackChange("C1", was="other"), "not what it was"),
        (ReplaceRoster(TIER, 1, (("ana",),), "2026-11-01"), "the past does not move"),
        (ReplaceRoster(TIER, 1, (), "2026-12-07"), "Nobody is named"),
        (ReplaceRoster(TIER, 3, (("ana",),), "2026-12-07"), "has no pattern 3"),
        (EditPattern(TIER, 1, PatternWords((("ana",),), turn="fortnightly", since="2026-12-07"), "2026-12-07"), "turn"),
        (RemoveHoliday("Easter"), "There is no holiday Easter"),
        (AddHoliday(HolidayWords("Christmas", ("2026-12-25",), (StandIn("complex-care"),))), "already"),
        (SetOverlap(TIER, "soon"), "cannot be read"),
        (SetOverlap(TIER, "9h"), "at most 2h"),
        (CopyWeek(TIER, "2026-12-07", "2026-12-09"), "onto itself"),
        (SplitShift("neurosurgery/primary", "gus", "2026-12-07 10:00"), "the shift has no end"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(files: Mapping[str, str], edit: Edit, said: str) -> None:
    assert said in str(refused(files, edit))


def test_a_cover_that_has_begun_starts_with_this_minute(files: Mapping[str, str]) -> None:
    after = applied(files, AddCover(TIER, "dia", "2026-11-25 07:00", "2026-11-25 19:00"), NOW)
    before, changed = (rota_in(f).rotations["pump-team"] for f in (files, after))
    assert changed.changes[-1].starts_at == at("2026-11-25 10:00")
    past = (at("2026-11-20 00:00"), at("2026-11-25 09:59"))
    assert [s.person for s in shifts_between(before, "primary", *past)] == [
        s.person for s in shifts_between(changed, "primary", *past)
    ]


def test_a_cover_that_has_begun_is_ended_not_taken_back(files: Mapping[str, str]) -> None:
    after = applied(files, AddCover(TIER, "dia", "2026-11-26 07:00", "2026-11-26 19:00"), NOW)
    later = at("2026-11-26 12:00")
    ended = applied(after, TakeBackChange("C3"), later)
    assert "until: 2026-11-26 12:00" in ended[OVERRIDES]
    assert on(ended, "2026-11-26 11:59") == ["dia"]
    assert on(ended, "2026-11-26 12:30") == on(files, "2026-11-26 12:30")
    assert "has begun" in str(refused(after, EditChange("C3", by="eli"), later))


def test_a_change_is_changed_in_its_own_lines(files: Mapping[str, str]) -> None:
    after = applied(files, AddLeave("ben", "2026-12-02", "2026-12-04"), NOW)
    again = applied(after, EditChange("L2", until="2026-12-04 12:00", note="back at noon"), NOW)
    assert again[OVERRIDES].startswith(files[OVERRIDES])
    assert again[OVERRIDES].endswith("    from: 2026-12-02\n    until: 2026-12-04 12:00\n    note: back at noon\n")


def test_somebody_elses_change_under_the_same_id_is_not_hit(files: Mapping[str, str]) -> None:
    mine = applied(files, AddCover(TIER, "dia", *NIGHT), NOW)
    seen = Scribe().witnessed(mine, TakeBackChange("C3"), NOW)
    theirs = applied(files, AddCover(TIER, "eli", *NIGHT), NOW)
    assert "not what it was" in str(refused(theirs, seen))
    assert applied(mine, seen, NOW)[OVERRIDES].rstrip() == files[OVERRIDES].rstrip()


# --- splits, weeks, helpers -------------------------------------------------------------------------------------------


def test_a_split_gives_the_rest_of_the_shift(files: Mapping[str, str]) -> None:
    after = applied(files, SplitShift(TIER, "dia", "2026-12-02 23:00"), NOW)
    assert "from: 2026-12-02 23:00\n    until: 2026-12-03 07:00" in after[OVERRIDES]


def test_a_copied_week_has_the_people_of_the_other_one(files: Mapping[str, str]) -> None:
    after = applied(files, CopyWeek(TIER, "2026-12-02", "2026-12-16"), NOW)
    for day in range(7):
        for hour in (3, 12, 21):
            there, here = (f"2026-12-{first + day:02} {hour:02}:00" for first in (7, 14))
            assert on(after, here) == on(files, f"2026-{'11-30' if day == 0 else f'12-{day:02}'} {hour:02}:00")
            assert on(after, there) == on(files, there)
    covers = copy_week(pages_of(files, NOW), CopyWeek(TIER, "2026-12-02", "2026-12-16"))
    assert len(covers) <= 15


def test_two_who_are_on_at_once_are_copied_both(files: Mapping[str, str]) -> None:
    twice = applied(files, AddBeside(TIER, "dia", *NIGHT), NOW)
    third = applied(twice, AddBeside(TIER, "eli", "2026-12-02 22:00", "2026-12-03 02:00"), NOW)
    third = applied(third, AddCover(TIER, "eli", "2026-12-16 19:00", "2026-12-16 20:00"), NOW)
    third = applied(third, AddCover(TIER, "ben", "2026-12-17 06:00", "2026-12-17 07:00"), NOW)
    after = applied(third, CopyWeek(TIER, "2026-12-02", "2026-12-16"), NOW)
    for hour in ("02 18:30", "02 19:30", "02 21:30", "02 23:00", "03 01:30", "03 03:00", "03 06:30", "03 07:30"):
        there = f"2026-12-{int(hour[:2]) + 14}{hour[2:]}"
        assert set(on(after, there)) == set(on(third, f"2026-12-{hour}")), there
    assert set(on(after, "2026-12-16 23:00")) == {"ben", "dia", "eli"}
    assert "already: nothing to copy" in str(refused(after, CopyWeek(TIER, "2026-12-02", "2026-12-16")))


def test_an_asked_replacement_is_on_beside_whoever_has_it(files: Mapping[str, str]) -> None:
    after = applied(files, AddBeside(TIER, "dia", *NIGHT), NOW)
    assert set(on(after, "2026-12-03 03:00")) == {"dia", *on(files, "2026-12-03 03:00")}


# --- patterns ---------------------------------------------------------------------------------------------------------


def test_a_roster_is_replaced_from_the_next_hand_over_and_remarks_stay(files: Mapping[str, str]) -> None:
    after = applied(files, ReplaceRoster(TIER, 2, (("ana",), ("dia",), ("ben", "cho")), "2026-12-09", "dia"), NOW)
    assert changed_lines(files, after) == [
        "        roster:",
        "          - {from: 2026-12-09, people: [ana, dia, together: [ben, cho]], starts_with: dia}",
    ]
    assert on(after, "2026-12-14 18:00") == on(files, "2026-12-14 18:00")
    assert on(after, "2026-12-14 22:00") == ["dia"]
    assert set(on(after, "2026-12-21 22:00")) == {"ben", "cho"}


def test_who_always_has_it_is_followed_by_another(files: Mapping[str, str]) -> None:
    after = applied(files, ReplaceRoster("neurosurgery/primary", 1, (("gus",),), "2026-12-07 08:00"), NOW)
    assert on(after, "2026-12-07 07:59", "neurosurgery/primary") == ["fay"]
    assert on(after, "2026-12-07 08:00", "neurosurgery/primary") == ["gus"]
    assert after["rotations/neurosurgery.yaml"].startswith("# Device, catheter, wound and pocket.\nsays: Answers for")


def test_a_changed_pattern_begins_where_the_old_one_ends(files: Mapping[str, str]) -> None:
    words = PatternWords((("ana",), ("ben",)), "days", "daily", "08:00", ("08:00-20:00",))
    after = applied(files, EditPattern(TIER, 1, words, "2026-12-07"), NOW)
    assert "until: 2026-12-07 08:00" in after["rotations/pump-team.yaml"]
    assert "# from top to bottom: the first that covers the hour has it" in after["rotations/pump-team.yaml"]
    assert "# whoever has the nights this week had the days last week" in after["rotations/pump-team.yaml"]
    assert on(after, "2026-12-07 09:00") == ["ana"]
    assert on(after, "2026-12-08 09:00") == ["ben"]
    assert on(after, "2026-12-06 12:00") == on(files, "2026-12-06 12:00")


def test_a_pattern_that_has_not_begun_is_replaced(files: Mapping[str, str]) -> None:
    words = PatternWords((("ana",), ("ben",)), turn="daily", hands_over="08:00")
    once = applied(files, EditPattern("pump-team/attending", 1, words, "2026-12-07"), NOW)
    twice = applied(once, EditPattern("pump-team/attending", 2, words, "2026-12-07 08:00"), NOW)
    assert once["rotations/pump-team.yaml"] == twice["rotations/pump-team.yaml"]
    assert on(twice, "2026-12-08 09:00", "pump-team/attending") == ["ben"]


def test_a_pattern_ends_and_another_takes_its_place(files: Mapping[str, str]) -> None:
    ended = applied(files, EndPattern("anaesthesia-pain/primary", 1, "2027-01-04"), NOW)
    assert on(ended, "2027-01-04 07:59", "anaesthesia-pain/primary")
    assert on(ended, "2027-01-04 08:00", "anaesthesia-pain/primary") == []
    words = PatternWords((("fay",),), turn="weekly", hands_over="Mon 08:00", since="2027-01-04")
    after = applied(ended, NewPattern("anaesthesia-pain/primary", words), NOW)
    assert on(after, "2027-01-04 08:00", "anaesthesia-pain/primary") == ["fay"]


def test_a_layer_that_is_not_there_is_made(files: Mapping[str, str]) -> None:
    after = applied(files, NewPattern("neurosurgery/second", PatternWords((("gus",),))), NOW)
    assert on(after, "2026-12-07 08:00", "neurosurgery/second") == ["gus"]
    assert on(after, "2026-12-07 08:00", "neurosurgery/primary") == ["fay"]


def test_a_hand_over_window_is_set_and_taken_away(files: Mapping[str, str]) -> None:
    none = applied(files, SetOverlap(TIER, ""), NOW)
    assert len(on(files, "2026-12-02 19:05")) == 2
    assert len(on(none, "2026-12-02 19:05")) == 1
    assert len(on(applied(none, SetOverlap(TIER, "10m"), NOW), "2026-12-02 19:05")) == 2


# --- holidays ---------------------------------------------------------------------------------------------------------


def test_a_holiday_is_added_changed_and_removed_and_its_past_stays(files: Mapping[str, str]) -> None:
    words = HolidayWords(
        "Marathon", ("2026-12-05", "2027-04-19"), (StandIn(TIER, ("dia", "eli")), StandIn("complex-care"))
    )
    added = applied(files, AddHoliday(words), NOW)
    assert added["rotations/holidays.yaml"].startswith(files["rotations/holidays.yaml"])
    assert on(added, "2026-12-05 12:00") == ["dia"]
    assert on(added, "2027-04-19 12:00") == ["eli"]
    other = HolidayWords(
        "Marathon", ("2026-12-05", "2027-04-19"), (StandIn(TIER, ("eli", "dia")), StandIn("complex-care"))
    )
    assert on(applied(added, EditHoliday("Marathon", other), NOW), "2026-12-05 12:00") == ["eli"]
    assert applied(added, RemoveHoliday("Marathon"), NOW)["rotations/holidays.yaml"].rstrip() == (
        files["rotations/holidays.yaml"].rstrip()
    )
    later = at("2027-01-01 12:00")
    kept = applied(added, RemoveHoliday("Marathon"), later)
    assert on(kept, "2026-12-05 12:00") == ["dia"]
    assert on(kept, "2027-04-19 12:00") == on(files, "2027-04-19 12:00")
    assert "the past does not move" in str(refused(added, EditHoliday("Marathon", other), later))


EVE = """
  - name: Long Eve
    from: 2026-12-24 17:00
    until: 2026-12-26 08:00                       # until the early shift
    tiers:
      complex-care: closed
      pump-team/primary: {people: [dia], hours: "08:00-20:00"}
      pump-team/attending: {together: [eli, dia]}   # both
"""


def test_a_holiday_with_hours_of_its_own_is_changed_and_what_a_form_cannot_say_stays(files: Mapping[str, str]) -> None:
    files = {**files, "rotations/holidays.yaml": files["rotations/holidays.yaml"] + EVE}
    words = holiday_words(pages_of(files, NOW), "Long Eve")
    assert (words.on, words.starts, words.until) == ((), "2026-12-24 17:00", "2026-12-26 08:00")
    both = "pump-team/attending"
    assert words.tiers == (
        StandIn("complex-care/primary"), StandIn(TIER, ("dia",), "08:00-20:00"), StandIn(both, as_it_is=True)
    )  # fmt: skip
    assert applied(files, EditHoliday("Long Eve", words), NOW) == files, "looked at and sent back as it was"
    tiers = (words.tiers[0], StandIn(TIER, ("cho",), "09:00-21:00"), words.tiers[2])
    after = applied(files, EditHoliday("Long Eve", replace(words, until="2026-12-26 09:00", tiers=tiers)), NOW)
    text = after["rotations/holidays.yaml"]
    assert "until: 2026-12-26 09:00 " in text
    assert "# until the early shift" in text
    assert "pump-team/attending: {together: [eli, dia]}   # both" in text
    assert on(after, "2026-12-25 20:30") == ["cho"]
    assert (on(files, "2026-12-25 08:30"), on(after, "2026-12-25 08:30")) == (["dia"], on(files, "2026-12-25 07:30"))
    assert set(on(after, "2026-12-26 08:30", both)) == {"dia", "eli"}
    twin = EditHoliday("Long Eve", replace(words, name="Christmas"))
    assert "There is a holiday Christmas already" in str(refused(files, twin))
    days = replace(words, on=("2026-12-24", "2026-12-25"), starts="", until="")
    assert on(applied(files, EditHoliday("Long Eve", days), NOW), "2026-12-24 12:00") == ["dia"]
    assert "either days, or a span" in str(
        refused(files, EditHoliday("Long Eve", replace(days, starts="2026-12-24 17:00")))
    )


# --- drafts' rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edit",
    [
        *(edit for edit, _ in ONE_OFF),
        SplitShift(TIER, "dia", "2026-12-02 23:00"),
        TakeBackChange("C1", "seen"),
        EditChange("C1", until="2026-12-03"),
        CopyWeek(TIER, "2026-12-02", "2026-12-16"),
        NewPattern(TIER, PatternWords((("ana", "ben"), ("cho",)), hours=("07:00-19:00",)), before_others=True),
        EditPattern(TIER, 1, PatternWords((("ana",),), counts_worked=True), "2026-12-07"),
        EndPattern(TIER, 1, "2026-12-07"),
        ReplaceRoster(TIER, 1, (("ana", "ben"), ("cho",)), "2026-12-07"),
        SetOverlap(TIER, "15m"),
        AddHoliday(HolidayWords("Marathon", ("2027-04-19",), (StandIn(TIER, ("dia",)), StandIn("complex-care")))),
        EditHoliday("x", HolidayWords("Marathon", ("2027-04-19",), (StandIn(TIER),))),
        RemoveHoliday("Marathon"),
    ],
)
def test_an_edit_comes_back_from_its_row(edit: Edit) -> None:
    assert decode(encode(edit)) == edit


def test_the_covers_of_a_schedule_are_written_as_if_they_had_come_one_after_the_other(
    files: Mapping[str, str],
) -> None:
    first = AddCover(TIER, "dia", "2026-12-02 19:00", "2026-12-03 07:00", note="from a file")
    second = AddCover("pump-team/attending", "ana", "2026-12-04 08:00", "2026-12-05 08:00")
    assert applied(files, AddCovers((first, second)), NOW) == applied(applied(files, first, NOW), second, NOW)


def test_one_wrong_cover_of_a_schedule_and_none_is_written(files: Mapping[str, str]) -> None:
    good = AddCover(TIER, "dia", "2026-12-02 19:00", "2026-12-03 07:00")
    with pytest.raises(EditRefused):
        applied(files, AddCovers((good, AddCover(TIER, "zoe", "2026-12-04 19:00", "2026-12-05 07:00"))), NOW)


def test_every_kind_of_edit_is_tried_here() -> None:
    tried = Path(__file__).read_text(encoding="utf-8")
    assert not [kind.__name__ for kind in get_args(Edit) if f"{kind.__name__}(" not in tried]


def test_a_kind_of_a_newer_program_is_said() -> None:
    with pytest.raises(EditRefused, match="AddMoon"):
        decode({"kind": "AddMoon"})
    assert datetime.min.replace(tzinfo=UTC) < NOW
    assert isinstance(rota_in(read_files(ROOT / "rules", ROOT / "rotations")), Rota)
