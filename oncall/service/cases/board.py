"""The read side: what is open, who is on call, what comes next, and where nobody is.

A board is a function of the open cases, the people, the handbook and one instant; it remembers nothing and decides
nothing, so every screen, the API and a printed sheet agree. `BoardReader` fetches what the functions need.
Deliberately not here: one case's timeline (`story`), HTML, and anything that changes a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from oncall.core.case.case import Case, Clock, ClockKind, Closing, Link, Page, Status
from oncall.core.case.entries import Assessed, Recorded, ReportShown
from oncall.core.case.facts import Directory
from oncall.core.case.messages import Channel, MessageState, Progress
from oncall.core.case.rounds import policy_of
from oncall.core.case.tiers import people_for
from oncall.core.handbook import Handbook
from oncall.core.people import Clinician
from oncall.core.reports import Report
from oncall.core.rota.on_call import Rota, Rotation, Shift, gaps_between, on_call_at, shifts_between
from oncall.core.rota.working_days import BY_DAY_ONLY, LAST_RESORT
from oncall.core.triage.assessment import Urgency
from oncall.core.wall_time import DAWN, FOREVER
from oncall.service.cases.card import Card, card_of
from oncall.service.cases.sheet import Origin, Sheet, origin_of, sheet_of
from oncall.service.cases.story import StoryRow, tell_each, tell_story
from oncall.service.ports.journal import ClosedMark, HandbookSource, Journal
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece

HOLES_WITHIN = timedelta(days=14)
NEXT_WITHIN = timedelta(days=8)  # a weekly turn always changes within this
SAME_HOUR = timedelta(hours=1)
RECENTLY = timedelta(hours=24)
CLOSED_SHOWN = 50
RINGS, LISTENING = "ringing now", "listening to the page"
RINGING = frozenset({RINGS, LISTENING})
MINOR = frozenset(
    {ClockKind.RING, ClockKind.STATUS, ClockKind.SILENCE, ClockKind.DELIVERY}
)  # repeats; not what changes a case


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page of a case: who, how often texted and called, and where it stands, in words."""

    person: str
    name: str
    tier: str
    texts: int
    calls: int
    state: str


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that will happen unless a person acts first."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as a board shows it. `label` is for the hospital's own eyes only."""

    id: str
    code: str
    urgency: Urgency | None
    suspicion: tuple[str, ...]
    status: Status
    label: str
    opened_at: datetime
    pages: tuple[PageRow, ...]
    coming: tuple[Coming, ...]
    next: Coming | None
    holder: str | None
    holder_name: str | None
    held_since: datetime | None
    family_reached: bool
    closed: Closing | None
    closer_name: str | None
    rules_failed: bool
    texts_blocked: bool
    language: str
    links: tuple[Link, ...]
    extension: str
    version: int
    offered_to: str | None = None
    offered_name: str | None = None

    @property
    def ringing(self) -> tuple[PageRow, ...]:
        """Whose telephone rings for it, or is being listened to, at this instant."""
        return tuple(page for page in self.pages if page.state in RINGING)

    @property
    def is_untaken(self) -> bool:
        """Nobody has it: what a board keeps saying of an emergency."""
        return self.status is not Status.HELD and self.closed is None

    @property
    def is_task(self) -> bool:
        """An office request that waits for the morning and pages nobody yet."""
        return self.status is Status.WAITING and self.urgency is Urgency.ROUTINE

    def waiting(self, at: datetime) -> timedelta:
        """Since the first contact, until it was closed."""
        return max((self.closed.at if self.closed else at) - self.opened_at, timedelta(0))


@dataclass(frozen=True, slots=True)
class Relative:
    """Another open case, as a person who looks for a second caller about the same patient sees it."""

    id: str
    code: str
    label: str
    is_linked: bool
    possibly_same: bool


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody on a tier. `until` None: until further notice; `cannot_go_on`: who is paged beside, until another is."""

    person: str
    name: str
    until: datetime | None
    why: str
    proven_at: datetime | None
    has_phone: bool
    cannot_go_on: str = ""

    @property
    def is_proven(self) -> bool:
        return self.proven_at is not None


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier now; nobody in `people` is a hole, unless the tier serves by day only."""

    tier: str
    title: str
    people: tuple[OnDuty, ...]
    is_by_day_only: bool
    next_name: str | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hole:
    """A span in which a tier has nobody."""

    tier: str
    title: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ClosedRow:
    """One closed case as a board lists it."""

    mark: ClosedMark
    closer_name: str


@dataclass(frozen=True, slots=True)
class Board:
    """Everything S1 shows of cases and people at one instant. `last_closed`: however long ago."""

    at: datetime
    cases: tuple[CaseRow, ...]
    tasks: tuple[CaseRow, ...]
    closed: tuple[ClosedRow, ...]
    tiers: tuple[Tier, ...]
    holes: tuple[Hole, ...]
    last_closed: ClosedRow | None = None

    @property
    def emergencies(self) -> int:
        return sum(1 for row in self.cases if row.urgency is Urgency.EMERGENCY)


def board_of(
    open_cases: Iterable[Case], closed: Iterable[ClosedMark], directory: Directory, handbook: Handbook, at: datetime
) -> Board:
    """See the module."""
    rows = worst_first(case_row(case, directory, handbook) for case in open_cases)
    return Board(
        at=at,
        cases=tuple(row for row in rows if not row.is_task),
        tasks=tuple(row for row in rows if row.is_task),
        closed=tuple(_closed_row(mark, directory) for mark in closed),
        tiers=tiers_now(handbook.rota, directory, at),
        holes=holes_ahead(handbook.rota, at),
    )


def _closed_row(mark: ClosedMark, directory: Directory) -> ClosedRow:
    return ClosedRow(mark, name_of(mark.person, directory))


def worst_first(rows: Iterable[CaseRow]) -> list[CaseRow]:
    """Worst, then oldest. A case nobody has judged yet stands among the urgent ones."""
    return sorted(rows, key=lambda row: (-(row.urgency if row.urgency is not None else Urgency.URGENT), row.opened_at))


# --- one case ----------------------------------------------------------------------------------------------------


def case_row(case: Case, directory: Directory, handbook: Handbook) -> CaseRow:
    coming = upcoming(case, directory, handbook)
    holder = case.holder
    return CaseRow(
        id=case.id,
        code=case.code,
        urgency=case.pace,
        suspicion=tuple(leaning.value for leaning in case.assessment.leanings) if case.assessment else (),
        status=case.status,
        label=case.label,
        opened_at=case.opened_at or DAWN,
        pages=tuple(_page_row(case, page, directory) for page in case.pages),
        coming=tuple(Coming(what, clock.due_at) for clock, what in coming),
        next=_next(coming),
        holder=holder.person if holder else None,
        holder_name=name_of(holder.person, directory) if holder else None,
        held_since=holder.at if holder else None,
        family_reached=is_reached(case),
        closed=case.closed,
        closer_name=name_of(case.closed.person, directory) if case.closed else None,
        rules_failed=case.rules_failed,
        texts_blocked=case.texts_blocked,
        language=case.language,
        links=case.links,
        extension=case.extension,
        version=case.version,
        offered_to=case.hand_over.to if case.hand_over else None,
        offered_name=name_of(case.hand_over.to, directory) if case.hand_over else None,
    )


def is_possibly_same(case: Case, other: Case) -> bool:
    """One of the two is of a phone nobody knows, and they began within the hour: a person should look."""
    if case.opened_at is None or other.opened_at is None or (case.patient is not None and other.patient is not None):
        return False
    return abs(case.opened_at - other.opened_at) <= SAME_HOUR


def is_reached(case: Case) -> bool:
    """Reached after everything they have told us: a newer report makes it "not yet" again (RULINGS 4)."""
    return case.family_reached_at is not None and case.unreached_since is None


def _page_row(case: Case, page: Page, directory: Directory) -> PageRow:
    sent = [state for state in case.messages_of(page.id) if Progress.OWED < state.progress < Progress.DROPPED]
    texts = sum(1 for state in sent if state.message.channel is Channel.SMS)
    calls = [state for state in sent if state.message.channel is Channel.VOICE]
    return PageRow(
        person=page.person,
        name=name_of(page.person, directory),
        tier=page.tier,
        texts=texts,
        calls=len(calls),
        state=_page_state(case, page, texts, calls),
    )


def _page_state(case: Case, page: Page, texts: int, calls: Sequence[MessageState]) -> str:
    if case.holder is not None and case.holder.person == page.person:
        return "has it"
    if page.declined:
        return "passed on"
    if any(state.heard and state.progress is Progress.ANSWERED for state in calls):
        return LISTENING
    if any(state.may_be_ringing for state in calls):
        return RINGS
    if not page.ringing:
        return "off duty"
    return "rung" if calls else "texted" if texts else "about to be paged"


def upcoming(case: Case, directory: Directory, handbook: Handbook) -> list[tuple[Clock, str]]:
    """Every clock of the case in a sentence, earliest first."""
    clocks = sorted(case.clocks, key=lambda clock: clock.due_at)
    return [(clock, _what_comes(case, clock, directory, handbook)) for clock in clocks]


def _next(coming: Sequence[tuple[Clock, str]]) -> Coming | None:
    major = [(clock, what) for clock, what in coming if clock.kind not in MINOR]
    return next((Coming(what, clock.due_at) for clock, what in (*major, *coming)), None)


def _what_comes(case: Case, clock: Clock, directory: Directory, handbook: Handbook) -> str:
    holder = name_of(case.holder.person, directory) if case.holder else "the holder"
    match clock.kind:
        case ClockKind.STEP:
            return f"{_next_people(case, clock.due_at, directory, handbook)} paged as well"
        case ClockKind.RING:
            page = case.page(clock.subject)
            return f"{name_of(page.person, directory) if page else 'the next number'} is rung again"
        case ClockKind.ROUND:
            return f"round {case.round + 1}: everybody is paged again"
        case ClockKind.FAMILY_REACHED:
            return f"{holder} is rung: the family has not been reached"
        case _:
            return WHAT_COMES[clock.kind]


WHAT_COMES = {
    ClockKind.CALL_START: "the page goes out, whatever was said",
    ClockKind.HANG_UP: "the page goes out, unless a person says wrong number",
    ClockKind.PROMISE: "the family is told that nobody was reached, and what to do",
    ClockKind.STATUS: "the family hears where we are",
    ClockKind.SILENCE: "the family is called: a question has no answer",
    ClockKind.DELIVERY: "a call follows a text that nobody saw arrive",
    ClockKind.MORNING: "the pump team is paged: the day begins",
    ClockKind.UNTAKEN: "it becomes urgent: nobody has taken it",
    ClockKind.TASK: "the coordinator is told that nobody took it",
    ClockKind.TASK_PAGE: "the pump team is paged: nobody took it",
    ClockKind.REVIEW: "the record was put back: review, then take or close it",
    ClockKind.HOLDER_SILENT: "it climbs again: the holder does not answer",
    ClockKind.FAMILY_TRY: "the family is rung again for the doctor",
    ClockKind.INTERPRETER: "the family is joined without an interpreter",
    ClockKind.HAND_OVER: "the holder and whoever is on next are paged: the turn is over",
    ClockKind.LEG_LOST: "the lost line is rung again",
}


def _next_people(case: Case, at: datetime, directory: Directory, handbook: Handbook) -> str:
    steps, index = policy_of(case).steps, case.step + 1
    tiers = steps[index].tiers if index < len(steps) else ()
    people = [
        target.person for tier in tiers for target in people_for(tier, handbook, at, case.assessment, case.findings)
    ]
    paged = {page.person for page in case.pages}
    new = [name_of(person, directory) for person in dict.fromkeys(people) if person not in paged]
    if not new:
        return "the next tier is"
    return f"{', '.join(new[:3])}{' and others' if len(new) > 3 else ''} {'is' if len(new) == 1 else 'are'}"


# --- who is on call ----------------------------------------------------------------------------------------------


def tiers_now(rota: Rota, directory: Directory, at: datetime) -> tuple[Tier, ...]:
    """Every tier in the order in which it is paged, the last resort at the end."""
    return tuple(_tier(rotation, layer, directory, at) for rotation, layer in tiers_in_order(rota))


def holes_ahead(rota: Rota, at: datetime, within: timedelta = HOLES_WITHIN) -> tuple[Hole, ...]:
    """Where nobody is, soonest first. A tier that serves by day only has no holes at night."""
    holes = [
        Hole(f"{rotation.name}/{layer}", tier_title(rotation, layer), gap.starts_at, gap.ends_at)
        for rotation, layer in tiers_in_order(rota)
        if not serves_by_day_only(rotation.name)
        for gap in gaps_between(rotation, layer, at, at + within)
    ]
    return tuple(sorted(holes, key=lambda hole: hole.starts_at))


def tier_title(rotation: Rotation, layer: str) -> str:
    """ "Pump team, attending"; a rotation with one layer needs only its own name."""
    name = rotation.name.replace("-", " ").capitalize()
    return name if len(rotation.layers) == 1 else f"{name}, {layer}"


def tiers_in_order(rota: Rota) -> list[tuple[Rotation, str]]:
    rotations = sorted(rota.rotations.values(), key=lambda rotation: (_place(rotation.name), rotation.name))
    return [(rotation, layer.name) for rotation in rotations for layer in rotation.layers]


def serves_by_day_only(rotation: str) -> bool:
    return rotation in BY_DAY_ONLY and rotation != LAST_RESORT


def _place(rotation: str) -> int:
    return {"pump-team": 0, LAST_RESORT: 2}.get(rotation, 1)


def _tier(rotation: Rotation, layer: str, directory: Directory, at: datetime) -> Tier:
    following = _following(rotation, layer, at)
    return Tier(
        tier=f"{rotation.name}/{layer}",
        title=tier_title(rotation, layer),
        people=tuple(_on_duty(shift, rotation, directory, at) for shift in on_call_at(rotation, layer, at)),
        is_by_day_only=serves_by_day_only(rotation.name),
        next_name=name_of(following.person, directory) if following else None,
        next_at=following.starts_at if following else None,
    )


def _following(rotation: Rotation, layer: str, at: datetime) -> Shift | None:
    shifts = shifts_between(rotation, layer, at, at + NEXT_WITHIN)
    return next((shift for shift in shifts if shift.starts_at > at), None)


def _on_duty(shift: Shift, rotation: Rotation, directory: Directory, at: datetime) -> OnDuty:
    person = directory.clinicians.get(shift.person)
    return OnDuty(
        person=shift.person,
        name=name_of(shift.person, directory),
        until=None if shift.ends_at >= FOREVER else shift.ends_at,
        why=shift.why,
        proven_at=person.proven_at if person else None,
        has_phone=person is not None and bool(person.phones),
        cannot_go_on=_being_replaced(shift, rotation, directory, at),
    )


def _being_replaced(shift: Shift, rotation: Rotation, directory: Directory, at: datetime) -> str:
    """Whoever is ill is on call until another has said yes, and every screen says so (RULINGS 8)."""
    if shift.is_asked:
        return "has not said yes: paged beside the holder, and the next tier at once"
    tier = f"{rotation.name}/{shift.layer}"
    for one in directory.replacing:
        if (one.tier, one.holder) == (tier, shift.person) and one.starts_at <= at < one.ends_at:
            asked = f"{name_of(one.asked, directory)} is paged too" if one.asked else "nobody has taken over"
            return f"cannot go on: {asked}, and the next tier at once"
    return ""


def name_of(person: str, directory: Directory) -> str:
    known: Clinician | None = directory.clinicians.get(person)
    return known.name if known else person


# --- time in words -----------------------------------------------------------------------------------------------


def span_words(span: timedelta) -> str:
    """41 s, 8 min 4 s, 2 h 5 min, 3 days 2 h: words for a glance, two units at most."""
    seconds = max(int(span.total_seconds()), 0)
    days, hours = divmod(seconds // 3600, 24)
    minutes, rest = seconds // 60 % 60, seconds % 60
    if days:
        return f"{days} {'day' if days == 1 else 'days'} {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


# --- fetching ----------------------------------------------------------------------------------------------------


class BoardReader:
    """Reads what the functions above need, at the clock's instant."""

    def __init__(self, journal: Journal, register: Register, handbooks: HandbookSource, clock: Timepiece) -> None:
        self._journal = journal
        self._register = register
        self._handbooks = handbooks
        self._clock = clock

    async def board(self) -> Board:
        now = self._clock.now()
        open_cases = await self._journal.open_cases()
        closed = await self._journal.closed_marks(now - RECENTLY, CLOSED_SHOWN)
        last = closed[:1] or await self._journal.closed_marks(DAWN, 1)
        directory, handbook = await self._register.directory(), self._handbooks.current()
        board = board_of(open_cases, closed, directory, handbook, now)
        return replace(board, last_closed=next((_closed_row(mark, directory) for mark in last), None))

    async def find(self, code_or_id: str) -> Case | None:
        """By the case's own id, or by its code: the open case of that code, else the newest."""
        case = await self._journal.case(code_or_id)
        if case is not None:
            return case
        case_id = await self._journal.case_by_code(code_or_id.upper().removeprefix("#"))
        return await self._journal.case(case_id) if case_id else None

    async def relatives(self, case: Case) -> tuple[Relative, ...]:
        """The other open cases, those that may be about the same patient first; nothing is ever merged (RULINGS 6)."""
        others = [other for other in await self._journal.open_cases() if other.id != case.id]
        linked = {link.case for link in case.links}
        found = [Relative(o.id, o.code, o.label, o.id in linked, is_possibly_same(case, o)) for o in others]
        return tuple(sorted(found, key=lambda relative: (not relative.possibly_same, relative.code)))

    async def row(self, case: Case) -> CaseRow:
        return case_row(case, await self._register.directory(), self._handbooks.current())

    async def story(self, case_id: str) -> tuple[StoryRow, ...]:
        """The case's timeline; empty for a case that does not exist."""
        entries, case = await self._journal.entries(case_id), await self._journal.case(case_id)
        shown = [r.entry.report for r in entries if isinstance(r.entry, ReportShown)]
        reports = await self._reports(case, shown) if case else {}
        vocabulary = self._handbooks.current().rulebook.vocabulary
        return tell_story(entries, reports, await self._register.directory(), vocabulary)

    async def told_by_entry(self, case: Case, recorded: Sequence[Recorded]) -> tuple[StoryRow, ...]:
        """The story's words for each entry, for a record."""
        shown = [r.entry.report for r in recorded if isinstance(r.entry, ReportShown)]
        reports, vocabulary = await self._reports(case, shown), self._handbooks.current().rulebook.vocabulary
        return tell_each(recorded, reports, await self._register.directory(), vocabulary)

    async def sheet(self, case: Case) -> Sheet:
        patient = await self._register.patient(case.patient) if case.patient else None
        return sheet_of(case, patient, self._handbooks.current())

    async def origin(self, case: Case, entries: Sequence[Recorded]) -> Origin | None:
        """None while nobody has judged the case."""
        judged = [recorded.at for recorded in entries if isinstance(recorded.entry, Assessed)]
        edition = await self._journal.edition_at(judged[-1]) if judged else None
        directory = await self._register.directory()
        called = partial(name_of, directory=directory)
        return origin_of(case, edition, self._handbooks.current(), called) if edition else None

    async def card(self, case: Case) -> Card:
        return card_of(case, await self._reports(case), self._handbooks.current())

    async def _reports(self, case: Case, more: Sequence[str] = ()) -> dict[str, Report]:
        found = [await self._journal.report(id) for id in (*(note.id for note in case.reports), *more)]
        return {report.id: report for report in found if report is not None}
