"""Whatever hour we name to somebody, a clock of the case is due at that very minute (law 3).

The stories are those of the case laws: random nights, told the same way on every run. Texts to families and to
clinicians are read as they were written, and so is what a caller hears.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import given

from oncall.core.case import commands as c
from oncall.core.case.case import Arrival, Case
from oncall.core.case.messages import Purpose
from oncall.core.case.wording import clock_time
from tests.property.test_case_laws import everyday, stories, told
from tests.support.builders import GO, HOSPITAL, Done, Night

HOUR = re.compile(r"\b(?:by|paged at|antes de las) (?:\w{3} )?(\d{1,2}:\d\d [AP]M)")
TOLD = (Purpose.FAMILY, Purpose.STAFF)


def promised_in(done: Done) -> Iterator[tuple[str, str]]:
    """Every hour named in this decision, with its sentence; not the text that did not arrive and is now said."""
    before = {state.message.body for state in done.before.messages}
    words = [m.body for m in done.owed if m.purpose in TOLD and m.body not in before]
    words += [say["text"] for say in done.decision.answer.get("turn", {}).get("says", ())]
    for sentence in words:
        yield from ((hour, sentence) for hour in HOUR.findall(sentence))


def hours_of(case: Case) -> set[str]:
    return {clock_time(clock.due_at, HOSPITAL) for clock in case.clocks}


@everyday
@given(story=stories)
def test_every_hour_that_is_named_has_a_clock_due_then(story: Any) -> None:
    for done in told(story).history:
        for hour, sentence in promised_in(done):
            assert hour in hours_of(done.after), (sentence, type(done.command).__name__, done.after.status)


def test_the_law_sees_a_promise_without_a_clock() -> None:
    """A negative control: the same sentence over a case whose clocks are gone."""
    night = Night()
    done = night.texts(GO)
    assert [hour for hour, _ in promised_in(done)]
    assert all(hour in hours_of(done.after) for hour, _ in promised_in(done))
    assert not hours_of(Case("c1"))


def test_a_caller_hears_only_hours_that_have_a_clock() -> None:
    night = Night()
    night.calls(Arrival.PICKED_UP)
    night.calls(Arrival.KEY, digits="2", asked="menu")
    for asked, digits in (("worse", "2"), ("tell", "#"), ("number", "1")):
        done = night.do(c.WalkOn(night.id, "CA1", asked, digits))
    heard = list(promised_in(done))
    assert heard
    assert all(hour in hours_of(done.after) for hour, _ in heard)
