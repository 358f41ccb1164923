"""A case's story: its journal, entry by entry, in sentences that a parent or a committee could follow.

Each row says what happened and, where somebody was paged, why that person. What became of a message is told on its
own row, so that a night reads in order; the order is the journal's, and shown times never run backwards (RULINGS 7).
A page's link and its reply's digits are keys to the case and are never repeated here. Deliberately not here: the words
for single things (`story_words`), HTML, and the state of a case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall.core.case import entries as e
from oncall.core.case.case import Page
from oncall.core.case.facts import Directory
from oncall.core.case.messages import Channel, LegKind, Message, Purpose
from oncall.core.reports import Finding, Heard, Report, Source
from oncall.core.triage.vocabulary import Sign
from oncall.service.cases.story_words import (
    ARRIVALS,
    HEARD,
    LANGUAGES,
    NEEDED,
    NOT_SURE,
    PERSONS,
    PROGRESS,
    SCENES,
    because,
    by_route,
    clock,
    edition,
    enclosed,
    form_lines,
    ordinal,
    phone_ending,
    readable,
    words_of,
)

KINDS = ("family", "pages", "people", "system", "clocks")
_CAPITAL = re.compile("([A-Z])")
_LINK = re.compile(r"/p/[\w-]+")


@dataclass(frozen=True, slots=True)
class StoryRow:
    """One row. `words` are a family's own, raw; `then` is what became of a message; `details` are lines below it."""

    seq: int
    at: datetime
    kind: str
    text: str
    why: str = ""
    words: str = ""
    details: tuple[str, ...] = ()
    then: tuple[tuple[datetime, str], ...] = ()


def tell_story(
    recorded: Iterable[e.Recorded],
    reports: Mapping[str, Report],
    directory: Directory,
    vocabulary: Mapping[str, Sign],
) -> tuple[StoryRow, ...]:
    """See the module."""
    teller = _Teller(reports, directory, vocabulary)
    for entry in recorded:
        teller.tell(entry)
    return tuple(teller.rows)


def tell_each(
    recorded: Sequence[e.Recorded],
    reports: Mapping[str, Report],
    directory: Directory,
    vocabulary: Mapping[str, Sign],
) -> tuple[StoryRow, ...]:
    """The same told entry by entry, for a record: what became of a message is a row of its own."""
    teller = _Teller(reports, directory, vocabulary)
    return tuple(teller.alone(entry) for entry in recorded)


def story_lines(rows: Sequence[StoryRow], zone: str) -> list[str]:
    """The rows as plain lines in the hospital's time, for `oncall story` and for copying."""
    hospital = ZoneInfo(zone)

    def hour(at: datetime) -> str:
        return f"{at.astimezone(hospital):%H:%M:%S}"

    lines = []
    for row in rows:
        fate = f" ({', '.join(f'{word} {hour(at)}' for at, word in row.then)})" if row.then else ""
        lines.append(f"{hour(row.at)} {row.text}{fate}")
        lines.extend(f"         {line}" for line in (*row.words.splitlines(), *row.details) if line.strip())
        if row.why:
            lines.append(f"         why: {row.why}")
    return lines


class _Teller:
    """The story while it is being told: it must know earlier pages and messages to name them later."""

    def __init__(self, reports: Mapping[str, Report], directory: Directory, vocabulary: Mapping[str, Sign]) -> None:
        self.rows: list[StoryRow] = []
        self._reports = reports
        self._enclosed: dict[str, str] = {}
        self._directory = directory
        self._vocabulary = vocabulary
        self._pages: dict[str, Page] = {}
        self._rows_of_messages: dict[str, int] = {}
        self._seq = 0
        self._at: datetime | None = None
        self._touched: int | None = None

    def tell(self, recorded: e.Recorded) -> None:
        self._seq = recorded.seq
        self._at = max(self._at, recorded.at) if self._at else recorded.at
        self._entry(recorded.entry)

    def alone(self, recorded: e.Recorded) -> StoryRow:
        """What this one entry says, whether or not the story tells it on an earlier row."""
        before, self._touched = len(self.rows), None
        self.tell(recorded)
        new = self.rows[before:]
        if new:
            return replace(new[0], at=recorded.at, text="; ".join(row.text for row in new))
        row = self.rows[self._touched] if self._touched is not None else None
        text = f"{row.text}: {row.then[-1][1]}" if row else words_of(type(recorded.entry).__name__)
        return StoryRow(recorded.seq, recorded.at, row.kind if row else "system", text)

    def _say(self, kind: str, text: str, *, why: str = "", words: str = "", details: Iterable[str] = ()) -> None:
        assert self._at is not None  # `tell` has set it
        self.rows.append(StoryRow(self._seq, self._at, kind, text, why, words, tuple(details)))

    def _entry(self, entry: e.Entry) -> None:  # one case per kind of entry is the point
        match entry:
            case e.CaseOpened():
                linked = f", linked to case {entry.linked}" if entry.linked else ""
                self._say("system", f"case #{entry.code} opened: {entry.label}{linked}", why=edition(entry.edition))
            case e.ReportAdded():
                self._report(entry)
            case e.FindingsDrawn():
                self._say("system", self._heard(entry.findings), details=map(self._evidence, entry.findings))
            case e.Assessed():
                self._assessed(entry)
            case e.RulesFailed():
                self._say("system", "the rules failed on this: read the words yourself", why=entry.reason)
            case e.LanguageChosen():
                self._say("family", f"the family's language is {LANGUAGES.get(entry.language, entry.language)}")
            case e.CallEnded():
                self._say("family", "the family's call ended")
            case e.CallReached():
                self._say("clocks", f"the caller is at “{words_of(entry.node)}” of the call")
            case e.NumberGiven():
                what = "extension to ring" if entry.extension else "number to ring, keyed or confirmed by the caller"
                self._say("family", f"{what}: {entry.number if entry.extension else f'ending {entry.number[-4:]}'}")
            case e.PaceSet():
                self._say("system", f"runs on the {entry.pace.word.replace('_', ' ')} clock", why=entry.why)
            case e.RoundStarted():
                self._say("pages", f"round {entry.round} of paging begins")
            case e.RoundMoved():
                self._say("pages", f"the round counts as begun {self._hour(entry.starts_at)}")
            case e.StepReached():
                late = f", {entry.why}" if entry.why else ""
                self._say("pages", f"step {entry.step + 1}: {', '.join(entry.tiers)}{late}")
            case e.PageOrdered():
                self._page(entry.page)
            case e.PageResumed():
                self._say("pages", f"{self._paged(entry.page)} is paged again", why=entry.why)
            case e.PageQuieted():
                self._say("pages", f"{self._paged(entry.page)} is no longer paged", why=entry.why)
            case e.MessageOwed():
                self._message(entry.message)
            case e.MessageAttempted():
                tried = f", try {entry.attempt}" if entry.attempt > 1 else ""
                self._became(entry.message, f"handed to the carrier{tried}")
            case e.MessageAccepted():
                self._became(entry.message, f"the carrier has it{by_route(entry.route)}")
            case e.MessageHeldBack():
                self._became(
                    entry.message, f"the carrier refused it for now{because(entry.code)}{by_route(entry.route)}"
                )
            case e.MessageProgressed():
                self._became(entry.message, f"{PROGRESS[entry.progress]}{because(entry.code)}")
            case e.DeliveryMissed():
                self._became(entry.message, "no word of its delivery: the call goes out")
            case e.PageHeard():
                self._became(entry.message, "accept digit pressed: a person listens")
            case e.Informed():
                self._say("people", f"{self._paged(entry.page)} knows ({entry.how}); this stops nothing")
            case e.Acknowledged():
                self._say("people", f"{self._name(entry.person)} took the case ({entry.how})")
            case e.Undone():
                self._say("people", f"{self._name(entry.person)} gave the case back", why=entry.why)
            case e.Reopened():
                self._say("system", "the case climbs again, its holder stays on it", why=entry.why)
            case e.FamilyReached():
                self._say("people", f"{self._name(entry.person)} reached the family ({entry.how})")
            case e.NoteAdded():
                self._say("people", f"note by {self._name(entry.person)}", words=entry.words)
            case e.Closed():
                self._closed(entry)
            case e.ClockSet():
                self._say("clocks", f"{clock(entry.kind.value)} set", details=(f"due {entry.due_at:%H:%M:%S} UTC",))
            case e.ClockEnded():
                self._say("clocks", f"{clock(entry.kind.value)} ended")
            case e.Promised():
                self._say("family", f"promised to the family: {entry.what} by {self._hour(entry.by)}")
            case e.PromiseMissed():
                self._say("family", f"promise missed: {entry.what}")
            case e.QuestionAsked():
                self._say("family", f"the family is asked about {words_of(entry.question)}")
            case e.QuestionAnswered():
                self._say("family", f"the family answered {entry.digits} about {words_of(entry.question)}")
            case e.TextsBlocked():
                self._say("family", f"texts to this phone are blocked: voice only{because(entry.code)}")
            case e.TextsOpened():
                self._say("family", f"texts are open again{phone_ending(entry.number)}")
            case e.PersonTold():
                self._say("family", PERSONS.get(entry.about, NOT_SURE))
            case e.EnclosureAdded():
                self._enclosed[entry.what.id] = enclosed(entry.what)
            case e.EnclosureKept():
                size = f"{max(entry.size // 1024, 1)} KB, {entry.media_type}"
                self._say("family", f"{self._enclosure(entry.enclosure)} is kept here", details=(size,))
            case e.EnclosureCleared():
                self._say("system", f"{self._enclosure(entry.enclosure)} is deleted at the carrier")
            case e.EnclosureGone():
                self._say("family", f"{self._enclosure(entry.enclosure)} is not kept here", why=entry.why)
            case e.ReplyWithheld():
                self._say("family", f"not answered{phone_ending(entry.number)}: an auto-responder?", why=entry.why)
            case e.ReportShown():
                report = self._reports.get(entry.report)
                words = readable(report) if report else "(the words stand in that case)"
                self._say("family", f"also came from this phone, filed on #{entry.code}", words=words)
            case e.CasesLinked():
                self._say("people", f"{self._name(entry.person)} says that #{entry.code} is about the same patient")
            case e.CasesUnlinked():
                self._say("people", f"{self._name(entry.person)} says that #{entry.code} is about somebody else")
            case e.MessagePutOff():
                self._became(entry.message, f"waits until {self._hour(entry.not_before)}")
            case e.MachineAnswered():
                self._became(entry.message, "the carrier believes that a machine answered; counts as nothing")
            case e.BridgeAsked():
                helped = ", with an interpreter" if entry.interpreter else ""
                self._say("people", f"{self._name(entry.person)} wants to talk to the family{helped}")
            case e.BridgeEnded():
                self._say("people", "no more calls for the talk", why=entry.why)
            case e.LegJoined():
                self._say("people", f"{self._line(entry)} is in the talk")
            case e.LegEnded():
                self._say("people", f"the line of {self._line(entry)}: {entry.outcome.value}")
            case e.LegRedialled():
                self._say("people", f"{self._line(entry)} was lost and is rung again")
            case e.HandOverAsked():
                who, to = self._name(entry.person), self._name(entry.to)
                details = form_lines(entry.form) if entry.form else ()
                self._say(
                    "people", f"{who} offers the case to {to} and keeps it until then ({entry.how})", details=details
                )
            case e.HandOverEnded():
                self._say("people", f"the offer to {self._name(entry.to)} is over", why=entry.why)
            case e.SaidBack():
                self._say("people", f"{self._name(entry.person)} says back", words=entry.line)
            case e.PhraseSent():
                self._say("people", f"{self._name(entry.person)} sends the family the phrase “{entry.title}”")
            case e.WrongPerson():
                self._say("people", f"{self._name(entry.person)} says: not me ({entry.how})")
            case e.Noticed():
                self._say("system", self._with_names(entry.what))
            case _:  # a kind newer than this page: said by its name, rather than not at all
                self._say("system", words_of(_CAPITAL.sub(r"_\1", type(entry).__name__).lower().strip("_")))

    # --- reports and what was drawn from them ----------------------------------------------------------------

    def _report(self, entry: e.ReportAdded) -> None:
        kind = {Source.STAFF: "people", Source.CALENDAR: "system"}.get(entry.source, "family")
        report = self._reports.get(entry.report)
        words = readable(report) if report else "(the words are not kept any more)"
        self._say(kind, f"{ARRIVALS[entry.arrival]}{phone_ending(entry.sender)}", words=words)

    def _enclosure(self, name: str) -> str:
        return self._enclosed.get(name, "an enclosure")

    def _heard(self, findings: Sequence[Finding]) -> str:
        said = {heard: [f for f in findings if f.heard is heard] for heard in Heard}
        parts = [
            f"{word}{', '.join(dict.fromkeys(self._sign(finding) for finding in said[heard]))}"
            for heard, word in HEARD.items()
            if said[heard]
        ]
        return f"understood: {'; '.join(parts) or 'nothing'}"

    def _sign(self, finding: Finding) -> str:
        sign = self._vocabulary.get(finding.code)
        return sign.sentence if sign else words_of(finding.code)

    def _evidence(self, finding: Finding) -> str:
        return f"{self._sign(finding)} ({finding.heard.value.replace('_', ' ')}): {finding.evidence}"

    def _assessed(self, entry: e.Assessed) -> None:
        verdict = entry.assessment
        leanings = ", then ".join(leaning.value.replace("_", " ") for leaning in verdict.leanings)
        self._say(
            "system",
            f"judged {verdict.urgency.word.replace('_', ' ')}: leans to {leanings}",
            why=edition(verdict.edition),
            details=(f"{reason.rule}: {reason.says}" for reason in verdict.because),
        )

    def _closed(self, entry: e.Closed) -> None:
        cause = f"; cause: {entry.cause}" if entry.cause else ""
        told = f"{self._name(entry.person)} closed the case: {entry.outcome}{cause}{NEEDED[entry.needed]}"
        self._say("people", told, words=entry.note)
        task = entry.follow_up
        if task is not None:
            self._say("people", f"follow-up for {self._name(task.owner)} by {self._day(task.due_at)}: {task.title}")

    # --- pages and messages ----------------------------------------------------------------------------------

    def _page(self, page: Page) -> None:
        self._pages[page.id] = page
        chosen, _, moment = page.why.rpartition("; ")
        now, _, edition = moment.partition(", edition ")
        verb = "told, for information:" if page.informs else "page to"
        self._say(
            "pages",
            f"{verb} {self._name(page.person)}: {page.tier}, {chosen or 'rota'}, {now}",
            why=f"{self._name(page.person)} was on {page.tier} at that instant: {page.why}",
            details=(
                f"tier and layer: {page.tier}",
                f"shift or one-off change: {self._with_names(chosen) or 'the rota'}",
                f"why now: {now}",
                f"rota of edition: {edition or 'unknown'}",
            ),
        )

    def _paged(self, page_id: str) -> str:
        page = self._pages.get(page_id)
        return self._name(page.person) if page else "somebody"

    def _message(self, message: Message) -> None:
        family = message.purpose in (Purpose.FAMILY, Purpose.CALL_BACK)
        body = "" if message.channel is Channel.MOVE else self._without_keys(message)
        self._rows_of_messages[message.id] = len(self.rows)
        self._say("family" if family else "pages", self._message_words(message), words=body)

    def _without_keys(self, message: Message) -> str:
        """Neither the link nor the two digits by which a reply takes the case in this person's name."""
        body = _LINK.sub("/p/…", message.body)
        slots = {page.slot for page in self._pages.values() if page.person == message.person and page.slot}
        return re.sub(rf"\b({'|'.join(map(str, sorted(slots)))})(?=[1-9]\b)", "··", body) if slots else body

    def _message_words(self, message: Message) -> str:
        verb = "text" if message.channel is Channel.SMS else "call"
        who = self._name(message.person) if message.person else "the family"
        again = f", {ordinal(message.n)} time" if message.n > 1 else ""
        match message.purpose:
            case Purpose.STOP:
                return "ending a call that rings for nothing"
            case Purpose.LEG:
                return f"call to the {(message.leg or LegKind.FAMILY).value} for the talk{again}"
            case Purpose.BRIDGE if message.channel is Channel.SAY:
                return "said on the line"
            case Purpose.BRIDGE:
                return f"a live call is moved on: {SCENES.get(message.body, message.body)}"
            case Purpose.CALL_BACK:
                return f"call back to the family{again}"
            case Purpose.CONNECT:
                return f"call to {who}, to be joined with the family{again}"
            case Purpose.INFORM:
                return f"{verb} to {who}, for information{again}"
            case _:
                return f"{verb} to {who}{again}"

    def _line(self, entry: e.LegJoined | e.LegEnded | e.LegRedialled) -> str:
        """Whose line of the talk: a clinician by name, else by what they are."""
        who = self._name(entry.person) if entry.person else f"the {entry.leg.value}"
        return f"{who}{phone_ending(entry.number)}"

    def _became(self, message: str, word: str) -> None:
        place = self._rows_of_messages.get(message)
        if place is not None and self._at is not None:
            row, self._touched = self.rows[place], place
            self.rows[place] = replace(row, then=(*row.then, (self._at, word)))

    # --- names and times -------------------------------------------------------------------------------------

    def _name(self, person: str) -> str:
        known = self._directory.clinicians.get(person)
        return known.name if known else person

    def _with_names(self, sentence: str) -> str:
        """Notices name people by their ids; a reader knows names."""
        words = sentence.split(" ")
        return " ".join(self._name(word) if word in self._directory.clinicians else word for word in words)

    def _day(self, at: datetime) -> str:
        local = at.astimezone(ZoneInfo(self._directory.hospital.zone))
        return f"{local:%a} {local.day} {local:%b}"

    def _hour(self, at: datetime) -> str:
        return f"{at.astimezone(ZoneInfo(self._directory.hospital.zone)):%a %H:%M}"
