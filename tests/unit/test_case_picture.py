"""A case as lanes: everybody who was asked, what was tried, who had it; silences short, the end never lost."""

from __future__ import annotations

from datetime import timedelta

from oncall.core.case import commands as c
from oncall.service.cases.picture import DEADLINES, FAMILY, LEFT, MOST_TRIES, RIGHT, WIDTH, Lane, Picture, picture_of
from tests.support.builders import GO, Night

NAMES = {"ana": "Dr Lee", "dia": "Dr Osei"}


def drawn(night: Night) -> Picture:
    return picture_of("K7", night.entries, NAMES, night.at, "America/New_York")


def lane(picture: Picture, name: str) -> Lane:
    return next(one for one in picture.lanes if one.name == name)


def test_every_person_who_was_asked_has_a_lane_and_what_became_of_a_try_is_said() -> None:
    night = Night()
    night.texts(GO)
    night.wait(minutes=4)
    picture = drawn(night)
    assert [one.name for one in picture.lanes][:3] == [FAMILY, DEADLINES, "Dr Lee"]
    assert {"Dr Lee", "Dr Osei"} <= {one.name for one in picture.lanes}
    assert lane(picture, FAMILY).marks[0].kind == "contact"
    assert "no answer" in picture.words[2]
    assert {"step", "due"} <= {mark.kind for mark in lane(picture, DEADLINES).marks}


def test_who_had_the_case_is_a_bar_from_taking_to_closing() -> None:
    night = Night()
    night.texts(GO)
    night.acks("ana")
    night.at += timedelta(hours=2)
    night.do(c.Resolve(night.id, "ana", "phone advice"))
    picture = drawn(night)
    [held] = lane(picture, "Dr Lee").held
    assert held.ends_at - held.starts_at == timedelta(hours=2)
    assert held.width > 0
    kinds = [mark.kind for mark in lane(picture, "Dr Lee").marks]
    assert [kind for kind in kinds if kind in ("taken", "closed")] == ["taken", "closed"]


def test_a_long_silence_is_drawn_short_and_says_how_long_it_was() -> None:
    night = Night()
    night.texts(GO)
    night.acks("ana")
    night.at += timedelta(days=1)
    night.do(c.AddNote(night.id, "ana", "still here"))
    night.do(c.Resolve(night.id, "ana", "phone advice"))
    picture = drawn(night)
    assert any("23 h" in silence.label for silence in picture.silences)
    places = [mark.x for one in picture.lanes for mark in one.marks]
    assert min(places) == LEFT
    assert max(places) <= WIDTH - RIGHT + 0.1


def test_a_night_of_hundreds_of_calls_is_thinned_in_its_middle_and_says_so() -> None:
    night = Night()
    night.texts(GO)
    night.wait(hours=2)
    tries = [mark for mark in lane(drawn(night), "Dr Lee").marks if mark.kind in ("text", "call")]
    assert len(tries) == 2 * MOST_TRIES + 1
    assert any("more texts and calls until here" in mark.told for mark in tries)
    assert tries[-1].at == max(mark.at for mark in tries)


def test_a_case_of_one_entry_is_drawn() -> None:
    night = Night()
    night.texts(GO)
    assert picture_of("K7", night.entries[:2], NAMES, night.at, "America/New_York").lanes[0].marks
