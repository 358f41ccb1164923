"""One case on one card, in the order in which a colleague is told: situation, background, assessment, what was said.

The family's own words stand beside what the rules made of them, and "not sure" is never shown as "no". Deliberately
not here: what happened when (`story`), buttons, and whether this reader may see it (the doors).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from oncall.core.case.case import Arrival, Case, Enclosure
from oncall.core.case.wording import summary_sentence
from oncall.core.handbook import Handbook
from oncall.core.reports import EnclosureKind, Finding, Heard, Report
from oncall.core.triage.assessment import Reason
from oncall.core.triage.vocabulary import BACKGROUND_GROUPS
from oncall.service.cases.story_words import LANGUAGES, readable
from oncall.service.telephone.media_types import PLAYED, SHOWN

WORDS_SHOWN = 5  # the newest reports; the whole night is in the story
DOUBT = {
    Heard.PRESENT: "",
    Heard.NOT_SURE: ", not sure",
    Heard.DENIED: ", denied",
    Heard.NOT_SAID: ", not of now",
}
SILENT = frozenset({Arrival.PICKED_UP, Arrival.SILENT, Arrival.HUNG_UP})
ADVICE = {
    "call_911": "Call 911 now; say: baclofen pump.",
    "go_now": "Go to the nearest emergency room now, with the pump card.",
    "wait_for_call": "Wait for our call; 911 if they cannot wake or breathe well.",
    "office": "The office answers; 0 for a doctor now.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A recording or picture as the page shows it: `how` is play, look, save, wait (on its way) or gone."""

    name: str
    told: str
    at: datetime
    how: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """See the module. `heard` are the signs of today with the words that carried them, `because` the rules that fired
    with their signs, `would_raise` what the questions could still bring up."""

    situation: str
    words: tuple[str, ...]
    who: str
    background: tuple[str, ...]
    leans: str
    heard: tuple[str, ...]
    because: tuple[str, ...]
    would_raise: tuple[str, ...]
    advice: str
    edition: str
    language: str
    enclosures: tuple[Shown, ...] = ()


def card_of(case: Case, reports: Mapping[str, Report], handbook: Handbook) -> Card:
    verdict = case.assessment
    spoken = [note for note in case.reports if note.arrival not in SILENT and note.id in reports]
    return Card(
        situation=summary_sentence(case, handbook),
        words=tuple(words for note in spoken if (words := readable(reports[note.id])).strip())[-WORDS_SHOWN:],
        who=case.label,
        background=_background(case, handbook),
        leans=" then ".join(_plain(leaning.value) for leaning in verdict.leanings) if verdict else "not judged yet",
        heard=_heard(case, handbook),
        because=tuple(_because(reason, handbook) for reason in verdict.because) if verdict else (),
        would_raise=tuple(_sign(code, handbook) for code in verdict.would_raise) if verdict else (),
        advice=ADVICE.get(verdict.advice, _plain(verdict.advice)) if verdict else "nothing yet",
        edition=(verdict.edition if verdict else case.edition)[:8],
        language=LANGUAGES.get(case.language, case.language),
        enclosures=tuple(_shown(enclosure) for enclosure in case.enclosures),
    )


def _shown(enclosure: Enclosure) -> Shown:
    seconds = f", {enclosure.what.seconds} s" if enclosure.what.seconds else ""
    is_sound = enclosure.what.kind is EnclosureKind.RECORDING or enclosure.media_type in PLAYED
    told = f"recorded message{seconds}" if is_sound else "picture"
    if enclosure.gone:
        return Shown(enclosure.what.id, told, enclosure.at, "gone", enclosure.gone)
    if not enclosure.is_kept:
        return Shown(enclosure.what.id, told, enclosure.at, "wait")
    kind = enclosure.media_type
    how = "play" if kind in PLAYED else "look" if kind in SHOWN else "save"
    return Shown(enclosure.what.id, told if how != "save" else "attachment", enclosure.at, how)


def _heard(case: Case, handbook: Handbook) -> tuple[str, ...]:
    """Each sign with the very words; what the record says stands in the background."""
    signs = handbook.rulebook.vocabulary
    today = [f for f in case.findings if f.code not in signs or signs[f.code].group not in BACKGROUND_GROUPS]
    return tuple(
        f"{_sign(finding.code, handbook)}{DOUBT[finding.heard]}"
        + (f": “{finding.evidence}”" if finding.evidence else "")
        for finding in today
    )


def _because(reason: Reason, handbook: Handbook) -> str:
    signs = ", ".join(_sign(code, handbook) for code in reason.findings)
    return f"{reason.rule}: {reason.says}" + (f" ({signs})" if signs else "")


def _sign(code: str, handbook: Handbook) -> str:
    sign = handbook.rulebook.vocabulary.get(code)
    return sign.sentence if sign else _plain(code)


def _background(case: Case, handbook: Handbook) -> tuple[str, ...]:
    """What the record says, then what was asked and not clearly answered."""
    signs = handbook.rulebook.vocabulary

    def said(finding: Finding) -> str:
        return _sign(finding.code, handbook)

    record = [f for f in case.findings if f.code in signs and signs[f.code].group in BACKGROUND_GROUPS]
    unsure = [f for f in case.findings if f.heard is Heard.NOT_SURE]
    denied = [f for f in case.findings if f.heard is Heard.DENIED]
    lines = [f"{said(finding)} ({finding.evidence})" for finding in record if finding.heard.counts]
    if unsure:
        lines.append("not sure: " + ", ".join(dict.fromkeys(map(said, unsure))))
    if denied:
        lines.append("they say no: " + ", ".join(dict.fromkeys(map(said, denied))))
    return tuple(dict.fromkeys(lines))


def _plain(code: str) -> str:
    return code.replace("_", " ")
