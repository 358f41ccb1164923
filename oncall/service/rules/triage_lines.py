"""One line in, one line out: the `oncall triage` command without a database.

A line is a JSON object with words, keys or alarm fields and what is known of the patient; the answer names urgency,
suspicion, findings with their evidence, reasons, the signs that would have raised it, the rules' hash, and the reply
the family would hear. A line that cannot be read is urgent and a person's (law 1), never an exception. Deliberately
not here: files, streams and the wording of replies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from oncall.core.reports import Finding
from oncall.core.triage.assessment import Assessment, Leaning, Urgency, assess, merge
from oncall.core.triage.rulebook import (
    Drawn,
    Rulebook,
    draw_from_alarm,
    draw_from_context,
    draw_from_keys,
    draw_from_words,
)

Reply = Callable[[Assessment, str, int], str]
_UNREAD = frozenset(
    (
        *("unreadable", "unknown_language", "not_understood", "unreadable_alarm"),
        *("empty_message", "emoji_only"),
    )
)
_MINUTES = {Urgency.EMERGENCY: 10, Urgency.URGENT: 15, Urgency.SAME_DAY: 135, Urgency.ROUTINE: 0}


def triage_line(line: str, rulebook: Rulebook, reply: Reply) -> dict[str, Any]:
    """The answer to one JSON line; `reply` words the text to the family."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return _unreadable(None, rulebook, reply)
    if not isinstance(asked, Mapping) or not isinstance(asked.get("messages"), str | list | Mapping):
        return _unreadable(asked.get("id") if isinstance(asked, Mapping) else None, rulebook, reply)
    context = asked.get("patient_context")
    context = context if isinstance(context, Mapping) else {}
    drawn = _drawn(asked, rulebook)
    findings = merge((*drawn.findings, *draw_from_context(_with_model(context, asked), rulebook)))
    return _answer(asked, drawn, findings, assess(findings, rulebook.rules), reply)


def _drawn(asked: Mapping[str, Any], rulebook: Rulebook) -> Drawn:
    messages, hint = asked["messages"], asked.get("language")
    if isinstance(messages, Mapping):
        return draw_from_alarm(messages, rulebook)
    texts = _texts(messages)
    if asked.get("channel") == "ivr_keys":
        return draw_from_keys(texts, rulebook)
    if asked.get("channel") == "pump_alarm":
        return draw_from_alarm({"raw_text": "\n".join(texts), "event": "unreadable"}, rulebook)
    return draw_from_words(texts, rulebook, hint if isinstance(hint, str) else None)


def _texts(messages: str | Sequence[Any]) -> list[str]:
    listed = [messages] if isinstance(messages, str) else messages
    return [text if isinstance(text, str) else json.dumps(text, ensure_ascii=False) for text in listed]


def _with_model(context: Mapping[str, Any], asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record, with the pump model that the alarm itself names."""
    messages = asked["messages"]
    named = messages.get("device_model") if isinstance(messages, Mapping) else None
    return {**context, "pump_model": named} if named and not context.get("pump_model") else context


def _answer(
    asked: Mapping[str, Any], drawn: Drawn, findings: Sequence[Finding], assessment: Assessment, reply: Reply
) -> dict[str, Any]:
    understood = any(finding.code not in _UNREAD for finding in drawn.findings)
    alarm = asked.get("channel") == "pump_alarm"
    return {
        "id": asked.get("id"),
        "urgency": assessment.urgency.word,
        "suspicion": [leaning.value for leaning in assessment.leanings if leaning is not Leaning.CANNOT_TELL],
        "findings": [
            {"code": finding.code, "heard": finding.heard.value, "evidence": finding.evidence} for finding in findings
        ],
        "because": [{"rule": reason.rule, "says": reason.says} for reason in assessment.because],
        "would_raise": list(assessment.would_raise),
        "edition": assessment.edition,
        "reply": "" if alarm else reply(assessment, drawn.language, _MINUTES[assessment.urgency]),
        "language": drawn.language,
        "human_review": assessment.needs_human,
        "status": "ok" if understood else "abstain",
    }


def _unreadable(id: object, rulebook: Rulebook, reply: Reply) -> dict[str, Any]:
    """A line that is no question at all: urgent, and a person reads it."""
    assessment = assess((), rulebook.rules)
    return {
        "id": id,
        "urgency": Urgency.URGENT.word,
        "suspicion": [Leaning.OTHER.value],
        "findings": [],
        "because": [{"rule": reason.rule, "says": reason.says} for reason in assessment.because],
        "would_raise": list(assessment.would_raise),
        "edition": assessment.edition,
        "reply": reply(assessment, "en", _MINUTES[Urgency.URGENT]),
        "language": "en",
        "human_review": True,
        "status": "error",
    }
