"""A room in which several legs hear each other, as the carrier keeps it.

Each leg sits on a seat; star may leave it, an announcement may be made to one of them, and the room tells the house
who comes and goes. A room ends with its last leg, with one that ends it, or by the REST interface. Deliberately not
here: how a leg gets there (dialling.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from oncall.adapters.rehearsal.line import Ask, Line
from oncall.adapters.rehearsal.records import VERSION, Callback, rfc2822
from oncall.adapters.rehearsal.twiml import Room, Say

if TYPE_CHECKING:
    from oncall.adapters.rehearsal.calls import Calls


class Seat:
    """One leg's place: its keys mean nothing in a conference, but star leaves it where its Dial says so."""

    def __init__(self, room: Conference, line: Line, asked: Room, leaves_on_star: bool) -> None:
        self.room, self.line, self.asked, self._leaves_on_star = room, line, asked, leaves_on_star
        self.sat_down_at = room.now
        self.has_left = False
        self.is_listening = True

    def key(self, key: str) -> None:
        if key == "*" and self._leaves_on_star:
            self.leave()

    def words(self, line: Line, words: str) -> None:
        self.room.words(line, words)

    def leave(self) -> None:
        self.has_left = True
        self.line.nudge()

    def published(self) -> dict[str, Any]:
        call, room = self.line.call, self.room
        uri = f"/{VERSION}/Accounts/{call.account_sid}/Conferences/{room.sid}/Participants/{call.sid}.json"
        return {
            "account_sid": call.account_sid,
            "call_sid": call.sid,
            "call_sid_to_coach": None,
            "coaching": False,
            "conference_sid": room.sid,
            "date_created": rfc2822(self.sat_down_at),
            "date_updated": rfc2822(self.sat_down_at),
            "end_conference_on_exit": self.asked.ends,
            "hold": False,
            "label": None,
            "muted": False,
            "queue_time": "0",
            "start_conference_on_enter": self.asked.starts,
            "status": "connected",
            "uri": uri,
        }


class Conference:
    """A room with a name. `joined` remembers every entry, for tests and the timeline."""

    def __init__(self, calls: Calls, sid: str, account_sid: str, asked: Room) -> None:
        self._calls = calls
        self.sid, self.account_sid, self.name = sid, account_sid, asked.name
        self._asked = asked  # the first Dial decides who is told of events
        self.began_at = self.updated_at = calls.pulse.now()
        self.seats: dict[Line, Seat] = {}
        self.joined: list[tuple[datetime, str]] = []
        self.has_begun = False
        self.is_over = False
        self._sequence = 0
        self._last_call = self._why_over = ""

    @property
    def now(self) -> datetime:
        return self._calls.pulse.now()

    def enter(self, line: Line, asked: Room, leaves_on_star: bool = False) -> Seat:
        seat = Seat(self, line, asked, leaves_on_star)
        self.seats[line], line.ears = seat, seat
        number = line.handset.number if line.handset else line.call.to
        self.joined.append((self.now, number))
        self._tell("participant-join", line)
        starts = any(other.asked.starts for other in self.seats.values())
        if len(self.seats) > 1 and starts and not self.has_begun:
            self.has_begun = True
            self._tell("conference-start", None)
        self._nudge_all()
        return seat

    def leave(self, line: Line) -> None:
        seat = self.seats.pop(line)
        line.ears, self._last_call = None, line.call.sid
        self._tell("participant-leave", line)
        if seat.asked.ends or not self.seats:
            self.end("participant-with-end-conference-on-exit-left" if seat.asked.ends else "last-participant-left")
        self._nudge_all()

    def end(self, why: str = "conference-ended-via-api") -> None:
        """Everybody's Dial is over."""
        if self.is_over:
            return
        self.is_over, self._why_over = True, why
        self._calls.rooms.pop(self.name, None)
        self._tell("conference-end", None)
        self._nudge_all()

    def words(self, line: Line, words: str) -> None:
        for member in self.seats:
            if member is not line:
                member.hear(words)

    async def announce(self, lines: list[Line], where: Callback) -> None:
        """Words that the house wants said to these legs, while the others talk on."""
        for line in lines:
            document = await self._calls.fetch(line, Ask(where))
            for verb in document.verbs:
                if isinstance(verb, Say) and line in self.seats:
                    line.hear(verb.words)

    def published(self) -> dict[str, Any]:
        uri = f"/{VERSION}/Accounts/{self.account_sid}/Conferences/{self.sid}"
        status = "completed" if self.is_over else "in-progress" if self.has_begun else "init"
        return {
            "account_sid": self.account_sid,
            "api_version": VERSION,
            "call_sid_ending_conference": self._last_call if self.is_over else None,
            "date_created": rfc2822(self.began_at),
            "date_updated": rfc2822(self.updated_at),
            "friendly_name": self.name,
            **({"reason_conference_ended": self._why_over} if self.is_over else {}),  # the description knows no null
            "region": "us1",
            "sid": self.sid,
            "status": status,
            "subresource_uris": {
                "participants": f"{uri}/Participants.json",
                "recordings": f"{uri}/Recordings.json",
            },
            "uri": f"{uri}.json",
        }

    def _nudge_all(self) -> None:
        self.updated_at = self.now
        for member in self.seats:
            member.nudge()

    def _tell(self, event: str, line: Line | None) -> None:
        if event.removeprefix("participant-").removeprefix("conference-") not in self._asked.events:
            return
        params = {"ConferenceSid": self.sid, "FriendlyName": self.name, "StatusCallbackEvent": event}
        params["SequenceNumber"] = str(self._sequence)
        self._sequence += 1
        self._calls.notices.tell_of_room(self, self._asked.status_callback, line, params)
