"""Which day a routine request is promised for: never a weekend, never a holiday that the rota declares."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from oncall.adapters.handbook.rotation_files import load_rotations
from oncall.core.rota.on_call import Rota, with_changes
from oncall.core.rota.shifts import leave
from oncall.core.rota.working_days import next_working_day

ROTA = load_rotations(Path("rotations"))
NOON = time(12)
EVE_OF_THANKSGIVING = datetime(2026, 11, 25, 20, tzinfo=UTC)


def promised(after: datetime, rota: Rota = ROTA, hour: time = NOON) -> str:
    local = next_working_day(rota, "America/New_York", after, hour)
    return f"{local:%a %d %b %H:%M}"


def test_thanksgiving_is_skipped_because_the_rota_says_that_nobody_takes_tasks() -> None:
    assert promised(EVE_OF_THANKSGIVING) == "Fri 27 Nov 17:00"  # noon in New York


def test_a_friday_is_followed_by_monday() -> None:
    assert promised(EVE_OF_THANKSGIVING + timedelta(days=2)) == "Mon 30 Nov 17:00"


def test_it_is_never_the_same_day_even_before_noon() -> None:
    assert promised(datetime(2026, 12, 1, 10, tzinfo=UTC)) == "Wed 02 Dec 17:00"


def test_the_hospitals_own_date_counts_and_not_greenwichs() -> None:
    assert promised(datetime(2026, 12, 2, 3, tzinfo=UTC)) == "Wed 02 Dec 17:00"  # still Tuesday evening there


def test_a_rota_without_a_tasks_rotation_counts_monday_to_friday() -> None:
    assert promised(EVE_OF_THANKSGIVING, Rota({}, {}, "America/New_York")) == "Thu 26 Nov 17:00"


def test_a_rota_that_is_empty_for_weeks_still_gives_a_day() -> None:
    away = [
        leave(f"L{n}", who, EVE_OF_THANKSGIVING, EVE_OF_THANKSGIVING + timedelta(days=40))
        for n, who in enumerate(("ana", "ben", "cho"))
    ]
    assert promised(EVE_OF_THANKSGIVING, with_changes(ROTA, away)) == "Thu 26 Nov 17:00"
