"""Where a text goes, however it reached us: staff answer notices or pages, a family answers a text that
we began or begins itself.

Webhooks and the carrier's own list come through here with the same dedupe key, so whichever is second adds nothing.
Deliberately not here: what the words mean.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from oncall.service.intake import Intake, TextIn
from oncall.service.notice_answers import NoticeAnswers
from oncall.service.ports.journal import Written
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.telephone.family_replies import FamilyReplies
from oncall.service.telephone.replies import Replies, StaffText

log = structlog.get_logger("inbox")


class Inbox:
    """See the module."""

    def __init__(
        self,
        register: Register,
        intake: Intake,
        replies: Replies,
        answers: NoticeAnswers,
        families: FamilyReplies,
        clock: Timepiece,
    ) -> None:
        self._register, self._intake, self._replies = register, intake, replies
        self._answers, self._families, self._clock = answers, families, clock

    async def take(self, text: TextIn) -> Written:
        number = text.number
        person = await self._register.clinician_by_number(number) if number else None
        if person is None or number is None:
            return await self._families.take(text) or await self._intake.take_text(text)
        if text.opt_out in ("STOP", "START"):
            await self._register.set_stopped(number, text.opt_out == "STOP", self._clock.now())
        told = StaffText(text.sid, number, text.body, text.late.at if text.late else None)
        try:
            notice = await self._answers.take(person, told)
            is_asked = notice is None and await self._answers.is_asking(person)
        except Exception as problem:  # around the notices: none of them stands before the answer to a page
            log.error("notices could not be read", exc_info=problem)
            notice, is_asked = None, True
        if notice is not None:
            return Written((), {"notice": notice.id}, repeated=notice.reply_sid == text.sid)
        return await self._replies.take(person, replace(told, is_asked=is_asked))
