"""The table of legal moves: what may happen where, what is refused, and that nothing outsiders send raises.

Deliberately not here: what each move does (the tests by subject).
"""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from oncall.core.case import commands as c
from oncall.core.case.case import Arrival, Case, Status
from oncall.core.case.decide import MOVES, decide
from oncall.core.case.messages import Outcome, Progress, Verdict
from oncall.core.case.reporting import TAILS
from oncall.core.reports import Report, Source
from tests.support.builders import (
    GO,
    MUM,
    OFFICE,
    PRESSING,
    THREE_AM,
    Night,
    facts,
    handbook,
    heard,
    stranger_facts,
    without_rota,
)

REPORT = Report("r9", Source.TEXT, THREE_AM, "her own words", MUM)
COMMANDS: dict[type, c.Command] = {
    c.TakeReport: c.TakeReport(REPORT, "patient:leo", Arrival.TEXT, heard(PRESSING), number=MUM),
    c.PassTime: c.PassTime("c1"),
    c.Acknowledge: c.Acknowledge("c1", "ana", "replied"),
    c.TakeFrom: c.TakeFrom("c1", "dia", "ana", "replied"),
    c.PassOn: c.PassOn("c1", "ana", "replied"),
    c.HandOverTo: c.HandOverTo("c1", "ana", "dia", "replied"),
    c.EndTurn: c.EndTurn("c1", "ana", THREE_AM),
    c.SayBack: c.SayBack("c1", "dia", "I call the family now", "replied"),
    c.AddService: c.AddService("c1", "ana", "neurosurgery", "replied"),
    c.CallFamily: c.CallFamily("c1", "ana", "replied"),
    c.EnterTalk: c.EnterTalk("c1", "ana", "CA1"),
    c.JoinTalk: c.JoinTalk("c1", "CA1", "CF1"),
    c.LeaveTalk: c.LeaveTalk("c1", "CA1"),
    c.HearMachine: c.HearMachine("c1", "c1.none"),
    c.Undo: c.Undo("c1", "ana", "replied"),
    c.ReachFamily: c.ReachFamily("c1", "ana", "replied"),
    c.Resolve: c.Resolve("c1", "ana", "phone advice"),
    c.SendPhrase: c.SendPhrase("c1", "ana", "call_911", "on the page"),
    c.AddNote: c.AddNote("c1", "ana", "words"),
    c.TellStaff: c.TellStaff("c1", "ana", "+16175550110", "echo_which", (("count", "2"), ("list", "171, 181"))),
    c.RingIn: c.RingIn("c1", "ana"),
    c.KeepEnclosure: c.KeepEnclosure("c1", "RE1", "audio/wav", 9, "0" * 64),
    c.ClearEnclosure: c.ClearEnclosure("c1", "RE1"),
    c.LoseEnclosure: c.LoseEnclosure("c1", "RE1", "the carrier answered 404"),
    c.ConfirmInformed: c.ConfirmInformed("c1", "c1-1-operator", "pressed 1"),
    c.HearPage: c.HearPage("c1", "c1.none"),
    c.EndCall: c.EndCall("c1", "CA1"),
    c.WalkOn: c.WalkOn("c1", "CA1", "number", "1", MUM),
    c.ShowReport: c.ShowReport("c1", "r9", "c2", "K7"),
    c.LinkCase: c.LinkCase("c1", "ana", "c2", "K7", "on the page"),
    c.GoOnRestored: c.GoOnRestored("c1", "2026-11-24T08:10:00+00:00"),
    c.RecordAttempt: c.RecordAttempt("c1", "c1.none", "7"),
    c.RecordOutcome: c.RecordOutcome("c1", "c1.none", Outcome(Verdict.ACCEPTED, "CA9")),
    c.RecordProgress: c.RecordProgress("c1", "c1.none", Progress.RINGING, "CA9"),
}


def in_status(status: Status) -> Night:
    night = Night()
    match status:
        case Status.LISTENING:
            night.calls(Arrival.PICKED_UP)
        case Status.WAITING:
            night.texts(OFFICE)
        case Status.PAGING:
            night.texts(GO)
        case Status.HELD:
            night.texts(GO)
            night.acks("ana")
        case Status.CLOSED:
            night.texts(GO)
            night.acks("ana")
            night.closed_by("ana")
        case _:
            pass
    assert night.case.status is status
    return night


def test_every_command_has_a_place_in_the_table() -> None:
    assert set(COMMANDS) == set(get_args(c.Command))
    assert set().union(*MOVES.values()) == set(get_args(c.Command))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("world", [facts(), facts({}), stranger_facts()], ids=["ward", "nobody", "stranger"])
def test_no_command_raises_in_any_state(status: Status, kind: type, world: object) -> None:
    night = in_status(status)
    for book in (handbook(), without_rota()):
        decision = decide(night.case, COMMANDS[kind], night.at, world, book)  # type: ignore[arg-type]
        assert decision.case.version == night.case.version + len(decision.entries)


@pytest.mark.parametrize(
    "kind", [kind for kind in COMMANDS if kind is not c.TakeReport], ids=lambda kind: kind.__name__
)
def test_a_case_that_does_not_exist_refuses_everything_but_a_report(kind: type) -> None:
    decision = decide(Case("c1"), COMMANDS[kind], THREE_AM, facts(), handbook())
    assert decision.answer["refused"]
    assert (decision.entries, decision.reports, decision.case) == ((), (), Case("c1"))


def test_time_does_not_pass_for_a_closed_case() -> None:
    night = in_status(Status.CLOSED)
    decision = night.do(c.PassTime("c1")).decision
    assert decision.answer["refused"]
    assert decision.entries == ()


@pytest.mark.parametrize("status", [Status.NEW, Status.LISTENING, Status.WAITING, Status.PAGING, Status.HELD])
@pytest.mark.parametrize("arrival", Arrival)
def test_a_report_is_kept_raw_wherever_and_however_it_arrives(status: Status, arrival: Arrival) -> None:
    night = in_status(status)
    done = night.report((), arrival, raw="\x00 zzz 🫁 \u2028", call="CA9" if arrival is not Arrival.TEXT else None)
    [report] = done.decision.reports
    assert report.raw == "\x00 zzz 🫁 \u2028"
    assert done.after.reports[-1].id == report.id
    assert done.after.is_open


@pytest.mark.parametrize("number", [None, "+16175550199", "anonymous"])
def test_a_sender_whom_nobody_knows_gets_full_service(number: str | None) -> None:
    night = Night(facts=stranger_facts())
    night.texts(GO, number=number)
    assert set(night.paged()) == {"ana"}
    assert len(night.family_texts()) == (2 if number else 0)  # the answer and the first question


def test_an_empty_text_pages() -> None:
    night = Night(facts=stranger_facts())
    night.report((), raw="")
    assert set(night.paged()) == {"ana"}


@pytest.mark.parametrize("text", ["x" * 100_000, "\ud83d half", "🫁" * 1600])
def test_words_of_any_length_and_shape_page(text: str) -> None:
    night = Night()
    night.report(heard("unreadable", evidence=text), raw=text)
    assert set(night.paged()) == {"ana"}


def test_a_language_nobody_declared_is_answered() -> None:
    night = Night(facts=stranger_facts())
    night.texts(GO, language="tlh")
    assert "911" in night.family_texts()[0]


def test_the_answer_names_the_case_its_urgency_and_the_suspicion() -> None:
    night = Night()
    answer = night.texts(GO).decision.answer
    assert answer["case"] == night.case.code
    assert answer["urgency"] == "emergency"
    assert answer["suspicion"][0] == "withdrawal"


def test_a_code_is_free_among_open_cases_and_spreads() -> None:
    taken: set[str] = set()
    for n in range(300):
        night = Night(facts=replace(facts(), taken_codes=frozenset(taken)), id=f"c{n}")
        night.texts(GO)
        assert night.case.code not in taken
        assert len(night.case.code) <= 3
        taken.add(night.case.code)


def test_with_every_short_code_in_use_a_longer_one_is_still_free() -> None:
    taken = frozenset().union(*TAILS.values()) | {"GHIJKL"}
    night = Night(facts=replace(facts(), taken_codes=taken), id="cabcdefghijkl")
    night.texts(GO)
    assert night.case.code == "FGHIJKL"


def test_a_case_pins_its_table_and_edition() -> None:
    night = Night()
    night.texts(GO)
    night.book = replace(night.book, table=replace(night.book.table, emergency=night.book.table.urgent), edition="new")
    night.wait(minutes=4)
    assert night.paged()["dia"].total_seconds() == 180
    assert night.case.edition == handbook().edition


def test_siblings_on_one_phone_are_said_so_and_not_guessed() -> None:
    caller = facts().caller
    assert caller is not None
    two = replace(caller, patients=(*caller.patients, *caller.patients))
    night = Night(facts=replace(facts(caller=two), patient=None))
    night.texts(GO)
    assert (night.case.patient, night.case.label) == (None, "one of 2 at this number")
