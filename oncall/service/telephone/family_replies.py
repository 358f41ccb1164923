"""An answer to a text that we began carries its context (RULINGS 6): plain words are a task, all else a case as ever.

It counts for a few days, and only while the family has begun nothing of its own since. A sign, an alarm, a doubt, a
picture, 0, or words that nobody understood open a case. STOP there is no cry for help, but nobody knows that: one call
by day asks, and no answer to it is a task. What fails here goes the way of every text (law 1). Deliberately not here:
which words are plain (`intake`), and what we wrote (`evening_sweep`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta

import structlog

from oncall.core.case.messages import Channel
from oncall.core.case.wording import named_hour, spoken_number
from oncall.core.notices import About, Choice, Notice, Standing
from oncall.core.people import Caller, Hospital
from oncall.core.reports import Finding, Heard
from oncall.core.rota.working_days import next_working_day
from oncall.core.tasks import Task
from oncall.service.intake import Intake, TextIn, digits_and_words
from oncall.service.messenger import Messenger
from oncall.service.patients.danger_shelf import DangerShelf
from oncall.service.patients.evening_sweep import KIND, NUMBER, REFILL
from oncall.service.ports.journal import HandbookSource, Written
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.task_list import TaskShelf
from oncall.service.telling import by_day

ANSWERED, CHECK = "family-text-answered", "stop-check"
BY = "a family's answer"
MEANT, DOCTOR = "meant", "wants the doctor"
TITLES: Mapping[str, str] = {
    REFILL: "A family answers our text about a visit",
    NUMBER: "A family answers our text about its number",
}
STOPPED = "A family answered STOP to our text: they are only rung now. We ring once by day"
NOT_REACHED = "Ring them: a family answered STOP to our text, and nobody answered the call that asked why"

log = structlog.get_logger("family replies")


class FamilyReplies:
    """See the module."""

    def __init__(
        self,
        messenger: Messenger,
        tasks: TaskShelf,
        dangers: DangerShelf,
        intake: Intake,
        register: Register,
        handbooks: HandbookSource,
        clock: Timepiece,
        hospital: Hospital,
    ) -> None:
        self._messenger, self._tasks, self._dangers = messenger, tasks, dangers
        self._intake, self._register = intake, register
        self._handbooks, self._clock, self._hospital = handbooks, clock, hospital
        messenger.hears(CHECK, self._checked)

    async def take(self, text: TextIn) -> Written | None:
        """The task that this answer became; None for a text that must be read as every other."""
        try:
            return await self._take(text)
        except Exception as problem:  # around one text: it becomes a report as if we had written nothing
            log.error("an answer could not be read", exc_info=problem)
            return None

    async def _take(self, text: TextIn) -> Written | None:
        if text.number is None:
            return None
        task_id = f"answer-{hashlib.sha256(text.sid.encode()).hexdigest()[:16]}"
        if await self._tasks.task(task_id) is not None:
            return Written((), {"task": task_id}, repeated=True)
        asked = await self._asked(text.number)
        if asked is None or await self._have_begun_since(text, asked):
            return None
        if _is_stop(text):
            return await self._stopped(text, text.number, task_id)
        if text.media or not self._intake.is_plain(text.body):
            return None
        return await self._answered(text, text.number, asked, task_id)

    async def _asked(self, number: str) -> Notice | None:
        """Our newest text to this number, while an answer to it counts."""
        since = self._clock.now() - timedelta(hours=self._handbooks.current().dangers.reply_counts_hours)
        sent = await self._messenger.notices.sent_to(number, KIND)
        return next((n for n in reversed(sent) if n.attempted_at is not None and n.attempted_at > since), None)

    async def _have_begun_since(self, text: TextIn, asked: Notice) -> bool:
        """A conversation of the family's own is open, or was closed after we wrote."""
        whose = await self._intake.whose(text.number, text.sid)
        if whose.open_case is not None or whose.others:
            return True
        closed = whose.last.closed if whose.last else None
        return closed is not None and asked.attempted_at is not None and closed.at > asked.attempted_at

    async def _answered(self, text: TextIn, number: str, asked: Notice, task_id: str) -> Written:
        """A bare yes to whether the number is right needs nobody's hand; everything else waits for the office."""
        topic, caller = asked.about.reference.partition(":")[0], await self._register.caller(number)
        task = self._task(task_id, TITLES[topic], text.body, caller)
        if text.opt_out == "START":
            await self._register.set_stopped(number, False, self._clock.now())
        if topic == NUMBER and digits_and_words(text.body, asked=True)[0] == "1":
            await self._dangers.verify(number, f"phone {number}")
        await self._tasks.leave(task, BY)
        await self._thank(number, asked, task, caller)
        return Written((), {"task": task_id})

    def _task(self, task_id: str, title: str, words: str, caller: Caller | None) -> Task:
        handbook, now = self._handbooks.current(), self._clock.now()
        due = next_working_day(handbook.rota, handbook.rota.zone, now, handbook.table.hours.task_due)
        patients = caller.patients if caller else ()
        patient = patients[0].id if len(patients) == 1 else None
        return Task(task_id, title, due, patient=patient, promised_at=due, words=words)

    async def _thank(self, number: str, asked: Notice, task: Task, caller: Caller | None) -> None:
        """One answer to each text of ours, so that no machine at the other end is answered for ever."""
        language, now = caller.language if caller else "en", self._clock.now()
        by = named_hour(task.due_at, now, self._hospital, language)
        advice = self._handbooks.current().advice
        words = advice.say("first_office", language, emergency=self._hospital.emergency_number, by=by)
        await self._messenger.order(Notice(About(ANSWERED, asked.id), number, Channel.SMS, words, BY))

    # --- STOP --------------------------------------------------------------------------------------------------------

    async def _stopped(self, text: TextIn, number: str, task_id: str) -> Written:
        handbook, now = self._handbooks.current(), self._clock.now()
        caller = await self._register.caller(number)
        await self._register.set_stopped(number, True, now)
        told = {"emergency_spoken": spoken_number(self._hospital.emergency_number)}
        words = handbook.advice.say("voice_stop_check", caller.language if caller else "en", **told)
        check = Notice(
            About(CHECK, task_id),
            number,
            Channel.VOICE,
            words,
            BY,
            choices=(Choice("1", MEANT), Choice("2", DOCTOR)),
            not_before=by_day(now, handbook.table.hours, handbook.rota.zone),
        )
        await self._messenger.order(check)
        await self._tasks.leave(self._task(task_id, STOPPED, text.body, caller), BY)
        return Written((), {"task": task_id})

    async def _checked(self, notice: Notice) -> None:
        """How the one call ended."""
        if notice.standing is Standing.ANSWERED and notice.meaning == DOCTOR:
            finding = Finding("asked_for_person", Heard.PRESENT, "pressed 2 when asked about their STOP")
            await self._intake.take_new_call(notice.to, "", (finding,), "our call about STOP", f"check:{notice.id}")
        elif notice.standing in (Standing.EXPIRED, Standing.FAILED):
            caller = await self._register.caller(notice.to)
            task_id = f"{notice.about.reference}-unreached"
            await self._tasks.leave(self._task(task_id, NOT_REACHED, "", caller), BY)


def _is_stop(text: TextIn) -> bool:
    return text.opt_out == "STOP" or text.body.strip().upper() == "STOP"
