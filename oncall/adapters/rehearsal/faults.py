"""Everything that goes wrong at a carrier, to order.

A real carrier refuses, stalls, takes a text and then says it failed, loses or repeats what it tells us, and calls a
text delivered that nobody got. Each is a named fault with a count; tests and the training ground order them one by one.
A whole outage is ordered at the carrier itself (`goes_down`). Deliberately not here: chance. Random nights draw their
faults elsewhere and order them here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "refuse",  # the request is refused with `code` and `status`
    "server_error",  # the request gets a 500 and nothing was done
    "hang",  # the request is never answered and nothing was done
    "accept_then_error",  # done, but the answer is a 500
    "accept_then_hang",  # done, but never answered
    "filter",  # text: accepted, then undelivered with `code` (30007)
    "vanish",  # text: accepted and sent, then nothing, ever
    "lie_delivered",  # text: reported delivered, but no phone has it
    "drop_callback",  # a status callback is never sent
    "repeat_callback",  # a status callback is sent twice
    "swap_callbacks",  # a status callback is held back until after the next one
    "delay_callback",  # a status callback is sent `seconds` later
    "repeat_webhook",  # an inbound text or step of a call is posted twice, as a retry
    "no_conference",  # a call that wants to join a conference is told that it failed
    "delay_text",  # a text takes `seconds` to arrive
    "lose_webhook",  # an inbound text or step of a call is never told to the house; the lists have it
    "slow",  # a request waits `seconds` of real time for its answer
]
What = Literal["text", "call", "account", "file", "any"]  # file: a recording or picture that is fetched


@dataclass(slots=True)
class Fault:
    """One ordered fault: `times` more occurrences, for texts, calls or both, for one number or all."""

    kind: Kind
    on: What = "any"
    number: str | None = None
    times: int = 1
    code: int = 30008
    status: int = 400
    seconds: float = 0
    match: str | None = None  # only the callback with this status, e.g. "delivered"

    def fits(self, kinds: tuple[Kind, ...], on: What, number: str, detail: str) -> bool:
        return (
            self.kind in kinds
            and self.times > 0
            and self.on in ("any", on)
            and self.number in (None, number)
            and self.match in (None, detail)
        )


class Faults:
    """The order book: first ordered, first served."""

    def __init__(self) -> None:
        self.ordered: list[Fault] = []

    def order(self, kind: Kind, on: What = "any", **details: object) -> Fault:
        """Let the next `times` fitting events go wrong; `times=0` on the result calls it off."""
        fault = Fault(kind, on, **details)  # type: ignore[arg-type]
        if kind == "filter" and fault.code == 30008:
            fault.code = 30007
        self.ordered.append(fault)
        return fault

    def take(self, on: What, number: str, *kinds: Kind, detail: str = "") -> Fault | None:
        """The first ordered fault that fits, used up by one."""
        for fault in self.ordered:
            if fault.fits(kinds, on, number, detail):
                fault.times -= 1
                return fault
        return None

    def clear(self) -> None:
        self.ordered.clear()
