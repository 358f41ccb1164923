"""A contact that waited beside the store, taken in again by its own door and under its own key.

A text goes through the inbox and an alarm through the intake as at the first time; a step of a call is filed with what
was pressed or said, and the call counts as over, because its caller was put through to the operator. All of them say
that they are late. Deliberately not here: when (`emergency_journal`).
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from oncall.core.as_json import read
from oncall.core.case.wording import number_in_digits
from oncall.core.reports import Finding
from oncall.service.intake import NOT_STORED, CallIn, Intake, Late, TextIn
from oncall.service.line.emergency_journal import Contact, Door
from oncall.service.telephone.inbox import Inbox
from oncall.service.telephone.steps import Telephone

WORDS_SPOKEN, MOST_SPOKEN = 300, 5  # characters of one, and how many


@dataclass(frozen=True, slots=True)
class CallStep:
    """A step of a family's call, and where in it they were."""

    call: CallIn
    asked: str = ""


@dataclass(frozen=True, slots=True)
class AlarmIn:
    """What a sender brought. `alarms` where it could be read; `body` is base64."""

    sender: str
    name: str | None
    body: str
    alarms: Sequence[Mapping[str, Any]] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class TakenDown:
    """The form on the board."""

    number: str | None
    words: str
    answers: tuple[Finding, ...]
    by: str


class KeptContacts:
    """See the module."""

    def __init__(self, inbox: Inbox, intake: Intake, telephone: Telephone) -> None:
        self._inbox, self._intake, self._telephone = inbox, intake, telephone

    async def again(self, contact: Contact) -> None:
        """Through its own door. Raises JournalRefused, and whatever broke it the first time."""
        late, told = Late(contact.at, NOT_STORED, contact.id), json.loads(contact.told)
        match contact.door:
            case Door.TEXT:
                await self._inbox.take(replace(read(TextIn, told), late=late))
            case Door.CALL:
                step: CallStep = read(CallStep, told)
                await self._intake.take_late_step(step.call, step.asked, late)
            case Door.RECORDING:
                call: CallIn = read(CallIn, told)
                assert call.recording is not None
                await self._telephone.recorded(call, call.recording)
            case Door.ALARM:
                alarm: AlarmIn = read(AlarmIn, told)
                await self._intake.take_alarms(alarm.alarms, alarm.sender, alarm.name, b64decode(alarm.body), late)
            case Door.UNREADABLE:
                alarm = read(AlarmIn, told)
                body = b64decode(alarm.body)
                await self._intake.take_unreadable(alarm.sender, alarm.name, body, alarm.why, late)
            case Door.NEW_CALL:
                taken: TakenDown = read(TakenDown, told)
                await self._intake.take_new_call(taken.number, taken.words, taken.answers, taken.by, late=late)
            case Door.TORN:
                await self.as_raw(contact)

    async def as_raw(self, contact: Contact) -> None:
        """Where its reading fails: the raw words to a person."""
        late, why = Late(contact.at, NOT_STORED, contact.id), f"kept beside the store ({contact.door.value})"
        await self._intake.take_unreadable("emergency journal", contact.id, contact.told.encode(), why, late)


def told_aloud(contacts: Sequence[Contact], zone: str, on_call: Sequence[str]) -> list[str]:
    """For the operator, behind the key. `on_call`: names of who should be told, from the sheet beside the telephone."""
    more = len(contacts) - MOST_SPOKEN
    return [
        *(_aloud(contact, zone) for contact in contacts[:MOST_SPOKEN]),
        *([f"{more} more wait. Whoever keeps the machine can read them with: oncall emergency."] if more > 0 else []),
        f"Now ring the pump doctor from your sheet. On call: {', '.join(on_call) or 'nobody is known'}.",
    ]


def _aloud(contact: Contact, zone: str) -> str:
    """When, by what, whom to call back, and the words."""
    hour = contact.at.astimezone(ZoneInfo(zone)).strftime("%-I:%M %p")
    told = json.loads(contact.told)
    number, words = _number_and_words(contact.door, told)
    back = f"Call back {number_in_digits(number)}. Again: {number_in_digits(number)}." if number else "No number known."
    said = f" It says: {' '.join(words.split())[:WORDS_SPOKEN]}." if words.strip() else ""
    return f"At {hour}, a {contact.door.value}. {back}{said}"


def _number_and_words(door: Door, told: Any) -> tuple[str | None, str]:
    match door:
        case Door.TEXT:
            return told["number"], told["body"]
        case Door.CALL:
            return told["call"]["number"], told["call"]["speech"]
        case Door.RECORDING:
            return told["number"], ""
        case Door.NEW_CALL:
            return told["number"], told["words"]
        case Door.ALARM:
            return None, "; ".join(_fields(alarm) for alarm in told["alarms"])
        case _:
            return None, "a person must read it on the machine" if door is Door.UNREADABLE else str(told)


def _fields(alarm: Any) -> str:
    if not isinstance(alarm, Mapping):
        return str(alarm)
    named = ("device_serial", "alarm_class", "alarm_reason", "tone", "caller_note")
    return ", ".join(f"{name.replace('_', ' ')} {alarm[name]}" for name in named if alarm.get(name))
