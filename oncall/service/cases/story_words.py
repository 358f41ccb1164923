"""The words that a case's story uses for single things: how a report came, what became of a message, which clock.

Deliberately not here: the sentences of the entries (`story`).
"""

from __future__ import annotations

import json

from oncall.core.case.case import Arrival
from oncall.core.case.ipass import Ipass
from oncall.core.case.messages import Progress
from oncall.core.case.refusals import refusal_of
from oncall.core.reports import Enclosed, EnclosureKind, Heard, Report, Source

SCENES = {
    "join": "to the talk",
    "keys": "to the keys",
    "wait": "back to waiting",
    "over": "the talk is over",
    "machine": "one sentence for the machine",
    "machine_family": "one sentence for the machine",
}
PERSONS = {
    "usual": "the caller says: about the usual person",
    "other": "the caller says: about another person than this telephone's",
}
NOT_SURE = "the caller is not sure whether it is about the usual person"
NEEDED = {None: "", True: "; the page was needed", False: "; the page was not needed"}
LANGUAGES = {"en": "English", "es": "Spanish"}
ARRIVALS = {
    Arrival.TEXT: "text from the family",
    Arrival.PICKED_UP: "the family rings the line",
    Arrival.KEY: "the caller pressed a key",
    Arrival.WORDS: "the caller said",
    Arrival.SILENT: "the caller was silent",
    Arrival.HUNG_UP: "the caller hung up",
    Arrival.RECORDED: "the caller left a recorded message",
    Arrival.ALARM: "pump alarm",
    Arrival.NEW_CALL: "new call, taken down by staff",
    Arrival.CALENDAR: "the calendar of the house",
}
HEARD = {Heard.PRESENT: "", Heard.NOT_SURE: "not sure: ", Heard.DENIED: "denied: ", Heard.NOT_SAID: "not said: "}
PROGRESS = {
    Progress.OWED: "owed",
    Progress.ATTEMPTED: "handed to the carrier",
    Progress.ACCEPTED: "the carrier has it",
    Progress.SENT: "sent",
    Progress.RINGING: "ringing",
    Progress.ANSWERED: "answered, by whom is not known",
    Progress.DELIVERED: "delivered",
    Progress.COMPLETED: "call over",
    Progress.BUSY: "busy",
    Progress.NO_ANSWER: "no answer",
    Progress.CANCELED: "stopped",
    Progress.UNDELIVERED: "not delivered",
    Progress.FAILED: "failed",
    Progress.DROPPED: "no longer needed",
}


def readable(report: Report) -> str:
    """An alarm field by field; words as they came."""
    if report.source is not Source.ALARM:
        return report.raw
    try:
        fields = json.loads(report.raw)
    except ValueError:
        return report.raw
    if not isinstance(fields, dict):
        return report.raw
    return "\n".join(f"{words_of(str(name))}: {_value(value)}" for name, value in fields.items())


def enclosed(what: Enclosed) -> str:
    """A recording or picture in a sentence."""
    return "the recorded message" if what.kind is EnclosureKind.RECORDING else "the picture or attachment"


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def words_of(code: str) -> str:
    return code.replace("_", " ")


def ordinal(n: int) -> str:
    return f"{n}{'th' if n % 100 in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


def clock(kind: str) -> str:
    return f"clock: {words_of(kind)}"


def edition(name: str) -> str:
    return f"edition {name[:8]}"


def because(code: int | None) -> str:
    return f" (carrier code {code}: {refusal_of(code).sentence})" if code else ""


def by_route(route: str | None) -> str:
    """Said only where it is not the usual one."""
    return f" ({route} route)" if route not in (None, "first") else ""


def phone_ending(number: str | None) -> str:
    return f", phone ending {number[-4:]}" if number else ""


def form_lines(form: Ipass) -> tuple[str, ...]:
    """A hand-over form, line by line, as its writer filled it in."""
    lines = (("patient", form.patient), ("to do", form.actions), ("what to expect", form.situation))
    return (f"illness: {form.illness.value}", *(f"{name}: {words}" for name, words in lines if words))
