"""Laws of a case, over random nights: reports, replies, deliveries, outages, empty rotas and silent phones in any order.

A story is a list of plain tuples, so that a failing one can be read and typed in again. Each law looks at every
decision of the story: the case before, what was wanted, what was written, the case after. How many stories are told
is CASE_LAW_EXAMPLES; everyday runs are the same every time. Deliberately not here: stores, carriers, the service.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall.core import commands as c
from oncall.core import entries as e
from oncall.core.case import Arrival, Case, ClockKind, Status
from oncall.core.codec import decode, encode
from oncall.core.duties import duties_of
from oncall.core.evolve import replay
from oncall.core.facts import Directory, Facts
from oncall.core.messages import Channel, Outcome, Progress, Purpose, Verdict
from oncall.core.reports import Heard, Source
from oncall.core.triage import Urgency
from tests.support.builders import (
    DEADLY,
    DEVICE_BY_DAY,
    GO,
    HOSPITAL,
    MILD,
    OFFICE,
    PATIENT,
    PRESSING,
    TEN_AM,
    THREE_AM,
    Done,
    Night,
    facts,
    handbook,
    heard,
    mother,
    stranger_facts,
    ward_staff,
    without_rota,
)

EXAMPLES = int(os.environ.get("CASE_LAW_EXAMPLES", "60"))
DEEP = "CASE_LAW_EXAMPLES" in os.environ
everyday = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not DEEP,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# --- the world -------------------------------------------------------------------------------------------------------


def _phones(**how: Any) -> dict[str, Any]:
    return {
        id: replace(person, phones=tuple(replace(phone, **how) for phone in person.phones))
        for id, person in ward_staff().items()
    }


def _without(*missing: str) -> dict[str, Any]:
    return {id: replace(p, phones=()) if id in missing else p for id, p in ward_staff().items()}


WORLDS: dict[str, Facts] = {
    "usual": facts(),
    "nobody has a phone": facts({id: replace(p, phones=()) for id, p in ward_staff().items()}),
    "ana has no phone": facts(_without("ana")),
    "nobody in the register": facts({}),
    "everybody busy": facts(busy=frozenset(ward_staff())),
    "ana busy": facts(busy=frozenset({"ana"})),
    "staff sent STOP": facts(_phones(stopped=True)),
    "no phone proven": facts(_phones(proven_at=None)),
    "mother sent STOP": facts(caller=mother(stopped=True)),
    "mother reads Spanish": facts(caller=mother("es")),
    "all slots out": facts(taken_slots={id: frozenset(range(10, 100)) for id in ward_staff()}),
}
ROTAS = {"usual": handbook, "empty": without_rota}
SAID = (DEADLY, GO, PRESSING, MILD, OFFICE, DEVICE_BY_DAY, "asked_for_person", "getting_worse", "empty_message")
PEOPLE = ("holder", "holder", "ana", "dia", "ben", "fay", "maria", "zed")  # "holder": whoever has it then
TAKERS = (*PEOPLE, "operator")
ARRIVALS = (Arrival.PICKED_UP, Arrival.KEY, Arrival.WORDS, Arrival.SILENT, Arrival.HUNG_UP)

findings = st.lists(st.sampled_from(SAID), max_size=2)
people = st.sampled_from(PEOPLE)
index = st.integers(0, 60)
calls = st.sampled_from(("CA1", "CA2"))
spans = st.sampled_from((1, 5, 20, 61, 90, 181, 301, 420, 601, 1200, 2400, 7300, -1, -45, -600, -4000))

plot = st.one_of(
    st.tuples(st.just("text"), findings, st.sampled_from(("", "1", "2", "3", "0", "7")), st.sampled_from(Heard)),
    st.tuples(st.just("ack"), st.sampled_from(TAKERS), st.booleans()),
    st.tuples(st.sampled_from(("pass on", "undo", "reached", "reached")), people),
    st.tuples(st.sampled_from(("time", "time", "wait")), spans),
    st.tuples(st.just("deliver")),
)
aside = st.one_of(
    st.tuples(st.sampled_from(("alarm", "new call")), findings),
    st.tuples(st.just("call"), st.sampled_from(ARRIVALS), findings, calls, st.sampled_from(("", "1", "3"))),
    st.tuples(st.just("call ends"), calls),
    st.tuples(st.sampled_from(("unreadable", "late look"))),
    st.tuples(st.just("close"), people, st.sampled_from(("", "phone advice"))),
    st.tuples(st.sampled_from(("note", "call family")), people),
    st.tuples(st.just("add service"), people, st.sampled_from(("neurosurgery", "complex-care", "nowhere"))),
    st.tuples(st.sampled_from(("informed", "hear", "attempt")), index),
    st.tuples(st.just("outcome"), index, st.sampled_from(Verdict), st.sampled_from((None, 21610, 30003))),
    st.tuples(st.just("progress"), index, st.sampled_from(Progress), st.sampled_from((None, 30006))),
    st.tuples(st.just("rota"), st.sampled_from(tuple(ROTAS))),
    st.tuples(st.just("world"), st.sampled_from(tuple(WORLDS))),
)
act = st.one_of(plot, plot, aside)
openings = st.one_of(
    st.tuples(st.just("text"), findings, st.just(""), st.just(Heard.PRESENT)),
    st.tuples(st.just("alarm"), findings),
    st.tuples(st.just("call"), st.just(Arrival.PICKED_UP), st.just([]), st.just("CA1"), st.just("")),
)
# four short lists make longer stories than one long list, and still shrink to nothing
acts_of_a_night = st.tuples(*[st.lists(act, max_size=10)] * 4).map(lambda parts: [done for part in parts for done in part])
stories = st.tuples(
    st.sampled_from((THREE_AM, TEN_AM)),
    st.sampled_from((*WORLDS, "a stranger")),
    openings,
    acts_of_a_night,
)


# --- telling a story -------------------------------------------------------------------------------------------------


def tell(story: Any) -> Night:
    at, world, opening, acts = story
    known = stranger_facts() if world == "a stranger" else WORLDS[world]
    night = Night(at, known)
    for name, *args in (opening, *acts):
        ACTS[name](night, *args)
        night.at += timedelta(milliseconds=700)
    return night


def _report(night: Night, codes: list[str], arrival: Arrival, source: Source, how: Heard, **more: Any) -> None:
    closed = night.case.status is Status.CLOSED
    night.report(heard(*codes, how=how), arrival, source, **(more | ({"thanks": True} if closed else {})))


def _text(night: Night, codes: list[str], digits: str, how: Heard) -> None:
    _report(night, codes, Arrival.TEXT, Source.TEXT, how, digits=digits)


def _call(night: Night, arrival: Arrival, codes: list[str], call: str, digits: str) -> None:
    if arrival is Arrival.HUNG_UP:
        night.do(c.EndCall(night.id, call))
    said = [] if arrival in (Arrival.PICKED_UP, Arrival.SILENT, Arrival.HUNG_UP) else codes
    _report(night, said, arrival, Source.CALL, Heard.PRESENT, call=call, digits=digits)


def _message(night: Night, index: int) -> str:
    messages = night.case.messages
    return messages[index % len(messages)].message.id if messages else "c1.nothing"


def _page(night: Night, index: int) -> str:
    return night.case.pages[index % len(night.case.pages)].id if night.case.pages else "c1-0-nobody"


def _outcome(night: Night, index: int, verdict: Verdict, code: int | None) -> None:
    message = _message(night, index)
    sid = f"SID-{message}" if verdict is Verdict.ACCEPTED else None
    night.do(c.RecordOutcome(night.id, message, Outcome(verdict, sid, code)))


def _time(night: Night, seconds: int) -> None:
    night.at += timedelta(seconds=seconds)
    night.looks()
    if seconds < 0 and night.case.is_open:
        night.do(c.PassTime(night.id))  # the watch also looks when a wait has become too long


def _by(person: str, night: Night) -> str:
    holder = night.case.holder
    return person if person != "holder" else holder.person if holder else "ana"


def _does(act: Callable[..., object]) -> Callable[..., object]:
    return lambda night, person, *more: act(night, _by(person, night), *more)


ACTS: dict[str, Callable[..., object]] = {
    "text": _text,
    "alarm": lambda n, codes: _report(n, codes, Arrival.ALARM, Source.ALARM, Heard.PRESENT),
    "new call": lambda n, codes: _report(n, codes, Arrival.NEW_CALL, Source.STAFF, Heard.PRESENT),
    "call": _call,
    "call ends": lambda n, call: n.do(c.EndCall(n.id, call)),
    "unreadable": lambda n: n.report((), reading_failed=True, thanks=n.case.status is Status.CLOSED),
    "ack": _does(lambda n, person, connect: n.acks(person, connect=connect)),
    "pass on": _does(Night.passes_on),
    "undo": _does(Night.undoes),
    "reached": _does(Night.reached_by),
    "close": _does(Night.closed_by),
    "note": _does(lambda n, person: n.do(c.AddNote(n.id, person, "she says hello"))),
    "add service": _does(lambda n, person, rotation: n.do(c.AddService(n.id, person, rotation, "replied"))),
    "call family": _does(lambda n, person: n.do(c.CallFamily(n.id, person, "replied"))),
    "informed": lambda n, index: n.do(c.ConfirmInformed(n.id, _page(n, index), "pressed 1")),
    "hear": lambda n, index: n.do(c.HearPage(n.id, _message(n, index))),
    "attempt": lambda n, index: n.attempts(_message(n, index)),
    "outcome": _outcome,
    "progress": lambda n, index, progress, code: n.progress(_message(n, index), progress, code=code),
    "deliver": Night.deliver,
    "time": _time,
    "wait": lambda n, seconds: n.wait(seconds=max(seconds, 1)),
    "late look": lambda n: n.do(c.PassTime(n.id)),
    "rota": lambda n, name: setattr(n, "book", ROTAS[name]()),
    "world": lambda n, name: setattr(n, "facts", WORLDS[name]),
}

# --- the laws --------------------------------------------------------------------------------------------------------

Law = Callable[[Done], None]
ENDING = {ClockKind.STEP, ClockKind.ROUND}  # clocks that bring a clinician to a case nobody has taken
UNHEARD = {
    Status.LISTENING: {ClockKind.CALL_START, ClockKind.HANG_UP},
    Status.WAITING: {ClockKind.MORNING, ClockKind.TASK, ClockKind.TASK_PAGE, ClockKind.CALL_START},
    Status.PAGING: {*ENDING, ClockKind.UNTAKEN},
    Status.HELD: {ClockKind.FAMILY_REACHED, ClockKind.HOLDER_SILENT},
}


def last_seq(night: Night, kind: type) -> int:
    return max((r.seq for r in night.entries if isinstance(r.entry, kind)), default=0)


def is_unheard(case: Case, entries: list[e.Recorded]) -> bool:
    """Whether a report is newer than the last time the family was reached."""
    said = max((r.seq for r in entries if isinstance(r.entry, e.ReportAdded)), default=0)
    reached = max((r.seq for r in entries if isinstance(r.entry, e.FamilyReached)), default=0)
    return said > reached


def running(case: Case) -> set[ClockKind]:
    return {clock.kind for clock in case.clocks}


def check_every(story: Any, law: Law) -> None:
    for done in tell(story).history:
        law(done)


@everyday
@given(stories)
def test_no_report_is_newer_than_the_last_reached_without_a_clock_that_brings_somebody(story: Any) -> None:
    """RULINGS 4, DESIGN 9: no silent case."""
    written: list[e.Recorded] = []
    for done in tell(story).history:
        written += done.decision.entries
        case = done.after
        if case.is_open and is_unheard(case, written):
            assert running(case) & UNHEARD[case.status], (type(done.command).__name__, case.status, case.pace)


@everyday
@given(stories)
def test_an_emergency_that_nobody_took_always_has_a_next_step_or_round(story: Any) -> None:
    def law(done: Done) -> None:
        case = done.after
        if case.status is Status.PAGING and case.pace in (Urgency.EMERGENCY, Urgency.URGENT):
            assert running(case) & ENDING

    check_every(story, law)


@everyday
@given(stories)
def test_urgency_pace_and_findings_never_go_down(story: Any) -> None:
    def law(done: Done) -> None:
        before, after = done.before, done.after
        assert before.pace is None or (after.pace is not None and after.pace >= before.pace)
        if before.assessment is not None:
            assert after.assessment is not None
            assert after.assessment.urgency >= before.assessment.urgency
        assert after.findings[: len(before.findings)] == before.findings
        assert not before.rules_failed or after.rules_failed

    check_every(story, law)


@everyday
@given(stories)
def test_only_an_acknowledgement_by_somebody_named_holds_a_case(story: Any) -> None:
    """Law 4: no delivery, no shared phone, no time."""

    def law(done: Done) -> None:
        if done.after.holder == done.before.holder or done.after.holder is None:
            return
        assert isinstance(done.command, c.Acknowledge)
        assert done.after.holder.person == done.command.person
        known = done.facts.clinician(done.command.person)
        assert known is None or not known.is_shared

    check_every(story, law)


@everyday
@given(stories)
def test_what_a_carrier_or_a_shared_phone_says_stops_nothing(story: Any) -> None:
    """The clocks that bring people are the same or nearer after any outcome, progress, hearing or confirmation."""

    def law(done: Done) -> None:
        if not isinstance(done.command, c.RecordOutcome | c.RecordProgress | c.HearPage | c.ConfirmInformed):
            return
        assert done.after.status is done.before.status
        for kind in (*ENDING, ClockKind.FAMILY_REACHED, ClockKind.HOLDER_SILENT, ClockKind.PROMISE):
            was, now = done.before.clock(kind), done.after.clock(kind)
            if was is not None and kind not in ENDING:
                assert now is not None
                assert now.due_at <= was.due_at
        if running(done.before) & ENDING:
            assert running(done.after) & ENDING

    check_every(story, law)


@everyday
@given(stories)
def test_taking_ends_every_other_ring(story: Any) -> None:
    """No page call stays owed, and what rings is stopped exactly once."""

    def law(done: Done) -> None:
        newly_held = done.after.status is Status.HELD and done.before.status is not Status.HELD
        if newly_held:
            for state in done.after.messages:
                if state.message.purpose not in (Purpose.PAGE, Purpose.INFORM, Purpose.CALL_BACK):
                    continue
                assert state.progress is not Progress.OWED
                if state.message.channel is Channel.VOICE and state.may_be_ringing and state.sid:
                    assert stops(done.after)[state.sid] == 1

    check_every(story, law)


def stops(case: Case) -> Counter[str | None]:
    return Counter(s.message.target for s in case.messages if s.message.channel is Channel.STOP)


@everyday
@given(stories)
def test_no_call_is_stopped_twice_and_none_that_is_not_ours(story: Any) -> None:
    night = tell(story)
    sids = {state.sid for state in night.case.messages}
    assert all(n == 1 and sid in sids for sid, n in stops(night.case).items())


@everyday
@given(stories)
def test_a_call_that_is_known_to_ring_after_the_taking_owes_a_stop(story: Any) -> None:
    """RULINGS 7: also when the carrier's word comes late, after a crash, or for a message already given up."""
    unwanted: set[str] = set()
    for done in tell(story).history:
        if done.after.status is Status.HELD and done.before.status is not Status.HELD:
            holder = done.after.holder
            unwanted = {
                s.message.id
                for s in done.after.messages
                if s.message.channel is Channel.VOICE
                and s.message.purpose is Purpose.PAGE
                and s.attempts
                and holder is not None
                and s.message.person != holder.person
            }
        if done.after.status is not Status.HELD:
            unwanted = set()
        if isinstance(done.command, c.RecordOutcome) and done.command.message in unwanted:
            sid = done.command.outcome.sid
        elif isinstance(done.command, c.RecordProgress) and done.command.message in unwanted:
            sid = done.command.sid if done.command.progress <= Progress.RINGING else None
        else:
            continue
        before = done.before.message(done.command.message)
        finished = before is not None and before.progress.is_over and before.progress is not Progress.DROPPED
        if sid and not finished and before is not None and before.progress is not Progress.ANSWERED:
            assert stops(done.after)[sid] == 1


@everyday
@given(stories)
def test_replay_gives_the_same_case_however_the_journal_is_cut(story: Any) -> None:
    night = tell(story)
    entries, half = night.entries, len(night.entries) // 2
    whole = replay(entries, Case(night.id))
    assert whole == replay(entries[half:], replay(entries[:half], Case(night.id))) == night.case
    assert duties_of(whole) == duties_of(night.case)
    assert [recorded.seq for recorded in entries] == list(range(1, len(entries) + 1))


@everyday
@given(stories)
def test_every_entry_comes_back_from_its_stored_form(story: Any) -> None:
    for recorded in tell(story).entries:
        kind, version, body = encode(recorded.entry)
        body.encode("utf-8")
        assert decode(kind, version, body) == recorded.entry


@everyday
@given(stories)
def test_a_refused_command_writes_nothing(story: Any) -> None:
    """`not yours` may be said by text; nothing else changes."""

    def law(done: Done) -> None:
        if done.decision.answer.get("refused"):
            assert all(isinstance(entry, e.MessageOwed) for entry in done.new)
            assert all(message.purpose is Purpose.STAFF for message in done.owed)
        assert done.decision.case.version == done.before.version + len(done.decision.entries)

    check_every(story, law)


@everyday
@given(stories)
def test_ids_are_unique_and_a_decision_taken_again_names_the_same(story: Any) -> None:
    night = tell(story)
    messages = [state.message.id for state in night.case.messages]
    pages = [page.id for page in night.case.pages]
    assert len(set(messages)) == len(messages)
    assert len(set(pages)) == len(pages)
    assert len({page.token for page in night.case.pages}) == len(pages)
    again = tell(story)
    assert [s.message for s in again.case.messages] == [s.message for s in night.case.messages]


@everyday
@given(stories)
def test_slots_never_look_like_an_emergency_number_and_are_never_given_twice(story: Any) -> None:
    given_out = Counter((page.person, page.slot) for page in tell(story).case.pages if page.slot is not None)
    assert all(n == 1 for n in given_out.values())
    assert all(10 <= slot <= 97 and slot not in (11, 91) for _, slot in given_out)


@everyday
@given(stories)
def test_nobody_is_paged_by_a_shared_phone_with_a_slot(story: Any) -> None:
    assert all(page.slot is None for page in tell(story).case.pages if page.person == "operator")


SEEDED = ("wagenknecht", "leonhard", "l.w.", "her own words", "she says hello", "+1617", "6175550")


@everyday
@given(stories)
def test_no_text_carries_a_name_a_word_of_the_family_or_a_number(story: Any) -> None:
    """Invariant I8."""
    night = tell(story)
    signs = handbook().rulebook.vocabulary
    spoken_of = {signs[f.code].sentence.lower() for f in night.case.findings if f.code in signs}
    for state in night.case.messages:
        body = state.message.body.lower()
        assert not [word for word in SEEDED if word in body], body
        if state.message.purpose in (Purpose.PAGE, Purpose.INFORM, Purpose.STAFF):
            assert not [sentence for sentence in spoken_of if sentence in body], body
            assert not [code for code in SAID if code.replace("_", " ") in body], body


@everyday
@given(stories)
def test_the_family_is_told_an_instant_that_a_clock_keeps(story: Any) -> None:
    """A promise is a deadline: while it is the last word, a clock runs that is due no later (RULINGS 2)."""

    def law(done: Done) -> None:
        promised = [entry for entry in done.new if isinstance(entry, e.Promised)]
        if promised:
            assert done.after.due_at is not None
            assert done.after.due_at <= promised[-1].by

    check_every(story, law)


@everyday
@given(stories)
def test_a_promise_is_never_put_off_while_nobody_has_the_case(story: Any) -> None:
    def law(done: Done) -> None:
        was, now = done.before.clock(ClockKind.PROMISE), done.after.clock(ClockKind.PROMISE)
        backward = isinstance(done.command, c.PassTime)
        if was is not None and now is not None and not backward:
            assert now.due_at <= was.due_at

    check_every(story, law)


@everyday
@given(stories)
def test_no_wait_is_longer_than_itself_after_the_watch_has_looked(story: Any) -> None:
    """A clock stepped back sets waits anew (RULINGS 7)."""

    def law(done: Done) -> None:
        if isinstance(done.command, c.PassTime):
            assert all(clock.due_at - done.at <= clock.wait + timedelta(seconds=1) for clock in done.after.clocks)
            assert all(clock.due_at > done.at or clock.wait == timedelta(0) for clock in done.after.clocks)

    check_every(story, law)


@everyday
@given(stories)
def test_nobody_gets_the_same_page_twice_at_one_look(story: Any) -> None:
    """After an outage each person is paged once (DESIGN 7)."""

    def law(done: Done) -> None:
        texts = Counter(
            (message.person, message.page)
            for message in done.owed
            if message.channel is Channel.SMS and message.purpose in (Purpose.PAGE, Purpose.INFORM)
        )
        assert not isinstance(done.command, c.PassTime) or all(n == 1 for n in texts.values())

    check_every(story, law)


@everyday
@given(stories)
def test_a_word_that_means_911_is_answered_with_911(story: Any) -> None:
    """When a family's text makes the advice "call 911", the next words they read say so (RULINGS 1)."""

    def law(done: Done) -> None:
        if not isinstance(done.command, c.TakeReport) or done.command.arrival is not Arrival.TEXT:
            return
        was = done.before.assessment.advice if done.before.assessment else ""
        now = done.after.assessment.advice if done.after.assessment else ""
        if now == "call_911" and was != "call_911" and done.before.status is not Status.CLOSED:
            words = [m.body for m in done.owed if m.purpose is Purpose.FAMILY]
            assert any("911 NOW" in body or "911 AHORA" in body for body in words), words

    check_every(story, law)


@everyday
@given(stories)
def test_every_text_of_a_family_is_answered(story: Any) -> None:
    """Invariant I11: a message at receipt."""

    def law(done: Done) -> None:
        if isinstance(done.command, c.TakeReport) and done.command.arrival is Arrival.TEXT:
            assert any(m.purpose is Purpose.FAMILY for m in done.owed)

    check_every(story, law)


@everyday
@given(stories)
def test_the_house_never_texts_who_said_stop(story: Any) -> None:
    def law(done: Done) -> None:
        stopped = {p.number for person in done.facts.directory.clinicians.values() for p in person.phones if p.stopped}
        if done.facts.caller and done.facts.caller.phone.stopped:
            stopped.add(done.facts.caller.number)
        assert not [m for m in done.owed if m.channel is Channel.SMS and m.to in stopped]

    check_every(story, law)


@everyday
@given(stories, st.permutations(("ack", "text", "tick", "outcome")))
def test_any_order_of_taking_text_time_and_outcome_ends_alike(story: Any, order: list[str]) -> None:
    """The same four acts in any order leave the same holder, status and urgency (DESIGN 9)."""
    together = {
        "ack": ("ack", "dia", False),
        "text": ("text", [GO], "", Heard.PRESENT),
        "tick": ("late look",),
        "outcome": ("outcome", 3, Verdict.ACCEPTED, None),
    }
    at, world, opening, acts = story
    ends = []
    for names in (("ack", "text", "tick", "outcome"), order):
        night = tell((at, world, opening, acts[:6]))
        if night.case.status in (Status.CLOSED, Status.HELD):
            return
        for name in (*names, "tick"):
            ACTS[together[name][0]](night, *together[name][1:])
        ends.append((night.case.status, night.case.holder and night.case.holder.person, night.case.pace))
    assert ends[0] == ends[1]


def test_the_hospital_of_the_stories_is_whole() -> None:
    assert Directory(HOSPITAL, ward_staff()).clinicians.keys() == {"ana", "ben", "cho", "dia", "eli", "fay", "gus", "maria", "operator"}
    assert PATIENT.label
    assert pytest is not None
