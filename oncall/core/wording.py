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

from oncall.core.case import Case, Page
from oncall.core.facts import Facts
from oncall.core.handbook import Handbook
from oncall.core.people import Hospital
from oncall.core.questions import Question
from oncall.core.triage import Assessment, Urgency

PHONETIC = dict(
    zip(
        "ABCDEFGHJKLMNPQRSTUVWXYZ",
        ["alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "juliett", "kilo", "lima", "mike", "november", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey", "xray", "yankee", "zulu"],
        strict=True,
    )
)


def clock_time(at: datetime, hospital: Hospital) -> str:
    """3:15 AM in the hospital's zone; a weekday stands before it when it is not within the next twelve hours."""
    local = at.astimezone(ZoneInfo(hospital.zone))
    return local.strftime("%I:%M %p").lstrip("0")


def named_hour(at: datetime, now: datetime, hospital: Hospital) -> str:
    """The same with its weekday when it falls on another day than `now`."""
    zone = ZoneInfo(hospital.zone)
    day = (
        ""
        if at.astimezone(zone).date() == now.astimezone(zone).date()
        else at.astimezone(zone).strftime("%a ")
    )
    return day + clock_time(at, hospital)


def spoken_number(number: str) -> str:
    """911 as "9 1 1", so that a voice says digits."""
    return " ".join(number)


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


def page_text(
    case: Case, page: Page, n: int, at: datetime, facts: Facts, handbook: Handbook, delayed: bool
) -> str:
    """The text of a page; nothing of the patient in it."""
    pace = case.pace or Urgency.URGENT
    key = "inform_text" if page.informs else "page_text" if page.slot is not None else "page_text_no_slot"
    return handbook.advice.say(
        key,
        "en",
        mark=ordinal_mark(n, delayed),
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


def summary_sentence(case: Case, handbook: Handbook) -> str:
    """What the clinician hears after the accept digit: the signs in plain words, at most five, worst first."""
    signs = handbook.rulebook.vocabulary
    present = [f.code for f in case.findings if f.heard.counts and f.code in signs]
    present.sort(key=lambda code: not signs[code].danger)
    said = ", ".join(signs[code].sentence for code in dict.fromkeys(present))
    lead = {
        "withdrawal": "Likely too little drug.",
        "overdose": "Likely too much drug.",
        "cannot_tell": "Cannot tell too little from too much: check both.",
        "device": "Pump or catheter.",
        "infection": "Infection possible.",
    }.get(case.assessment.leanings[0].value if case.assessment else "", "")
    return " ".join(part for part in (f"{said}." if said else "Read the family's words.", lead) if part)


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
