"""The hand-over form of a case, filled in beforehand from what the house knows, for the holder to correct.

Illness is proposed from the urgency and never as stable: a machine does not lower (law 7). Whatever is not known is
left open, not said to be fine. Deliberately not here: the form's parts (`core.case.ipass`), and sending it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from oncall.core.case.ipass import Illness, Ipass
from oncall.core.triage.assessment import Urgency
from oncall.service.cases.board import CaseRow
from oncall.service.cases.card import Card


def filled_in(row: CaseRow, card: Card, hour: Callable[[datetime], str]) -> Ipass:
    """See the module; `hour` says an instant in the hospital's time."""
    return Ipass(_illness(row), _patient(row, card), _actions(row), _situation(row, card, hour))


def _illness(row: CaseRow) -> Illness:
    return Illness.UNSTABLE if row.urgency is Urgency.EMERGENCY or row.urgency is None else Illness.WATCHER


def _patient(row: CaseRow, card: Card) -> str:
    lines = [row.label, card.situation, *card.background, f"leans to: {card.leans}", f"language: {card.language}"]
    return "\n".join(line for line in lines if line)


def _actions(row: CaseRow) -> str:
    lines = [] if row.family_reached else ["call the family: NOT yet reached"]
    if row.extension:
        lines.append(f"hospital staff wait at extension {row.extension}")
    if row.texts_blocked:
        lines.append("texts to the family are blocked: call")
    return "\n".join((*lines, "close it with its outcome when it is over"))


def _situation(row: CaseRow, card: Card, hour: Callable[[datetime], str]) -> str:
    coming = [f"at {hour(row.next.at)}: {row.next.what}"] if row.next else []
    raises = [f"would be worse with: {', '.join(card.would_raise)}"] if card.would_raise else []
    return "\n".join((*coming, *raises, f"said to the family: {card.advice}"))
