"""The table of moves of a request: what may follow what, whose answer counts, when it lapses, and what it writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oncall.core.rota import request_words as words
from oncall.core.rota.edits import AddCover, AddLeave, AddSwap, Given
from oncall.core.rota.on_call import cover
from oncall.core.rota.requests import (
    OPEN,
    TABLE,
    Entry,
    Kind,
    Move,
    Request,
    State,
    accepted,
    asked_next,
    edit_of,
    is_automatic,
    may,
    moved,
    refused_by,
    shift_of,
    typed,
)
from tests.support.rotas import NAMES, ZONE, at, hospital

TIER = "pump-team/primary"
MADE = at("2026-03-02 10:00")
SPAN = (at("2026-03-10 07:00"), at("2026-03-10 19:00"))
BACK = (at("2026-03-12 19:00"), at("2026-03-13 07:00"))
ROTA = hospital()


def request(kind: Kind = Kind.GIVE, *asked: str, **more: Any) -> Request:
    known: dict[str, Any] = {"back": BACK if kind is Kind.SWAP else None, **more}
    return Request("R1", kind, TIER, "ana", SPAN, asked or ("ben",), "ana", MADE, MADE, **known)


def in_state(state: State, kind: Kind = Kind.GIVE) -> Request:
    return request(kind, state=state, taker="ben" if state is not State.ASKED else "")


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_move_is_in_the_table_or_changes_nothing(state: State, move: Move) -> None:
    before = in_state(state)
    after = moved(before, move, "maria", MADE, "why")
    if (state, move) in TABLE:
        assert after.state is TABLE[state, move]
        assert after.entries == (Entry(move, "maria", MADE, "why"),)
    else:
        assert after is before
        assert not may(before, move)


def test_only_publishing_ends_in_published_and_only_from_approved() -> None:
    ways = {(state, move) for (state, move), after in TABLE.items() if after is State.PUBLISHED}
    assert ways == {(State.APPROVED, Move.PUBLISH)}
    assert {state for (state, move), after in TABLE.items() if after is State.APPROVED} == {State.ACCEPTED}


def test_what_is_over_stays_over_but_who_must_be_replaced_may_say_that_it_has_passed() -> None:
    for state in State:
        assert (state in OPEN) == any(known is state for known, _ in TABLE)
    lapsed = in_state(State.LAPSED, Kind.REPLACE)
    assert moved(lapsed, Move.WITHDRAW, "ana", MADE).state is State.WITHDRAWN
    assert moved(in_state(State.LAPSED), Move.WITHDRAW, "ana", MADE).state is State.LAPSED


def test_only_somebody_who_is_asked_can_accept_and_the_first_holds() -> None:
    asked = request(Kind.ASK_ALL, "ben", "cho")
    assert accepted(asked, "dia", "dia", MADE) is asked
    taken = accepted(asked, "cho", "cho", MADE)
    assert (taken.state, taken.taker) == (State.ACCEPTED, "cho")
    assert accepted(taken, "ben", "ben", MADE) is taken


def test_of_several_the_last_no_declines_and_nobody_says_it_twice() -> None:
    asked = request(Kind.ASK_ALL, "ben", "cho")
    one = refused_by(asked, "ben", "ben", MADE)
    assert (one.state, one.asked_now) == (State.ASKED, ("cho",))
    assert refused_by(one, "ben", "ben", MADE) is one
    assert accepted(one, "ben", "ben", MADE) is one, "a no holds"
    assert refused_by(one, "cho", "maria", MADE, "by phone").state is State.DECLINED


def test_replacing_now_asks_one_after_the_other_and_a_no_declines_nothing() -> None:
    asked = request(Kind.REPLACE, "ben")
    no = refused_by(asked, "ben", "ben", MADE)
    assert (no.state, no.asked_now, no.is_replacing) == (State.ASKED, (), True)
    later = MADE + timedelta(minutes=3)
    following = asked_next(no, "cho", later)
    assert (following.asked, following.asked_now, following.turn_at) == (("ben", "cho"), ("cho",), later)
    assert asked_next(following, "ben", later) is following
    assert accepted(following, "ben", "ben", later) is following, "it is not his turn any more"


@pytest.mark.parametrize("state", State)
def test_a_replacement_stands_until_somebody_else_is_on_or_a_person_takes_it_back(state: State) -> None:
    ended = {State.PUBLISHED, State.WITHDRAWN, State.DECLINED}
    assert in_state(state, Kind.REPLACE).is_replacing == (state not in ended)
    assert not in_state(state).is_replacing


def test_it_lapses_twelve_hours_before_the_earlier_shift_and_a_turn_after_a_quarter_of_an_hour() -> None:
    assert request().lapses_at == at("2026-03-09 19:00")
    early = (at("2026-03-09 07:00"), at("2026-03-09 19:00"))
    assert request(Kind.SWAP, back=early).lapses_at == at("2026-03-08 19:00")
    assert request(Kind.REPLACE).lapses_at == MADE + timedelta(minutes=15)


def test_no_coordinator_is_needed_for_what_is_green_and_far_or_cannot_wait() -> None:
    far, near = SPAN[0] - timedelta(hours=48, minutes=1), SPAN[0] - timedelta(hours=48)
    assert is_automatic(request(), True, far)
    assert not is_automatic(request(), True, near)
    assert not is_automatic(request(), False, far)
    assert is_automatic(request(Kind.REPLACE), False, near)


def test_what_it_writes_into_the_rota_names_the_request() -> None:
    spans = ("2026-03-10 07:00", "2026-03-10 19:00")
    taken = replace(request(), taker="ben")
    assert edit_of(taken, ZONE, MADE) == AddCover(TIER, "ben", *spans, instead_of="ana", note="request R1")
    assert edit_of(request(Kind.LEAVE), ZONE, MADE) == AddLeave("ana", *spans, "request R1")
    swapped = edit_of(replace(request(Kind.SWAP), taker="ben"), ZONE, MADE)
    back = Given("ben", "2026-03-12 19:00", "2026-03-13 07:00")
    assert swapped == AddSwap(TIER, Given("ana", *spans), back, "request R1")
    running = edit_of(taken, ZONE, at("2026-03-10 09:30"))
    assert isinstance(running, AddCover)
    assert running.starts == "2026-03-10 09:30", "the past does not move"


def test_a_time_that_the_clock_shows_twice_is_typed_with_its_offset() -> None:
    first = at("2026-11-01 01:30")
    assert typed(first, ZONE) == "2026-11-01 01:30-04:00"
    assert typed(first + timedelta(hours=1), ZONE) == "2026-11-01 01:30-05:00"
    assert typed(at("2026-12-01 01:30"), ZONE) == "2026-12-01 01:30"


def test_a_shift_is_the_whole_one_without_the_hand_over_window() -> None:
    holder = next(name for name in NAMES if shift_of(ROTA, TIER, name, SPAN[0]))
    assert shift_of(ROTA, TIER, holder, SPAN[0] + timedelta(hours=3)) == SPAN
    assert shift_of(ROTA, TIER, "dia", SPAN[0]) is None
    assert shift_of(ROTA, "pump-team/nobody", holder, SPAN[0]) is None
    assert shift_of(ROTA, "nothing/primary", holder, SPAN[0]) is None


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", State)
def test_whatever_is_not_published_says_who_is_on(kind: Kind, state: State) -> None:
    told = words.on_meanwhile(in_state(state, kind), ROTA, NAMES, MADE)
    if state is State.PUBLISHED:
        assert told.startswith("Published: ")
    elif kind is Kind.LEAVE:
        assert told == "Nothing is changed: Ana Lee is on call as the rota says."
    elif in_state(state, kind).is_replacing:
        assert "Ana Lee IS STILL ON CALL." in told
    else:
        assert told.startswith("Nothing is changed: Ana Lee HAS this shift")


@pytest.mark.parametrize("kind", [Kind.GIVE, Kind.REPLACE])
@pytest.mark.parametrize("state", sorted(set(State) - {State.PUBLISHED}, key=lambda state: state.value))
def test_nobody_is_said_to_have_a_shift_that_somebody_else_has_by_now_or_that_is_over(kind: Kind, state: State) -> None:
    other = hospital(cover("C1", TIER, "dia", *SPAN))
    told = words.on_meanwhile(in_state(state, kind), other, NAMES, MADE)
    assert told == "The rota has changed meanwhile: look there who has it."
    assert words.on_meanwhile(in_state(state, kind), ROTA, NAMES, SPAN[1]).startswith("This time is over")
    if state in (State.DECLINED, State.REFUSED, State.WITHDRAWN):
        assert "look there who has it" in words.news(in_state(state, kind), other, NAMES, MADE)


@pytest.mark.parametrize("kind", [Kind.GIVE, Kind.ASK_ALL, Kind.REPLACE])
def test_a_question_fits_one_text_and_names_both_replies(kind: Kind) -> None:
    told = words.question(request(kind), ROTA, {"ana": "Dr Okafor"}).replace("{1}", "971").replace("{2}", "972")
    assert len(told) <= 160, told
    assert "971 yes" in told
    assert "972 no" in told


@pytest.mark.parametrize("state", sorted(set(State) - OPEN, key=lambda state: state.value))
@pytest.mark.parametrize("kind", Kind)
def test_the_news_says_who_has_it(kind: Kind, state: State) -> None:
    told = words.news(in_state(state, kind), ROTA, NAMES, MADE)
    assert "Ana Lee" in told or "Nothing is changed" in told
    assert (state is State.PUBLISHED) == told.startswith("Published")


def test_the_history_names_who_entered_it_for_whom() -> None:
    by_phone = Entry(Move.ACCEPT, "maria", MADE, "told me by phone", "ben")
    assert words.entry_in_words(by_phone, NAMES) == "Ben Singh accepted, entered by maria: told me by phone"
    assert words.entry_in_words(Entry(Move.ASK, "the line", MADE, whom="cho"), NAMES) == "the line asked Cho Park"
    assert words.entry_in_words(Entry(Move.WITHDRAW, "ana", MADE), NAMES) == "Ana Lee withdrew"
