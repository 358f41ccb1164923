"""The health of the line in sentences: what works, since when that is proven, and what to do where it is not.

A line is good only while its proof is young; what nobody has shown is bad, never unknown. Everything comes from what
the service has already: nothing is rung or sent. No patient stands here. Deliberately not here: the outside (DNS, the
carrier's console), which `oncall preflight` asks, and looking at certificates (`certificates`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.handbook import Handbook
from oncall.core.notices import Notice, Standing
from oncall.core.staff_numbers import Light
from oncall.core.wall_time import wall
from oncall.service.cases.board import holes_ahead, span_words
from oncall.service.line.carrier_heard import CarrierHeard
from oncall.service.line.carrier_lines import code_lines, request_lines, vigil_lines
from oncall.service.line.certificates import Certificate
from oncall.service.line.health_line import HealthLine, Mark
from oncall.service.line.last_proofs import ALARM, CALL, HEARD_BACK, PAGE, PERSON, TEXT, LastProofs
from oncall.service.line.lost import Lost, lost_words, what_to_do
from oncall.service.line.vigil import Incident
from oncall.service.line.vigil import Standing as LineStanding
from oncall.service.people.team import Team, TeamRow
from oncall.service.ports.carrier import CarrierState
from oncall.service.ports.journal import HandbookSource, Journal
from oncall.service.ports.register import Notices
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.drills import KIND as DRILL
from oncall.service.rota.shift_proofs import PROOF
from oncall.service.rota.span_words import between_words

LINE_PROVEN = timedelta(days=7)  # a call and a text each week, by a family or by you
CARRIER_SILENT = timedelta(minutes=2)
LATE = timedelta(seconds=10)
LISTS = timedelta(minutes=5)
AUDITED = timedelta(hours=26)
DRILLED = timedelta(days=35)
JUST_ASKED = timedelta(hours=1)
FEED_OLD = timedelta(hours=24)
LEAST_FREE = 0.1  # of the disk
CERTIFICATE_YELLOW, CERTIFICATE_RED = 21, 7  # days; one is renewed 30 days before its end


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the disk that holds the database, and of the database itself."""

    free: int
    whole: int
    database: int


@dataclass(frozen=True, slots=True)
class Health:
    at: datetime
    lines: tuple[HealthLine, ...]

    @property
    def close(self) -> int:
        return sum(line.mark is Mark.CLOSE for line in self.lines)

    @property
    def bad(self) -> int:
        return sum(line.mark is Mark.BAD for line in self.lines)


@dataclass(frozen=True, slots=True)
class Sources:
    """What is asked. `writes` goes through the store's writer, `loops` say whether each still turns."""

    clock: Timepiece
    journal: Journal
    notices: Notices
    team: Team
    handbooks: HandbookSource
    proofs: LastProofs
    writes: Callable[[], Awaitable[bool]]
    loops: Mapping[str, Callable[[], bool]]
    carrier: Callable[[], CarrierState]
    feeds: Callable[[], Mapping[str, datetime | None]]
    room: Callable[[], Room | None]
    certificates: Callable[[], Sequence[Certificate]]
    lost: Callable[[], Sequence[Lost]]
    heard: CarrierHeard
    standing: Callable[[], Sequence[LineStanding]]
    past: Callable[[], Sequence[Incident]]


async def health_of(sources: Sources) -> Health:
    now, journal = sources.clock.now(), sources.journal
    await sources.proofs.read_back(journal, now)
    await sources.heard.read_back(journal, now)
    tests = await sources.notices.tests(now - DRILLED, now + LATE)
    handbook, team = sources.handbooks.current(), await sources.team.rows()
    due = await journal.next_due()
    return Health(
        now,
        (
            *_ways_in(sources.proofs.at, now),
            *_ways_out(sources.proofs.at, now),
            _loop(sources.loops, "watch", "Deadlines are kept", _late(due, now)),
            _loop(sources.loops, "dispatcher", "Messages leave in time"),  # the vigil sees one that lies about
            _store(await sources.writes()),
            *_carrier(sources.carrier(), now),
            *request_lines(sources.heard.requests(now)),
            *code_lines(sources.heard.codes(now)),
            *vigil_lines(sources.standing(), sources.past(), handbook.rota.zone),
            _audit(await journal.last_audit(), now),
            *_lost(sources.lost(), handbook.rota.zone),
            *_tests(tests, now),
            _numbers(team),
            _rota(handbook, now),
            *_feeds(sources.feeds(), now),
            *_room(sources.room()),
            *_edition(handbook),
            *(certificate_line(one, now, handbook.rota.zone) for one in sources.certificates()),
            HealthLine(
                Mark.UNUSED, "DNS and the account's balance", "are not watched from inside: run oncall preflight."
            ),
        ),
    )


# --- telephones ----------------------------------------------------------------------------------------------------


def _ways_in(at: Mapping[str, datetime], now: datetime) -> Iterator[HealthLine]:
    ring = "Ring the line from a telephone that is no patient's, say “this is a test”, and take the case."
    text = "Text the line from a telephone that is no patient's: “this is a test”, and take the case."
    yield _proven("Families can reach us by phone", "a call was taken", at.get(CALL), LINE_PROVEN, now, ring)
    yield _proven("Families can reach us by text", "a text was taken", at.get(TEXT), LINE_PROVEN, now, text)
    if ALARM in at:
        yield HealthLine(Mark.GOOD, "Alarms of devices come in", "the last alarm was taken", at[ALARM])
    else:
        yield HealthLine(Mark.UNUSED, "Alarms of devices", "none has come in the cases we looked at.")


def _ways_out(at: Mapping[str, datetime], now: datetime) -> Iterator[HealthLine]:
    what, sent, back = "Pages reach the carrier", at.get(PAGE), at.get(HEARD_BACK)
    silent = "Look at the carrier's console and status page, ring the person on call by hand, and tell the operator."
    if sent is None:
        never = "Send a test page from Team to whoever is on call."
        yield HealthLine(Mark.BAD, what, "no page has gone out in the cases we looked at", None, never)
    elif back is None or (back < sent and now - sent > CARRIER_SILENT):
        told = "the carrier has said nothing about the last page"
        yield HealthLine(Mark.BAD, what, told, back, silent)
    else:
        yield HealthLine(Mark.GOOD, what, "the carrier brought the last page", back)
    do = "Send a test page from Team to whoever is on call; a key proves the telephone."
    yield _proven("People answer pages", "somebody pressed a key or replied", at.get(PERSON), DRILLED, now, do)


def _proven(what: str, told: str, at: datetime | None, within: timedelta, now: datetime, do: str) -> HealthLine:
    if at is None:
        return HealthLine(Mark.BAD, what, "nothing has shown it lately", None, do)
    if now - at > within:
        return HealthLine(Mark.BAD, what, f"{told}, but longer ago than {span_words(within)}", at, do)
    return HealthLine(Mark.GOOD, what, told, at)


def _tests(tests: Sequence[Notice], now: datetime) -> Iterator[HealthLine]:
    """Whoever was asked within the hour may still answer."""
    over = [notice for notice in tests if notice.attempts and not (notice.is_open and _age(notice, now) < JUST_ASKED)]
    drills = [notice for notice in over if notice.about.kind == DRILL]
    if drills:
        yield _answered("The whole chain was tested", [one for one in drills if one.about == drills[-1].about])
    else:
        do = "Run oncall drill --chain at a quiet hour, or set drill: monthly in config.yaml."
        told = f"no test call went out in {DRILLED.days} days"
        yield HealthLine(Mark.BAD, "The whole chain was tested", told, None, do)
    proofs = [notice for notice in over if notice.about.kind == PROOF]
    if proofs:
        recent = [one for one in proofs if _age(one, now) <= timedelta(hours=24)]
        yield _answered("Telephones are proven at the start of a shift", recent or proofs[-1:])
    else:
        told = "nobody was asked yet; it begins with a hand-over."
        yield HealthLine(Mark.UNUSED, "Proofs at the start of a shift", told)


def _age(notice: Notice, now: datetime) -> timedelta:
    return now - (notice.ordered_at or now)


def _answered(what: str, asked: Sequence[Notice]) -> HealthLine:
    """A text and a call to one person are one question."""
    people, answered = {one.person for one in asked}, [one for one in asked if one.standing is Standing.ANSWERED]
    heard = {one.person for one in answered}
    told = f"{len(heard)} of {len(people)} answered"
    at = max((one.answered_at for one in answered if one.answered_at), default=None)
    if heard == people:
        return HealthLine(Mark.GOOD, what, told, at)
    return HealthLine(Mark.BAD, what, told, at, "Look at Team who did not, and ring them yourself.")


def _numbers(team: Sequence[TeamRow]) -> HealthLine:
    rostered = [row for row in team if row.is_here and row.tiers]
    red = [row.member.name for row in rostered if row.readiness.light is Light.RED]
    if red:
        do = "Open Team: it says for each of them what is missing."
        return HealthLine(Mark.BAD, "Everybody on the rota can be reached", f"not {', '.join(red)}", None, do)
    return HealthLine(Mark.GOOD, "Everybody on the rota can be reached", f"{len(rostered)} people")


# --- the house -----------------------------------------------------------------------------------------------------


def _late(due: datetime | None, now: datetime) -> timedelta:
    return max(now - due, timedelta(0)) if due else timedelta(0)


def _loop(loops: Mapping[str, Callable[[], bool]], name: str, what: str, late: timedelta = timedelta(0)) -> HealthLine:
    do = "Restart the service (it goes on where it was), and read its log. Until then page by hand."
    if name not in loops or not loops[name]():
        return HealthLine(Mark.BAD, what, f"the {name} does not turn", None, do)
    if late > LATE:
        return HealthLine(
            Mark.BAD, what, f"the {name} turns, but something has been waiting for {span_words(late)}", None, do
        )
    return HealthLine(Mark.GOOD, what, f"the {name} turns and nothing is late")


def _store(writes: bool) -> HealthLine:
    if writes:
        return HealthLine(Mark.GOOD, "What comes in is stored", "the store wrote just now")
    do = "Look at the disk: is it full, or read-only? Families hear 911 and the operator meanwhile."
    return HealthLine(Mark.BAD, "What comes in is stored", "the store refuses to write", None, do)


def _carrier(state: CarrierState, now: datetime) -> Iterator[HealthLine]:
    do = "Look at the carrier's status page and at account and token: oncall preflight says which is wrong."
    what = "What the carrier did not tell us is found"
    yield _proven(what, "its lists were read", state.reconciled_at, LISTS, now, do)
    for route, doubtful in sorted(state.in_doubt.items()):
        if doubtful:
            yield HealthLine(Mark.BAD, f"Route {route} carries", "its own results are bad", None, do)
        else:
            yield HealthLine(Mark.GOOD, f"Route {route} carries", "its own results are good")


def _audit(last: tuple[datetime, int] | None, now: datetime) -> HealthLine:
    what = "The record is whole"
    if last is None or now - last[0] > AUDITED:
        do = "It is audited each night at 03:40; if it stays so tomorrow, read the service's log."
        return HealthLine(Mark.BAD, what, "no audit in the last day", last[0] if last else None, do)
    if last[1]:
        do = "Keep a copy of the database, read the log for the cases, and call whoever maintains the program."
        return HealthLine(Mark.BAD, what, f"the audit found {last[1]} faults", last[0], do)
    return HealthLine(Mark.GOOD, what, "the audit found no fault", last[0])


def _lost(lost: Sequence[Lost], zone: str) -> Iterator[HealthLine]:
    for one in lost:
        what = "Nothing that heard yes is missing"
        yield HealthLine(Mark.BAD, what, lost_words(one, zone), None, what_to_do(one))


def _rota(handbook: Handbook, now: datetime) -> HealthLine:
    holes, what = holes_ahead(handbook.rota, now), "Somebody is on every tier"
    if not holes:
        return HealthLine(Mark.GOOD, what, "no hole in the next 14 days")
    first = holes[0]
    when = between_words(first.starts_at, first.ends_at, handbook.rota.zone)
    do = "Open Rota and cover it. While it lasts the next tier and the last resort are paged at once."
    return HealthLine(Mark.BAD, what, f"{first.title}: nobody {when}", None, do)


def _feeds(feeds: Mapping[str, datetime | None], now: datetime) -> Iterator[HealthLine]:
    do = "Open its address in a browser; if the copy is right after all: oncall calendar --accept NAME --by NAME."
    for name, at in sorted(feeds.items()):
        yield _proven(f"Calendar {name} is read", "a copy was believed", at, FEED_OLD, now, do)


def _room(room: Room | None) -> Iterator[HealthLine]:
    if room is None:
        return
    free = room.free / room.whole
    told = f"{free:.0%} free ({_size(room.free)}); the database has {_size(room.database)}"
    if free < LEAST_FREE:
        yield HealthLine(Mark.BAD, "There is room on the disk", told, None, "Make room, or give the machine more.")
    else:
        yield HealthLine(Mark.GOOD, "There is room on the disk", told)


def certificate_line(one: Certificate, now: datetime, zone: str) -> HealthLine:
    """Yellow where its end is near or unknown, red where the carrier and browsers will refuse it within days."""
    what = f"The certificate of {one.host} holds"
    if one.ends_at is None:
        told = f"nobody could read it: {one.problem}" if one.problem else "it is read within a minute of a start"
        do = "Open the address in a browser from outside; oncall preflight says more." if one.problem else ""
        return HealthLine(Mark.CLOSE, what, told, None, do)
    days, local = (one.ends_at - now) // timedelta(days=1), wall(one.ends_at, zone)
    told = (
        f"until {local.day} {local:%b %Y}, {days} days from now"
        if days >= 0
        else f"it ended on {local.day} {local:%b %Y}"
    )
    if days < CERTIFICATE_RED:
        do = (
            "Renew it today and reload the proxy. With an ended one the carrier does not reach this house, and calls"
            " go to its fallback."
        )
        return HealthLine(Mark.BAD, what, told, one.looked_at, do)
    if days < CERTIFICATE_YELLOW:
        do = "Something should have renewed it by now: see why it has not, renew it, and reload the proxy."
        return HealthLine(Mark.CLOSE, what, told, one.looked_at, do)
    return HealthLine(Mark.GOOD, what, told, one.looked_at)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _edition(handbook: Handbook) -> Iterator[HealthLine]:
    what, name = "Rules and rota are signed", handbook.edition[:8]
    if handbook.unsigned:
        do = "Clinicians read docs/clinical.md and the files, and sign them; then publish."
        told = f"edition {name} is in force; not signed: {', '.join(handbook.unsigned)}"
        yield HealthLine(Mark.BAD, what, told, None, do)
    else:
        yield HealthLine(Mark.GOOD, what, f"edition {name} is in force")
