"""Twilio's words for how far a text or a call got, as our own."""

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
