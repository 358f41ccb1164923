"""What the house is told about a call: its parameters, its progress, its recording, its conference.

One place knows how the carrier writes a call down in a webhook. Deliberately not here: when something is
told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall.adapters.rehearsal import numbers
from oncall.adapters.rehearsal.records import VERSION, Call, Callback, Recording, rfc2822

if TYPE_CHECKING:
    from oncall.adapters.rehearsal.carrier import Carrier
    from oncall.adapters.rehearsal.conferences import Conference
    from oncall.adapters.rehearsal.line import Ask, Line

_STATUS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}


def who(line: Line) -> dict[str, str]:
    """The verdict of answering machine detection, where there is one."""
    return {"AnsweredBy": line.call.answered_by} if line.call.answered_by else {}


class Notices:
    """Tells the house about calls, in the carrier's words."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def tell(self, line: Line, ask: Ask) -> None:
        """Tell an action address how something ended; what it answers no longer matters."""
        params = {**self.params(line), "CallStatus": "completed", **ask.params}
        self._carrier.callbacks.send("any", line.call.sid, line.call.to, ask.where, params)

    def tell_of_room(self, room: Conference, where: Callback, line: Line | None, params: dict[str, str]) -> None:
        told = {"AccountSid": self._carrier.line.account_sid, **params}
        told["Timestamp"] = rfc2822(self._carrier.pulse.now()) or ""
        if line is not None:
            told["CallSid"] = line.call.sid
        self._carrier.callbacks.send("any", room.sid, "", where, told)

    def tell_of_recording(self, line: Line, where: Callback, recording: Recording) -> None:
        params = {
            "AccountSid": recording.account_sid,
            "CallSid": recording.call_sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": recording.url,
            "RecordingStatus": "completed",
            "RecordingDuration": str(recording.seconds),
            "RecordingChannels": "1",
            "RecordingStartTime": rfc2822(recording.started_at) or "",
            "RecordingSource": "RecordVerb",
            "RecordingTrack": "both",
            "ErrorCode": "0",
        }
        self._carrier.callbacks.send("any", recording.sid, line.call.to, where, params)

    def announce(self, line: Line, event: str, final: str = "") -> None:
        """A call has reached its next state; whoever asked to be told is told."""
        call, now = line.call, self._carrier.pulse.now()
        call.status, call.updated_at = final or _STATUS[event], now
        if event == "answered":
            call.answered_at = now
        self._carrier.pulse.changed()
        if event not in call.events:
            return
        params = {
            **self.params(line),
            "SequenceNumber": str(call.sequence),
            "CallbackSource": "call-progress-events",
            "Timestamp": rfc2822(now) or "",
            **who(line),
            **(_ending(call) if final else {}),
        }
        call.sequence += 1
        self._carrier.callbacks.send("call", call.sid, call.to, call.status_callback, params, call.status)

    def params(self, line: Line) -> dict[str, str]:
        call = line.call
        params = {
            "AccountSid": call.account_sid,
            "ApiVersion": VERSION,
            "CallSid": call.sid,
            "CallStatus": call.status,
            "Direction": call.direction,
            "From": call.caller,
            "To": call.to,
            "Caller": call.caller,
            "Called": call.to,
        }
        for role in ("From", "Caller"):
            params |= numbers.place_fields(role, call.caller)
        for role in ("To", "Called"):
            params |= numbers.place_fields(role, call.to)
        if call.parent_sid:
            params["ParentCallSid"] = call.parent_sid
        if call.direction == "inbound" and call.caller not in numbers.WITHHELD:
            params["StirVerstat"] = "TN-Validation-Passed-A"
        return params


def _ending(call: Call) -> dict[str, str]:
    seconds = call.seconds
    minutes = -(-seconds // 60)
    told = {"SipResponseCode": str(call.sip_code)}
    if call.status == "completed":
        told |= {"CallDuration": str(seconds), "Duration": str(minutes)}
    return told
