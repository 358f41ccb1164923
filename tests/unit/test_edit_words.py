"""Every edit that a draft can hold is said in words, with names instead of ids."""

from __future__ import annotations

import pytest

from oncall.core.rota import edits as r
from oncall.service.rota.edit_words import EditWords
from tests.support.rotas import NAMES, hospital

TIER = "pump-team/primary"
SPAN = ("2026-12-02 19:00", "2026-12-03 07:00")
WORDS = r.PatternWords(people=(("ana",), ("ben", "cho")), turn="weekly", hands_over="Mon 07:00", hours=("07:00-19:00",))
DAY = r.HolidayWords("Founders' day", ("2027-03-03",), (r.StandIn(TIER, ("dia",)),))
PRIMARY, NIGHT = "Pump team, primary", "Wed 2 Dec 19:00 to Thu 3 Dec 07:00"
TURNS = "Ana Lee, Ben Singh with Cho Park; weekly; Mon 07:00; 07:00-19:00"
SAID = (
    (r.AddCover(TIER, "dia", *SPAN, note="a course"), f"Cover, {PRIMARY}: Dia Osei, {NIGHT} (a course)"),
    (r.AddCovers((r.AddCover(TIER, "dia", *SPAN),), "december.csv"), "1 cover, taken in from december.csv"),
    (r.AddBeside(TIER, "dia", *SPAN), f"{PRIMARY}: Dia Osei is on as well, {NIGHT}"),
    (
        r.AddSwap(TIER, r.Given("ana", *SPAN), r.Given("ben", *SPAN)),
        f"Swap, {PRIMARY}: Ana Lee gives {NIGHT}; Ben Singh gives {NIGHT}",
    ),
    (r.AddLeave("ben", "2026-12-20", "2026-12-21"), "Leave: Ben Singh, Sun 20 Dec to Mon 21 Dec"),
    (
        r.SplitShift(TIER, "dia", "2026-11-01 01:30-05:00"),
        f"Split, {PRIMARY}: Dia Osei from Sun 1 Nov 01:30 (the second)",
    ),
    (r.TakeBackChange("C7"), "Take back C7"),
    (r.EditChange("C7", until="2026-12-03 01:00", by="ana"), "Change C7: until Thu 3 Dec 01:00, Ana Lee"),
    (r.CopyWeek(TIER, "2026-12-01", "2026-12-08"), f"Copy, {PRIMARY}: the week of Tue 1 Dec to the week of Tue 8 Dec"),
    (r.NewPattern(TIER, WORDS), f"New pattern, {PRIMARY}: {TURNS}"),
    (r.EditPattern(TIER, 1, WORDS, "2026-12-07"), f"Pattern 1 of {PRIMARY} from Mon 7 Dec: {TURNS}"),
    (r.EndPattern(TIER, 2, "2026-12-07"), f"Pattern 2 of {PRIMARY} ends Mon 7 Dec"),
    (
        r.ReplaceRoster(TIER, 1, (("ana",), ("dia",)), "2026-12-07"),
        f"Roster 1 of {PRIMARY} from Mon 7 Dec: Ana Lee, Dia Osei",
    ),
    (r.SetOverlap(TIER, "15m"), f"Hand-over window of {PRIMARY}: 15m"),
    (r.AddHoliday(DAY), "Holiday Founders' day: Wed 3 Mar"),
    (r.EditHoliday("Founders' day", DAY), "Holiday Founders' day: Wed 3 Mar"),
    (r.RemoveHoliday("Founders' day"), "No holiday Founders' day"),
)


@pytest.mark.parametrize(("edit", "said"), SAID, ids=[type(edit).__name__ for edit, _ in SAID])
def test_an_edit_is_said_in_words(edit: r.Edit, said: str) -> None:
    assert EditWords(hospital(), NAMES).said(edit) == said


def test_every_kind_of_edit_has_words() -> None:
    assert {type(edit).__name__ for edit, _ in SAID} == set(r.KINDS)


def test_what_cannot_be_read_is_said_as_it_was_typed() -> None:
    assert EditWords(hospital(), {}).said(r.AddLeave("zoe", "soon", "later")) == "Leave: zoe, soon to later"
