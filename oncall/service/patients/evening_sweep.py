"""Texts to families that a coordinator approves in one look: a visit that has no date, a number nobody has verified.

Proposed of the calendar, worst first, at most one for a telephone; nothing goes out that nobody has ticked. They go in
the evening, while it is still day, and what has not gone by then never goes. No name and nothing of the patient is in
them, no dose and no reassurance: the sentences are declared in rules/advice.yaml. Deliberately not here: answers to
them (`family_replies`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall.core.case.messages import Channel
from oncall.core.dangers import Kind, Level
from oncall.core.notices import About, Notice, Standing
from oncall.core.people import Hospital
from oncall.core.wall_time import first_pass, wall
from oncall.service.messenger import Messenger
from oncall.service.patients.danger_calendar import DangerCalendar, Listed
from oncall.service.patients.danger_shelf import FamilyNumber
from oncall.service.ports.journal import HandbookSource, Journal
from oncall.service.ports.timepiece import Timepiece

KIND = "family-text"
REFILL, NUMBER = "refill", "number"
SENTENCES = {REFILL: "sweep_refill", NUMBER: "sweep_number"}
TONGUES = ("en", "es")
MOST = 40  # proposed at a time; the next ones when these are sent
LOOKED_AT = 120  # dangers that are looked at for them
NOT_SENT = (Standing.WITHDRAWN, Standing.FAILED, Standing.EXPIRED)


class TooLate(Exception):
    """Nobody is written to at this hour; the sentence says when again."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One text to one telephone; `words` by language, `language` is the one it goes out in."""

    notice: Notice
    patient: str
    name: str
    topic: str
    why: str
    language: str
    words: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.notice.id


@dataclass(frozen=True, slots=True)
class Evening:
    """When texts that are approved now go out, and until when. `is_over`: not today any more."""

    goes_at: datetime
    until: datetime
    is_over: bool


class EveningSweep:
    """See the module."""

    def __init__(
        self,
        calendar: DangerCalendar,
        messenger: Messenger,
        journal: Journal,
        handbooks: HandbookSource,
        clock: Timepiece,
        hospital: Hospital,
    ) -> None:
        self._calendar, self._messenger, self._journal = calendar, messenger, journal
        self._handbooks, self._clock, self._hospital = handbooks, clock, hospital

    def evening(self) -> Evening:
        now, handbook = self._clock.now(), self._handbooks.current()
        day, zone = wall(now, handbook.rota.zone).date(), handbook.rota.zone
        begins, ends = (
            first_pass(datetime.combine(day, at), zone)
            for at in (handbook.dangers.evening_at, handbook.dangers.evening_until)
        )
        return Evening(max(now, begins), ends, now >= ends)

    async def proposals(self) -> list[Proposal]:
        """Those of this evening; nobody twice, nobody who speaks with us already or was asked lately."""
        found: dict[str, Proposal] = {}
        wanted = [one for one in await self._calendar.listed() if topic_of(one) and not one.is_set_aside]
        for one in wanted[:LOOKED_AT]:
            if len(found) >= MOST:
                break
            for phone in await self._telephones(one):
                if phone.number not in found and not await self._asked_lately(phone.number):
                    found[phone.number] = self._proposal(one, phone)
        return list(found.values())

    async def approved(self) -> list[Notice]:
        """What will go out this evening and can still be stopped."""
        return [notice for notice in await self._messenger.notices.open() if notice.about.kind == KIND]

    async def send(self, ids: Collection[str], by: str) -> int:
        """The ticked ones among what is proposed now; how many. Raises TooLate."""
        if self.evening().is_over:
            raise TooLate("It is too late to write to families today: nothing was sent. Come back tomorrow.")
        wanted = [one.notice for one in await self.proposals() if one.id in ids]
        placed = await self._messenger.order(*(replace(notice, ordered_by=by) for notice in wanted))
        return len(placed)

    async def stop(self, notice_id: str) -> None:
        for notice in await self.approved():
            if notice.id == notice_id:
                await self._messenger.withdraw(notice.about.kind, notice.about.reference)

    async def _telephones(self, one: Listed) -> list[FamilyNumber]:
        if await self._journal.open_case(f"patient:{one.patient}"):
            return []
        phones = await self._calendar.shelf.numbers_of(one.patient)
        if topic_of(one) == REFILL:
            return phones[:1]
        return [phone for phone in phones if not phone.is_verified]

    async def _asked_lately(self, number: str) -> bool:
        rest = timedelta(hours=self._handbooks.current().dangers.reply_counts_hours)
        since = self._clock.now() - rest
        if await self._journal.open_case(f"phone:{number}"):
            return True
        sent = await self._messenger.notices.sent_to(number, KIND)
        return any(n.standing not in NOT_SENT and n.ordered_at is not None and n.ordered_at > since for n in sent)

    def _proposal(self, one: Listed, phone: FamilyNumber) -> Proposal:
        evening, topic = self.evening(), topic_of(one)
        words = {tongue: self._words(topic, tongue) for tongue in TONGUES}
        language = phone.language if phone.language in TONGUES else "en"
        day = wall(evening.goes_at, self._handbooks.current().rota.zone).date().isoformat()
        about = About(KIND, f"{topic}:{one.patient}:{day}")
        notice = Notice(
            about,
            phone.number,
            Channel.SMS,
            words[language],
            "",
            not_before=evening.goes_at,
            expires_at=evening.until,
        )
        return Proposal(notice, one.patient, one.name, topic, one.danger.reason, language, words)

    def _words(self, topic: str, language: str) -> str:
        advice = self._handbooks.current().advice
        return advice.say(SENTENCES[topic], language, emergency=self._hospital.emergency_number)


def topic_of(one: Listed) -> str:
    """What a family may be written to about; "" for what concerns the team alone."""
    danger = one.danger
    if danger.kind in (Kind.REFILL, Kind.LOW_RESERVOIR) and danger.level >= Level.SOON and danger.booked_on is None:
        return REFILL
    return NUMBER if danger.kind is Kind.NUMBER else ""
