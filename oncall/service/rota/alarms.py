"""Standing alarms of the rota, to coordinators by day: holes ahead, patterns that run out, a rota nobody confirms, and
watched calendars that have grown old.

A hole in the pump team's tiers is told 14 days, 7 days, 24 hours and 2 hours ahead, once for each mark, and is a task
until it is mended. Each look compares the rota with the rows (law 3); what is mended is withdrawn and its task done.
Deliberately not here: mending, and paging while there is a hole (law 6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from oncall.core.case.facts import Directory
from oncall.core.handbook import Handbook
from oncall.core.notices import About
from oncall.core.people import Hospital
from oncall.core.rota.hand_overs import paging_layers
from oncall.core.rota.on_call import Rota, gaps_between
from oncall.core.wall_time import wall
from oncall.service.cases.board import tier_title
from oncall.service.messenger import Messenger
from oncall.service.ports.journal import HandbookSource, Journal
from oncall.service.ports.register import Tasks
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.calendars import CalendarBook, WatchedFeed, old_feed_words, old_feeds
from oncall.service.telling import by_day, told_coordinators

KINDS = HOLE, RUNS_OUT, STALE, OLD_FEED = "rota-hole", "pattern-ends", "stale-rota", "old-calendar"
MARKS = (
    (timedelta(hours=2), "2 h"),
    (timedelta(hours=24), "24 h"),
    (timedelta(days=7), "7 d"),
    (timedelta(days=14), "14 d"),
)
FIRST_TIERS = "pump-team"  # the tiers that back each other up
RUNS_OUT_WITHIN, UNCONFIRMED = timedelta(days=30), timedelta(days=60)
LONGEST = 200  # letters of a calendar's fault in a text
BY = "the rota"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing to mend. `mark` is how near it is, in words; empty where that does not matter."""

    kind: str
    reference: str
    mark: str
    words: str
    title: str
    until: datetime

    def about(self, mended_at: datetime | None) -> About:
        """What its notices are known by; one that was mended and is there again is told again."""
        again = f"#{mended_at.isoformat()}" if mended_at else ""
        return About(self.kind, f"{self.reference}{again}|{self.mark}")

    @property
    def task(self) -> str:
        return f"{self.kind}-{hashlib.sha256(self.reference.encode()).hexdigest()[:12]}"


class RotaAlarms:
    """See the module."""

    def __init__(
        self,
        messenger: Messenger,
        tasks: Tasks,
        journal: Journal,
        handbooks: HandbookSource,
        clock: Timepiece,
        hospital: Hospital,
        book: CalendarBook,
        feeds: Sequence[str] = (),
    ) -> None:
        self._messenger, self._tasks, self._journal = messenger, tasks, journal
        self._book, self._feeds = book, feeds
        self._handbooks, self._clock, self._hospital = handbooks, clock, hospital

    async def look(self) -> None:
        """Tell what is new, take back what is mended."""
        now, handbook = self._clock.now(), self._handbooks.current()
        found = [*holes(handbook.rota, now), *ending_patterns(handbook.rota, now)]
        found += [_old(feed, now, handbook.rota.zone) for feed in await old_feeds(self._book, self._feeds, now)]
        if (stale := await self._stale(now)) is not None:
            found.append(stale)
        directory = await self._tasks.directory()
        for trouble in found:
            await self._tell(trouble, directory, handbook, now)
        await self._take_back(found)

    async def _tell(self, trouble: Trouble, directory: Directory, handbook: Handbook, now: datetime) -> None:
        """The task, and whoever has not been told: a crash between them keeps nothing from anybody."""
        mended_at = await self._tasks.finished_by(trouble.task, BY)
        about = trouble.about(mended_at)
        known = {notice.person for notice in await self._messenger.answers(about)}
        rota, hours = handbook.rota, handbook.table.hours
        told = told_coordinators(directory, rota, hours, about, trouble.words, BY, now, until=trouble.until)
        await self._tasks.leave_task(trouble.task, trouble.title, by_day(now, hours, rota.zone), BY)
        await self._messenger.order(*(notice for notice in told if notice.person not in known))
        if mended_at:
            await self._tasks.open_again(trouble.task, BY)  # last: until then it is told again

    async def _take_back(self, found: Collection[Trouble]) -> None:
        """What is mended; nobody is told in the morning of a hole that was filled at night."""
        standing = {(trouble.kind, trouble.reference) for trouble in found}
        for notice in await self._messenger.notices.open():
            reference = notice.about.reference.rpartition("|")[0].partition("#")[0]
            if notice.about.kind in KINDS and (notice.about.kind, reference) not in standing:
                await self._messenger.withdraw(notice.about.kind, notice.about.reference)
        for kind in KINDS:
            for task in await self._tasks.open_task_ids(f"{kind}-") - {trouble.task for trouble in found}:
                await self._tasks.finish_task(task, BY)

    async def _stale(self, now: datetime) -> Trouble | None:
        """Neither published nor confirmed for sixty days; its task, once done, is the confirmation."""
        editions = await self._journal.editions()
        if not editions:
            return None
        confirmed = await self._tasks.finished_at(f"{STALE}-")
        last = max([edition.at for edition in editions] + confirmed)
        if now - last < UNCONFIRMED:
            return None
        words = f"Nobody has changed or confirmed the rota since {_day(last, self._hospital.zone)}. Is it still right?"
        title = "Confirm that the rota is right, or publish a new one"
        return Trouble(STALE, last.astimezone(UTC).date().isoformat(), "", words, title, now + RUNS_OUT_WITHIN)


def _old(feed: WatchedFeed, now: datetime, zone: str) -> Trouble:
    """Once for each time that it grows old."""
    since = feed.good_at.astimezone(UTC).isoformat() if feed.good_at else "never"
    words = f"{old_feed_words(feed, zone)[:LONGEST]} The rota stands as it was published."
    title = f"See to the watched calendar {feed.name}"
    return Trouble(OLD_FEED, f"{feed.name}@{since}", "", words, title, now + RUNS_OUT_WITHIN)


def holes(rota: Rota, now: datetime) -> list[Trouble]:
    """Holes in the first tiers that begin within fourteen days."""
    furthest = MARKS[-1][0]
    return [
        _hole(f"{rotation.name}/{layer}", tier_title(rotation, layer), gap.starts_at, gap.ends_at, now, rota.zone)
        for rotation, layer in paging_layers(rota)
        if rotation.name == FIRST_TIERS
        for gap in gaps_between(rotation, layer, now, now + 2 * furthest)
        if now < gap.starts_at <= now + furthest
    ]


def _hole(tier: str, title: str, starts_at: datetime, ends_at: datetime, now: datetime, zone: str) -> Trouble:
    mark = next(name for span, name in MARKS if starts_at - now <= span)
    span = f"from {_hour(starts_at, zone)} to {_hour(ends_at, zone)}"
    words = f"Nobody is on call as {title} {span}: less than {mark} ahead. Please put somebody on."
    reference = f"{tier}@{starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return Trouble(HOLE, reference, mark, words, f"Fill the hole: {title}, {span}", ends_at)


def ending_patterns(rota: Rota, now: datetime) -> list[Trouble]:
    """Patterns that end within thirty days and leave a hole behind them."""
    return [
        _ending(f"{rotation.name}/{layer}", tier_title(rotation, layer), ends_at, rota.zone)
        for rotation, layer in paging_layers(rota)
        for ends_at in sorted({pattern.ends_at for pattern in rotation.layer(layer).patterns})
        if now < ends_at <= now + RUNS_OUT_WITHIN
        and gaps_between(rotation, layer, ends_at, ends_at + timedelta(days=8))
    ]


def _ending(tier: str, title: str, ends_at: datetime, zone: str) -> Trouble:
    day = _day(ends_at, zone)
    words = f"The pattern of {title} runs out on {day}, and nobody is on after it. Please publish the next one."
    reference = f"{tier}@{ends_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return Trouble(
        RUNS_OUT, reference, "", words, f"Publish the next pattern of {title}: it runs out on {day}", ends_at
    )


def _day(at: datetime, zone: str) -> str:
    local = wall(at, zone)
    return f"{local:%a} {local.day} {local:%b}"


def _hour(at: datetime, zone: str) -> str:
    return f"{_day(at, zone)} {wall(at, zone):%H:%M}"
