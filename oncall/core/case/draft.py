"""The pen of one decision: entries written so far, and the case as they have already made it.

Deciding needs to see its own earlier entries (a page that was just ordered counts as ordered), so `decide` writes
through a `Draft`. From outside it stays a pure function: a draft lives for one call. The small verbs here (owe a
message, set a clock) are the only way entries are made; which to use when stands in the modules by subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from oncall.core.case import entries as e
from oncall.core.case.case import Case, ClockKind
from oncall.core.case.evolve import evolve
from oncall.core.case.facts import Facts
from oncall.core.case.messages import DELIVERY_WAIT, Channel, Lane, LegKind, Message, Purpose, count_key, message_id
from oncall.core.case.wording import named_hour
from oncall.core.handbook import Handbook
from oncall.core.reports import Report
from oncall.core.triage.assessment import Urgency

FAMILY = "family"  # stands where a page id would, in the ids of messages to a family
# A family must not miss these: they are spoken when nobody reports that the text arrived. An office reply is not.
MUST_ARRIVE = frozenset(
    {
        "first_call_911",
        "first_go_now",
        "first_wait_for_call",
        "first_same_day",
        "raised_call_911",
        "raised_go_now",
        "nobody_reached",
        "promise_late",
    }
)


@dataclass(slots=True)
class Draft:
    """See the module. `answer` is what the caller of the decision may say back; `reports` are raw words to file."""

    case: Case
    at: datetime
    facts: Facts
    handbook: Handbook
    entries: list[e.Recorded] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    delayed: bool = False
    reply_to: str | None = None  # while a report is answered: its sender; everything else goes to all of the family
    withheld: bool = False  # nothing is answered to that sender: an auto-responder seems to answer us

    def write(self, entry: e.Entry) -> None:
        recorded = e.Recorded(self.case.version + 1, self.at, entry)
        self.entries.append(recorded)
        self.case = evolve(self.case, recorded)

    # --- clocks ------------------------------------------------------------------------------------------------

    def set_clock(self, kind: ClockKind, wait: timedelta, subject: str = "") -> None:
        self.set_clock_at(kind, self.at + wait, subject)

    def set_clock_at(self, kind: ClockKind, due_at: datetime, subject: str = "") -> None:
        """Due instants in the past are kept: they are due at once."""
        wait = max((due_at - self.at).total_seconds(), 0.0)
        self.write(e.ClockSet(kind, subject, due_at, wait))

    def end_clock(self, kind: ClockKind, subject: str = "") -> None:
        if self.case.clock(kind, subject):
            self.write(e.ClockEnded(kind, subject))

    def end_clocks(self, *kinds: ClockKind) -> None:
        for clock in self.case.clocks:
            if clock.kind in kinds:
                self.write(e.ClockEnded(clock.kind, clock.subject))

    # --- messages ----------------------------------------------------------------------------------------------

    def lane_of(self, purpose: Purpose) -> Lane:
        """Pages of an urgent case do not stand behind routine texts; echoes and notices may."""
        if self.case.pace is Urgency.EMERGENCY:
            return Lane.EMERGENCY
        is_page = purpose in (Purpose.PAGE, Purpose.INFORM)
        return Lane.URGENT if is_page and self.case.pace is Urgency.URGENT else Lane.NORMAL

    def owe(
        self,
        channel: Channel,
        purpose: Purpose,
        to: str,
        body: str = "",
        *,
        page: str = "",
        person: str | None = None,
        language: str = "en",
        lane: Lane | None = None,
        target: str | None = None,
        leg: LegKind | None = None,
        route: str | None = None,
    ) -> Message:
        """Order one message; its id is derived, so that a replayed decision names the same one."""
        about = page or purpose.value
        n = 1 + self.case.times_sent(count_key(about, channel, to))
        message = Message(
            id=message_id(self.case.id, about, channel, to, n),
            case=self.case.id,
            channel=channel,
            purpose=purpose,
            lane=lane or self.lane_of(purpose),
            to=to,
            body=body,
            language=language,
            person=person,
            page=page or None,
            n=n,
            target=target,
            leg=leg,
            route=route,
        )
        self.write(e.MessageOwed(message))
        return message

    def tell_family(self, key: str, **blanks: str) -> None:
        """One sentence to the family: a text, or a call where texts do not arrive. Nobody to tell is no error."""
        for told in self.tell_family_words(self.say(key, self.case.language, **blanks)):
            if key in MUST_ARRIVE:
                self.expect_delivery(told)

    def tell_family_words(self, body: str) -> list[Message]:
        """Words that are already whole, such as a question."""
        told: list[Message] = []
        if self.withheld:
            return told
        for number in (self.reply_to,) if self.reply_to else self.case.phones:
            channel = Channel.SMS if self.takes_texts(number) else Channel.VOICE
            told.append(self.owe(channel, Purpose.FAMILY, number, body, language=self.case.language, lane=Lane.FAMILY))
        return told

    def expect_delivery(self, message: Message) -> None:
        """The call follows unless the text is known to have arrived in time, however the carrier is (hazard 11)."""
        if message.channel is Channel.SMS:
            self.set_clock(ClockKind.DELIVERY, DELIVERY_WAIT, message.id)

    def takes_texts(self, number: str) -> bool:
        """Nothing known speaks against it; a text that fails after all becomes a call."""
        if number in self.case.blocked:
            return False
        phone = self.facts.caller.phone if self.facts.caller and number == self.case.phone else None
        return phone is None or phone.can_be_texted

    def tell_person(self, person: str, key: str, to: str | None = None, page: str = "", **blanks: str) -> None:
        """One sentence to a clinician's first phone that takes texts (or to `to`)."""
        number = to or self.text_number(person)
        if number is not None:
            self.owe(Channel.SMS, Purpose.STAFF, number, self.say(key, "en", **blanks), person=person)

    def text_number(self, person: str) -> str | None:
        known = self.facts.clinician(person)
        return next((phone.number for phone in known.phones if phone.can_be_texted), None) if known else None

    def say(self, key: str, language: str, **blanks: str) -> str:
        """A declared sentence with the hospital's standing blanks filled in."""
        standing: Mapping[str, str] = {
            "emergency": self.facts.hospital.emergency_number,
            "code": self.case.code,
            **blanks,
        }
        return self.handbook.advice.say(key, language, **standing)

    def hour(self, at: datetime, language: str = "en") -> str:
        return named_hour(at, self.at, self.facts.hospital, language)

    def family_hour(self, at: datetime) -> str:
        return self.hour(at, self.case.language)

    def notice(self, what: str) -> None:
        self.write(e.Noticed(what))
