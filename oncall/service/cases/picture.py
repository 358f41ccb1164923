"""A case as a picture in time: who was in touch with whom, what was tried, what ran out, and who took it.

One lane for the family, one for the deadlines, one for each person who was asked. Long silences are drawn short and
say how long they were, so that a night and its first minutes fit on one sheet. Pure: journal in, places out; the same
picture in words comes with it. Deliberately not here: SVG (the page's template draws it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from oncall.core.case import entries as e
from oncall.core.case.case import ClockKind, Page
from oncall.core.case.messages import Channel, Message, Progress, Purpose
from oncall.core.reports import Source
from oncall.service.cases.board import span_words

FAMILY, DEADLINES = "Family", "Deadlines"
TO_FAMILY = (Purpose.FAMILY, Purpose.CALL_BACK)
WIDTH, LEFT, RIGHT, TOP, ROW = 720, 134, 14, 26, 28  # of the drawing, in its own units
SILENCE = timedelta(minutes=3)  # the shortest gap that may be drawn shorter than it was
TICK_APART = 66
MOST_TRIES = 12  # texts and calls that are drawn of a lane from each end of the case; a long night has hundreds
ENDS = {
    Progress.DELIVERED: "delivered",
    Progress.BUSY: "busy",
    Progress.NO_ANSWER: "no answer",
    Progress.UNDELIVERED: "not delivered",
    Progress.FAILED: "failed",
    Progress.ANSWERED: "answered, by whom is not known",
}
KINDS = {
    "contact": "from the family",
    "text": "text",
    "call": "call",
    "heard": "a person listens",
    "passed": "passed on",
    "taken": "taken",
    "reached": "family reached",
    "step": "step of paging",
    "due": "promised by",
    "missed": "missed",
    "closed": "closed",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at an instant; `kind` is one of KINDS, `x` its place in the drawing."""

    at: datetime
    kind: str
    told: str
    x: float = 0.0


@dataclass(frozen=True, slots=True)
class Held:
    """From taking to giving back or closing; `x` and `width` in the drawing."""

    starts_at: datetime
    ends_at: datetime
    x: float = 0.0
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    marks: tuple[Mark, ...]
    held: tuple[Held, ...] = ()
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """See the module. `silences` are the places where a gap is drawn short."""

    code: str
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    silences: tuple[Tick, ...]
    width: int
    height: int
    words: tuple[str, ...]

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """The legend: what stands in this picture."""
        used = {mark.kind for lane in self.lanes for mark in lane.marks}
        return tuple((kind, words) for kind, words in KINDS.items() if kind in used)


def picture_of(
    code: str, recorded: Sequence[e.Recorded], names: Mapping[str, str], now: datetime, zone: str
) -> Picture:
    """`names` by person's id; an open case is drawn until `now`."""
    drawn = _Drawn(names)
    for one in recorded:
        drawn.take(one)
    lanes = drawn.lanes(now)
    scale = _Scale.of({at for lane in lanes for at in _instants(lane)})
    placed = tuple(_placed(lane, number, scale) for number, lane in enumerate(lanes))
    hospital = ZoneInfo(zone)
    return Picture(
        code=code,
        lanes=placed,
        ticks=_ticks(scale, hospital),
        silences=tuple(Tick(x, span_words(gap)) for x, gap in scale.silences),
        width=WIDTH,
        height=TOP + ROW * len(placed) + ROW,
        words=tuple(_in_words(lane, hospital) for lane in placed),
    )


# --- what happened, by lane ------------------------------------------------------------------------------------------


@dataclass
class _Drawn:
    """The lanes while the journal is read."""

    names: Mapping[str, str]
    marks: dict[str, list[Mark]] = field(default_factory=lambda: {FAMILY: [], DEADLINES: []})
    held: dict[str, list[Held]] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    holder: tuple[str, datetime] | None = None

    def put(self, lane: str, at: datetime, kind: str, told: str) -> None:
        self.marks.setdefault(lane, []).append(Mark(at, kind, told))

    def person(self, person: str) -> str:
        return self.names.get(person, person)

    def take(self, recorded: e.Recorded) -> None:  # one case per kind of entry that is drawn
        at, entry = recorded.at, recorded.entry
        match entry:
            case e.ReportAdded():
                by = "staff" if entry.source is Source.STAFF else "the family"
                self.put(FAMILY, at, "contact", f"from {by}: {entry.arrival.value.replace('_', ' ')}")
            case e.PageOrdered():
                self.pages[entry.page.id] = entry.page
                self.marks.setdefault(self.person(entry.page.person), [])
            case e.MessageOwed():
                self.messages[entry.message.id] = entry.message
            case e.MessageAttempted():
                self._tried(entry.message, at)
            case e.MessageProgressed() if entry.progress in ENDS and entry.message in self.places:
                lane, place = self.places[entry.message]
                mark = self.marks[lane][place]
                self.marks[lane][place] = replace(mark, told=f"{mark.told}, {ENDS[entry.progress]}")
            case e.PageHeard() if (message := self.messages.get(entry.message)) and message.person:
                self.put(self.person(message.person), at, "heard", "a person listens to the page")
            case e.PageQuieted() if entry.declined and entry.page in self.pages:
                self.put(self.person(self.pages[entry.page].person), at, "passed", "passed on")
            case e.StepReached():
                self.put(DEADLINES, at, "step", f"round {entry.round}, step {entry.step + 1}: {', '.join(entry.tiers)}")
            case e.Promised():
                self.put(DEADLINES, entry.by, "due", f"promised to the family: {entry.what}")
            case e.PromiseMissed():
                self.put(DEADLINES, at, "missed", f"promise missed: {entry.what}")
            case e.ClockSet() if entry.kind is ClockKind.FAMILY_REACHED:
                if entry.due_at not in {mark.at for mark in self.marks[DEADLINES]}:
                    self.put(DEADLINES, entry.due_at, "due", "the family must be reached")
            case e.Acknowledged():
                self._freed(at)
                self.put(self.person(entry.person), at, "taken", f"took the case ({entry.how})")
                self.holder = (self.person(entry.person), at)
            case e.Undone():
                self._freed(at)
                self.put(self.person(entry.person), at, "passed", "gave the case back")
            case e.FamilyReached():
                self.put(self.person(entry.person), at, "reached", f"reached the family ({entry.how})")
            case e.Closed():
                self._freed(at)
                self.put(self.person(entry.person), at, "closed", f"closed the case: {entry.outcome}")

    def _tried(self, message_id: str, at: datetime) -> None:
        message = self.messages.get(message_id)
        if message is None or message.channel not in (Channel.SMS, Channel.VOICE):
            return
        to_family = message.purpose in TO_FAMILY or message.person is None
        lane = FAMILY if to_family else self.person(message.person or "")
        kind = "text" if message.channel is Channel.SMS else "call"
        self.put(lane, at, kind, f"{kind} to the family" if to_family else kind)
        self.places[message_id] = (lane, len(self.marks[lane]) - 1)

    def _freed(self, at: datetime) -> None:
        if self.holder is not None:
            lane, since = self.holder
            self.held.setdefault(lane, []).append(Held(since, at))
            self.holder = None

    def lanes(self, now: datetime) -> list[Lane]:
        self._freed(now)
        return [
            Lane(name, _thinned(sorted(marks, key=lambda mark: mark.at)), tuple(self.held.get(name, ())))
            for name, marks in self.marks.items()
            if marks or name not in (FAMILY, DEADLINES)
        ]


def _thinned(marks: list[Mark]) -> tuple[Mark, ...]:
    """All but the tries in the middle of a long night, and where those were left out, how many."""
    tries = [mark for mark in marks if mark.kind in ("text", "call")]
    left_out = tries[MOST_TRIES:-MOST_TRIES]
    if not left_out:
        return tuple(marks)
    last = replace(left_out[-1], told=f"{len(left_out)} more texts and calls until here")
    gone = {id(mark) for mark in left_out[:-1]}
    return tuple(last if mark is left_out[-1] else mark for mark in marks if id(mark) not in gone)


def _instants(lane: Lane) -> Iterator[datetime]:
    yield from (mark.at for mark in lane.marks)
    for one in lane.held:
        yield from (one.starts_at, one.ends_at)


# --- places ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scale:
    """From instants to places: as time runs, but no silence takes more than a sixth of the width."""

    places: Mapping[datetime, float]  # in the order of time
    silences: tuple[tuple[float, timedelta], ...]

    @staticmethod
    def of(marked: Collection[datetime]) -> _Scale:
        instants = sorted(marked)
        gaps = [later - earlier for earlier, later in pairwise(instants)]
        longest = max(SILENCE, sum((min(gap, SILENCE) for gap in gaps), timedelta(0)) / 6)
        drawn = [min(gap, longest) / timedelta(seconds=1) for gap in gaps]
        unit = (WIDTH - LEFT - RIGHT) / (sum(drawn) or 1.0)
        places, silences = [float(LEFT)], []
        for gap, seconds in zip(gaps, drawn, strict=True):
            if gap > longest:
                silences.append((places[-1] + seconds * unit / 2, gap))
            places.append(places[-1] + seconds * unit)
        return _Scale(dict(zip(instants, (round(x, 1) for x in places), strict=False)), tuple(silences))


def _placed(lane: Lane, number: int, scale: _Scale) -> Lane:
    at = scale.places
    held = [replace(one, x=at[one.starts_at], width=round(at[one.ends_at] - at[one.starts_at], 1)) for one in lane.held]
    marks = [replace(mark, x=at[mark.at]) for mark in lane.marks]
    return replace(lane, marks=tuple(marks), held=tuple(held), y=TOP + ROW * number + ROW / 2)


def _ticks(scale: _Scale, zone: ZoneInfo) -> tuple[Tick, ...]:
    """True times below the instants themselves, as many as can be read."""
    ticks: list[Tick] = []
    for at, x in scale.places.items():
        if not ticks or x - ticks[-1].x >= TICK_APART:
            ticks.append(Tick(x, f"{at.astimezone(zone):%H:%M:%S}"))
    return tuple(ticks)


def _in_words(lane: Lane, zone: ZoneInfo) -> str:
    told = "; ".join(f"{mark.at.astimezone(zone):%H:%M:%S} {mark.told}" for mark in lane.marks)
    return f"{lane.name}: {told or 'asked, and nothing sent yet'}"
