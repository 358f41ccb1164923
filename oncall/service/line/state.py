"""Beside the cases of a board: when the line was last proved to work and by what, and what is wrong with it now.

"No open calls" is only good news where something shows that a call would have come through. A proof is a person's
answer (a drill, a start of shift, a new number) or the carrier's own lists, read lately; never a delivery (law 4).
Deliberately not here: the cases and who is on (`board`), and mending anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.core.case.facts import Directory
from oncall.core.notices import Notice
from oncall.core.people import Hospital
from oncall.core.rota.hand_overs import hand_overs
from oncall.core.rota.on_call import Rota
from oncall.service.line.lost import Lost, lost_words
from oncall.service.people.number_proofs import KEY as NUMBER
from oncall.service.ports.carrier import CarrierState
from oncall.service.ports.journal import HandbookSource
from oncall.service.ports.register import Notices, Register, Tasks
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.alarms import STALE, ending_patterns
from oncall.service.rota.drills import KIND as DRILL
from oncall.service.rota.shift_proofs import PROOF as SHIFT
from oncall.service.rota.shift_proofs import TELL_AFTER, is_proven_since
from oncall.service.rota.span_words import moment_words
from oncall.service.telling import titles

PROOFS = {SHIFT: "start-of-shift proof", DRILL: "drill", NUMBER: "proof of a number"}
BY_A_PAGE = "a key or reply"
ANSWERS_READ = 60  # of each kind; more people than that are not on call
SAME_ANSWER = timedelta(seconds=5)  # a notice's answer and the proof that it leaves behind
LISTS_OLD = timedelta(minutes=10)  # they are read every minute


@dataclass(frozen=True, slots=True)
class Proved:
    """Something that showed the line to work; `person` answered it."""

    what: str
    at: datetime
    person: str = ""


@dataclass(frozen=True, slots=True)
class LineState:
    """`proofs` newest first, one of each kind; `by_person` what proved each telephone last."""

    proofs: tuple[Proved, ...] = ()
    by_person: Mapping[str, str] | None = None
    alarms: tuple[str, ...] = ()

    def proof_of(self, person: str) -> str:
        return (self.by_person or {}).get(person, BY_A_PAGE)


class LineStates:
    """Reads the state at the clock's instant. `loops`, `carrier` and `lost` are asked of the running house."""

    def __init__(
        self,
        notices: Notices,
        tasks: Tasks,
        register: Register,
        handbooks: HandbookSource,
        clock: Timepiece,
        hospital: Hospital,
        loops: Mapping[str, Callable[[], bool]],
        carrier: Callable[[], CarrierState],
        lost: Callable[[], Sequence[Lost]] = tuple,
    ) -> None:
        self._notices, self._tasks, self._register = notices, tasks, register
        self._handbooks, self._clock, self._hospital = handbooks, clock, hospital
        self._loops, self._carrier, self._lost = loops, carrier, lost

    async def now(self) -> LineState:
        now, directory = self._clock.now(), await self._register.directory()
        rota, carrier = self._handbooks.current().rota, self._carrier()
        answers = [n for kind in PROOFS for n in await self._notices.answered(kind, ANSWERS_READ)]
        alarms = [
            *(lost_words(one, self._hospital.zone) for one in self._lost()),
            *standing_still(self._loops),
            *carrier_alarms(carrier, now, self._hospital),
            *silent_phones(rota, directory, now, self._hospital),
            *(trouble.words for trouble in ending_patterns(rota, now)),
        ]
        if await self._tasks.open_task_ids(f"{STALE}-"):
            alarms.append("Nobody has confirmed or changed the rota for sixty days. Is it still right?")
        return LineState(last_proofs(answers, carrier), proofs_by_person(answers, directory), tuple(alarms))


def last_proofs(answers: Iterable[Notice], carrier: CarrierState) -> tuple[Proved, ...]:
    """The newest of each kind."""
    newest: dict[str, Proved] = {}
    for notice in answers:
        what, at = PROOFS[notice.about.kind], notice.answered_at
        if at is not None and (what not in newest or newest[what].at < at):
            newest[what] = Proved(what, at, notice.person)
    if carrier.reconciled_at is not None:
        newest["lists"] = Proved("the carrier's lists were read", carrier.reconciled_at)
    return tuple(sorted(newest.values(), key=lambda proved: proved.at, reverse=True))


def proofs_by_person(answers: Iterable[Notice], directory: Directory) -> Mapping[str, str]:
    """By what each person's newest proof came, where it was an answer to a notice."""
    found: dict[str, str] = {}
    for notice in answers:
        known = directory.clinicians.get(notice.person)
        proven_at = known.proven_at if known else None
        if proven_at and notice.answered_at and abs(proven_at - notice.answered_at) <= SAME_ANSWER:
            found[notice.person] = PROOFS[notice.about.kind]
    return found


def standing_still(loops: Mapping[str, Callable[[], bool]]) -> Iterator[str]:
    for name, turns in loops.items():
        if not turns():
            yield f"The {name} of this house stands still: pages do not go on. Restart the service, call the operator."


def carrier_alarms(carrier: CarrierState, now: datetime, hospital: Hospital) -> Iterator[str]:
    for route, doubted in sorted(carrier.in_doubt.items()):
        if doubted:
            yield f"The carrier's route {route} is in doubt: calls and texts may be late."
    if carrier.reconciled_at is not None and now - carrier.reconciled_at > LISTS_OLD:
        since = moment_words(carrier.reconciled_at, hospital.zone)
        yield f"The carrier's lists have not been read since {since}: a lost text or call would not be found."


def silent_phones(rota: Rota, directory: Directory, now: datetime, hospital: Hospital) -> Iterator[str]:
    """Whoever is on and has not shown within the hour that the phone works, or takes no texts."""
    for one in hand_overs(rota, now):
        person = directory.clinicians.get(one.person)
        if person is None or person.is_shared:
            continue
        since = moment_words(one.starts_at, hospital.zone)
        if now - one.starts_at >= TELL_AFTER and not is_proven_since(person, one.starts_at):
            yield f"{person.name} ({titles(rota, one.tiers)}, since {since}) has not shown that the phone works."
        if any(phone.stopped for phone in person.phones):
            yield f"Texts to a phone of {person.name} are blocked (STOP): pages go there by call only."
