"""Outside words become commands: whose patient, which case, which dedupe key, which findings.

Reading (the lexicon, the alarm tables, the patient's context) happens here, before the lock; a reading that fails is
itself news and pages (law 1). An unknown sender gets full service. Deliberately not here: clinicians' replies
(`replies`) and what is decided.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from oncall.core.case.call_graph import SPANISH
from oncall.core.case.case import Arrival, Case, ClockKind
from oncall.core.case.commands import EndCall, ShowReport, TakeReport
from oncall.core.case.rounds import LATE
from oncall.core.people import Caller, Patient
from oncall.core.reports import Enclosed, Finding, Heard, Report, Source
from oncall.core.triage.assessment import Urgency, assess
from oncall.core.triage.rulebook import Drawn, draw_from_alarm, draw_from_context, draw_from_words
from oncall.core.triage.vocabulary import ABSENT_GROUPS
from oncall.service.desk import Desk
from oncall.service.ports.journal import Written
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece

LINKED = timedelta(hours=24)  # a contact within this of the last case is linked to it (RULINGS 4)
SAME_BODY = timedelta(seconds=60)  # within this a body without an id counts as the same alarm (RULINGS 7)
NOT_TOLD = "found in the carrier's list: its own message never reached us"
NOT_STORED = "the store refused it when it came: it waited beside the store, and this is late"
MOST_PEOPLE = 5  # cases that one phone may have open at a time; "another person" after that joins the worst
UNREAD = frozenset({"unread", "background"})  # groups of findings that say nothing about today
TAKEN_DOWN = "\n(taken down by "  # stands between a family's words and the name of who wrote them
WORDS_AS_DIGITS = {
    "yes": "1", "y": "1", "yeah": "1", "si": "1", "sí": "1",
    "no": "2", "n": "2", "nope": "2",
    "not sure": "3", "dont know": "3", "don't know": "3", "idk": "3", "no se": "3", "no sé": "3",
}  # fmt: skip
_DIGITS = re.compile(r"\s*(\d{1,5})\s*[.!#]?\s*$")
_LEADING_DIGIT = re.compile(r"\s*([0-4])[\s.,:;)-]+(\S.*)", re.DOTALL)

log = structlog.get_logger("intake")


@dataclass(frozen=True, slots=True)
class Late:
    """When a contact really came, and why it is taken now. `contact`: its name where it waited beside the store."""

    at: datetime
    why: str = NOT_TOLD
    contact: str = ""


@dataclass(frozen=True, slots=True)
class TextIn:
    """A text as the carrier brought it. `number` None is withheld; `opt_out` is the carrier's own word for STOP."""

    sid: str
    number: str | None
    body: str
    media: int = 0
    opt_out: str | None = None
    late: Late | None = None
    enclosed: tuple[Enclosed, ...] = ()


@dataclass(frozen=True, slots=True)
class CallIn:
    """One step of a call. `step` counts the steps of this call, so that a retry is known (RULINGS 7).

    `doubtful` speech is what the carrier itself is not sure to have heard; `recording` ends with this step.
    """

    sid: str
    number: str | None
    step: str
    digits: str = ""
    speech: str = ""
    language: str = "en"
    doubtful: bool = False
    recording: Enclosed | None = None


@dataclass(frozen=True, slots=True)
class Whose:
    """Where a report from this sender belongs: its key, the last case, and what the register knows."""

    key: str
    caller: Caller | None
    open_case: Case | None
    last: Case | None
    context: tuple[Finding, ...]
    others: tuple[Case, ...] = ()  # further open cases of this phone: a report is shown there too (RULINGS 10)

    @property
    def recently_closed(self) -> Case | None:
        return self.last if self.open_case is None else None


class Intake:
    """See the module."""

    def __init__(self, desk: Desk, register: Register, clock: Timepiece, new_id: Callable[[], str]) -> None:
        self._desk = desk
        self._register = register
        self._clock = clock
        self._new_id = new_id

    # --- texts -----------------------------------------------------------------------------------------------

    async def take_text(self, text: TextIn) -> Written:
        """A family's text; several are one case while it is open (RULINGS 6)."""
        whose = await self.whose(text.number, text.sid)
        if text.opt_out in ("STOP", "START") and text.number:
            await self._register.set_stopped(text.number, text.opt_out == "STOP", self._clock.now())
        asked = whose.open_case is not None and (whose.open_case.asked is not None or bool(whose.open_case.pending))
        digits, words = digits_and_words(text.body, asked)
        silent = bool(digits) or bool(text.media)  # no words, and something else instead of them
        drawn, failed = (Drawn((), "en", False), False)
        if words.strip() or not silent:
            drawn, failed = self._read(words, digits, whose)
        extra = (*_photo(text), *self._everywhere(digits, "replied"))
        report = self._report(Source.TEXT, text.body, text.number, drawn.language)
        command = TakeReport(
            report,
            whose.key,
            Arrival.TEXT,
            (*drawn.findings, *extra, *whose.context),
            digits=digits,
            number=text.number,
            reading_failed=failed,
            new_language="es" if digits == SPANISH else _better_language(drawn, whose),
            opt_out=text.opt_out or "",
            photo=bool(text.media),
            enclosed=text.enclosed,
            idle=drawn.idle and not (silent or text.opt_out),
        )
        command = self._linked(_late(command, text.late, self._clock.now()), whose, drawn)
        shown = [ShowReport(case.id, report.id, *_name_of(whose)) for case in whose.others]
        return await self._desk.take_all([command, *shown], f"text:{text.sid}")

    def _everywhere(self, digits: str, how: str) -> tuple[Finding, ...]:
        """The digits that mean the same everywhere: a person now, hospital staff."""
        choice = self._desk.handbooks.current().calls.always.get(digits)
        return tuple(Finding(a.code, a.heard, f"{how} {digits}") for a in (choice.answers if choice else ()))

    def _linked(self, command: TakeReport, whose: Whose, drawn: Drawn) -> TakeReport:
        """Thanks after closing is filed there; anything clinical opens a linked case (RULINGS 4)."""
        closed = whose.recently_closed
        if closed is None or closed.closed is None or self._clock.now() - closed.closed.at > LINKED:
            return command
        codes = {finding.code for finding in drawn.findings if finding.heard.counts}
        if "thanks_only" in codes and command.digits == "":
            return replace(command, case=closed.id, thanks=True)
        return replace(command, linked=closed.id, closer=closed.closed.person)

    # --- alarms ----------------------------------------------------------------------------------------------

    async def take_alarms(
        self,
        alarms: Sequence[Mapping[str, Any]],
        sender: str,
        alarm_id: str | None,
        body: bytes,
        late: Late | None = None,
    ) -> Written:
        """One message's alarms in one commit; the same message again gets the first answer (RULINGS 7)."""
        key, remark = await self._alarm_key(sender, alarm_id, canonical(alarms), late)
        commands = [replace(await self._alarm_command(alarm), remark=remark) for alarm in alarms]
        return await self._desk.take_all([_late(command, late, self._clock.now()) for command in commands], key)

    async def take_unreadable(
        self, sender: str, alarm_id: str | None, body: bytes, why: str, late: Late | None = None
    ) -> Written:
        """A known sender's body that cannot be read is kept raw and pages (law 1)."""
        raw = body.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
        report = self._report(Source.ALARM, raw, None, "en")
        finding = Finding("unreadable_alarm", Heard.PRESENT, why)
        key, remark = await self._alarm_key(sender, alarm_id, body, late)
        command = TakeReport(report, f"report:{report.id}", Arrival.ALARM, (finding,), remark=remark)
        return await self._desk.take(_late(command, late, self._clock.now()), key)

    async def _alarm_command(self, alarm: Mapping[str, Any]) -> TakeReport:
        serial = alarm.get("device_serial")
        patient = await self._register.patient_by_serial(str(serial)) if serial else None
        report = self._report(Source.ALARM, json.dumps(alarm, ensure_ascii=False, sort_keys=True), None, "en")
        key = f"patient:{patient.id}" if patient else f"device:{serial}" if serial else f"report:{report.id}"
        drawn, failed = self._read_alarm(alarm)
        return TakeReport(
            report,
            key,
            Arrival.ALARM,
            (*drawn.findings, *self._context(alarm.get("patient_context"), (patient,) if patient else ())),
            reading_failed=failed,
        )

    async def _alarm_key(self, sender: str, alarm_id: str | None, body: bytes, late: Late | None) -> tuple[str, str]:
        """The dedupe key, and a remark where the same id came with another body (RULINGS 7).

        The key is sender, id and hash of the body without its send time; without an id, the hash counts for a minute
        from its first arrival.
        """
        digest = hashlib.sha256(body).hexdigest()
        if alarm_id is not None:
            start, key = f"alarm:{sender}:id-{alarm_id}:", f"alarm:{sender}:id-{alarm_id}:{digest}"
            others = [row for row in await self._desk.journal.received(start) if row.key != key]
            return key, "the same alarm id came before with other content" if others else ""
        start, now = f"alarm:{sender}:no-id:{digest}:", late.at if late else self._clock.now()
        recent = [row for row in await self._desk.journal.received(start) if now - row.at <= SAME_BODY]
        return recent[-1].key if recent else f"{start}{int(now.timestamp() * 1000)}", ""

    def _read_alarm(self, alarm: Mapping[str, Any]) -> tuple[Drawn, bool]:
        try:
            fields = {key: value for key, value in alarm.items() if key != "patient_context"}
            return draw_from_alarm(fields, self._desk.handbooks.current().rulebook), False
        except Exception as problem:  # around one message: an alarm that breaks the reader still pages
            log.error("alarm could not be read", exc_info=problem)
            return Drawn((Finding("unreadable_alarm", Heard.PRESENT, "reader failed"),), "en", False), True

    # --- calls -----------------------------------------------------------------------------------------------

    async def take_call(
        self, call: CallIn, arrival: Arrival, asked: str = "", case: Case | None = None, key: str | None = None
    ) -> Written:
        """One step of a family's call: picked up, a key, words, or silence, at the place where `asked` was said.

        `case` is where the call's earlier steps were filed; `key` a case of its own for another person.
        """
        whose = await self.whose(call.number, call.sid, case, key)
        drawn, failed = Drawn((), call.language, False), False
        digits = call.digits.rstrip("#")
        if call.speech:
            drawn, failed = self._read(call.speech, "", whose)
        silent = (Finding("caller_silent", Heard.PRESENT, "no key and no word"),) if arrival is Arrival.SILENT else ()
        report = self._report(Source.CALL, _told(call, arrival), call.number, call.language)
        command = TakeReport(
            report,
            whose.key,
            arrival,
            (*drawn.findings, *self._everywhere(digits, "pressed"), *silent, *whose.context),
            call=call.sid,
            digits=digits,
            number=call.number,
            reading_failed=failed,
            new_language="es" if digits == SPANISH else _better_language(drawn, whose) if call.speech else None,
            asked=asked,
            unread=bool(call.speech) and (call.doubtful or not self._says_something(drawn)),
            idle=drawn.idle and not (call.doubtful or digits),
        )
        return await self._desk.take(self._linked(command, whose, drawn), f"call:{call.sid}:{call.step}")

    async def take_recording(self, call: CallIn, sound: Enclosed, case: Case) -> Written:
        """A recorded message, told by the call's next step and by a webhook of its own: filed once. No machine hears
        it, so it counts as what cannot be read (law 1)."""
        whose = await self.whose(call.number, call.sid, case)
        told = f"recorded message, {sound.seconds or 0} s"
        report = self._report(Source.CALL, f"({told})", call.number, case.language)
        finding = Finding("unreadable", Heard.PRESENT, told)
        command = TakeReport(
            report,
            whose.key,
            Arrival.RECORDED,
            (finding, *whose.context),
            call=call.sid,
            number=call.number,
            enclosed=(sound,),
        )
        drawn = Drawn((finding,), case.language, False)
        return await self._desk.take(self._linked(command, whose, drawn), f"recording:{sound.id}")

    def _says_something(self, drawn: Drawn) -> bool:
        signs = self._desk.handbooks.current().rulebook.vocabulary
        groups = {signs[finding.code].group for finding in drawn.findings if finding.code in signs}
        return bool(groups - UNREAD)

    async def take_another_person(self, call: CallIn, case: Case) -> Written:
        """The caller speaks of somebody else: a case of its own, and the menu from the start (RULINGS 6)."""
        key = await self._free_key(call.number, call.sid)
        if key is None:
            return await self.take_call(call, Arrival.KEY, "", case)
        await self._desk.take(EndCall(case.id, call.sid))
        redial = self._desk.handbooks.current().calls.redial
        return await self.take_call(replace(call, digits=""), Arrival.PICKED_UP, redial, key=key)

    async def _free_key(self, number: str | None, contact: str) -> str | None:
        start = f"phone:{number}" if number else f"report:{contact}"
        for n in range(2, MOST_PEOPLE + 1):
            if await self._desk.journal.open_case(f"{start}/{n}") is None:
                return f"{start}/{n}"
        return None

    async def end_call(self, call: CallIn, case: Case) -> Written:
        """Hanging up before anybody was paged is a report of its own; later it only ends the call."""
        key = f"call:{call.sid}:ended"
        await self._desk.take(EndCall(case.id, call.sid), key)
        if case.clock(ClockKind.CALL_START) is None:
            return Written((case,), {})
        report = self._report(Source.CALL, "(hung up)", call.number, case.language)
        finding = Finding("caller_hung_up", Heard.PRESENT, "hung up before a key or a word")
        whose = await self.whose(call.number, call.sid, case)
        command = TakeReport(
            report, case.key, Arrival.HUNG_UP, (finding, *whose.context), call=call.sid, number=call.number
        )
        return await self._desk.take(command, f"call:{call.sid}:hung-up")

    async def take_lost_call(self, call: CallIn, rang_at: datetime) -> Written:
        """The carrier's list has a call that no webhook told us of: they rang and did not get through."""
        whose = await self.whose(call.number, call.sid)
        report = self._report(Source.CALL, "(rang; the line was not told)", call.number, call.language)
        finding = Finding("caller_hung_up", Heard.PRESENT, "the carrier did not put the call through")
        command = TakeReport(
            report, whose.key, Arrival.HUNG_UP, (finding, *whose.context), number=call.number, remark=NOT_TOLD
        )
        late = _late(command, Late(rang_at), self._clock.now())
        linked = self._linked(late, whose, Drawn((), call.language, False))
        return await self._desk.take(linked, f"call:{call.sid}:{call.step}")

    async def take_late_step(self, call: CallIn, asked: str, late: Late) -> Written:
        """A step of a call that the store refused: its caller was put through to the operator, so the call is over for
        us, and what was pressed or said at `asked` is filed."""
        key = f"call:{call.sid}:{call.step}"
        steps = await self._desk.journal.received(f"call:{call.sid}:")
        case = await self._desk.journal.case(steps[-1].cases[0]) if steps else None
        whose = await self.whose(call.number, call.sid, case)
        drawn, failed = self._read(call.speech, "", whose) if call.speech else (Drawn((), call.language, False), False)
        digits = call.digits.rstrip("#")
        arrival = Arrival.WORDS if call.speech else Arrival.KEY if digits else Arrival.HUNG_UP
        found = drawn.findings or (Finding("caller_hung_up", Heard.PRESENT, "put through to the operator"),)
        command = TakeReport(
            self._report(Source.CALL, _told(call, arrival), call.number, call.language),
            whose.key,
            arrival,
            (*found, *self._everywhere(digits, "pressed"), *whose.context),
            digits=digits,
            number=call.number,
            reading_failed=failed,
            asked=asked,
            unread=bool(call.speech) and (call.doubtful or not self._says_something(drawn)),
        )
        linked = self._linked(_late(command, late, self._clock.now()), whose, drawn)
        ended = [EndCall(case.id, call.sid)] if case is not None and case.is_open else []
        return await self._desk.take_all([linked, *ended], key)

    # --- staff -----------------------------------------------------------------------------------------------

    async def take_calendar(self, patient: str | None, finding: Finding, key: str) -> Written:
        """A date or a task of the house's own that passed: once for each `key`, in the patient's case."""
        known = await self._register.patient(patient) if patient else None
        report = self._report(Source.CALENDAR, finding.evidence, None, known.language if known else "en")
        whose = f"patient:{known.id}" if known else f"report:{report.id}"
        context = self._context(None, (known,) if known else ())
        return await self._desk.take(TakeReport(report, whose, Arrival.CALENDAR, (finding, *context)), key)

    async def take_new_call(
        self,
        number: str | None,
        words: str,
        answers: Sequence[Finding],
        by: str,
        key: str | None = None,
        late: Late | None = None,
    ) -> Written:
        """The "New call" form: a nurse or operator speaks for a family (RULINGS 9)."""
        whose = await self.whose(number, self._new_id())
        drawn, failed = self._read(words, "", whose) if words.strip() else (Drawn((), "en", False), False)
        report = self._report(Source.STAFF, f"{words}{TAKEN_DOWN}{by})", number, drawn.language)
        command = TakeReport(
            report,
            whose.key,
            Arrival.NEW_CALL,
            (*drawn.findings, *answers, *whose.context),
            number=number,
            reading_failed=failed,
        )
        late_or_not = _late(command, late, self._clock.now())
        key = key or (f"new-call:{late.contact}" if late else None)
        return await self._desk.take(self._linked(late_or_not, whose, drawn), key)

    # --- answers to texts that we began (`family_replies`) ----------------------------------------------------------

    def is_plain(self, body: str) -> bool:
        """Nothing in these words is a sign, an alarm or a doubt: a bare 1 or 2, or office words alone (RULINGS 6)."""
        digits, words = digits_and_words(body, asked=True)
        if digits or not words.strip():
            return digits in ("1", "2") and not words.strip()
        rulebook = self._desk.handbooks.current().rulebook
        found = draw_from_words([words], rulebook).findings
        groups = {rulebook.vocabulary[f.code].group if f.code in rulebook.vocabulary else "" for f in found}
        return bool(groups) and groups <= ABSENT_GROUPS and assess(found, rulebook.rules).urgency is Urgency.ROUTINE

    # --- whose case ------------------------------------------------------------------------------------------

    async def whose(self, number: str | None, contact: str, case: Case | None = None, key: str | None = None) -> Whose:
        """Where this belongs: the case its call is in already, a case of its own (`key`), or the worst open one."""
        caller = await self._register.caller(number) if number else None
        context = self._context(None, caller.patients if caller else ())
        if case is not None and case.is_open:
            return Whose(case.key, caller, case, None, context)
        if key is not None:
            several = caller is not None and len(caller.patients) > 1
            return Whose(key, caller, None, None, context if several else ())
        known = _key_of(number, contact, caller)
        found = await self._open_cases(number, known)
        if found:
            worst = max(found, key=_how_bad)
            others = tuple(other for other in found if other.id != worst.id)
            return Whose(worst.key, caller, worst, None, context, others)
        return Whose(known, caller, None, await self._desk.journal.last_closed(known), context)

    async def _open_cases(self, number: str | None, key: str) -> list[Case]:
        """The open case of this key, and those of further people at this number."""
        journal = self._desk.journal
        keys = [key, *(f"phone:{number}/{n}" for n in range(2, MOST_PEOPLE + 1) if number)]
        ids = [found for wanted in keys if (found := await journal.open_case(wanted))]
        return [case for found in ids if (case := await journal.case(found)) is not None]

    def _context(self, told: object, patients: Sequence[Patient]) -> tuple[Finding, ...]:
        """Worst context of all patients on a phone; the register wins over what a sender tells (RULINGS 6, 10)."""
        rulebook = self._desk.handbooks.current().rulebook
        told_map = dict(told) if isinstance(told, Mapping) else {}
        contexts = [{**told_map, **patient.context} for patient in patients] or [told_map]
        try:
            found = [finding for context in contexts for finding in draw_from_context(context, rulebook)]
        except Exception as problem:  # around one message: odd facts must not stop the words
            log.error("context could not be read", exc_info=problem)
            return ()
        return tuple(dict.fromkeys(found))

    def _read(self, words: str, digits: str, whose: Whose) -> tuple[Drawn, bool]:
        hint = whose.open_case.language if whose.open_case else whose.caller.language if whose.caller else None
        try:
            rulebook = self._desk.handbooks.current().rulebook
            return draw_from_words([words], rulebook, language_hint=hint), False
        except Exception as problem:  # around one message: words that break the reader still page
            log.error("words could not be read", exc_info=problem)
            return Drawn((Finding("unreadable", Heard.PRESENT, "reader failed"),), hint or "en", False), True

    def _report(self, source: Source, raw: str, sender: str | None, language: str) -> Report:
        return Report(self._new_id(), source, self._clock.now(), raw, sender, None, language)


def _late(command: TakeReport, late: Late | None, now: datetime) -> TakeReport:
    """What was not taken when it came says why; after a minute, or after a refusal, its pages say DELAYED."""
    if late is None:
        return command
    remark = "; ".join(filter(None, (command.remark, late.why)))
    return replace(command, remark=remark, delayed=late.why != NOT_TOLD or now - late.at > LATE)


def digits_and_words(body: str, asked: bool) -> tuple[str, str]:
    """A bare number is an answer; so is "yes" while a question is open; a leading digit with words is both."""
    if match := _DIGITS.match(body):
        return match[1], ""
    said = body.strip().lower().strip(".!")
    if asked and said in WORDS_AS_DIGITS:
        return WORDS_AS_DIGITS[said], ""
    if asked and (match := _LEADING_DIGIT.match(body)):
        return match[1], match[2]
    return "", body


def canonical(alarms: Sequence[Mapping[str, Any]]) -> bytes:
    """The alarms without their send time, in one spelling."""
    cleaned = [{key: value for key, value in alarm.items() if key != "sent_at"} for alarm in alarms]
    return json.dumps(cleaned, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _key_of(number: str | None, contact: str, caller: Caller | None) -> str:
    """The key of RULINGS 6: one patient's phone, a shared or unknown phone, nobody."""
    if caller is not None and len(caller.patients) == 1:
        return f"patient:{caller.patients[0].id}"
    return f"phone:{number}" if number else f"report:{contact}"


def _how_bad(case: Case) -> tuple[int, bool]:
    """Among several cases of one phone the most urgent is the worst; one that nobody holds before one that is held."""
    urgency = case.pace if case.pace is not None else Urgency.URGENT
    return int(urgency), case.holder is None


def _name_of(whose: Whose) -> tuple[str, str]:
    return (whose.open_case.id, whose.open_case.code) if whose.open_case else ("", "")


def _photo(text: TextIn) -> tuple[Finding, ...]:
    return (Finding("photo_sent", Heard.PRESENT, f"{text.media} picture(s)"),) if text.media else ()


def _better_language(drawn: Drawn, whose: Whose) -> str | None:
    """The language of the words replaces the one on record when it is one we can answer in."""
    known = whose.open_case.language if whose.open_case else whose.caller.language if whose.caller else None
    return drawn.language if drawn.language in ("en", "es") and drawn.language != known and drawn.findings else None


def _told(call: CallIn, arrival: Arrival) -> str:
    if call.speech:
        return call.speech
    return f"(pressed {call.digits})" if call.digits else f"({arrival.value.replace('_', ' ')})"
