"""A call that we placed, as every step of it finds it again: its message, its case, and what both know now."""

from __future__ import annotations

from dataclasses import dataclass

from oncall.core.case.case import Case
from oncall.core.case.facts import Facts
from oncall.core.case.messages import MessageState, case_of
from oncall.service.desk import Desk
from oncall.service.ports.register import Register


class UnknownCall(Exception):
    """A step of a call that this house did not begin or does not know any more."""


@dataclass(frozen=True, slots=True)
class PlacedCall:
    case: Case
    state: MessageState
    facts: Facts


async def placed_call(desk: Desk, register: Register, message: str) -> PlacedCall:
    """Raises UnknownCall."""
    case = await desk.journal.case(case_of(message))
    state = case.message(message) if case else None
    if case is None or state is None:
        raise UnknownCall(message)
    return PlacedCall(case, state, Facts(directory=await register.directory()))
