"""Every invariant can be broken: a state made by hand that each of them must see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oncall.core.case import entries as e
from oncall.core.case.case import Closing
from oncall.core.case.messages import Channel
from oncall.core.notices import About, Notice
from oncall.core.triage.assessment import Urgency
from oncall.nights import invariants as laws
from oncall.nights.invariants import AT_REST, OF_THE_NIGHT, Handed, State, Told, breaches
from tests.support.builders import DEADLY, THREE_AM, Night

LATER = THREE_AM + timedelta(minutes=30)


@pytest.fixture
def night() -> Night:
    """An emergency that nobody has taken, its first messages out."""
    night = Night()
    night.texts(DEADLY)
    night.deliver()
    return night


def state_of(night: Night, **more: Any) -> State:
    case, entries = night.case, night.entries
    told = {
        "open_cases": [case],
        "spoke_to_staff": {case.id: THREE_AM},
        "spoke_to_family": {case.id: THREE_AM},
        "cases": {case.id: case},
        "written": {case.id: entries},
        "kept": {case.id: entries},
        "received": frozenset({"text:SM1"}),
        "contacts": [Told("text:SM1", case.phone, THREE_AM, True, True, True, Urgency.EMERGENCY, case.id)],
        "handed": [Handed(state.message, 1, "first") for state in case.messages],
        "people": frozenset({"ana"}),
        **more,
    }
    return State(THREE_AM, THREE_AM, THREE_AM - timedelta(hours=1), **told)


def test_a_sound_night_breaks_none(night: Night) -> None:
    assert breaches(state_of(night), (*AT_REST, *OF_THE_NIGHT)) == []


Change = Callable[[Night, State], None]


def _no_clock(night: Night, state: State) -> None:
    state.open_cases = [replace(night.case, clocks=())]


def _no_page(night: Night, state: State) -> None:
    state.open_cases = [replace(night.case, pages=())]


def _time_passes(night: Night, state: State) -> None:
    state.true = state.wall = LATER


def _not_stored(night: Night, state: State) -> None:
    state.received = frozenset()


def _stored_too_late(night: Night, state: State) -> None:
    state.contacts = [replace(contact, was_kept=False) for contact in state.contacts]


def _taken_by_a_machine(night: Night, state: State) -> None:
    state.acknowledged = [("ana", THREE_AM)]


def _lowered(night: Night, state: State) -> None:
    lower = e.Recorded(99, LATER, e.PaceSet(Urgency.SAME_DAY, "it has been quiet"))
    state.written = state.kept = {night.case.id: [*night.entries, lower]}


def _judged_too_low(night: Night, state: State) -> None:
    verdict = replace(night.case.assessment, urgency=Urgency.ROUTINE)  # type: ignore[type-var]
    state.cases = {night.case.id: replace(night.case, pace=Urgency.SAME_DAY, assessment=verdict)}


def _sent_again_unmarked(night: Night, state: State) -> None:
    state.handed = [*state.handed, state.handed[0]]


def _filed_twice(night: Night, state: State) -> None:
    state.contacts = []


def _never_sent(night: Night, state: State) -> None:
    state.handed = []


def _named(night: Night, state: State) -> None:
    state.banned = [state.handed[0].message.body.split()[0]]


def _notice_not_sent(night: Night, state: State) -> None:
    about, since = About("task-untaken", "t1"), THREE_AM - timedelta(hours=1)
    told = Notice(about, "+16175550117", Channel.SMS, "A task is due.", "the tasks", not_before=since, ordered_at=since)
    state.open_cases, state.notices = [], [told]


def _chain_broken(night: Night, state: State) -> None:
    state.audit = ["the chain is broken"]


def _closed_by_nobody(night: Night, state: State) -> None:
    state.cases = {night.case.id: replace(night.case, closed=Closing("a timer", LATER, "old", ""))}


def _entry_gone(night: Night, state: State) -> None:
    state.kept = {night.case.id: night.entries[:-1]}


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (_no_clock, laws.no_fourth_state),
        (_no_page, laws.somebody_is_reachable),
        (_time_passes, laws.emergencies_are_not_quiet),
        (_time_passes, laws.families_hear_from_us),
        (_time_passes, laws.nothing_is_overdue),
        (_not_stored, laws.stored_before_answered),
        (_stored_too_late, laws.stored_before_answered),
        (_taken_by_a_machine, laws.only_people_acknowledge),
        (_lowered, laws.urgency_only_rises),
        (_judged_too_low, laws.urgency_only_rises),
        (_sent_again_unmarked, laws.exactly_once),
        (_filed_twice, laws.exactly_once),
        (_never_sent, laws.exactly_once),
        (_notice_not_sent, laws.notices_are_sent),
        (_named, laws.nothing_of_the_patient),
        (_chain_broken, laws.every_page_has_its_reason),
        (_closed_by_nobody, laws.closed_by_people),
        (_entry_gone, laws.nothing_disappears),
    ],
)
def test_a_broken_state_is_seen(change: Change, check: laws.Check, night: Night) -> None:
    state = state_of(night)
    assert list(check(state)) == []
    change(night, state)
    assert list(check(state)) != []


def test_what_a_house_in_trouble_cannot_do_is_no_breach(night: Night) -> None:
    state = state_of(night, is_alive=False)
    state.true = state.wall = LATER
    assert list(laws.emergencies_are_not_quiet(state)) == []


def test_every_check_is_asked() -> None:
    asked = {check.__name__ for check in (*AT_REST, *OF_THE_NIGHT)}
    returns = {name: getattr(one, "__annotations__", {}).get("return") for name, one in vars(laws).items()}
    known = {name for name, told in returns.items() if told == "Iterator[Breach]"}
    assert {name for name in known if not name.startswith("_")} == asked
