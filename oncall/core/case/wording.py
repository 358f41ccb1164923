"""What a page, a reply and a voice prompt say, in the hospital's own time and the family's language.

Wall-clock time exists only here and in the rota. No text to a telephone carries a name of a patient, a symptom or a
number (invariant I8): urgency, code, time, what to reply, link. Deliberately not here: the sentences themselves
(rules/advice.yaml) and when they are sent.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall.core.case.case import Case, Page
from oncall.core.case.facts import Facts
from oncall.core.handbook import Handbook
from oncall.core.people import Hospital
from oncall.core.triage.assessment import Assessment, Leaning, Urgency
from oncall.core.triage.questions import Question
from oncall.core.triage.vocabulary import ABSENT_GROUPS, BACKGROUND_GROUPS

_SPELLED = (
    "alfa bravo charlie delta echo foxtrot golf hotel juliett kilo lima mike november papa quebec romeo sierra tango "
    "uniform victor whiskey xray yankee zulu"
)
PHONETIC = {word[0].upper(): word for word in _SPELLED.split()}


WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
}
UNSPOKEN_GROUPS = ABSENT_GROUPS | BACKGROUND_GROUPS


def clock_time(at: datetime, hospital: Hospital) -> str:
    """3:15 AM in the hospital's zone; a weekday stands before it when it is not within the next twelve hours."""
    local = at.astimezone(ZoneInfo(hospital.zone))
    return local.strftime("%I:%M %p").lstrip("0")


def named_hour(at: datetime, now: datetime, hospital: Hospital, language: str = "en") -> str:
    """The same with its weekday, in the family's language, when it falls on another day than `now`."""
    zone = ZoneInfo(hospital.zone)
    local = at.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return clock_time(at, hospital)
    days = WEEKDAYS.get(language, WEEKDAYS["en"])
    return f"{days[local.weekday()]} {clock_time(at, hospital)}"


def spoken_number(number: str) -> str:
    """911 as "9 1 1", so that a voice says digits."""
    return " ".join(number)


def number_in_digits(number: str) -> str:
    """+16175550142 as "6 1 7, 5 5 5, 0 1 4 2", to be read back; a foreign number whole, in digits."""
    digits = number.removeprefix("+1") if len(number) == 12 else number.removeprefix("+")
    parts = (digits[:3], digits[3:6], digits[6:]) if len(digits) == 10 else (digits,)
    return ", ".join(" ".join(part) for part in parts)


def page_token(page: str, hospital: Hospital) -> str:
    """22 characters only the hospital can make: an HMAC of the page's id (RULINGS 10)."""
    digest = hmac.new(hospital.secret, page.encode(), hashlib.sha256).digest()[:16]
    return urlsafe_b64encode(digest).decode().rstrip("=")


def page_link(page: Page, hospital: Hospital) -> str:
    return f"{hospital.public_url}/p/{page.token}"


def ordinal_mark(n: int, delayed: bool, repeat: bool = False) -> str:
    """What stands before a page that is late or not the first."""
    marks = ["DELAYED"] if delayed else []
    if n > 1 or repeat:
        marks.append(f"{n}{'nd' if n == 2 else 'rd' if n == 3 else 'th'} call" if n > 1 else "repeat")
    return ", ".join(marks) + ": " if marks else ""


def holding_mark(person: str, facts: Facts) -> str:
    """Two cases are two pages, never one; the second says how many its person holds already."""
    held = facts.holding.get(person, 0)
    return f"You already hold {held}. " if held else ""


def page_text(case: Case, page: Page, n: int, at: datetime, facts: Facts, handbook: Handbook, delayed: bool) -> str:
    """The text of a page; nothing of the patient in it."""
    pace = case.pace or Urgency.URGENT
    inform = "inform_text_pilot" if case.pinned.pilot and n == 1 else "inform_text"
    key = inform if page.informs else "page_text" if page.slot is not None else "page_text_no_slot"
    return handbook.advice.say(
        key,
        "en",
        mark=ordinal_mark(n, delayed),
        held=holding_mark(page.person, facts),
        urgency=pace.word.upper().replace("_", " "),
        code=case.code,
        time=clock_time(case.opened_at or at, facts.hospital),
        slot=str(page.slot or ""),
        link=page_link(page, facts.hospital),
    )


def question_text(question: Question, language: str, handbook: Handbook) -> str:
    """A question as one text, with its digits."""
    return question.text.get(language) or " / ".join(
        question.text[tongue] for tongue in ("en", "es") if tongue in question.text
    )


MOST_SIGNS = 5
LEANING_WORDS = {
    Leaning.WITHDRAWAL: "Likely too little drug.",
    Leaning.OVERDOSE: "Likely too much drug.",
    Leaning.CANNOT_TELL: "Cannot tell too little from too much: check both.",
    Leaning.DEVICE: "Pump or catheter.",
    Leaning.INFECTION: "Infection possible.",
}


HELP_WORDS = {"cannot_call_911": "They cannot call 911.", "called_911": "911 has been called."}


def summary_sentence(case: Case, handbook: Handbook) -> str:
    """What the clinician hears after the accept digit: at most five signs in plain words, dangers first, and the
    leaning. What merely colours the picture is left to the page."""
    signs = handbook.rulebook.vocabulary
    codes = dict.fromkeys(finding.code for finding in case.findings if finding.heard.counts)
    said = [signs[code] for code in codes if code in signs and signs[code].group not in UNSPOKEN_GROUPS]
    said.sort(key=lambda sign: not sign.danger)
    words = ", ".join(sign.sentence for sign in said[:MOST_SIGNS])
    first = case.assessment.leanings[0] if case.assessment else Leaning.NONE
    help_words = next((said for code, said in HELP_WORDS.items() if case.has_said(code)), None)
    parts = (help_words, f"{words}." if words else "Read their words.", LEANING_WORDS.get(first))
    return " ".join(part for part in parts if part)


def code_spoken(code: str) -> str:
    """K7 as "kilo 7"."""
    return " ".join(PHONETIC.get(letter, letter) for letter in code)


FIRST_REPLY = {"call_911": "first_call_911", "go_now": "first_go_now"}  # every other advice waits for the call


def first_reply_key(advice: str) -> str:
    """The sentence of the first answer for an advice (RULINGS 1)."""
    return FIRST_REPLY.get(advice, "first_wait_for_call")


def reply_without_a_clock(
    assessment: Assessment, language: str, minutes: int, handbook: Handbook, emergency: str
) -> str:
    """The first answer as `oncall triage` prints it: a span instead of a clock time (RULINGS 10)."""
    blanks = {"emergency": emergency, "minutes": str(minutes)}
    if assessment.urgency is Urgency.ROUTINE:
        return handbook.advice.say("first_office", language, "when_office", **blanks)
    key = "first_same_day" if assessment.urgency is Urgency.SAME_DAY else first_reply_key(assessment.advice)
    return handbook.advice.say(key, language, "when_within", **blanks)
