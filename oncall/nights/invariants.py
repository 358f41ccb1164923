"""What must hold in every night, whatever happens: the house's state in, breaches out. Pure functions.

The numbers are those of the safety case: I1 stored before the answer, I2 no fourth state, I3 somebody is reachable, I4
only people acknowledge, I5 urgency only rises, I6 an emergency is never quiet, I7 at least once out and exactly once
in, I8 nothing of the patient in a text, I9 nothing overdue, I10 every page has its reason and the chain is whole, I11
the family hears from us, I12 nothing disappears. `AT_REST` are asked whenever everybody rests, `OF_THE_NIGHT` at its
end. Deliberately not here: what these nights cannot show (`NOT_SEEN_HERE`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.core.case import entries as e
from oncall.core.case.case import Arrival, Case, ClockKind, Status
from oncall.core.case.messages import Channel, Message, Progress, Purpose
from oncall.core.notices import Notice, Standing
from oncall.core.triage.assessment import Urgency

NOT_SEEN_HERE: Mapping[str, str] = {
    "I1": "the fsync of the disk, the provider's own fallback address (tests/crash, tests/contract)",
    "I3": "a telephone that no carrier reaches although it was proven",
    "I8": "pushes, e-mail subjects, URLs, logs, metrics (tests/scenario/test_logs_and_numbers)",
    "I9": "half a second of a real clock (tests/contract/test_clock)",
    "I10": "pages and exports that show the reasons (tests/contract)",
    "I12": "people, rules and rotas (tests/contract/test_register): a night only writes cases",
}
QUIET_EMERGENCY = timedelta(seconds=200)  # a ring every 90 s, and one that may be talking meanwhile
QUIET_FAMILY = timedelta(minutes=5, seconds=20)
SENT_WITHIN = timedelta(seconds=75)  # two leases and the carrier's limit
OVERDUE = timedelta(seconds=1.5)
PUT_OFF = timedelta(seconds=62)  # a case whose step failed is put off for a minute at most
RECONCILED = timedelta(seconds=150)


@dataclass(frozen=True, slots=True)
class Breach:
    law: str
    what: str
    case: str = ""

    def __str__(self) -> str:
        return f"{self.law}: {self.what}" + (f" (case {self.case})" if self.case else "")


@dataclass(frozen=True, slots=True)
class Told:
    """A contact: its dedupe key, from whom, when, whether the house said yes and had it then, how urgent its words are
    at least."""

    key: str
    number: str | None
    at: datetime
    is_written: bool
    was_kept: bool
    is_text: bool
    floor: int = -1
    case: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """A message in the carrier's hands."""

    message: Message
    attempt: int
    route: str


@dataclass(slots=True)
class State:
    """`true` is a clock that nobody sets, `wall` what the house reads; `well_since` is when house, disk, clock and
    carrier were last in trouble, on the true clock. Times by case and message are true as well."""

    true: datetime
    wall: datetime
    well_since: datetime
    is_alive: bool = True
    open_cases: Sequence[Case] = ()
    spoke_to_staff: Mapping[str, datetime] = field(default_factory=dict)
    spoke_to_family: Mapping[str, datetime] = field(default_factory=dict)
    ordered: Mapping[str, datetime] = field(default_factory=dict)
    cases: Mapping[str, Case] = field(default_factory=dict)
    written: Mapping[str, Sequence[e.Recorded]] = field(default_factory=dict)  # as committed, in order
    kept: Mapping[str, Sequence[e.Recorded]] = field(default_factory=dict)  # as the store has it in the end
    received: frozenset[str] = frozenset()
    contacts: Sequence[Told] = ()
    acts: Sequence[tuple[str, datetime]] = ()
    acknowledged: Sequence[tuple[str, datetime]] = ()
    handed: Sequence[Handed] = ()
    notices: Sequence[Notice] = ()  # that are open in the end
    banned: Sequence[str] = ()
    people: frozenset[str] = frozenset()
    audit: Sequence[str] = ()

    def well_for(self) -> timedelta:
        return self.true - self.well_since if self.is_alive else timedelta(0)


Check = Callable[[State], Iterator[Breach]]


# --- whenever everybody rests ---------------------------------------------------------------------------------------


def no_fourth_state(state: State) -> Iterator[Breach]:
    """I2: an owner, a pending attempt with a due time, or a closed outcome; no report that nobody minds."""
    for case in state.open_cases:
        if case.holder is None and not case.clocks:
            yield Breach("I2", f"nobody has it and no clock runs ({case.status.value})", case.id)
        if case.unreached_since is not None and not case.clocks:
            yield Breach("I2", "the family was not reached and no clock runs", case.id)
        if case.status is Status.PAGING and not _climbs(case):
            yield Breach("I2", "it is paging and neither step, round nor ring will come", case.id)


def _climbs(case: Case) -> bool:
    kinds = {clock.kind for clock in case.clocks}
    return bool(kinds & {ClockKind.STEP, ClockKind.ROUND, ClockKind.UNTAKEN})


def somebody_is_reachable(state: State) -> Iterator[Breach]:
    """I3: a paging case has a page, if only the last resort's."""
    for case in state.open_cases:
        if case.status is Status.PAGING and case.round > 0 and not case.pages:
            yield Breach("I3", "it is paging and there is no page", case.id)


def emergencies_are_not_quiet(state: State) -> Iterator[Breach]:
    """I6: nothing quiets an emergency that nobody has taken."""
    for case in state.open_cases:
        if case.status is Status.PAGING and case.pace is Urgency.EMERGENCY:
            since = _quiet(state, state.spoke_to_staff.get(case.id))
            if since > _may_be_quiet(case):
                yield Breach("I6", f"no page, ring or text to staff for {since.seconds} s", case.id)


def _may_be_quiet(case: Case) -> timedelta:
    """Where everybody who was found has declined, or only the last resort was found, the next round rings again."""
    is_rung = any(page.ringing and not page.informs for page in case.pages)
    policy = case.pinned.policy(Urgency.EMERGENCY)
    may_climb = case.step + 1 < len(policy.steps)
    return QUIET_EMERGENCY if is_rung or may_climb else (policy.next_round or timedelta(0)) + SENT_WITHIN


def families_hear_from_us(state: State) -> Iterator[Breach]:
    """I11: at least every five minutes until somebody has taken it."""
    for case in state.open_cases:
        urgent = case.pace is not None and case.pace >= Urgency.URGENT
        if case.status is Status.PAGING and urgent and case.phone is not None and not case.is_on_the_line:
            since = _quiet(state, state.spoke_to_family.get(case.id))
            if since > QUIET_FAMILY:
                yield Breach("I11", f"no word to the family for {since.seconds} s", case.id)


def _quiet(state: State, last: datetime | None) -> timedelta:
    """For how long a house without troubles has been silent."""
    if not state.is_alive:
        return timedelta(0)
    return state.true - max(last or state.well_since, state.well_since)


def nothing_is_overdue(state: State) -> Iterator[Breach]:
    """I9: what is due is done at once, also after a start; what is owed is handed over."""
    if state.well_for() < PUT_OFF:
        return
    for case in state.open_cases:
        due_at = case.due_at
        if due_at is not None and state.wall - due_at > OVERDUE:
            yield Breach("I9", f"a clock is overdue by {(state.wall - due_at).seconds} s", case.id)
        yield from _unsent(state, case)


def _unsent(state: State, case: Case) -> Iterator[Breach]:
    for owed in case.messages:
        waits = owed.not_before is not None and owed.not_before > state.wall - SENT_WITHIN
        if owed.progress is Progress.OWED and not waits:
            since = _quiet(state, state.ordered.get(owed.message.id))
            if since > SENT_WITHIN:
                yield Breach("I9", f"{owed.message.purpose.value} owed for {since.seconds} s", case.id)


AT_REST: tuple[Check, ...] = (
    no_fourth_state,
    somebody_is_reachable,
    emergencies_are_not_quiet,
    families_hear_from_us,
    nothing_is_overdue,
)


# --- at the end of the night ----------------------------------------------------------------------------------------


def stored_before_answered(state: State) -> Iterator[Breach]:
    """I1: whatever was answered with yes is in the store; with the carrier's list, whatever it ever had."""
    reconciled = state.well_for() > RECONCILED
    for contact in state.contacts:
        is_kept = any(key.startswith(contact.key) for key in state.received)
        if contact.is_written and not (is_kept and contact.was_kept):
            yield Breach("I1", f"{contact.key} was answered before it was in the store")
        elif not is_kept and reconciled and not contact.key.startswith("alarm"):
            yield Breach("I1", f"{contact.key} is in the carrier's list and not in the store")


def only_people_acknowledge(state: State) -> Iterator[Breach]:
    """I4: no more acknowledgements by a person than acts of that person that could be one."""
    for person in {person for person, _ in state.acknowledged}:
        acts = sorted(at for who, at in state.acts if who == person)
        taken = sorted(at for who, at in state.acknowledged if who == person)
        for count, at in enumerate(taken, 1):
            if sum(act <= at for act in acts) < count:
                yield Breach("I4", f"{person} is said to have taken a case without an act of theirs")
                break


def urgency_only_rises(state: State) -> Iterator[Breach]:
    """I5: neither by time nor by words; what cannot be read counts as the worse."""
    for case_id, entries in state.written.items():
        highest = -1
        for recorded in entries:
            if isinstance(recorded.entry, e.PaceSet):
                if recorded.entry.pace < highest:
                    yield Breach("I5", f"{recorded.entry.pace.name} after a higher urgency", case_id)
                highest = max(highest, recorded.entry.pace)
    for contact in state.contacts:
        case = state.cases.get(contact.case)
        if contact.is_written and case is not None and contact.floor > max(_urgency(case), -1):
            yield Breach("I5", f"words worth {Urgency(contact.floor).name} came to {_urgency(case)}", case.id)


def _urgency(case: Case) -> int:
    judged = case.assessment.urgency if case.assessment else -1
    return max(case.pace if case.pace is not None else -1, judged)


def exactly_once(state: State) -> Iterator[Breach]:
    """I7: a repeat has the name, number and words of the first and says that it is one; a text is filed once."""
    before: dict[str, Handed] = {}
    for one in state.handed:
        known = before.get(one.message.id)
        if known is not None and (known.message.to, known.message.body) != (one.message.to, one.message.body):
            yield Breach("I7", "repeated in other words", one.message.case)
        if known is not None and one.attempt <= known.attempt and one.route == known.route:
            yield Breach("I7", "repeated as if for the first time", one.message.case)
        before[one.message.id] = one
    yield from _filed_twice(state)
    yield from _never_handed_over(state)


def _never_handed_over(state: State) -> Iterator[Breach]:
    """What the journal holds for taken by the carrier was in the carrier's hands.

    A text of the same words to the same number stands for it: when one of two was taken in secret, the carrier's list
    cannot say whose it was, and the recipient has those words.
    """
    handed = {one.message.id for one in state.handed}
    texts = {_words(one.message) for one in state.handed if one.message.channel is Channel.SMS}
    for case_id, entries in state.written.items():
        owed = {r.entry.message.id: r.entry.message for r in entries if isinstance(r.entry, e.MessageOwed)}
        taken = {r.entry.message for r in entries if isinstance(r.entry, e.MessageAccepted)}
        for message_id in sorted(taken - handed):
            message = owed[message_id]
            went_out = message.channel is Channel.SMS and _words(message) in texts
            if message.channel in (Channel.SMS, Channel.VOICE) and not went_out:
                yield Breach("I7", f"{message.purpose.value} counts as sent and never was", case_id)


def _words(message: Message) -> tuple[str, str, str]:
    return message.case, message.to, message.body


def _filed_twice(state: State) -> Iterator[Breach]:
    wanted = Counter(
        contact.number
        for contact in state.contacts
        if contact.is_text and any(key == contact.key for key in state.received)
    )
    filed = Counter(
        recorded.entry.sender
        for entries in state.written.values()
        for recorded in entries
        if isinstance(recorded.entry, e.ReportAdded) and recorded.entry.arrival is Arrival.TEXT
    )
    for number in {*wanted, *filed}:
        if wanted[number] != filed[number]:
            yield Breach("I7", f"{wanted[number]} texts came and {filed[number]} were filed")


def notices_are_sent(state: State) -> Iterator[Breach]:
    """I9, for what staff are told outside of cases: what may go out has gone, or is being tried.

    A test waits as long as its recipient is being paged, and everything waits while pages do.
    """
    if state.well_for() < RECONCILED or any(case.status is Status.PAGING for case in state.open_cases):
        return
    for notice in state.notices:
        waits_since = max(notice.not_before or state.wall, notice.ordered_at or state.wall)
        if notice.standing is Standing.OWED and not notice.is_test and state.wall - waits_since > RECONCILED:
            yield Breach("I9", f"a notice about {notice.about.kind} was not sent")


def nothing_of_the_patient(state: State) -> Iterator[Breach]:
    """I8: no name, serial number or word of the family in any text."""
    found = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in state.banned)) if state.banned else None
    for one in state.handed:
        if found and one.message.channel is Channel.SMS and (seen := found.search(one.message.body)):
            yield Breach("I8", f"a text to {one.message.purpose.value} holds {seen[0]!r}", one.message.case)


def every_page_has_its_reason(state: State) -> Iterator[Breach]:
    """I10: edition, reason, and a chain that holds."""
    for case_id, entries in state.written.items():
        for recorded in entries:
            entry = recorded.entry
            if isinstance(entry, e.PageOrdered) and not entry.page.why:
                yield Breach("I10", "a page without a reason", case_id)
            if isinstance(entry, e.CaseOpened) and not entry.edition:
                yield Breach("I10", "a case without its edition", case_id)
    for problem in state.audit:
        yield Breach("I10", problem)


def closed_by_people(state: State) -> Iterator[Breach]:
    """I2: a closed case was closed by somebody with a name."""
    for case in state.cases.values():
        if case.closed is not None and case.closed.person not in state.people:
            yield Breach("I2", f"closed by {case.closed.person!r}", case.id)


def nothing_disappears(state: State) -> Iterator[Breach]:
    """I12: every committed entry is there in the end, unchanged and in its place."""
    for case_id, entries in state.written.items():
        if tuple(state.kept.get(case_id, ())) != tuple(entries):
            yield Breach("I12", "the journal is not what was committed", case_id)


OF_THE_NIGHT: tuple[Check, ...] = (
    stored_before_answered,
    only_people_acknowledge,
    urgency_only_rises,
    exactly_once,
    notices_are_sent,
    nothing_of_the_patient,
    every_page_has_its_reason,
    closed_by_people,
    nothing_disappears,
)


def breaches(state: State, checks: Sequence[Check]) -> list[Breach]:
    return [breach for check in checks for breach in check(state)]


def is_family_word(message: Message) -> bool:
    """Whether this message is a word to the family."""
    return message.purpose in (Purpose.FAMILY, Purpose.CALL_BACK, Purpose.LEG)


def is_staff_word(message: Message) -> bool:
    """Whether this message pages somebody or asks them again."""
    return message.purpose in (Purpose.PAGE, Purpose.INFORM, Purpose.CONNECT)
