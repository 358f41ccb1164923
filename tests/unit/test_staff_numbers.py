"""How fresh a proof is, whether somebody can be reached, what a code and a key prove, and what a leaver still has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall.adapters.web.typed_number import as_written, typed_number
from oncall.core.rota.leavers import Turns, shifts_ahead, still_named, turns_of
from oncall.core.staff_numbers import (
    Light,
    Member,
    Number,
    code_for,
    code_lives,
    code_tried,
    joined,
    key_pressed,
    masked,
    proof_of,
    readiness_of,
)
from tests.support.web_house import shipped_handbook

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
SECRET = b"a secret of the tests"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def number(days: float | None = 3, position: int = 1, **more: object) -> Number:
    proven_at = None if days is None else NOW - days * DAY
    return replace(Number(f"+1617555011{position}", "ana", position, proven_at), **more)  # type: ignore[arg-type]


def member(*numbers: Number, role: str = "clinician") -> Member:
    return Member("ana", "Dr Lee", "Ana Lee", "Doctor Lee", role, numbers=numbers)


@pytest.mark.parametrize(
    ("days", "light"),
    [
        (0, Light.GREEN),
        (29.9, Light.GREEN),
        (30, Light.YELLOW),
        (59.9, Light.YELLOW),
        (60, Light.RED),
        (None, Light.RED),
    ],
)
def test_a_proof_is_green_for_thirty_days_and_red_from_sixty(days: float | None, light: Light) -> None:
    assert proof_of(number(days), NOW).light is light


def test_a_proof_from_the_future_is_not_older_than_now() -> None:
    assert proof_of(number(-1), NOW) == proof_of(number(0), NOW)


def test_a_new_number_is_yellow_for_a_day() -> None:
    new = number(0, added_at=NOW - 2 * DAY, in_use_at=NOW - DAY + MINUTE)
    assert proof_of(new, NOW).light is Light.YELLOW
    assert proof_of(new, NOW + MINUTE).light is Light.GREEN


@pytest.mark.parametrize(
    ("numbers", "light", "sentence"),
    [
        ((), Light.RED, "not ready: no telephone"),
        ((number(None),), Light.RED, "not ready: no proven telephone"),
        ((number(61), number(None, 2)), Light.RED, "not ready: no telephone proven within 60 days; send a test page"),
        ((number(), number(4, 2)), Light.GREEN, "ready"),
        ((number(),), Light.YELLOW, "ready, but there is no second number"),
        ((number(), number(None, 2)), Light.YELLOW, "ready, but phone 2 is not proven"),
        ((number(), number(31, 2)), Light.YELLOW, "ready, but phone 2 is proven 31 days ago"),
        ((number(stopped_at=NOW), number(3, 2)), Light.YELLOW, "ready, but phone 1 takes no texts (STOP)"),
        ((number(3, added_at=NOW),), Light.RED, "not ready: no telephone"),
    ],
)
def test_one_sentence_says_whether_a_page_would_reach_them(
    numbers: tuple[Number, ...], light: Light, sentence: str
) -> None:
    found = readiness_of(member(*numbers), NOW, rostered=True)
    assert (found.light, found.sentence) == (light, sentence)


def test_who_stands_on_no_tier_and_a_shared_desk_need_no_second_number() -> None:
    assert readiness_of(member(number()), NOW, rostered=False).light is Light.GREEN
    assert readiness_of(member(number(), role="shared"), NOW, rostered=True).light is Light.GREEN


# --- code and key ---------------------------------------------------------------------------------------------------


def waiting(**more: object) -> Number:
    return number(None, added_at=NOW, code_sent_at=NOW, **more)


def test_a_number_is_in_use_only_with_its_code_and_its_key_in_either_order() -> None:
    code = code_for(SECRET, waiting().number, NOW)
    by_code = code_tried(waiting(), code, SECRET, NOW + MINUTE)
    by_key = key_pressed(waiting(), NOW + MINUTE)
    assert by_code.waits
    assert by_key.waits
    assert key_pressed(by_code, NOW + 2 * MINUTE).in_use_at == NOW + 2 * MINUTE
    assert code_tried(by_key, f" {code[:3]} {code[3:]} ", SECRET, NOW + 2 * MINUTE).is_in_use


def test_a_number_that_takes_no_texts_needs_the_key_alone() -> None:
    assert key_pressed(waiting(takes_texts=False), NOW).is_in_use


def test_a_wrong_code_costs_a_try_and_after_five_the_right_one_is_void() -> None:
    code = code_for(SECRET, waiting().number, NOW)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    tried = waiting()
    for _ in range(5):
        assert code_lives(tried, NOW)
        tried = code_tried(tried, wrong, SECRET, NOW)
    assert not code_lives(tried, NOW)
    assert code_tried(tried, code, SECRET, NOW).texts_proven_at is None


def test_a_code_works_once_for_a_quarter_of_an_hour_and_for_its_own_number() -> None:
    code = code_for(SECRET, waiting().number, NOW)
    assert code_tried(waiting(), code, SECRET, NOW + 15 * MINUTE).texts_proven_at is None
    used = code_tried(waiting(), code, SECRET, NOW)
    assert not code_lives(used, NOW)
    assert code_for(SECRET, number(position=2).number, NOW) != code
    assert code_for(SECRET, waiting().number, NOW + MINUTE) != code
    assert code_tried(waiting(), "", SECRET, NOW).texts_proven_at is None


def test_a_retired_number_never_joins_and_a_list_shows_four_digits() -> None:
    assert not joined(number(retired_at=NOW, added_at=NOW, texts_proven_at=NOW), NOW).is_in_use
    assert masked("+16175550142") == "•••• 0142"


# --- typed numbers --------------------------------------------------------------------------------------------------

LINE = "+16175550101"


@pytest.mark.parametrize(
    ("first", "again", "fault"),
    [
        ("617 555 0170", "617-555-0171", "not the same"),
        ("911", "911", "emergency number"),
        ("+1 911", "+1 911", "emergency number"),
        ("555-0170", "555-0170", "whole telephone number"),
        ("617-555-0170 x12", "617-555-0170 x12", "without extension"),
        ("", "", "whole telephone number"),
        ("(617) 555-0101", "617.555.0101", "pump line itself"),
        ("+1 900 234 5678", "+19002345678", "costs whoever rings it"),
        ("800-555-1234", "8005551234", "nobody's own telephone"),
    ],
)
def test_a_number_that_cannot_be_a_colleagues_is_refused_with_its_reason(first: str, again: str, fault: str) -> None:
    assert fault in typed_number(first, again, {LINE}).fault


def test_a_number_is_read_however_it_is_written_and_shown_one_way() -> None:
    told = typed_number("(617) 555-0170", "+1 617.555.0170", {LINE})
    assert (told.number, told.fault, told.rings_only) == ("+16175550170", "", False)
    assert as_written(told.number) == "+1 617-555-0170"
    assert typed_number("+44 20 7183 8750", "+44 20 7183 8750", ()).rings_only, "a landline takes no texts"


# --- leaving --------------------------------------------------------------------------------------------------------


def test_turns_go_on_without_somebody_or_with_another_in_their_place() -> None:
    turns = Turns("pump-team/primary", 1, (("ana",), ("ben", "ana"), ("cho",)), True)
    assert turns.without("ana") == (("ben",), ("cho",))
    assert turns.without("ana", "ben") == (("ben",), ("ben",), ("cho",))
    assert Turns("a/b", 1, (("ana",),), False).without("ana") == ()


def test_patterns_are_numbered_as_in_their_file_without_the_holidays_in_front() -> None:
    rota = shipped_handbook().rota
    assert [turns.key for turns in turns_of(rota, "eli", NOW)] == [
        "anaesthesia-pain/primary#1",
        "pump-team/attending#1",
    ]
    assert [turns.key for turns in turns_of(rota, "cho", NOW)][-2:] == ["pump-team/primary#1", "pump-team/primary#2"]


def test_who_is_in_no_turn_and_has_no_shift_is_named_no_more() -> None:
    rota = shipped_handbook().rota
    assert still_named(rota, "ana", NOW)
    assert shifts_ahead(rota, "ana", NOW)
    assert not still_named(rota, "maria", NOW)
