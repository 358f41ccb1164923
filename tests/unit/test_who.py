"""What `oncall who` and the API say: names, times on the hospital's clock and in UTC, reasons, and holes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from oncall.core.rota.on_call import Layer, Person, Rota, Rotation, cover, leave, with_changes
from oncall.core.rota.turns import Era, Pattern, Turn, Unit
from oncall.core.wall_time import first_pass
from oncall.service.rota.who import who_at, who_between

ZONE = "America/New_York"
PEOPLE = {id: Person(id, name, name, "clinician") for id, name in (("ana", "Ana Lee"), ("dia", "Dia Osei"))}


def at(text: str) -> datetime:
    return first_pass(datetime.fromisoformat(text), ZONE)


@pytest.fixture
def hospital() -> Rota:
    daily = Turn(1, Unit.DAYS, datetime.fromisoformat("2026-01-05 08:00"), ZONE)
    primary = Pattern(ZONE, (Era(0, (("ana",),)),), daily, starts_at=at("2026-01-05 08:00"), why="daily turn")
    attending = Pattern(ZONE, (Era(0, (("dia",),)),), why="always")
    layers = (Layer("primary", (primary,)), Layer("attending", (attending,)))
    return Rota({"team": Rotation("team", ZONE, layers)}, PEOPLE, ZONE)


def test_one_row_for_each_layer_with_local_and_utc_times(hospital):
    primary, attending = who_at(hospital, None, at("2026-01-06 12:00"))
    assert primary == {
        "rotation": "team",
        "layer": "primary",
        "person": "ana",
        "name": "Ana Lee",
        "from": "Tue 6 Jan 2026 08:00 EST",
        "until": "Wed 7 Jan 2026 08:00 EST",
        "from_utc": "2026-01-06T13:00:00Z",
        "until_utc": "2026-01-07T13:00:00Z",
        "hours": 24.0,
        "reason": "daily turn",
    }
    assert (attending["from"], attending["until"]) == ("always", "further notice")
    assert (attending["from_utc"], attending["until_utc"], attending["hours"]) == (None, None, None)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-07", 23.0), ("2026-10-31", 25.0)])
def test_the_night_of_a_clock_change_shows_its_real_length(hospital, day, hours):
    assert who_at(hospital, "team", at(f"{day} 12:00"))[0]["hours"] == hours


def test_a_hole_is_a_row_with_its_whole_length(hospital):
    away = with_changes(hospital, [leave("L1", "ana", at("2026-02-03 19:00"), at("2026-02-04 07:00"))])
    hole = who_at(away, "team", at("2026-02-04 00:00"))[0]
    assert (hole["person"], hole["name"], hole["reason"]) == (None, None, "nobody is on call")
    assert (hole["from"], hole["until"]) == ("Tue 3 Feb 2026 19:00 EST", "Wed 4 Feb 2026 07:00 EST")


def test_a_hole_without_a_beginning_says_so(hospital):
    before = who_at(hospital, "team", at("2025-12-31 12:00"))[0]
    assert (before["person"], before["from"], before["until"]) == (None, "always", "Mon 5 Jan 2026 08:00 EST")


def test_a_span_lists_shifts_and_holes_by_beginning_and_gives_the_override_as_the_reason(hospital):
    changed = with_changes(
        hospital,
        [
            leave("L1", "ana", at("2026-02-03 19:00"), at("2026-02-04 07:00")),
            cover("C1", "team/primary", "dia", at("2026-02-03 22:00"), at("2026-02-04 07:00"), "for the leave"),
        ],
    )
    start = at("2026-02-03 12:00")
    rows = [
        row for row in who_between(changed, "team", start, start + timedelta(hours=20)) if row["layer"] == "primary"
    ]
    assert [(row["person"], row["reason"]) for row in rows] == [
        ("ana", "daily turn"),
        (None, "nobody is on call"),
        ("dia", "cover C1: for the leave"),
        ("ana", "daily turn"),
    ]


def test_a_rotation_that_does_not_exist_is_an_error(hospital):
    with pytest.raises(KeyError):
        who_at(hospital, "tema", at("2026-02-03 12:00"))
