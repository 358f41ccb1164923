"""Laws of a case, over random nights: reports, replies, deliveries, outages, empty rotas, silent phones in any order.

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

from oncall.core.case import commands as c
from oncall.core.case import entries as e
from oncall.core.case.asking import TOLD as HELP
from oncall.core.case.case import Arrival, Case, ClockKind, Status
from oncall.core.case.codec import decode, encode
from oncall.core.case.duties import duties_of
from oncall.core.case.evolve import replay
from oncall.core.case.facts import Facts, Replacement
from oncall.core.case.messages import Channel, MessageState, Outcome, Progress, Purpose, Verdict
from oncall.core.reports import Heard, Source
from oncall.core.rota.hand_overs import paging_layers
from oncall.core.rota.on_call import on_call_at
from oncall.core.triage.assessment import Urgency
from tests.support.builders import (
    DEADLY,
    DEVICE_BY_DAY,
    GO,
    MILD,
    OFFICE,
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

EXAMPLES = int(os.environ.get("CASE_LAW_EXAMPLES", "140"))
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


def replaced(asked: str) -> Facts:
    """Ana is on and cannot go on; whoever is asked has not answered."""
    known = facts()
    one = Replacement("pump-team/primary", "ana", asked, THREE_AM - timedelta(days=1), THREE_AM + timedelta(days=40))
    return replace(known, directory=replace(known.directory, replacing=(one,)))


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
    "ana cannot go on, ben is asked": replaced("ben"),
    "ana cannot go on, nobody is left to ask": replaced(""),
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
    st.tuples(st.sampled_from(("note", "call family", "call with an interpreter")), people),
    st.tuples(st.just("offer"), people, people),
    st.tuples(st.just("turn ends"), people, st.sampled_from((-3600, 0, 900))),
    st.tuples(st.just("say back"), people, st.sampled_from(("1", "ok", "I call the family now"))),
    st.tuples(st.sampled_from(("take from", "not me")), people),
    st.tuples(st.sampled_from(("enters", "joins", "leaves", "star", "machine", "cannot confer")), index),
    st.tuples(st.sampled_from(("family joins", "family leaves")), calls),
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
acts_of_a_night = st.tuples(*[st.lists(act, max_size=10)] * 4).map(
    lambda parts: [done for part in parts for done in part]
)
stories = st.tuples(
    st.sampled_from((THREE_AM, TEN_AM)),
    st.sampled_from((*WORLDS, "a stranger")),
    openings,
    acts_of_a_night,
)


# --- telling a story -------------------------------------------------------------------------------------------------


def told(story: Any) -> Night:
    """The story told once for all laws; derandomized, every subject is given the same stories."""
    key = repr(story)
    if key not in _told:
        if len(_told) > 4 * EXAMPLES:
            _told.clear()
        _told[key] = tell(story)
    return _told[key]


_told: dict[str, Night] = {}


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


def _call_of(night: Night, index: int) -> str:
    return f"SID-{_message(night, index)}"


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
    "phrase": _does(lambda n, person: n.do(c.SendPhrase(n.id, person, "call_911", "on the page"))),
    "note": _does(lambda n, person: n.do(c.AddNote(n.id, person, "she says hello"))),
    "add service": _does(lambda n, person, rotation: n.do(c.AddService(n.id, person, rotation, "replied"))),
    "call family": _does(lambda n, person: n.do(c.CallFamily(n.id, person, "replied"))),
    "call with an interpreter": _does(lambda n, person: n.do(c.CallFamily(n.id, person, "replied", interpreter=True))),
    "offer": _does(lambda n, person, to: n.do(c.HandOverTo(n.id, person, _by(to, n), "replied"))),
    "turn ends": _does(lambda n, person, seconds: n.do(c.EndTurn(n.id, person, n.at + timedelta(seconds=seconds)))),
    "say back": _does(lambda n, person, line: n.do(c.SayBack(n.id, person, line, "replied"))),
    "take from": _does(lambda n, person: n.do(c.TakeFrom(n.id, person, _by("holder", n), "replied"))),
    "not me": _does(lambda n, person: n.do(c.PassOn(n.id, person, "replied", not_me=True))),
    "enters": lambda n, index: n.do(c.EnterTalk(n.id, _by("holder", n), _call_of(n, index))),
    "joins": lambda n, index: n.do(c.JoinTalk(n.id, _call_of(n, index), "CF1")),
    "leaves": lambda n, index: n.do(c.LeaveTalk(n.id, _call_of(n, index))),
    "star": lambda n, index: n.do(c.LeaveTalk(n.id, _call_of(n, index), aside=True)),
    "cannot confer": lambda n, index: n.do(c.LeaveTalk(n.id, _call_of(n, index), failed=True)),
    "machine": lambda n, index: n.do(c.HearMachine(n.id, _message(n, index))),
    "family joins": lambda n, call: n.do(c.JoinTalk(n.id, call, "CF1")),
    "family leaves": lambda n, call: n.do(c.LeaveTalk(n.id, call)),
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
# Each is a sentence over one told night; LAWS at the end groups them by subject.

CLIMBS = {ClockKind.STEP, ClockKind.ROUND}  # clocks that bring a clinician to a case nobody has taken
BRINGS_SOMEBODY = {
    Status.LISTENING: {ClockKind.CALL_START, ClockKind.HANG_UP},
    Status.WAITING: {ClockKind.MORNING, ClockKind.TASK, ClockKind.TASK_PAGE, ClockKind.CALL_START},
    Status.PAGING: {*CLIMBS, ClockKind.UNTAKEN},
    Status.HELD: {ClockKind.FAMILY_REACHED, ClockKind.HOLDER_SILENT},
}
SAID_BY_A_MACHINE = (
    c.RecordOutcome | c.RecordProgress | c.HearPage | c.HearMachine | c.JoinTalk | c.LeaveTalk | c.ConfirmInformed
)
RINGING = (Purpose.PAGE, Purpose.INFORM, Purpose.CALL_BACK)
SEEDED = ("wagenknecht", "leonhard", "l.w.", "her own words", "she says hello", "+1617", "6175550")


def running(case: Case) -> set[ClockKind]:
    return {clock.kind for clock in case.clocks}


def stops(case: Case) -> Counter[str | None]:
    return Counter(s.message.target for s in case.messages if s.message.channel is Channel.STOP)


def newly_held(done: Done) -> bool:
    return done.after.status is Status.HELD and done.before.status is not Status.HELD


def no_report_is_newer_than_the_last_reached_without_a_clock_that_brings_somebody(night: Night) -> None:
    """RULINGS 4: no silent case."""
    said = reached = 0
    for done in night.history:
        said = max([said, *(r.seq for r in done.decision.entries if isinstance(r.entry, e.ReportAdded))])
        reached = max([reached, *(r.seq for r in done.decision.entries if isinstance(r.entry, e.FamilyReached))])
        case = done.after
        if case.is_open and said > reached:
            kinds = running(case)
            assert kinds & BRINGS_SOMEBODY[case.status], (done.command, case.status, case.pace, kinds)


def an_emergency_that_nobody_took_has_a_next_step_or_round(night: Night) -> None:
    for done in night.history:
        if done.after.status is Status.PAGING and done.after.pace in (Urgency.EMERGENCY, Urgency.URGENT):
            assert running(done.after) & CLIMBS, done.command


def urgency_pace_and_findings_never_go_down(night: Night) -> None:
    """Law 7: machines raise."""
    for done in night.history:
        before, after = done.before, done.after
        assert before.pace is None or (after.pace is not None and after.pace >= before.pace)
        if before.assessment is not None:
            assert after.assessment is not None
            assert after.assessment.urgency >= before.assessment.urgency
        assert after.findings[: len(before.findings)] == before.findings
        assert after.rules_failed or not before.rules_failed


def only_an_acknowledgement_by_somebody_named_holds_a_case(night: Night) -> None:
    """Law 4: no delivery, no shared phone, no time."""
    for done in night.history:
        holder = done.after.holder
        if holder is None or holder == done.before.holder:
            continue
        assert isinstance(done.command, c.Acknowledge | c.ReachFamily | c.SayBack | c.TakeFrom)
        assert holder.person == done.command.person
        known = done.facts.clinician(holder.person)
        assert known is None or not known.is_shared


def the_end_of_a_turn_releases_nobody(night: Night) -> None:
    """Whatever the rota says: there is a holder, and a clock that asks again until another has it or he is on again."""
    for done in night.history:
        before, after = done.before, done.after
        if isinstance(done.command, c.EndTurn):
            assert after.holder == before.holder
            assert after.status is before.status
        asked = before.clock(ClockKind.HAND_OVER) or (isinstance(done.command, c.EndTurn) and done.new)
        if asked and after.status is Status.HELD and after.holder == before.holder and after.holder is not None:
            assert after.clock(ClockKind.HAND_OVER) or _is_on(done, after.holder.person), done.command


def _is_on(done: Done, person: str) -> bool:
    rota = done.handbook.rota
    return any(shift.person == person for r, layer in paging_layers(rota) for shift in on_call_at(r, layer, done.at))


def what_a_carrier_or_a_shared_phone_says_stops_nothing(night: Night) -> None:
    for done in night.history:
        if not isinstance(done.command, SAID_BY_A_MACHINE):
            continue
        assert done.after.status is done.before.status
        for kind in (ClockKind.FAMILY_REACHED, ClockKind.HOLDER_SILENT, ClockKind.PROMISE, ClockKind.UNTAKEN):
            ran = done.before.clock(kind)
            assert ran is None or done.after.clock(kind) == ran
        assert not running(done.before) & CLIMBS or running(done.after) & CLIMBS


def taking_ends_every_other_ring(night: Night) -> None:
    """No page stays owed, and what rings is stopped."""
    stopped: set[str | None] = set()
    for done in night.history:
        stopped |= {message.target for message in done.owed if message.channel is Channel.STOP}
        if not newly_held(done):
            continue
        for state in done.after.messages:
            if state.message.purpose not in RINGING:
                continue
            assert state.progress is not Progress.OWED
            if state.message.channel is Channel.VOICE and state.may_be_ringing and state.sid:
                assert state.sid in stopped


def no_call_is_stopped_twice_at_once(night: Night) -> None:
    """Of a call whose end was never reported the case may forget the stop, hours later; a repeat then does no harm."""
    for done in night.history:
        targets = Counter(message.target for message in done.owed if message.channel is Channel.STOP)
        known = stops(done.before)
        assert all(n == 1 and not known[target] for target, n in targets.items())


def a_call_that_is_heard_of_after_the_taking_owes_a_stop(night: Night) -> None:
    """RULINGS 7: also when the carrier's word comes late, after a crash, or for a message already given up."""
    unwanted: set[str] = set()
    for done in night.history:
        command, holder = done.command, done.after.holder
        if newly_held(done) and holder is not None:
            unwanted = {s.message.id for s in done.after.messages if _is_others_call(s, holder.person)}
        if done.after.status is not Status.HELD:
            unwanted = set()
        if isinstance(command, c.RecordOutcome) and command.message in unwanted:
            _is_stopped(done, command.message, command.outcome.sid)
        if isinstance(command, c.RecordProgress) and command.message in unwanted and command.progress <= 4:
            _is_stopped(done, command.message, command.sid)


def _is_others_call(state: MessageState, holder: str) -> bool:
    message = state.message
    page_call = message.channel is Channel.VOICE and message.purpose is Purpose.PAGE
    return page_call and state.attempts > 0 and message.person != holder


def _is_stopped(done: Done, message: str, sid: str | None) -> None:
    was = done.before.message(message)
    if was is None or sid is None or was.progress is Progress.ANSWERED:
        return
    if was.progress is Progress.DROPPED or not was.progress.is_over:
        assert stops(done.after)[sid] == 1, (was.progress, done.command)


def replay_gives_the_same_case_however_the_journal_is_cut(night: Night) -> None:
    entries, half = night.entries, len(night.entries) // 2
    whole = replay(entries, Case(night.id))
    assert whole == replay(entries[half:], replay(entries[:half], Case(night.id))) == night.case
    assert duties_of(whole) == duties_of(night.case)
    assert [recorded.seq for recorded in entries] == list(range(1, len(entries) + 1))


def every_entry_comes_back_from_its_stored_form(night: Night) -> None:
    for recorded in night.entries:
        kind, version, body = encode(recorded.entry)
        body.encode("utf-8")
        assert decode(kind, version, body) == recorded.entry


def a_refused_command_changes_nothing(night: Night) -> None:
    """ "Not yours" may be said by text."""
    for done in night.history:
        if done.decision.answer.get("refused"):
            assert all(isinstance(entry, e.MessageOwed) for entry in done.new)
            assert all(message.purpose is Purpose.STAFF for message in done.owed)


def ids_are_unique(night: Night) -> None:
    messages = [r.entry.message.id for r in night.entries if isinstance(r.entry, e.MessageOwed)]
    pages = night.case.pages
    assert len(set(messages)) == len(messages)
    assert len({page.id for page in pages}) == len({page.token for page in pages}) == len(pages)


def slots_look_like_no_emergency_number_and_are_never_given_twice(night: Night) -> None:
    given_out = Counter((page.person, page.slot) for page in night.case.pages if page.slot is not None)
    assert all(n == 1 for n in given_out.values())
    assert all(10 <= slot <= 97 and slot not in (11, 91) for _, slot in given_out)
    assert all(page.slot is None for page in night.case.pages if page.person == "operator")


def no_text_carries_a_name_a_sign_or_a_number(night: Night) -> None:
    """Invariant I8. Whether 911 was called says nothing of the patient, and is told."""
    signs = handbook().rulebook.vocabulary
    codes = {f.code for f in night.case.findings} & signs.keys() - HELP.keys()
    sentences = {signs[code].sentence.lower() for code in codes}
    words = {code.replace("_", " ") for code in SAID}
    for message in (m for done in night.history for m in done.owed):
        body = message.body.lower()
        assert not [word for word in SEEDED if word in body], body
        if message.purpose in (Purpose.PAGE, Purpose.INFORM, Purpose.STAFF):
            assert not [told for told in (*sentences, *words) if told in body], body
            assert len(body) <= 160, body


def a_promise_is_kept_by_a_clock(night: Night) -> None:
    """What the family was told by when is not later than the next clock (RULINGS 2)."""
    for done in night.history:
        promised = [entry for entry in done.new if isinstance(entry, e.Promised)]
        if promised and done.after.is_open:
            assert done.after.due_at is not None
            assert done.after.due_at <= promised[-1].by


def a_promise_is_never_put_off_while_nobody_has_the_case(night: Night) -> None:
    for done in night.history:
        was, now = done.before.clock(ClockKind.PROMISE), done.after.clock(ClockKind.PROMISE)
        if was is not None and now is not None and not isinstance(done.command, c.PassTime):
            assert now.due_at <= was.due_at


def no_wait_is_longer_than_itself_after_a_look(night: Night) -> None:
    """A clock stepped back sets waits anew (RULINGS 7)."""
    for done in night.history:
        if isinstance(done.command, c.PassTime):
            assert all(clock.due_at - done.at <= clock.wait + timedelta(seconds=1) for clock in done.after.clocks)
            assert all(clock.due_at > done.at for clock in done.after.clocks)


def nobody_gets_the_same_page_twice_at_one_look(night: Night) -> None:
    """After an outage each person is paged once."""
    for done in night.history:
        if isinstance(done.command, c.PassTime):
            texts = Counter((m.person, m.page) for m in done.owed if m.page and m.channel is Channel.SMS)
            calls = Counter((m.person, m.page) for m in done.owed if m.page and m.channel is Channel.VOICE)
            assert all(n == 1 for n in (*texts.values(), *calls.values()))


def a_word_that_means_911_is_answered_with_911(night: Night) -> None:
    """When a text makes the advice "call 911", the words that answer it say so (RULINGS 1)."""
    for done in night.history:
        if not _is_text(done):
            continue
        was = done.before.assessment.advice if done.before.assessment else ""
        now = done.after.assessment.advice if done.after.assessment else ""
        if now == "call_911" and was != "call_911":
            words = [m.body for m in done.owed if m.purpose is Purpose.FAMILY]
            assert any("911 NOW" in body or "911 AHORA" in body for body in words), (done.before.status, words)


def every_text_of_a_family_is_answered(night: Night) -> None:
    """Invariant I11: a message at receipt. Only an auto-responder's echo has none, and the journal says so; to a number
    at which the carrier blocks our texts none can go."""
    for done in night.history:
        is_blocked = done.before.phone in done.before.blocked
        if _is_text(done) and not is_blocked and not any(isinstance(entry, e.ReplyWithheld) for entry in done.new):
            assert any(m.purpose is Purpose.FAMILY for m in done.owed), (done.before.status, done.before.phone)


def _is_text(done: Done) -> bool:
    return isinstance(done.command, c.TakeReport) and done.command.arrival is Arrival.TEXT


def nobody_who_said_stop_is_texted(night: Night) -> None:
    for done in night.history:
        stopped = {p.number for person in done.facts.directory.clinicians.values() for p in person.phones if p.stopped}
        caller = done.facts.caller
        if caller and caller.phone.stopped and done.after.phone == caller.number:
            stopped.add(caller.number)
        assert not [m for m in done.owed if m.channel is Channel.SMS and m.to in stopped]


LAWS: dict[str, tuple[Callable[[Night], None], ...]] = {
    "no case is silent": (
        no_report_is_newer_than_the_last_reached_without_a_clock_that_brings_somebody,
        an_emergency_that_nobody_took_has_a_next_step_or_round,
    ),
    "machines raise": (urgency_pace_and_findings_never_go_down,),
    "only people take": (
        only_an_acknowledgement_by_somebody_named_holds_a_case,
        the_end_of_a_turn_releases_nobody,
        what_a_carrier_or_a_shared_phone_says_stops_nothing,
    ),
    "taking ends the ringing": (
        taking_ends_every_other_ring,
        no_call_is_stopped_twice_at_once,
        a_call_that_is_heard_of_after_the_taking_owes_a_stop,
    ),
    "the journal is the case": (
        replay_gives_the_same_case_however_the_journal_is_cut,
        every_entry_comes_back_from_its_stored_form,
        a_refused_command_changes_nothing,
        ids_are_unique,
    ),
    "texts give nothing away": (
        slots_look_like_no_emergency_number_and_are_never_given_twice,
        no_text_carries_a_name_a_sign_or_a_number,
        nobody_who_said_stop_is_texted,
    ),
    "promises and waits": (
        a_promise_is_kept_by_a_clock,
        a_promise_is_never_put_off_while_nobody_has_the_case,
        no_wait_is_longer_than_itself_after_a_look,
        nobody_gets_the_same_page_twice_at_one_look,
    ),
    "families are answered": (a_word_that_means_911_is_answered_with_911, every_text_of_a_family_is_answered),
}


@pytest.mark.parametrize("subject", LAWS)
@everyday
@given(story=stories)
def test_laws_of_a_case(subject: str, story: Any) -> None:
    night = told(story)
    for law in LAWS[subject]:
        law(night)


@everyday
@given(story=stories, order=st.permutations(("ack", "text", "tick", "outcome")))
def test_any_order_of_taking_text_time_and_outcome_ends_alike(story: Any, order: list[str]) -> None:
    """The same four acts in any order leave the same holder, urgency and status.

    A holder whom no phone can ring is the exception: news that come after his taking make the case climb at once.
    """
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
        dia, holder = night.facts.clinician("dia"), night.case.holder
        status = night.case.status if dia and dia.phones else None
        ends.append((holder and holder.person, night.case.pace, status))
    assert ends[0] == ends[1]


@everyday
@given(story=stories)
def test_the_same_story_told_again_names_the_same_messages_and_pages(story: Any) -> None:
    """A replayed decision repeats its ids (RULINGS 7)."""
    first, again = tell(story), tell(story)
    assert first.entries == again.entries
