"""Wall time on the nights on which it lies: doubled hours, skipped hours, midnights, a skipped day."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.core.wall_time import first_pass, instants_showing, last_pass, neighbours_of_skipped, wall

NEW_YORK = "America/New_York"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_an_ordinary_time_has_one_instant():
    noon = local("2026-07-01 12:00")
    assert instants_showing(noon, NEW_YORK) == (utc("2026-07-01 16:00"),)
    assert first_pass(noon, NEW_YORK) == last_pass(noon, NEW_YORK) == utc("2026-07-01 16:00")


def test_a_doubled_time_has_two_passes_an_hour_apart():
    half_past_one = local("2026-11-01 01:30")
    assert first_pass(half_past_one, NEW_YORK) == utc("2026-11-01 05:30")
    assert last_pass(half_past_one, NEW_YORK) == utc("2026-11-01 06:30")
    assert instants_showing(half_past_one, NEW_YORK) == (utc("2026-11-01 05:30"), utc("2026-11-01 06:30"))


def test_the_hour_after_the_doubled_one_is_single():
    assert instants_showing(local("2026-11-01 02:00"), NEW_YORK) == (utc("2026-11-01 07:00"),)
    assert instants_showing(local("2026-11-01 01:00"), NEW_YORK)[0] == utc("2026-11-01 05:00")


@pytest.mark.parametrize("skipped", ["2026-03-08 02:00", "2026-03-08 02:30", "2026-03-08 02:59"])
def test_a_skipped_time_means_the_end_of_the_gap(skipped):
    end_of_gap = utc("2026-03-08 07:00")
    assert instants_showing(local(skipped), NEW_YORK) in ((), (end_of_gap,))
    assert first_pass(local(skipped), NEW_YORK) == last_pass(local(skipped), NEW_YORK) == end_of_gap
    assert wall(end_of_gap, NEW_YORK) == local("2026-03-08 03:00")


def test_who_typed_a_skipped_time_may_mean_an_hour_earlier_or_later():
    earlier, later = neighbours_of_skipped(local("2026-03-08 02:30"), NEW_YORK)
    assert wall(earlier, NEW_YORK) == local("2026-03-08 01:30")
    assert wall(later, NEW_YORK) == local("2026-03-08 03:30")


def test_lord_howe_moves_by_half_an_hour():
    assert instants_showing(local("2026-04-05 01:45"), "Australia/Lord_Howe") == (
        utc("2026-04-04 14:45"),
        utc("2026-04-04 15:15"),
    )
    assert first_pass(local("2026-10-04 02:10"), "Australia/Lord_Howe") == utc("2026-10-03 15:30")


def test_in_sao_paulo_midnight_itself_was_skipped_or_the_hour_before_it_doubled():
    assert wall(first_pass(local("2018-11-04 00:00"), "America/Sao_Paulo"), "America/Sao_Paulo") == local(
        "2018-11-04 01:00"
    )
    passes = instants_showing(local("2018-02-17 23:30"), "America/Sao_Paulo")
    assert passes[1] - passes[0] == timedelta(hours=1)
    assert len(instants_showing(local("2018-02-18 00:00"), "America/Sao_Paulo")) == 1


def test_the_day_that_samoa_skipped_is_over_before_it_began():
    new_year_eve = first_pass(local("2011-12-31 00:00"), "Pacific/Apia")
    assert first_pass(local("2011-12-30 00:00"), "Pacific/Apia") == new_year_eve
    assert last_pass(local("2011-12-30 23:59"), "Pacific/Apia") == new_year_eve
    assert instants_showing(local("2011-12-30 12:00"), "Pacific/Apia") == ()


def test_on_a_machine_without_zone_data_the_programs_own_are_there():
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=())
    try:
        assert ZoneInfo.no_cache("America/New_York").utcoffset(local("2026-07-01 12:00")) == timedelta(hours=-4)
    finally:
        zoneinfo.reset_tzpath(to=before)
