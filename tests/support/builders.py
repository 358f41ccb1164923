"""Plain values to decide with: a ward of seven clinicians, a mother on her phone, and one case on a table.

`Night` is a case without a store: commands go through `decide` at instants that the test chooses, the facts are made
as a store would make them (slots already given, who is busy), and every decision is kept so that a law can look at
it. `carrier` says what becomes of a message that is handed over. Nothing here waits, sends or remembers by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from oncall.adapters.handbook.files import load_handbook
from oncall.core.case import commands as c
from oncall.core.case import entries as e
from oncall.core.case.blind import decide_blind
from oncall.core.case.case import Arrival, Case, ClockKind
from oncall.core.case.decide import Decision, decide
from oncall.core.case.duties import duties_of
from oncall.core.case.facts import Directory, Facts
from oncall.core.case.messages import Channel, Message, MessageState, Outcome, Progress, Purpose, Verdict
from oncall.core.handbook import Handbook
from oncall.core.people import Caller, Clinician, Hospital, Patient, Phone
from oncall.core.reports import Finding, Heard, Report, Source

THREE_AM = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)  # Wednesday 03:04 in New York: ana, then dia
TEN_AM = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # Wednesday 10:00: ben, then dia
PROVEN = datetime(2026, 11, 20, tzinfo=UTC)
MUM, STRANGER = "+16175550142", "+16175550199"
OPERATOR, LINE = "+16175550100", "+16175550101"
PUBLIC_URL = "https://line.lakeside.example"
ROOT = Path(__file__).parents[2]

HOSPITAL = Hospital(
    name="Lakeside Children's",
    zone="America/New_York",
    emergency_number="911",
    operator=OPERATOR,
    line=LINE,
    public_url=PUBLIC_URL,
    secret=b"a secret only the ward has",
)
PATIENT = Patient("leo", "L.W. 9y", "Leonhard Wagenknecht")
DEADLY, GO, PRESSING, MILD, OFFICE = "not_breathing", "rigid_body", "itching", "constipation", "office_appointment"
DEVICE_BY_DAY = "alarm_single_tone"  # same-day, and urgent at night


@cache
def handbook() -> Handbook:
    """The shipped edition, loaded once."""
    return load_handbook(ROOT / "rules", ROOT / "rotations")


def without_rota(book: Handbook | None = None) -> Handbook:
    """Nobody is on call anywhere, not even the operator."""
    book = book or handbook()
    return replace(book, rota=replace(book.rota, rotations={}))


def with_people(people: Mapping[str, str]) -> Handbook:
    """The shipped edition with other people on the patternless tiers: {"neurosurgery": "gus"}."""
    book = handbook()
    rotations = dict(book.rota.rotations)
    for name, donor in people.items():
        rotations[name] = replace(book.rota.rotations[donor], name=name)
    return replace(book, rota=replace(book.rota, rotations=rotations))


class Broken(Mapping[str, Any]):
    """Rules, rotas or words that raise whatever they are asked."""

    def __getitem__(self, key: str) -> Any:
        raise RuntimeError("broken on purpose")

    get = values = items = __getitem__  # type: ignore[assignment]

    def __iter__(self) -> Any:
        raise RuntimeError("broken on purpose")

    def __len__(self) -> int:
        raise RuntimeError("broken on purpose")


def with_broken_rules() -> Handbook:
    book = handbook()
    rules = replace(book.rulebook.rules)
    object.__setattr__(rules, "by_code", Broken())
    return replace(book, rulebook=replace(book.rulebook, rules=rules))


def with_broken_rota(book: Handbook | None = None) -> Handbook:
    book = book or handbook()
    return replace(book, rota=replace(book.rota, rotations=Broken()))


# --- people ----------------------------------------------------------------------------------------------------------


def phone(number: str, **how: Any) -> Phone:
    return Phone(number, **{"proven_at": PROVEN, **how})


def clinician(id: str, number: str, *more: str, role: str = "clinician", name: str = "") -> Clinician:
    """Somebody with proven phones."""
    shown = name or f"Dr {id.title()}"
    return Clinician(id, shown, f"Doctor {id.title()}", role, tuple(phone(n) for n in (number, *more)))


def ward_staff() -> dict[str, Clinician]:
    """Seven clinicians (ana has two phones), the coordinator and the operator."""
    people = [
        clinician("ana", "+16175550110", "+16175550120", name="Dr Lee"),
        clinician("ben", "+16175550111", name="Dr Singh"),
        clinician("cho", "+16175550112", name="Dr Park"),
        clinician("dia", "+16175550113", name="Dr Osei"),
        clinician("eli", "+16175550114", name="Dr Abud"),
        clinician("fay", "+16175550115", name="Dr Okafor"),
        clinician("gus", "+16175550116", name="Dr Moreau"),
        clinician("maria", "+16175550117", role="coordinator", name="Maria Ortiz"),
        clinician("operator", OPERATOR, role="shared", name="Hospital operator"),
    ]
    return {person.id: person for person in people}


def mother(language: str = "en", **phone_is: Any) -> Caller:
    return Caller(MUM, "mother", language, (PATIENT,), phone(MUM, **phone_is))


def facts(staff: Mapping[str, Clinician] | None = None, caller: Caller | None = None, **more: Any) -> Facts:
    """What the register says; the mother is known unless `caller` says otherwise."""
    directory = Directory(HOSPITAL, ward_staff() if staff is None else staff)
    return Facts(directory, caller or mother(), PATIENT, **more)


def stranger_facts(**more: Any) -> Facts:
    """Nobody knows this caller."""
    return Facts(Directory(HOSPITAL, ward_staff()), None, None, **more)


def heard(*codes: str, how: Heard = Heard.PRESENT, evidence: str = "her own words") -> tuple[Finding, ...]:
    return tuple(Finding(code, how, evidence) for code in codes)


# --- the carrier -----------------------------------------------------------------------------------------------------

Carrier = Callable[[Message], tuple[Outcome, tuple[Progress, ...]]]


def _accepted(message: Message) -> Outcome:
    return Outcome(Verdict.ACCEPTED, f"SID-{message.id}")


def nobody_answers(message: Message) -> tuple[Outcome, tuple[Progress, ...]]:
    """Texts arrive, phones ring out."""
    if message.channel is Channel.VOICE:
        return _accepted(message), (Progress.RINGING, Progress.NO_ANSWER)
    return _accepted(message), (Progress.SENT, Progress.DELIVERED)


def rings_on(message: Message) -> tuple[Outcome, tuple[Progress, ...]]:
    """Texts arrive, phones ring and ring."""
    if message.channel is Channel.VOICE:
        return _accepted(message), (Progress.RINGING,)
    return _accepted(message), (Progress.DELIVERED,)


# --- one case --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Done:
    """One decision: before, what was wanted, when, and what came of it."""

    before: Case
    command: c.Command
    at: datetime
    facts: Facts
    handbook: Handbook
    decision: Decision

    def __repr__(self) -> str:
        return f"Done({type(self.command).__name__}, {len(self.decision.entries)} entries)"

    @property
    def after(self) -> Case:
        return self.decision.case

    @property
    def new(self) -> tuple[e.Entry, ...]:
        return tuple(recorded.entry for recorded in self.decision.entries)

    @property
    def owed(self) -> list[Message]:
        return [entry.message for entry in self.new if isinstance(entry, e.MessageOwed)]


@dataclass(repr=False)
class Night:
    """See the module."""

    at: datetime = THREE_AM
    facts: Facts = field(default_factory=facts)
    book: Handbook = field(default_factory=handbook)
    carrier: Carrier = nobody_answers
    id: str = "c1"
    case: Case = field(init=False)
    history: list[Done] = field(default_factory=list)
    said: int = 0

    def __post_init__(self) -> None:
        self.case = Case(self.id)

    def __repr__(self) -> str:
        return f"Night({self.case.status.value}, {len(self.history)} decisions)"

    @property
    def entries(self) -> list[e.Recorded]:
        return [recorded for done in self.history for recorded in done.decision.entries]

    def all(self, kind: type[Any]) -> list[Any]:
        return [recorded.entry for recorded in self.entries if isinstance(recorded.entry, kind)]

    # --- what people do ----------------------------------------------------------------------------------------------

    def do(self, command: c.Command) -> Done:
        """Decide as the desk does: when our own code raises, the blind decision stands in (law 1)."""
        known = self._facts_now()
        try:
            decision = decide(self.case, command, self.at, known, self.book)
        except Exception as problem:
            reason = f"{type(problem).__name__}"
            blind = decide_blind(self.case, command, self.at, known, self.book, reason)
            if blind is None:
                raise
            decision = blind
        done = Done(self.case, command, self.at, known, self.book, decision)
        self.history.append(done)
        self.case = decision.case
        return done

    def _facts_now(self) -> Facts:
        """As a store reads them: slots that this person has had within seven days are taken."""
        taken = {person: set(slots) for person, slots in self.facts.taken_slots.items()}
        for page in self.case.pages:
            if page.slot is not None:
                taken.setdefault(page.person, set()).add(page.slot)
        return replace(self.facts, taken_slots={person: frozenset(slots) for person, slots in taken.items()})

    def report(
        self,
        findings: Iterable[Finding] = (),
        arrival: Arrival = Arrival.TEXT,
        source: Source = Source.TEXT,
        raw: str = "her own words",
        **more: Any,
    ) -> Done:
        self.said += 1
        caller = self.facts.caller
        number = more.pop("number", None if arrival is Arrival.ALARM else MUM if caller else STRANGER)
        key = "patient:leo" if caller or arrival is Arrival.ALARM else f"phone:{number}"
        language = more.pop("language", "en")
        report = Report(f"r{self.said}", source, self.at, raw, number, None, language)
        return self.do(c.TakeReport(report, key, arrival, tuple(findings), number=number, **more))

    def texts(self, *codes: str, **more: Any) -> Done:
        return self.report(heard(*codes), **more)

    def alarm(self, *codes: str) -> Done:
        return self.report(heard(*codes), Arrival.ALARM, Source.ALARM)

    def calls(self, arrival: Arrival, *codes: str, call: str = "CA1", **more: Any) -> Done:
        return self.report(heard(*codes), arrival, Source.CALL, call=call, **more)

    def acks(self, person: str, **more: Any) -> Done:
        page = self.case.page_of(person)
        return self.do(c.Acknowledge(self.id, person, "replied", page.id if page else None, **more))

    def passes_on(self, person: str) -> Done:
        return self.do(c.PassOn(self.id, person, "replied"))

    def undoes(self, person: str) -> Done:
        return self.do(c.Undo(self.id, person, "replied"))

    def reached_by(self, person: str) -> Done:
        return self.do(c.ReachFamily(self.id, person, "replied"))

    def closed_by(self, person: str, outcome: str = "phone advice") -> Done:
        return self.do(c.Resolve(self.id, person, outcome))

    # --- what the house does -----------------------------------------------------------------------------------------

    def attempts(self, message: str) -> Done:
        return self.do(c.RecordAttempt(self.id, message, "7"))

    def outcome(self, message: str, verdict: Verdict = Verdict.ACCEPTED, **more: Any) -> Done:
        sid = more.pop("sid", f"SID-{message}" if verdict is Verdict.ACCEPTED else None)
        return self.do(c.RecordOutcome(self.id, message, Outcome(verdict, sid, **more)))

    def progress(self, message: str, progress: Progress, **more: Any) -> Done:
        more.setdefault("sid", f"SID-{message}")
        return self.do(c.RecordProgress(self.id, message, progress, **more))

    def deliver(self) -> None:
        """Hand over everything that is owed by now, as the dispatcher does."""
        for _ in range(500):
            owed = [o for o in duties_of(self.case).owed if o.not_before is None or o.not_before <= self.at]
            if not owed:
                return
            message = owed[0].message
            if not self.attempts(message.id).decision.answer["owed"]:
                continue
            outcome, following = self.carrier(message)
            self.do(c.RecordOutcome(self.id, message.id, outcome))
            for progress in following:
                self.progress(message.id, progress, sid=outcome.sid)
        raise AssertionError("messages keep being owed")

    def looks(self) -> None:
        """The watch: pass time while something is due."""
        for _ in range(50):
            if self.case.due_at is None or self.case.due_at > self.at:
                return
            self.do(c.PassTime(self.id))
        raise AssertionError("clocks keep coming due")

    def wait(self, delivering: bool = True, **span: float) -> None:
        """Let time pass from deadline to deadline, everything in order."""
        until = self.at + timedelta(**span)
        for _ in range(2000):
            if delivering:
                self.deliver()
            due = [at for at in (self.case.due_at, *self._held_back()) if at is not None and at <= until]
            if not due:
                self.at = until
                return
            self.at = max(self.at, min(due))
            self.looks()
        raise AssertionError("time does not pass")

    def _held_back(self) -> list[datetime]:
        return [o.not_before for o in duties_of(self.case).owed if o.not_before is not None]

    def outage(self, **span: float) -> None:
        """Nothing runs for this long; then the watch looks."""
        self.at += timedelta(**span)
        self.looks()

    # --- what can be seen --------------------------------------------------------------------------------------------

    def messages(
        self, purpose: Purpose | None = None, channel: Channel | None = None, person: str | None = None
    ) -> list[MessageState]:
        return [
            state
            for state in self.case.messages
            if (purpose is None or state.message.purpose is purpose)
            and (channel is None or state.message.channel is channel)
            and (person is None or state.message.person == person)
        ]

    def ordered(
        self, purpose: Purpose | None = None, channel: Channel | None = None, person: str | None = None
    ) -> list[tuple[timedelta, Message]]:
        """Every message ever ordered, and when from the first entry on; the case itself forgets old ones."""
        start = self.entries[0].at
        owed = [(r.at - start, r.entry.message) for r in self.entries if isinstance(r.entry, e.MessageOwed)]
        return [
            (after, message)
            for after, message in owed
            if (purpose is None or message.purpose is purpose)
            and (channel is None or message.channel is channel)
            and (person is None or message.person == person)
        ]

    def owed_at(self, *which: Any) -> list[timedelta]:
        return [after for after, _ in self.ordered(*which)]

    def paged(self) -> dict[str, timedelta]:
        """Who was paged, and when for the first time."""
        start, first = self.entries[0].at, {}
        for recorded in self.entries:
            if isinstance(recorded.entry, e.PageOrdered) and not recorded.entry.page.informs:
                first.setdefault(recorded.entry.page.person, recorded.at - start)
        return first

    def family_texts(self) -> list[str]:
        return [message.body for _, message in self.ordered(Purpose.FAMILY)]

    def due(self, kind: ClockKind, subject: str = "") -> timedelta | None:
        """How far away a clock is."""
        clock = self.case.clock(kind, subject)
        return clock.due_at - self.at if clock else None


def minutes(*values: float) -> list[timedelta]:
    return [timedelta(minutes=value) for value in values]
