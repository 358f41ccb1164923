"""A report arrives: file it, read it, and see that somebody hears of it.

Everything that reaches the line goes through `take_report`: it opens a case or joins one, assesses all findings of
the case together, and then either starts the paging, raises it, or tells whoever holds the case. Nothing here ever
lowers (law 7) and nothing here ends in silence (law 1). Deliberately not here: reading words (before the lock).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from oncall.core.case import entries as e
from oncall.core.case.asking import answer_of, ask_by_text, tell_about_911
from oncall.core.case.auto_replies import why_an_echo
from oncall.core.case.call_graph import SPANISH
from oncall.core.case.case import Arrival, Case, ClockKind, Status
from oncall.core.case.commands import TakeReport
from oncall.core.case.draft import Draft
from oncall.core.case.dropped_calls import call_back, cut_off, wait_for_a_word
from oncall.core.case.holder_news import news_in, tell_holder
from oncall.core.case.marked_numbers import no_patients, wakes_nobody
from oncall.core.case.promises import (
    is_day,
    keep_posted,
    next_morning,
    next_working_day,
    promise,
    reply_to_arrival,
    tell_rising_advice,
)
from oncall.core.case.reviewing import heard_of_again
from oncall.core.case.rounds import join_next_tier, order_page, policy_of, start_round
from oncall.core.case.tiers import Target
from oncall.core.reports import Finding, Heard
from oncall.core.rota.on_call import tier_shifts
from oncall.core.triage.assessment import ADVICE, Assessment, Leaning, Reason, Urgency, assess
from oncall.core.triage.rulebook import involves_device

CODES = tuple(f"{letter}{digit}" for digit in "7342589" for letter in "KRTHMPWXACDEFJNUVY")
TAILS = {tail: frozenset(code + tail for code in CODES) for tail in ("", *map(str, range(2, 100)))}


def take_report(draft: Draft, command: TakeReport) -> None:
    """See the module. The one handler of `TakeReport`, in every status but closed."""
    before = draft.case
    draft.reply_to, draft.delayed = command.number, command.delayed
    if before.status is Status.NEW:
        open_case(draft, command)
    file_report(draft, command)
    heard_of_again(draft)
    if _page_may_wait(draft, command):
        wait_for_a_word(draft)
        return
    new = draw(draft, command)
    if command.arrival is Arrival.PICKED_UP:
        picked_up(draft, command, before)
        return
    if command.call and command.digits == SPANISH:
        if before.status is Status.NEW:  # its first case was closed while the caller was on the line
            picked_up(draft, command, before)
        return  # a language is no answer: the same is said again in it, and the 20 s run on
    settle_urgency(draft, command, before, new)
    if command.photo:
        draft.tell_family("photo_received")


def picked_up(draft: Draft, command: TakeReport, before: Case) -> None:
    """A call begins: 20 s to a page unless one is out; whoever holds the case hears of it at once."""
    if before.status in (Status.NEW, Status.WAITING):
        draft.set_clock(ClockKind.CALL_START, draft.case.pinned.waits.call_start)
    elif before.status is Status.HELD:
        tell_holder(draft, command, (), raised=False)


def thank(draft: Draft, command: TakeReport) -> None:
    """Thanks after closing: filed with the closed case and answered with `0` (RULINGS 4)."""
    draft.reply_to = command.number
    before = draft.case
    file_report(draft, command)
    withhold_from_an_echo(draft, command, before)
    draft.tell_family("after_thanks")


def open_case(draft: Draft, command: TakeReport) -> None:
    """The first entry: who it is about, the pinned table, a short code nobody else has now."""
    facts, report = draft.facts, command.report
    patients = facts.caller.patients if facts.caller else ()
    patient = facts.patient or (patients[0] if len(patients) == 1 and "/" not in command.key else None)
    label = patient.label if patient else _label_of_nobody(command.key, len(patients))
    draft.write(
        e.CaseOpened(
            key=command.key,
            code=free_code(draft),
            patient=patient.id if patient else None,
            phone=command.number,
            label=label,
            language=facts.caller.language if facts.caller else report.language,
            edition=draft.handbook.edition,
            table=draft.handbook.table,
            linked=command.linked,
        )
    )


def _label_of_nobody(key: str, patients: int) -> str:
    if "/" in key:
        return "another person at this number"
    return f"one of {patients} at this number" if patients else "caller unknown"


def free_code(draft: Draft) -> str:
    """A letter and a digit (then two) that no open case has; spread by the case's id, so that none is reused soon."""
    start = int(hashlib.sha256(draft.case.id.encode()).hexdigest(), 16) % len(CODES)
    taken = draft.facts.taken_codes
    for tail, codes in TAILS.items():
        if codes <= taken:
            continue
        return next(code + tail for code in (*CODES[start:], *CODES[:start]) if code + tail not in taken)
    name = draft.case.id.upper()
    return next((name[-length:] for length in range(6, len(name)) if name[-length:] not in taken), name)


def file_report(draft: Draft, command: TakeReport) -> None:
    report = command.report
    digest = hashlib.sha256(report.raw.encode("utf-8", "surrogatepass")).hexdigest()
    draft.reports.append(replace(report, received_at=draft.at, patient=draft.case.patient))
    draft.write(e.ReportAdded(report.id, report.source, command.arrival, command.number, digest, command.call))
    for what in command.enclosed:
        if draft.case.enclosure(what.id) is None:
            draft.write(e.EnclosureAdded(report.id, what))
    if command.remark:
        draft.notice(command.remark)
    if command.new_language and command.new_language != draft.case.language:
        draft.write(e.LanguageChosen(command.new_language))
    if command.opt_out == "STOP" and command.number and command.number not in draft.case.blocked:
        draft.write(e.TextsBlocked(None, command.number))
    if command.opt_out == "START" and command.number in draft.case.blocked:
        draft.write(e.TextsOpened(command.number or ""))


def draw(draft: Draft, command: TakeReport) -> tuple[Finding, ...]:
    """The report's findings: those drawn before the lock, the answer to the open question, the closed case's shadow."""
    drawn = (*answer_of(draft, command), *command.findings)
    if command.linked and not command.thanks:
        drawn = (
            *drawn,
            Finding("repeat_contact_24h", Heard.PRESENT, "contact within 24 hours of the last case"),
        )
    if drawn:
        draft.write(e.FindingsDrawn(command.report.id, drawn))
    if command.reading_failed:
        draft.write(e.RulesFailed("the words could not be read"))
    return drawn


def judge(draft: Draft, failed: bool = False) -> Assessment:
    """All findings of the case together; a machine's word may raise the urgency, never lower it (law 7)."""
    known = draft.case.assessment
    fresh = FAILED if failed or draft.case.rules_failed else assess(draft.case.findings, draft.handbook.rulebook.rules)
    return _conclude(draft, known if known and known.urgency > fresh.urgency else fresh)


def _conclude(draft: Draft, verdict: Assessment) -> Assessment:
    if verdict != draft.case.assessment:
        draft.write(e.Assessed(verdict))
    return verdict


FAILED = Assessment(
    urgency=Urgency.EMERGENCY,
    leanings=(Leaning.CANNOT_TELL,),
    advice="call_911",
    because=(Reason("blind", "The rules failed on this report: read the words yourself.", ()),),
    would_raise=(),
    edition="blind",
    needs_human=True,
)


# --- urgency and what follows from it -------------------------------------------------------------------------------


def settle_urgency(draft: Draft, command: TakeReport, before: Case, new: Sequence[Finding]) -> None:
    """Assess, then start, raise, or tell the holder."""
    was, told = before.pace, _told_before(before)
    idle = wakes_nobody(draft, command)
    verdict = _conclude(draft, no_patients(draft)) if idle else judge(draft, command.reading_failed)
    if idle:
        draft.end_clocks(ClockKind.CALL_START)  # of a further call: its words have been heard
    pace = pace_for(draft, verdict.urgency)
    raised = was is None or pace > was
    if raised:
        draft.write(e.PaceSet(pace, _why(verdict)))
    if not raised:
        withhold_from_an_echo(draft, command, before)
    advised = told is not None and not command.call and tell_rising_advice(draft, told, verdict.advice)
    noted = tell_about_911(draft, command, new)
    match draft.case.status:
        case Status.HELD:
            tell_holder(draft, command, news_in(before, new), raised)
        case Status.PAGING:
            if raised:
                raise_paging(draft)
                if advised and command.arrival is Arrival.TEXT:
                    ask_by_text(draft)
                elif not advised:
                    reply_to_arrival(draft, command.arrival, promise(draft))
            elif noted:
                ask_by_text(draft)
            else:
                more_news(draft, command, before)
        case _ if raised:
            begin(draft, command)
        case _:
            more_news(draft, command, before)


def withhold_from_an_echo(draft: Draft, command: TakeReport, before: Case) -> None:
    if why := why_an_echo(draft, command, before):
        draft.write(e.ReplyWithheld(command.number or "", why))
        draft.withheld = True


def _told_before(before: Case) -> str | None:
    """The advice the family has had: none on a new case, the mildest if somebody took it before a word was said."""
    if before.assessment is not None:
        return before.assessment.advice
    return ADVICE[0] if before.status in (Status.HELD, Status.PAGING) else None


def pace_for(draft: Draft, urgency: Urgency) -> Urgency:
    """The column of the table: a same-day report with a sound or device state in it is urgent at night (RULINGS 2)."""
    if urgency is Urgency.SAME_DAY and not is_day(draft) and involves_device(draft.case.findings):
        return Urgency.URGENT
    return urgency


def begin(draft: Draft, command: TakeReport) -> None:
    """The first time this case deserves somebody: page now, in the morning, or leave a task."""
    draft.end_clocks(ClockKind.CALL_START, ClockKind.HANG_UP, ClockKind.MORNING, ClockKind.TASK, ClockKind.TASK_PAGE)
    pace = draft.case.pace
    if pace is Urgency.ROUTINE:
        leave_task(draft, command.arrival)
    elif pace is Urgency.SAME_DAY and not is_day(draft):
        wait_for_morning(draft, command.arrival)
    else:
        begin_paging(draft, command)


def begin_paging(draft: Draft, command: TakeReport | None) -> None:
    by = promise(draft)
    start_round(draft)
    if draft.case.pace is Urgency.SAME_DAY:
        draft.set_clock(ClockKind.UNTAKEN, policy_of(draft.case).raise_after or policy_of(draft.case).promise)
        draft.tell_family("first_same_day", by=draft.family_hour(by))
        return
    if command is not None:
        if command.closer:
            page_closer(draft, command.closer)
        if any(finding.code == "hospital_staff" for finding in draft.case.findings):
            page_attending_too(draft)
        reply_to_arrival(draft, command.arrival, by)
        if command.arrival is Arrival.HUNG_UP:
            cut_off(draft, command.number)
            if command.call is None:
                call_back(draft)  # they never got through, so they have not even heard the 911 sentence
    keep_posted(draft)


def page_closer(draft: Draft, closer: str) -> None:
    """A linked case goes to whoever closed the last one too, if he is still on shift (RULINGS 4)."""
    rota = draft.handbook.rota
    on_shift = any(shift.person == closer for name in rota.rotations for shift in tier_shifts(rota, name, draft.at))
    person = draft.facts.clinician(closer)
    if on_shift and person and person.phones and draft.case.page_of(closer) is None:
        target = Target(closer, "closer", "closed the case before this one")
        order_page(draft, person, target, policy_of(draft.case).steps[0].voice)


def page_attending_too(draft: Draft) -> None:
    """Hospital staff are served by primary and attending together (RULINGS 5, key 8)."""
    if draft.case.step == 0:
        join_next_tier(draft, "hospital staff on the line")


def leave_task(draft: Draft, arrival: Arrival) -> None:
    """An office request: one reply, a task for the next working morning, no page (RULINGS 3)."""
    due = next_working_day(draft, "task_due")
    draft.set_clock_at(ClockKind.TASK, due)
    draft.write(e.Promised("the office answers", due))
    if arrival in (Arrival.TEXT, Arrival.NEW_CALL):
        draft.tell_family("first_office", by=draft.family_hour(due))


def wait_for_morning(draft: Draft, arrival: Arrival) -> None:
    """A same-day report at night without a device state: the primary hears at 07:00, the family is told so."""
    morning = next_morning(draft)
    by = morning + policy_of(draft.case).promise
    draft.set_clock_at(ClockKind.MORNING, morning)
    draft.set_clock_at(ClockKind.PROMISE, by)
    draft.write(e.Promised("the team calls", by))
    if arrival in (Arrival.TEXT, Arrival.NEW_CALL):
        draft.tell_family("first_same_day", by=draft.family_hour(by))


def raise_paging(draft: Draft) -> None:
    """A new round starts at the raise; who was reached keeps ringing, the earlier promise holds (RULINGS 10)."""
    draft.end_clocks(ClockKind.UNTAKEN)
    promise(draft)
    start_round(draft)
    if draft.case.pace is Urgency.SAME_DAY:
        draft.set_clock(ClockKind.UNTAKEN, policy_of(draft.case).raise_after or policy_of(draft.case).promise)
    keep_posted(draft)


def more_news(draft: Draft, command: TakeReport, before: Case) -> None:
    """A further report on a case that is already being paged, or waits: its sender hears that it arrived.

    A phone that speaks for the first time in this case gets the whole first answer (an alarm opened it, or the other
    parent did).
    """
    if draft.case.status is Status.PAGING and command.number and command.number not in before.phones:
        reply_to_arrival(draft, command.arrival, promise(draft))
        keep_posted(draft)
        return
    if command.arrival is Arrival.HUNG_UP:
        call_back(draft)  # they rang again and did not get through
    if command.arrival is not Arrival.TEXT:
        return
    if draft.case.status is Status.WAITING:
        key = "first_office" if draft.case.pace is Urgency.ROUTINE else "first_same_day"
        draft.tell_family(key, by=draft.family_hour(draft.case.promised_at or draft.at))
        return
    if is_not_understood(draft, command):
        draft.tell_family("not_understood")
    if not ask_by_text(draft):
        next_word = draft.at + draft.case.pinned.waits.status_every
        draft.tell_family("more_news", by=draft.family_hour(next_word))
        keep_posted(draft)


def is_not_understood(draft: Draft, command: TakeReport) -> bool:
    """A question is open, and what came is no digit and holds no sign that we know."""
    signs = draft.handbook.rulebook.vocabulary
    groups = {signs[f.code].group for f in command.findings if f.heard.counts and f.code in signs}
    return bool(draft.case.pending) and not command.digits and bool(groups) and groups <= {"unread", "background"}


# --- calls that end or stay silent -----------------------------------------------------------------------------------


def _page_may_wait(draft: Draft, command: TakeReport) -> bool:
    """Whether an unknown phone hung up before the 911 sentence ended, without a key or a word."""
    if command.arrival is not Arrival.HUNG_UP or draft.case.clock(ClockKind.CALL_START) is None:
        return False
    started = next((call.started_at for call in draft.case.calls if call.sid == command.call), draft.at)
    early = draft.at - started < draft.case.pinned.waits.first_sentence
    said_nothing = all(note.arrival in (Arrival.PICKED_UP, Arrival.HUNG_UP) for note in draft.case.reports)
    return draft.facts.caller is None and early and said_nothing and draft.case.phone is not None


def _why(verdict: Assessment) -> str:
    return ", ".join(reason.rule for reason in verdict.because) or "nothing matched: a human decides"
