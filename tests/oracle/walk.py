"""The walk: who is on in every minute of some years, by looking at the wall clock and counting.

It knows nothing of folds, offsets or transitions. A hand-over has happened once the clock has ever shown its
time (`latest`); a window is over once the clock will only show later times (`coming`). Turns are counted as they
pass. Times are whole minutes: wall time since Monday 1 January 1900, instants since the walk began.
"""

from __future__ import annotations

from array import array
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from tests.oracle.wards import LEAD, STAFF, Feast, Line, Ward

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1900, 1, 1)  # noqa: DTZ001  wall time
MONDAY = date(1900, 1, 1)
NEVER = 1 << 40
WEEK = 7 * 1440


class Clock:
    """The wall clock of a zone for every minute of a span, read in both directions."""

    def __init__(self, zone: str, start: datetime, end: datetime) -> None:
        place, count = ZoneInfo(zone), (end - start) // MINUTE
        plain = (start.replace(tzinfo=None) - EPOCH) // MINUTE
        offsets = ((start + n * MINUTE).astimezone(place).utcoffset() for n in range(count))
        shown = array("q", (plain + n + offset // MINUTE for n, offset in enumerate(offsets) if offset is not None))
        self.latest = array("q", accumulate(shown, max))
        self.coming = array("q", accumulate(reversed(shown), min))
        self.coming.reverse()


class Walker:
    """One pattern on its way: whose turn it is, and in which of its windows we are."""

    def __init__(self, line: Line, number: int) -> None:
        self.line, self.number = line, number
        self.begins = day_minute(line.since, line.time) if line.since else -NEVER
        self.ends = day_minute(line.until, line.time) if line.until else NEVER
        self.slots, self.place = line.slots, 0
        self.coming_rosters = [(day_minute(day, line.time), slots) for day, slots in line.rosters]
        self.worked_this_turn = False
        self.opened = -NEVER  # when the last window that we saw opened
        self.back, self.left = week_of(line)
        self.boundary, self.following = boundaries(line)
        self.due, self.by_instant = self.boundary, False  # turns in hours: by elapsed time, once the first began

    def hand_over(self, wall: int, now: int) -> None:
        """Pass every hand-over that has come by now."""
        while self.due <= (now if self.by_instant else wall):
            self.next_slot(wall, first=self.due == self.boundary and not self.by_instant)
            if self.line.turn is not None and self.line.turn[1] == "hours":
                self.by_instant, self.due = True, now + self.line.turn[0] * 60
            else:
                self.due = self.following(self.due)

    def next_slot(self, wall: int, first: bool) -> None:
        counts = not first and (self.worked_this_turn or not self.line.worked)
        self.worked_this_turn = False
        if self.coming_rosters and self.coming_rosters[0][0] <= wall and not first:
            old, (_, new) = self.slots, self.newest_roster(wall)
            self.place, self.slots = follower(old, self.place, new), new
        elif counts:
            self.place = (self.place + 1) % len(self.slots)

    def newest_roster(self, wall: int) -> tuple[int, tuple[tuple[str, ...], ...]]:
        newest = self.coming_rosters[0]
        while self.coming_rosters and self.coming_rosters[0][0] <= wall:
            newest = self.coming_rosters.pop(0)
        return newest

    def mask(self) -> int:
        return mask_of(self.slots[self.place])


def follower(old: tuple[tuple[str, ...], ...], place: int, new: tuple[tuple[str, ...], ...]) -> int:
    """Behind whoever leaves; if they are not in the new list, the next of the old order who is."""
    if old[place] in new:
        return (new.index(old[place]) + 1) % len(new)
    order = [old[(place + step) % len(old)] for step in range(1, len(old))]
    return next((new.index(slot) for slot in order if slot in new), 0)


def mask_of(people: tuple[str, ...]) -> int:
    return sum(1 << STAFF.index(person) for person in people)


def day_minute(day: date, minute: int = 0) -> int:
    return (day - MONDAY).days * 1440 + minute


def week_of(line: Line) -> tuple[array[int], array[int]] | tuple[None, None]:
    """For every minute of a week: how long ago the window opened (-1: closed), and how long it is still open."""
    if not line.windows:
        return None, None
    back, left = array("q", [-1] * WEEK), array("q", [0] * WEEK)
    for days, opens, closes in line.windows:
        for day in days:
            for minute in range(opens, closes):
                back[(day * 1440 + minute) % WEEK] = minute - opens
                left[(day * 1440 + minute) % WEEK] = closes - minute
    return back, left


def boundaries(line: Line) -> tuple[int, Callable[[int], int]]:
    """The last hand-over at or before `since`, by the wall, and how the next one follows."""
    if line.turn is None or line.since is None:
        return NEVER, lambda at: NEVER
    length, unit = line.turn
    if unit == "months":
        day = line.month_day or line.since.day
        first = in_month(line.since.year, line.since.month, day, line.time)
        if first > day_minute(line.since, line.time):
            first = in_month(line.since.year, line.since.month - 1, day, line.time)
        return first, lambda at: next_month(at, length, day, line.time)
    back = 0 if line.weekday is None else (line.since.weekday() - line.weekday) % 7
    days = length * {"days": 1, "weeks": 7, "hours": 0}[unit]
    return day_minute(line.since, line.time) - back * 1440, lambda at: at + days * 1440


def in_month(year: int, month: int, day: int, minute: int) -> int:
    year, month = (year + (month - 1) // 12, (month - 1) % 12 + 1)
    return day_minute(date(year, month, min(day, monthrange(year, month)[1])), minute)


def next_month(at: int, length: int, day: int, minute: int) -> int:
    here = MONDAY + timedelta(days=at // 1440)
    return in_month(here.year, here.month + length, day, minute)


def days_of(feast: Feast) -> list[tuple[int, int]]:
    """The days of a holiday by the wall, and who has each of them; 0 is nobody."""
    masks = [mask_of((feast.people[n % len(feast.people)],)) if feast.people else 0 for n in range(len(feast.days))]
    return [(day_minute(day), mask) for day, mask in zip(feast.days, masks, strict=True)]


def walked(ward: Ward) -> bytearray:
    """A mask of the people who are on, for every minute from the ward's start to its end."""
    began = ward.start - LEAD
    clock = Clock(ward.zone, began, ward.end + timedelta(days=2))
    answers = by_patterns(ward, clock)
    first, last = (ward.start - began) // MINUTE, (ward.end - began) // MINUTE
    with_changes(answers, ward, began)
    return answers[first:last]


def by_patterns(ward: Ward, clock: Clock) -> bytearray:
    walkers = [Walker(line, number) for number, line in enumerate(ward.lines)]
    worked = [walker for walker in walkers if walker.line.worked]
    feasts = [one for feast in reversed(ward.feasts) for one in days_of(feast)]
    holidays = {start // 1440: (start, mask) for start, mask in reversed(feasts)}
    answers = bytearray(len(clock.latest))
    staying: list[tuple[int, int]] = []  # the wall time at which they may go, and who they are
    before_key, before_mask, before_closes = -1, 0, NEVER
    coming = clock.coming
    for n, wall in enumerate(clock.latest):
        for walker in walkers:
            if walker.due <= (n if walker.by_instant else wall):
                walker.hand_over(wall, n)
        today = wall // 1440
        rest = holidays.get(today)
        if coming[n] // 1440 < today:  # the clock will yet go back behind midnight, so yesterday is not over
            rest = next((one for one in feasts if one[0] in (today * 1440, today * 1440 - 1440)), None)
        minute = wall % WEEK
        for walker in worked:
            back = walker.back[minute]
            if back >= 0 and walker.opened != wall - back:
                walker.opened = wall - back
                walker.worked_this_turn |= rest is None
        key, mask, closes = -1, 0, NEVER
        if rest is not None:
            key, mask = rest[0] * 8 + 7, rest[1]
        else:
            for walker in walkers:
                if walker.begins <= wall < walker.ends:
                    if walker.back is None:
                        key, mask = walker.number, walker.mask()
                        break
                    back = walker.back[minute]
                    if back >= 0:
                        key, closes = (wall - back) * 8 + walker.number, wall + walker.left[minute]
                        mask = walker.mask()
                        break
        if key != before_key and wall >= before_closes and before_mask:
            staying.append((before_closes, before_mask))
        before_key, before_mask, before_closes = key, mask, closes
        if staying:
            staying = [one for one in staying if coming[n] < one[0]]
            for _, others in staying:
                mask |= others
        answers[n] = mask
    return answers


def with_changes(answers: bytearray, ward: Ward, began: datetime) -> None:
    """Each change, in the order of publication, laid over every one of its minutes."""
    for change in ward.changes:
        bit = mask_of((change.person,))
        other = mask_of((change.instead,)) if change.instead else 0
        first, last = ((at - began) // MINUTE for at in (change.start, change.end))
        for n in range(max(first, 0), min(last, len(answers))):
            mask = answers[n]
            if change.kind == "leave":
                answers[n] = mask & ~bit
            elif change.kind == "cover":
                answers[n] = bit
            elif mask & other:
                answers[n] = mask & ~other | bit


def instant(ward: Ward, minute: int) -> str:
    """A minute of the answers, as it can be looked up."""
    at = (ward.start + minute * MINUTE).astimezone(UTC)
    return f"{at:%Y-%m-%d %H:%M}Z ({at.astimezone(ZoneInfo(ward.zone)):%a %d %b %H:%M %Z})"
