"""What a case does with what somebody wants: the table of legal moves, and the one function behind the write door.

Pure: it is told the case, the instant, the facts and the handbook, and answers with entries. It never raises for what
outsiders send; a move that is not in the table is refused and says why. The moves themselves stand by subject in
`reporting`, `passing`, `holding`, `handover`, `shift_end`, `bridging`, `bridge_legs` and `delivery`. The picture
docs/states.svg is drawn from MOVES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oncall.core.case import (
    bridge_legs,
    bridging,
    delivery,
    enclosing,
    handover,
    holding,
    linking,
    passing,
    reporting,
    reviewing,
    saying,
    shift_end,
    walking,
)
from oncall.core.case import commands as c
from oncall.core.case.case import Arrival, Case, Status
from oncall.core.case.draft import Draft
from oncall.core.case.entries import Recorded
from oncall.core.case.facts import Facts
from oncall.core.handbook import Handbook
from oncall.core.reports import Report


@dataclass(frozen=True, slots=True)
class Decision:
    """What one command came to: entries in order, raw reports to file, and what may be answered."""

    case: Case
    entries: tuple[Recorded, ...] = ()
    reports: tuple[Report, ...] = ()
    answer: Mapping[str, Any] = field(default_factory=dict)


Decide = Callable[[Case, c.Command, datetime, Facts], Decision]
Move = Callable[[Draft, Any], None]

ALWAYS: dict[type, Move] = {
    c.RecordAttempt: delivery.record_attempt,
    c.RecordOutcome: delivery.record_outcome,
    c.RecordProgress: delivery.record_progress,
    c.HearPage: delivery.hear_page,
    c.WalkOn: walking.walk_on,
    c.ShowReport: linking.show_report,
    c.LinkCase: linking.link_case,
    c.HearMachine: delivery.hear_machine,
    c.JoinTalk: bridge_legs.join,
    c.LeaveTalk: bridge_legs.leave,
    c.EndCall: bridge_legs.end_call,
    c.AddNote: holding.add_note,
    c.TellStaff: holding.tell_staff,
    c.ConfirmInformed: holding.confirm_informed,
    c.RingIn: holding.ring_in,
    c.KeepEnclosure: enclosing.keep,
    c.ClearEnclosure: enclosing.clear,
    c.LoseEnclosure: enclosing.lose,
}
OPEN: dict[type, Move] = {
    **ALWAYS,
    c.TakeReport: reporting.take_report,
    c.PassTime: lambda draft, command: passing.pass_time(draft),
    c.GoOnRestored: reviewing.go_on_restored,
    c.Acknowledge: holding.acknowledge,
    c.TakeFrom: handover.take_from,
    c.PassOn: holding.pass_on,
    c.HandOverTo: handover.hand_over,
    c.EndTurn: shift_end.end_turn,
    c.SayBack: handover.say_back,
    c.AddService: holding.add_service,
    c.CallFamily: bridging.call_family,
    c.EnterTalk: bridging.enter,
    c.Undo: holding.undo,
    c.ReachFamily: holding.reach_family,
    c.Resolve: holding.resolve,
    c.SendPhrase: saying.send_phrase,
}


SAYS_NOTHING_BACK = (Arrival.HUNG_UP, Arrival.RECORDED)  # nobody listens, or the step itself is answered


def _after_closing(draft: Draft, command: Any) -> None:
    holding.after_closing(draft, command.person)


MOVES: dict[Status, dict[type, Move]] = {
    Status.NEW: {c.TakeReport: reporting.take_report},
    Status.LISTENING: OPEN,
    Status.WAITING: OPEN,
    Status.PAGING: OPEN,
    Status.HELD: OPEN,
    Status.CLOSED: {
        **ALWAYS,
        c.TakeReport: reporting.thank,
        **dict.fromkeys(
            (
                c.Acknowledge,
                c.TakeFrom,
                c.PassOn,
                c.HandOverTo,
                c.SayBack,
                c.AddService,
                c.CallFamily,
                c.Undo,
                c.ReachFamily,
                c.Resolve,
                c.SendPhrase,
            ),
            _after_closing,
        ),
    },
}


def decide(case: Case, command: c.Command, at: datetime, facts: Facts, handbook: Handbook) -> Decision:
    """The entries that `command` brings to `case` at `at` (UTC). A command with no legal move changes nothing and
    answers {"refused": True}."""
    draft = Draft(case, at, facts, handbook)
    move = MOVES[case.status].get(type(command))
    if move is None:
        draft.answer["refused"] = True
    else:
        move(draft, command)
    if isinstance(command, c.TakeReport) and command.call and command.arrival not in SAYS_NOTHING_BACK:
        walking.turn_after(draft, command)
    return finish(draft)


def finish(draft: Draft) -> Decision:
    """The draft as a value, with what every answer carries."""
    case = draft.case
    verdict = case.assessment
    draft.answer.setdefault("case", case.code)
    urgency = case.pace if case.pace is not None else verdict.urgency if verdict else None
    draft.answer.setdefault("urgency", urgency.word if urgency is not None else None)
    if verdict is not None:
        draft.answer.setdefault("suspicion", [leaning.value for leaning in verdict.leanings])
    return Decision(case, tuple(draft.entries), tuple(draft.reports), draft.answer)
