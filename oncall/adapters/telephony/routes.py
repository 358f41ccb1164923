"""Several ways to the telephones behind one Pager: the first while it works, the second when it does not.

A message goes by the first route whose own results are good. One that a route has refused for now twice goes by the
next; a refusal for a reason of the account goes on to the next at once. Whether a bad route works again is tried with
other messages than emergencies. Each route has its own gates, because carriers count by number. Families and clinicians
are told nothing of it. Deliberately not here: retries (the outbox) and what a text says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from oncall.adapters.telephony.breaker import Breaker
from oncall.adapters.telephony.mail import Mail
from oncall.adapters.telephony.rate import Gate
from oncall.core.case.messages import Channel, Lane, Message, MessageState, Outcome, Progress, Purpose, Verdict
from oncall.core.case.refusals import Fault, refusal_of
from oncall.service.ports.carrier import Pager
from oncall.service.ports.timepiece import Timepiece

TRIES = 2  # by one route before the next is asked
MEETING_TRIES = 4  # of a call that must meet others where they are; then it has failed
FIND_SECONDS = 3
UNGATED = (Channel.STOP, Channel.MOVE, Channel.SAY, Channel.MAIL)  # no carrier counts them by number

log = structlog.get_logger("routes")


@dataclass(slots=True)
class Route:
    """One account and number, with its pace and its luck. `arrivals` is the luck of texts that it took: a number that
    is not registered is given every text and delivers none."""

    name: str
    pager: Pager
    texts: Gate
    calls: Gate
    breaker: Breaker = field(default_factory=Breaker)
    arrivals: Breaker = field(default_factory=Breaker)

    def gate(self, channel: Channel) -> Gate:
        return self.texts if channel is Channel.SMS else self.calls

    def breakers(self, channel: Channel) -> tuple[Breaker, ...]:
        return (self.breaker, self.arrivals) if channel is Channel.SMS else (self.breaker,)

    def is_in_doubt(self, channel: Channel) -> bool:
        return any(breaker.is_open for breaker in self.breakers(channel))


class Routes:
    """See the module. The contract is `ports.Pager`."""

    def __init__(self, routes: Sequence[Route], clock: Timepiece, mail: Mail | None = None) -> None:
        self._routes, self._clock, self._mail = tuple(routes), clock, mail

    async def turn(self, message: Message) -> None:
        if message.channel not in UNGATED:
            route = self._where_they_meet(message) or self._in_order(message, 1)[0]
            await route.gate(message.channel).turn(message.lane, last=message.purpose is Purpose.NOTICE)

    def waiting(self) -> int:
        return sum(route.texts.waiting() + route.calls.waiting() for route in self._routes)

    async def send(self, message: Message, attempt: int) -> Outcome:
        if message.channel is Channel.MAIL:
            return await self._by_mail(message)
        if message.channel in (Channel.MOVE, Channel.SAY):
            return await self._to_live_call(message, attempt)
        if (meeting := self._where_they_meet(message)) is not None:
            outcome = await self._try(meeting, message, attempt)
            return replace(outcome, verdict=_in_the_end(outcome.verdict, attempt))
        waited_for = self._in_order(message, 1)[0]
        outcome = Outcome(Verdict.REFUSED_FOR_NOW)
        for route in self._in_order(message, attempt):
            if route is not waited_for:
                route.gate(message.channel).use()
            was_in_doubt = route.is_in_doubt(message.channel)
            outcome = await self._try(route, message, attempt)
            if not _is_the_account_s(outcome) and (_went_well(outcome) or not was_in_doubt):
                break
        if self._mail is not None and self._is_in_need(message, attempt, outcome) and await self._mail.send(message):
            return replace(outcome, route=f"{outcome.route}, beside it e-mail")
        return outcome

    async def _by_mail(self, message: Message) -> Outcome:
        """A notice to an address; without a mail server nobody takes it."""
        if self._mail is None:
            return Outcome(Verdict.REFUSED_FOR_GOOD)
        taken = await self._mail.send_notice(message)
        return Outcome(Verdict.ACCEPTED if taken else Verdict.REFUSED_FOR_NOW)

    async def _to_live_call(self, message: Message, attempt: int) -> Outcome:
        """The route that has the call answers for it, and none waits for another; to the others it is nobody's call."""
        asked = [asyncio.create_task(_on_live_call(route, message, attempt)) for route in self._routes]
        outcome = Outcome(Verdict.REFUSED_FOR_GOOD)
        try:
            for answer in asyncio.as_completed(asked):
                told = await answer
                if _has_the_call(told):
                    return told
                outcome = told if told.verdict is Verdict.REFUSED_FOR_NOW else outcome
        finally:
            for task in asked:
                task.cancel()
        return outcome

    def _where_they_meet(self, message: Message) -> Route | None:
        """The only route of a call that must meet others: in another account's conference it would be alone."""
        if len(self._routes) == 1:
            return None
        return next((route for route in self._routes if route.name == message.route), None)

    def _is_in_need(self, message: Message, attempt: int, outcome: Outcome) -> bool:
        """A page's text that every route has had twice and none has taken; once for each."""
        is_page = message.channel is Channel.SMS and message.purpose in (Purpose.PAGE, Purpose.INFORM)
        refused = outcome.verdict is Verdict.REFUSED_FOR_NOW
        return is_page and refused and attempt == TRIES * len(self._routes)

    async def _try(self, route: Route, message: Message, attempt: int) -> Outcome:
        was_open = route.breaker.is_open
        for breaker in route.breakers(message.channel):
            breaker.tried(self._clock.now())
        well = False
        try:
            outcome = await route.pager.send(message, attempt)
            well = _went_well(outcome)
        finally:  # also when the dispatcher's patience ends: that is a failure too
            route.breaker.went(well, self._clock.now())
            if route.breaker.is_open != was_open:
                log.warning("route", route=route.name, usable=was_open)
        return replace(outcome, route=route.name)

    def _in_order(self, message: Message, attempt: int) -> list[Route]:
        """After each second try the next begins; good ones stand before bad ones all the same."""
        now, start = self._clock.now(), (attempt - 1) // TRIES % len(self._routes)
        turned = [*self._routes[start:], *self._routes[:start]]
        if message.lane is Lane.EMERGENCY:
            return sorted(turned, key=lambda route: route.is_in_doubt(message.channel))
        return sorted(turned, key=lambda route: not all(b.comes_first(now) for b in route.breakers(message.channel)))

    def learn(self, state: MessageState) -> None:
        """What became of a text that a route had taken; only what is the account's own fault counts against it."""
        route = next((known for known in self._routes if known.name == state.route), None)
        if route is None or state.message.channel is not Channel.SMS:
            return
        arrived = state.progress is Progress.DELIVERED
        if arrived or (state.progress.went_wrong and refusal_of(state.code).fault is Fault.ACCOUNT):
            was_open = route.arrivals.is_open
            route.arrivals.went(arrived, self._clock.now())
            if route.arrivals.is_open != was_open:
                log.warning("route", route=route.name, texts_arrive=was_open)

    async def find(self, message: Message, since: datetime) -> Outcome | None:
        found = await asyncio.gather(*(_found(route, message, since) for route in self._routes))
        return next((outcome for outcome in found if outcome is not None), None)

    async def stop(self, sid: str) -> Outcome:
        """The route that knows this call ends it; the others have never heard of it."""
        outcomes = await asyncio.gather(*(route.pager.stop(sid) for route in self._routes))
        known = (outcome for outcome in outcomes if outcome.sid is not None)
        failed = (outcome for outcome in outcomes if outcome.verdict is not Verdict.ACCEPTED)
        return next(known, None) or next(failed, None) or Outcome(Verdict.ACCEPTED, sid)

    def open_breakers(self) -> dict[str, bool]:
        """By name, for the graphs: True while a route is not the first choice."""
        return {route.name: route.is_in_doubt(Channel.SMS) for route in self._routes}

    async def close(self) -> None:
        await asyncio.gather(*(route.pager.close() for route in self._routes))


def _in_the_end(verdict: Verdict, attempt: int) -> Verdict:
    """Those who wait for this call are told that it failed; nobody waits for ever."""
    over = attempt >= MEETING_TRIES and verdict is Verdict.REFUSED_FOR_NOW
    return Verdict.REFUSED_FOR_GOOD if over else verdict


async def _on_live_call(route: Route, message: Message, attempt: int) -> Outcome:
    return replace(await route.pager.send(message, attempt), route=route.name)


def _has_the_call(outcome: Outcome) -> bool:
    """Done, or refused with a number: the call is this route's and over. Without a number it is not its call."""
    over = outcome.verdict is Verdict.REFUSED_FOR_GOOD and outcome.code is not None
    return over or outcome.verdict is Verdict.ACCEPTED


async def _found(route: Route, message: Message, since: datetime) -> Outcome | None:
    """A route that hangs must not use up the time in which another could send."""
    try:
        async with asyncio.timeout(FIND_SECONDS):
            outcome = await route.pager.find(message, since)
    except TimeoutError:
        return None
    return replace(outcome, route=route.name) if outcome else None


def _went_well(outcome: Outcome) -> bool:
    """Taken, or refused for what is no fault of the route."""
    if outcome.verdict is Verdict.ACCEPTED:
        return True
    fault = refusal_of(outcome.code).fault
    return outcome.verdict is Verdict.REFUSED_FOR_GOOD and fault in (Fault.PHONE, Fault.MESSAGE)


def _is_the_account_s(outcome: Outcome) -> bool:
    refused = outcome.verdict is not Verdict.ACCEPTED and outcome.code is not None
    return refused and refusal_of(outcome.code).fault is Fault.ACCOUNT
