"""When a backup is due, and what is said when there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oncall.adapters.clock import VirtualClock
from oncall.service.line.nightly_backup import NightlyBackup

MIDNIGHT = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)  # in New York


class Shelf:
    """Backups on a shelf; `trouble` is why none can be made."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock, self.made, self.trouble = clock, list[datetime](), None

    async def newest(self) -> datetime | None:
        return self.made[-1] if self.made else None

    async def make(self) -> str | None:
        if self.trouble is None:
            self.made.append(self._clock.now())
        return self.trouble


async def test_one_is_made_each_night_and_at_once_where_the_last_is_missing() -> None:
    clock = VirtualClock(MIDNIGHT)
    shelf = Shelf(clock)
    nightly = NightlyBackup(shelf, clock, "America/New_York")
    for _ in range(2 * 24 * 6):
        await nightly.look()
        clock.step(timedelta(minutes=10))
    hours = [at.astimezone(UTC).strftime("%d %H:%M") for at in shelf.made]
    assert hours == ["26 05:00", "26 08:10", "27 08:10"]


async def test_what_fails_is_told_and_tried_again_in_an_hour() -> None:
    clock = VirtualClock(MIDNIGHT)
    shelf = Shelf(clock)
    nightly = NightlyBackup(shelf, clock, "America/New_York")
    shelf.trouble = "the folder is full"
    await nightly.look()
    assert await nightly.is_fresh() == "No backup was made: the folder is full"
    shelf.trouble = None
    await nightly.look()
    assert shelf.made == []
    clock.step(timedelta(hours=1))
    await nightly.look()
    assert await nightly.is_fresh() is None


async def test_a_backup_of_the_day_before_yesterday_is_not_fresh() -> None:
    clock = VirtualClock(MIDNIGHT)
    shelf = Shelf(clock)
    shelf.made = [MIDNIGHT - timedelta(hours=27)]
    shelf.trouble = "no room"
    nightly = NightlyBackup(shelf, clock, "America/New_York")
    await nightly.look()
    nightly.wrong = None
    assert await nightly.is_fresh() == "The newest whole backup is 27 hours old."
    assert await NightlyBackup(None, clock, "America/New_York").is_fresh() is None
