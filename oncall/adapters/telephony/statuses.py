"""Twilio's words as our own: how far something got, whose number it is, and what its carriers take for STOP."""

from __future__ import annotations

from oncall.core.case.messages import Progress
from oncall.core.emergency_numbers import is_emergency_number

PROGRESS = {
    "queued": Progress.ACCEPTED, "initiated": Progress.ACCEPTED, "accepted": Progress.ACCEPTED,
    "sending": Progress.SENT, "sent": Progress.SENT, "ringing": Progress.RINGING,
    "in-progress": Progress.ANSWERED, "answered": Progress.ANSWERED,
    "delivered": Progress.DELIVERED, "read": Progress.DELIVERED, "completed": Progress.COMPLETED,
    "busy": Progress.BUSY, "no-answer": Progress.NO_ANSWER, "canceled": Progress.CANCELED,
    "undelivered": Progress.UNDELIVERED, "failed": Progress.FAILED,
}  # fmt: skip
CALL_OVER = frozenset({"completed", "failed", "busy", "no-answer", "canceled"})
WITHHELD = frozenset({"", "anonymous", "+266696687", "+86282452253", "unknown", "restricted", "unavailable"})
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})


def plain_number(told: str | None) -> str | None:
    """An E.164 number, or None for a withheld one and for one that we must never answer by dialling it."""
    if told is None or told.strip().lower() in WITHHELD or is_emergency_number(told):
        return None
    return told.strip() if told.startswith("+") else None


def opt_out_of(body: str) -> str | None:
    """Carriers block after these words alone, whether or not they say so (measured)."""
    word = body.strip().upper()
    return "STOP" if word in STOP_WORDS else "START" if word in START_WORDS else None
