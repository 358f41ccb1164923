"""What the carrier's error numbers mean for a case: one row each, and what to do about it.

A number says that a message was refused or did not arrive. The row says whether it is tried again, whose fault it is
(the phone's, the account's, the carrier's, the message's own), what the register should remember of the phone, and
who must hear of it. A text that did not arrive always brings the call, whatever the row says. Numbers and their
meaning: Twilio's error dictionary. Deliberately not here: acting on a row (`delivery`, the routes, the register).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from oncall.core.case.messages import Verdict


class Fault(Enum):
    """Where the trouble is. What is wrong with an account may go right on another route."""

    PHONE = "phone"
    ACCOUNT = "account"
    CARRIER = "carrier"
    MESSAGE = "message"


class Mark(Enum):
    """What the register remembers of a number."""

    OPTED_OUT = "opted out"
    LANDLINE = "takes no texts"
    UNKNOWN = "unknown to the carrier"


class Told(Enum):
    """Who must hear of it, by day: neither is woken for it."""

    COORDINATOR = "coordinator"
    KEEPER = "keeper"  # whoever runs the service and its accounts


@dataclass(frozen=True, slots=True)
class Refusal:
    code: int
    verdict: Verdict
    fault: Fault
    sentence: str
    mark: Mark | None = None
    told: Told | None = None

    @property
    def not_textable(self) -> bool:
        """No text will arrive there, now or later."""
        return self.mark in (Mark.OPTED_OUT, Mark.LANDLINE)


_NOW, _GOOD = Verdict.REFUSED_FOR_NOW, Verdict.REFUSED_FOR_GOOD
_PHONE, _ACCOUNT, _CARRIER = Fault.PHONE, Fault.ACCOUNT, Fault.CARRIER
_COORDINATOR, _KEEPER = Told.COORDINATOR, Told.KEEPER

REFUSALS: dict[int, Refusal] = {
    row.code: row
    for row in (
        # --- the account, its keys and its permissions ---
        Refusal(20003, _NOW, _ACCOUNT, "the carrier does not accept our account or token", told=_KEEPER),
        Refusal(21210, _GOOD, _ACCOUNT, "our number may not place calls from this account", told=_KEEPER),
        Refusal(21215, _GOOD, _ACCOUNT, "the account may not call this region", told=_KEEPER),
        Refusal(21408, _GOOD, _ACCOUNT, "the account may not text this region", told=_KEEPER),
        Refusal(21606, _GOOD, _ACCOUNT, "our number may not send texts from this account", told=_KEEPER),
        Refusal(30002, _GOOD, _ACCOUNT, "the account is suspended", told=_KEEPER),
        Refusal(30007, _GOOD, _ACCOUNT, "the text was filtered as unwanted", told=_KEEPER),
        Refusal(30034, _GOOD, _ACCOUNT, "our number is not registered for texts", told=_KEEPER),
        # --- the carrier itself ---
        Refusal(20001, _NOW, _CARRIER, "the carrier could not read the request"),
        Refusal(20429, _NOW, _CARRIER, "the carrier asks us to slow down"),
        Refusal(20500, _NOW, _CARRIER, "the carrier has a fault of its own"),
        Refusal(20503, _NOW, _CARRIER, "the carrier is not available"),
        Refusal(30001, _NOW, _CARRIER, "the carrier's queue for our number is full", told=_KEEPER),
        Refusal(30008, _GOOD, _CARRIER, "the text did not arrive and nobody says why"),
        # --- the phone ---
        Refusal(21211, _GOOD, _PHONE, "this is not a telephone number", Mark.UNKNOWN, _COORDINATOR),
        Refusal(21610, _GOOD, _PHONE, "this phone has said STOP to our texts", Mark.OPTED_OUT, _COORDINATOR),
        Refusal(21614, _GOOD, _PHONE, "this number cannot receive texts", Mark.LANDLINE, _COORDINATOR),
        Refusal(30003, _GOOD, _PHONE, "the phone is off or out of reach"),
        Refusal(30004, _GOOD, _PHONE, "the phone or its carrier blocks our texts", told=_COORDINATOR),
        Refusal(30005, _GOOD, _PHONE, "the number is not known to any carrier", Mark.UNKNOWN, _COORDINATOR),
        Refusal(30006, _GOOD, _PHONE, "the number is a landline", Mark.LANDLINE, _COORDINATOR),
        # --- the message ---
        Refusal(21220, _GOOD, Fault.MESSAGE, "the call is over"),
        Refusal(21617, _GOOD, Fault.MESSAGE, "the text is too long", told=_KEEPER),
    )
}


def refusal_of(code: int | None, status: int = 0) -> Refusal:
    """The row of a number; for one that is not in the table, what its HTTP status says (0: none, it came later)."""
    known = REFUSALS.get(code or 0)
    if known is not None:
        return known
    if status in (401, 403):
        return Refusal(code or 0, _NOW, _ACCOUNT, "the carrier does not let us in", told=_KEEPER)
    if status == 429 or status >= 500:
        return Refusal(code or 0, _NOW, _CARRIER, "the carrier could not take it now")
    return Refusal(code or 0, _GOOD, _CARRIER, "the carrier refused it", told=_KEEPER)
