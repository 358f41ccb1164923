"""A route is judged by our own results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oncall.adapters.telephony.breaker import REST, Breaker

NOW = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)


def after(*results: bool) -> Breaker:
    breaker = Breaker()
    for well in results:
        breaker.went(well, NOW)
    return breaker


def test_three_failures_in_a_row_open_it() -> None:
    assert not after(False, False).is_open
    assert after(True, False, False, False).is_open


def test_half_of_the_last_ten_open_it() -> None:
    assert not after(*[True, False] * 4, True, True).is_open
    assert after(*[True, False] * 5).is_open


def test_old_failures_are_forgotten() -> None:
    assert not after(*[False, False, True] * 2, *[True] * 10, False, False).is_open


def test_an_open_one_comes_first_again_for_one_try_after_a_rest() -> None:
    breaker = after(False, False, False)
    assert not breaker.comes_first(NOW + REST - timedelta(seconds=1))
    assert breaker.comes_first(NOW + REST)
    breaker.tried(NOW + REST)
    assert not breaker.comes_first(NOW + REST), "one message is the probe; the next does not follow it"


def test_a_probe_that_goes_well_closes_it_and_one_that_fails_does_not() -> None:
    breaker = after(False, False, False)
    breaker.tried(NOW + REST)
    breaker.went(False, NOW + REST)
    assert breaker.is_open
    assert not breaker.comes_first(NOW + REST + timedelta(seconds=1))
    breaker.went(True, NOW + 2 * REST)
    assert not breaker.is_open
    assert breaker.comes_first(NOW + 2 * REST)


def test_a_clock_that_is_set_back_does_not_put_off_the_next_try() -> None:
    breaker = after(False, False, False)
    assert not breaker.comes_first(NOW)
    assert breaker.comes_first(NOW - REST)
