"""Twilio's words as our own: how far something got, whose number it is, and what its carriers take for STOP."""

from __future__ import annotations

from oncall.core.messages import Progress

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
START_WORDS = frozenset({"START", "UNSTOP"})


def plain_number(told: str | None) -> str | None:
    """An E.164 number, or None for a withheld one."""
    return None if told is None or told.strip().lower() in WITHHELD or not told.startswith("+") else told.strip()


def opt_out_of(body: str) -> str | None:
    """Carriers block after these words alone, whether or not they say so (standards.md 4)."""
    word = body.strip().upper()
    return "STOP" if word in STOP_WORDS else "START" if word in START_WORDS else None
