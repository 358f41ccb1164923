"""Where a caller goes next: the declared graph of a call (rules/calls.yaml), walked one step at a time.

A key leads where the graph says, but any sign that means 911 leads to the 911 question first; a node that is not
needed any more is passed over; a withheld number is asked for before the caller settles. A call that was cut off goes
on where it stopped, and who rings again soon is not asked again (RULINGS 12). Deliberately not here: what
the sentences are (`calls`, rules/advice.yaml).
"""

from __future__ import annotations

from dataclasses import replace

from oncall.core.as_json import plain
from oncall.core.case import entries as e
from oncall.core.case.asking import ask_next, left_to_ask, must_call_911
from oncall.core.case.call_graph import SPANISH, CallGraph, Node, Takes
from oncall.core.case.calls import (
    CALL_BACK,
    Say,
    Scene,
    Turn,
    asking,
    calling_back,
    doctor_waits,
    first_sentence,
    greeting_sentences,
    node_turn,
    said,
    waiting,
)
from oncall.core.case.case import Arrival, Case, ClockKind, Status
from oncall.core.case.commands import TakeReport, WalkOn
from oncall.core.case.draft import Draft
from oncall.core.case.marked_numbers import is_left_alone

WHOLE_NUMBER = 10  # digits in the line's own country


def turn_after(draft: Draft, command: TakeReport) -> None:
    """Put the caller's next turn into the answer of this step."""
    draft.answer["turn"] = plain(_turn(draft, command, command.call or ""))


def walk_on(draft: Draft, command: WalkOn) -> None:
    """A step that tells nothing about the patient leads on all the same."""
    graph = draft.handbook.calls
    node = graph.nodes.get(command.asked)
    choice = node.keys.get(command.digits) if node else None
    if node is not None and node.takes in (Takes.NUMBER, Takes.EXTENSION) and command.digits:
        _keep_number(draft, command, node.takes is Takes.EXTENSION)
    elif command.asked == graph.readback and choice is not None and choice.to == graph.nodes[graph.readback].then:
        _ring_this_caller(draft, command)
    if choice is not None and choice.about:
        draft.write(e.PersonTold(choice.about, command.call))
    silent = node is not None and not command.digits
    to = choice.to if choice else _onwards(node, graph.wait, unread=silent)
    draft.answer["turn"] = plain(enter(draft, command.call, to))


def _onwards(node: Node | None, otherwise: str, unread: bool) -> str:
    """Where words lead, or none; `unread` when there was nothing that we understand."""
    if node is None:
        return otherwise
    return (node.unread if unread and node.unread else node.then) or otherwise


def number_to_ring(digits: str) -> str | None:
    """Keyed digits as E.164; None for what is no whole number of the line's country, whose area code and exchange
    begin with 2 to 9 and never read N11, so that nothing like 911 is ever rung."""
    bare = digits[1:] if len(digits) == WHOLE_NUMBER + 1 and digits.startswith("1") else digits
    whole = len(bare) == WHOLE_NUMBER and bare.isdigit()
    parts = (bare[:3], bare[3:6])
    return f"+1{bare}" if whole and all(part[0] in "23456789" and part[1:] != "11" for part in parts) else None


def _keep_number(draft: Draft, command: WalkOn, extension: bool) -> None:
    number = number_to_ring(command.digits)
    if number is not None:
        draft.write(e.NumberGiven(number, command.call))
    elif extension:
        draft.write(e.NumberGiven(command.digits, command.call, extension=True))
    else:
        draft.notice(f"keyed as the number to ring, which it cannot be: {command.digits}")


def _ring_this_caller(draft: Draft, command: WalkOn) -> None:
    """Who confirmed a number last is rung, also when another phone of the family opened the case."""
    if command.number is not None and command.number != draft.case.phone:
        draft.write(e.NumberGiven(command.number, command.call))


# --- the next turn ---------------------------------------------------------------------------------------------------


def _turn(draft: Draft, command: TakeReport, call: str) -> Turn:
    graph = draft.handbook.calls
    if command.arrival is Arrival.PICKED_UP:
        return _picked_up(draft, command, call)
    if command.digits == SPANISH:
        return _in_the_new_language(draft, command, call)
    node = graph.nodes.get(command.asked)
    choice = graph.choice(command.asked, command.digits)
    if choice is not None:
        scene = Scene(draft.case, draft.facts, draft.handbook, call)
        return enter(draft, call, choice.to, tuple(say for key in choice.say for say in said(scene, key)))
    unread = command.unread and not is_left_alone(draft.case)
    return enter(draft, call, _onwards(node, graph.wait, unread) if node else graph.questions)


def _picked_up(draft: Draft, command: TakeReport, call: str) -> Turn:
    """Somebody rings, or answers our call back."""
    graph, case = draft.handbook.calls, draft.case
    if command.asked == CALL_BACK:
        return enter(draft, call, place_to_resume(case, graph, call), _calling_back(draft))
    if command.asked == graph.redial:
        return enter(draft, call, graph.start)
    opening = greeting_sentences(draft.facts, draft.handbook)
    if case.status is Status.HELD or (case.status is Status.PAGING and _rang_lately(draft, command)):
        return enter(draft, call, graph.redial, opening)
    return enter(draft, call, graph.start, opening)


def _calling_back(draft: Draft) -> tuple[Say, ...]:
    """911 first here too; in both languages while nobody there has said a word in either."""
    spoke = any(note.arrival not in (Arrival.PICKED_UP, Arrival.HUNG_UP) for note in draft.case.reports)
    known = spoke or draft.facts.caller is not None
    tongues = (draft.case.language if draft.case.language in ("en", "es") else "en",) if known else ("en", "es")
    return tuple(calling_back(tongue, draft.facts, draft.handbook) for tongue in tongues)


def _in_the_new_language(draft: Draft, command: TakeReport, call: str) -> Turn:
    graph = draft.handbook.calls
    before: tuple[Say, ...] = ()
    if draft.case.clock(ClockKind.CALL_START):
        before = (first_sentence(draft.case.language, draft.facts, draft.handbook),)
    return enter(draft, call, command.asked if command.asked in graph.nodes else graph.questions, before)


def _rang_lately(draft: Draft, command: TakeReport) -> bool:
    """Whether this phone has told us something within the half hour."""
    mine = [note.at for note in draft.case.reports[:-1] if note.sender == command.number and command.number]
    return bool(mine) and draft.at - mine[-1] < draft.case.pinned.waits.redial


def place_to_resume(case: Case, graph: CallGraph, call: str) -> str:
    """Where the last call stopped, else the question that was texted, else what is left to ask."""
    for earlier in reversed(case.calls):
        node = graph.nodes.get(earlier.node)
        if earlier.sid != call and node is not None and not node.settled:
            return node.name
    if graph.danger in case.pending:
        return graph.danger
    return graph.questions if case.pending or case.answered else graph.start


def enter(draft: Draft, call: str, to: str, before: tuple[Say, ...] = ()) -> Turn:
    """The turn at `to`, or at the first node after it that is still needed."""
    if doctor_waits(draft.case):
        return waiting(draft.case, draft.facts, draft.handbook)
    graph = draft.handbook.calls
    node = graph.nodes[to]
    for _ in range(2 * len(graph.nodes)):  # the loader refuses a way round; the danger and hidden nodes come once
        instead = _instead_of(draft, call, node, graph)
        if instead is None:
            break
        node = graph.nodes[instead]
    known = draft.case.call(call)
    if known is not None and known.node != node.name:
        draft.write(e.CallReached(call, node.name))
    return turn_at(draft, node, call, before)


def _instead_of(draft: Draft, call: str, node: Node, graph: CallGraph) -> str | None:
    """The node to go to instead; None to stop here."""
    case, known = draft.case, draft.case.call(call)
    been = known.nodes if known else ()
    if node.name != graph.danger and graph.danger not in been and _danger_first(case, node):
        return graph.danger
    nameless = case.phone is None and not case.has_said("hospital_staff")
    if nameless and graph.hidden not in been and (node.settled or node.name == graph.readback):
        return graph.hidden
    if node.name == graph.readback and case.phone is None:
        return node.then
    if node.enrolled and not _is_one_patients_phone(draft):
        return node.then
    if node.until_taken and (case.has_help or case.status is Status.WAITING):
        return node.then
    if node.takes is Takes.QUESTIONS and left_to_ask(case, draft.handbook) is None:
        return node.then
    return node.then if node.question is not None and node.question in case.answered else None


def _is_one_patients_phone(draft: Draft) -> bool:
    """Whether the usual person is somebody, and nobody has said yet whether it is about them (RULINGS 6)."""
    caller = draft.facts.caller
    one = caller is not None and len(caller.patients) == 1 and "/" not in draft.case.key
    return one and not draft.case.about


def _danger_first(case: Case, node: Node) -> bool:
    unheard = case.status is Status.PAGING and not case.has_help and must_call_911(case)
    return unheard and node.takes is not Takes.END


def turn_at(draft: Draft, node: Node, call: str, before: tuple[Say, ...] = ()) -> Turn:
    if node.takes is Takes.QUESTIONS and (question := ask_next(draft)):
        return asking(draft.case, draft.handbook, question, before)
    return same_turn(node, Scene(draft.case, draft.facts, draft.handbook, call), before)


def same_turn(node: Node, scene: Scene, before: tuple[Say, ...] = ()) -> Turn:
    """What is said at a node, the first time and when it is said again."""
    if node.question is not None:
        question = next(q for q in scene.handbook.rulebook.questions if q.code == node.question)
        return replace(asking(scene.case, scene.handbook, question, before), ask=node.name)
    return node_turn(node, scene, before)
