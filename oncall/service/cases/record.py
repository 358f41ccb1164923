"""A case as a record to be kept elsewhere: in short for a chart, whole for a committee, without names for the others.

Whole means one row for each entry of the journal with the hash that ties it to those before it. Without names nothing
that anybody wrote or said is let through: only what is listed here by kind, people as letters, time since the first
contact instead of dates. Deliberately not here: files, PDF and who may have them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import ascii_uppercase
from zoneinfo import ZoneInfo

from oncall.core.case import entries as e
from oncall.core.case.case import Case
from oncall.core.case.facts import Directory
from oncall.core.case.holding import CAUSES, OUTCOMES
from oncall.core.case.messages import Channel, Message, Purpose
from oncall.service.cases.board import CaseRow, name_of, span_words
from oncall.service.cases.card import Card
from oncall.service.cases.sheet import Origin, Sheet
from oncall.service.cases.story import StoryRow, story_lines
from oncall.service.cases.story_words import PROGRESS

LEFT_OUT = "(left out)"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry. Every field is text; `words` are somebody's own."""

    seq: int
    utc: str
    local: str
    offset: str
    since_start: str
    kind: str
    actor: str = ""
    channel: str = ""
    provider_id: str = ""
    rules: str = ""
    text: str = ""
    words: str = ""
    why: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """All of one case that a record is made from."""

    case: Case
    row: CaseRow
    card: Card
    sheet: Sheet
    origin: Origin | None
    entries: Sequence[e.Recorded]
    story: Sequence[StoryRow]
    chain: Sequence[str]
    directory: Directory
    zone: str


# --- in short, as text -----------------------------------------------------------------------------------------------


def chart_note(whole: Whole) -> str:
    """For a chart: situation, background, assessment, what was said and done, in a few lines."""
    row, card, zone = whole.row, whole.card, ZoneInfo(whole.zone)
    pump = ", ".join(f"{name} {told}" for name, told in whole.sheet.pump)
    decided = "; ".join(f"{one.rule} {one.says} ({one.signs})" for one in whole.sheet.decided)
    lines = [
        f"Pump line, case #{row.code}, {row.urgency.word.upper() if row.urgency is not None else 'not judged'}",
        f"First contact {_full(row.opened_at, zone)}. {row.label}",
        f"S: {card.situation}",
        *(f"   “{words}”" for words in card.words),
        f"B: {pump}; language {card.language}" + "".join(f"; {fact}" for fact in card.background),
        f"A: leans to {card.leans}; {decided or 'no rule'} (edition {card.edition}; a rule's opinion, no diagnosis)",
        f"R: told to the family: {card.advice}",
        *_acts(whole, zone),
    ]
    return "\n".join(lines) + "\n"


def _acts(whole: Whole, zone: ZoneInfo) -> list[str]:
    """Who took it, reached the family, noted, closed."""
    told = [line for line in whole.story if line.kind == "people"]
    lines = [f"{line.at.astimezone(zone):%H:%M} {line.text}{_said(line.words)}" for line in told]
    closed = whole.row.closed
    if closed is None:
        return [*lines, "The case is open."]
    return [*lines, f"Closed {_full(closed.at, zone)}, open for {span_words(whole.row.waiting(closed.at))}."]


def _said(words: str) -> str:
    return f": {' / '.join(words.split(chr(10)))}" if words.strip() else ""


def record_text(whole: Whole) -> str:
    """The note, then the whole timeline."""
    lines = story_lines([line for line in whole.story if line.kind != "clocks"], whole.zone)
    head = whole.chain[-1] if whole.chain else ""
    foot = f"{len(whole.chain)} entries, chain ends {head}"
    return "\n".join([chart_note(whole), "What happened", *lines, "", foot, ""])


def _full(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M %Z}"


# --- one row for each entry ------------------------------------------------------------------------------------------


def rows_of(whole: Whole, told: Sequence[StoryRow]) -> list[Row]:
    """`told` is what the story says of each entry, in the same order."""
    zone, start, messages = ZoneInfo(whole.zone), whole.entries[0].at, _messages(whole.entries)
    return [
        Row(
            seq=one.seq,
            utc=one.at.isoformat(timespec="milliseconds"),
            local=f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            offset=f"UTC{one.at.astimezone(zone):%z}",
            since_start=_since(one.at, start),
            kind=type(one.entry).__name__,
            actor=name_of(person, whole.directory) if (person := _actor(one.entry, messages)) else "",
            channel=_channel(one.entry, messages),
            provider_id=getattr(one.entry, "sid", None) or getattr(one.entry, "call", None) or "",
            rules=_rules(one.entry),
            text=line.text,
            words=line.words,
            why=line.why,
            hash=hash_,
        )
        for one, line, hash_ in zip(whole.entries, told, whole.chain, strict=True)
    ]


def rows_without_names(whole: Whole) -> list[Row]:
    """Only what is listed in `_safe_words`; people are letters, in the order in which they appear."""
    start, messages = whole.entries[0].at, _messages(whole.entries)
    letters: dict[str, str] = {}
    rows = []
    for one in whole.entries:
        person = _actor(one.entry, messages)
        actor = letters.setdefault(person, _letter(len(letters))) if person else ""
        rows.append(
            Row(
                seq=one.seq,
                utc="",
                local="",
                offset="",
                since_start=_since(one.at, start),
                kind=type(one.entry).__name__,
                actor=actor,
                channel=_channel(one.entry, messages),
                rules=_rules(one.entry),
                text=_safe_words(one.entry, messages),
            )
        )
    return rows


def _letter(place: int) -> str:
    return f"clinician {ascii_uppercase[place % 26]}{place // 26 or ''}"


def _since(at: datetime, start: datetime) -> str:
    seconds = int((at - start).total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    return f"{'-' if seconds < 0 else ''}{hours}:{rest // 60:02d}:{rest % 60:02d}"


def _messages(recorded: Sequence[e.Recorded]) -> dict[str, Message]:
    return {one.entry.message.id: one.entry.message for one in recorded if isinstance(one.entry, e.MessageOwed)}


def _message(entry: e.Entry, messages: Mapping[str, Message]) -> Message | None:
    named = getattr(entry, "message", None)
    return named if isinstance(named, Message) else messages.get(named or "")


def _actor(entry: e.Entry, messages: Mapping[str, Message]) -> str:
    """Whose act it was, or to whom it went."""
    message, page = _message(entry, messages), getattr(entry, "page", None)
    person = getattr(entry, "person", None) or (message.person if message else None)
    return person or getattr(page, "person", "") or ""


def _channel(entry: e.Entry, messages: Mapping[str, Message]) -> str:
    message = _message(entry, messages)
    return message.channel.value if message else ""


def _rules(entry: e.Entry) -> str:
    if isinstance(entry, e.Assessed):
        fired = " ".join(reason.rule for reason in entry.assessment.because)
        return f"{fired} (edition {entry.assessment.edition[:8]})"
    return f"edition {entry.edition[:8]}" if isinstance(entry, e.CaseOpened) else ""


def _safe_words(entry: e.Entry, messages: Mapping[str, Message]) -> str:
    """What may be said of an entry without saying of whom: no words of anybody, no number, no name, no note."""
    message = _message(entry, messages)
    match entry:
        case e.Assessed():
            leanings = ", ".join(leaning.value for leaning in entry.assessment.leanings)
            return f"{entry.assessment.urgency.word}: {leanings}"
        case e.FindingsDrawn():
            return ", ".join(f"{finding.code} {finding.heard.value}" for finding in entry.findings)
        case e.ReportAdded():
            return f"{entry.arrival.value} from {entry.source.value}"
        case e.PaceSet():
            return entry.pace.word
        case e.StepReached():
            return f"round {entry.round}, step {entry.step + 1}: {', '.join(entry.tiers)}"
        case e.PageOrdered():
            return f"page: {entry.page.tier}"
        case e.MessageOwed():
            return "to the family" if entry.message.purpose in (Purpose.FAMILY, Purpose.CALL_BACK) else "to staff"
        case e.MessageProgressed():
            return PROGRESS[entry.progress]
        case e.PhraseSent():
            return f"phrase {entry.phrase}"
        case e.QuestionAsked() | e.QuestionAnswered():
            return entry.question
        case e.ClockSet() | e.ClockEnded():
            return entry.kind.value
        case e.Closed():
            listed = (*OUTCOMES.values(), *CAUSES)
            return "; ".join(part if part in listed else LEFT_OUT for part in (entry.outcome, entry.cause) if part)
    return message.purpose.value if message and message.channel is not Channel.MOVE else ""
