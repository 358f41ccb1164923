"""`oncall triage`: one JSON line in, one answer out, whatever the line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oncall.core.triage.assessment import Assessment
from oncall.service.rules.triage_lines import triage_line
from tests.examples.shipped_rules import shipped


def reply(assessment: Assessment, language: str, minutes: int) -> str:
    return f"{assessment.advice} {language} {minutes}"


def answer(**asked: Any) -> dict[str, Any]:
    return triage_line(json.dumps(asked), shipped(), reply)


def test_an_answer_holds_everything_the_contract_names() -> None:
    told = answer(id="a1", channel="sms", messages=["itchy and stiff"], patient_context={"age_years": 8})
    assert set(told) == {
        "id", "urgency", "suspicion", "findings", "because", "would_raise", "edition", "reply", "language",
        "human_review", "status",
    }  # fmt: skip
    assert told["id"] == "a1"
    assert told["urgency"] == "emergency"
    assert told["suspicion"][0] == "withdrawal"
    assert {"code", "heard", "evidence"} == set(told["findings"][0])
    assert told["reply"] == "go_now en 10"
    assert json.loads(json.dumps(told)) == told


def test_an_answer_names_its_edition_and_what_would_have_raised_it() -> None:
    told = answer(id=1, channel="sms", messages=["hes itchy"])
    assert told["edition"] == shipped().edition
    assert "menu_sleepy_or_breathing" in told["would_raise"]
    assert set(told["would_raise"]) <= shipped().vocabulary.keys()
    assert answer(id=1, channel="sms", messages=["she is not breathing"])["would_raise"] == []


def test_cannot_tell_is_printed_as_both_the_likelier_first() -> None:
    told = answer(id=1, channel="sms", messages=["he had a seizure"], patient_context={"hours_since_refill": 3})
    assert told["suspicion"][:2] == ["overdose", "withdrawal"]


@pytest.mark.parametrize("line", ["", "{", "[]", "7", '{"id": "x"}', '{"id": "x", "messages": 3}', "[" * 100_000])
def test_a_malformed_line_is_urgent_and_a_persons(line: str) -> None:
    told = triage_line(line, shipped(), reply)
    assert (told["urgency"], told["human_review"], told["status"]) == ("urgent", True, "error")
    assert told["edition"] == shipped().edition
    assert told["would_raise"]
    assert told["id"] == ("x" if '"x"' in line else None)


def test_unknown_keys_are_ignored() -> None:
    told = answer(id=1, channel="sms", messages=["hes itchy"], mood="blue", patient_context={"shoe_size": 38})
    assert told["urgency"] == "urgent"


def test_an_alarm_has_no_reply() -> None:
    told = answer(id=1, channel="pump_alarm", messages={"event": "device_alarm", "alarm_class": "critical"})
    assert told["reply"] == ""
    assert told["urgency"] == "urgent"


def test_an_alarm_that_came_as_text_is_read_as_raw_text() -> None:
    told = answer(id=1, channel="pump_alarm", messages=["pump alarm, he is floppy"])
    assert told["urgency"] == "emergency"


def test_a_riddle_abstains_and_pages() -> None:
    told = answer(id=1, channel="sms", messages=["qwzx vbnk"])
    assert (told["status"], told["urgency"], told["human_review"]) == ("abstain", "urgent", True)


def test_a_single_text_may_stand_for_the_list() -> None:
    assert answer(id=1, channel="sms", messages="shes floppy")["urgency"] == "emergency"


def test_several_messages_are_one_thread() -> None:
    assert answer(id=1, channel="sms", messages=["itchy", "and so stiff"])["urgency"] == "emergency"
