"""Messages, calls and recordings as the carrier keeps and publishes them, and the refusals it answers with.

The published form has exactly the fields of Twilio's description, so that a change of theirs shows in the
contract test and not at three in the morning. Deliberately not here: what makes a status change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from oncall.adapters.rehearsal.numbers import formatted
from oncall.service.rules.text_measures import segments

VERSION = "2010-04-01"
_ERRORS = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20503: "Service Unavailable",
    21201: "No 'To' number is specified",
    21205: "Url parameter is required.",
    21210: "The source phone number provided is not yet verified for your account.",
    21211: "The 'To' number is not a valid phone number.",
    21213: "No 'From' number is specified",
    21220: "Call is not in-progress. Cannot redirect.",
    21266: "'To' and 'From' number cannot be the same",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number.",
    21602: "Message body is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number provided is not a valid, message-capable Twilio phone number.",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit.",
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30034: "Message from an Unregistered Number",
}


def error_text(code: int) -> str:
    return _ERRORS.get(code, "The request could not be completed")


class Refusal(Exception):
    """What the REST interface answers instead of doing as asked."""

    def __init__(self, code: int, status: int = 400, message: str | None = None) -> None:
        self.code, self.status = code, status
        self.message = message or error_text(code)
        super().__init__(f"{code} {self.message}")

    def published(self) -> dict[str, Any]:
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": self.message, "more_info": more, "status": self.status}


def rfc2822(at: datetime | None) -> str | None:
    return format_datetime(at) if at else None


@dataclass(frozen=True, slots=True)
class Callback:
    """Where and how somebody wants to hear of something; an empty url means nowhere."""

    url: str = ""
    method: str = "POST"


NOWHERE = Callback()


@dataclass(eq=False, slots=True)
class Text:
    """One text, in either direction."""

    sid: str
    account_sid: str
    sender: str
    to: str
    body: str
    direction: str
    created_at: datetime
    status: str = "queued"
    updated_at: datetime | None = None
    sent_at: datetime | None = None
    error_code: int | None = None
    media: tuple[str, ...] = ()
    status_callback: Callback = NOWHERE
    messaging_service_sid: str | None = None
    validity_s: int | None = None

    def move(self, status: str, at: datetime, error_code: int | None = None) -> None:
        self.status, self.updated_at, self.error_code = status, at, error_code
        if status in ("sent", "received"):
            self.sent_at = at

    def published(self) -> dict[str, Any]:
        uri = f"/{VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": VERSION,
            "body": self.body,
            "date_created": rfc2822(self.created_at),
            "date_sent": rfc2822(self.sent_at),
            "date_updated": rfc2822(self.updated_at or self.created_at),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": error_text(self.error_code) if self.error_code else None,
            "from": self.sender,
            "messaging_service_sid": self.messaging_service_sid,
            "num_media": str(len(self.media)),
            "num_segments": str(segments(self.body)),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


@dataclass(eq=False, slots=True)
class Call:
    """One leg of a call. `outbound-dial` legs are the children of a Dial."""

    sid: str
    account_sid: str
    caller: str
    to: str
    direction: str
    created_at: datetime
    document: Callback = NOWHERE  # where its TwiML comes from
    twiml: str = ""  # or the TwiML itself
    fallback: Callback = NOWHERE
    status_callback: Callback = NOWHERE
    events: tuple[str, ...] = ("completed",)
    timeout_s: int = 60
    machine_detection: str = ""
    amd_callback: Callback = NOWHERE
    parent_sid: str | None = None
    status: str = "queued"
    answered_by: str | None = None
    updated_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    sip_code: int = 200
    sequence: int = 0
    heard: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.status in FINAL

    @property
    def far_end(self) -> str:
        """The number that is not the hospital's."""
        return self.caller if self.direction == "inbound" else self.to

    @property
    def seconds(self) -> int:
        """How long they have talked; nothing for a call that was never answered."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.answered_at).total_seconds())

    def published(self) -> dict[str, Any]:
        uri = f"/{VERSION}/Accounts/{self.account_sid}/Calls/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "answered_by": self.answered_by,
            "api_version": VERSION,
            "caller_name": None,
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.updated_at or self.created_at),
            "direction": self.direction,
            "duration": str(self.seconds) if self.status == "completed" else None,
            "end_time": rfc2822(self.ended_at),
            "forwarded_from": None,
            "from": self.caller,
            "from_formatted": formatted(self.caller),
            "group_sid": None,
            "parent_call_sid": self.parent_sid,
            "phone_number_sid": None,
            "price": None,
            "price_unit": "USD",
            "queue_time": "0",
            "sid": self.sid,
            "start_time": rfc2822(self.answered_at),
            "status": "queued" if self.status == "initiated" else self.status,
            "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
            "to": self.to,
            "to_formatted": formatted(self.to),
            "trunk_sid": None,
            "uri": f"{uri}.json",
        }


@dataclass(eq=False, slots=True)
class Picture:
    """What a phone attached to a text; the carrier keeps it until it is told to delete it."""

    sid: str
    account_sid: str
    message_sid: str
    body: bytes
    media_type: str
    created_at: datetime

    @property
    def path(self) -> str:
        return f"/{VERSION}/Accounts/{self.account_sid}/Messages/{self.message_sid}/Media/{self.sid}"

    def published(self) -> dict[str, Any]:
        return {
            "account_sid": self.account_sid,
            "content_type": self.media_type,
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.created_at),
            "parent_sid": self.message_sid,
            "sid": self.sid,
            "uri": f"{self.path}.json",
        }


@dataclass(eq=False, slots=True)
class Recording:
    """What a caller said after the tone, as words; the sound itself is a tone of the same length."""

    sid: str
    account_sid: str
    call_sid: str
    url: str
    started_at: datetime
    words: list[str] = field(default_factory=list)
    seconds: int = 0

    def stop(self, at: datetime) -> None:
        self.seconds = max(round((at - self.started_at).total_seconds()), 1)

    def published(self) -> dict[str, Any]:
        uri = f"/{VERSION}/Accounts/{self.account_sid}/Recordings/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": VERSION,
            "call_sid": self.call_sid,
            "channels": 1,
            "conference_sid": None,
            "date_created": rfc2822(self.started_at),
            "date_updated": rfc2822(self.started_at),
            "duration": str(self.seconds),
            "encryption_details": None,
            "error_code": None,
            "media_url": self.url,
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "source": "RecordVerb",
            "start_time": rfc2822(self.started_at),
            "status": "completed",
            "subresource_uris": {},
            "uri": f"{uri}.json",
        }
