"""The part of the house that pages: stores, carrier, desk, watch and dispatcher.

A start opens it first and sets it going before the rest of the program is loaded: what fell due while the line was down
goes out half a second earlier than the doors open. It is the same for every house; `house.py` builds the rest upon it.
Deliberately not here: taking anything in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import structlog

from oncall.adapters.clock import accept_digit
from oncall.adapters.handbook.store import PublishedHandbook, handbook_in_force
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.telephony.mail import Mail
from oncall.adapters.telephony.rate import Gate
from oncall.adapters.telephony.routes import Route, Routes
from oncall.adapters.telephony.twilio_pager import TwilioPager
from oncall.config import Config, MailPart, RoutePart
from oncall.core.people import Hospital
from oncall.service.desk import Desk
from oncall.service.dispatch import Dispatcher
from oncall.service.ports.journal import HandbookSource, Journal
from oncall.service.ports.timepiece import Timepiece
from oncall.service.watch import Watch
from oncall.stores import hospital_of, open_journal_and_register

log = structlog.get_logger("house")
Loops = dict[str, asyncio.Task[None]]


@dataclass(frozen=True, slots=True, repr=False)
class Paging:
    """See the module. Closing it ends the loops, then the carrier's client, then the stores."""

    hospital: Hospital
    journal: Journal
    register: KeptRegister
    handbooks: PublishedHandbook
    accounts: dict[str, TwilioPager]
    pager: Routes
    desk: Desk
    watch: Watch
    dispatcher: Dispatcher
    loops: Loops


async def open_paging(
    config: Config,
    clock: Timepiece,
    stack: AsyncExitStack,
    *,
    chance: Callable[[], str] = accept_digit,
    handbooks: PublishedHandbook | None = None,
) -> Paging:
    """`handbooks` is an edition that is already loaded; without it the one in force is. Raises HandbookFaults."""
    hospital = hospital_of(config)
    journal, register = open_journal_and_register(config, clock, stack)
    if handbooks is None:
        handbooks = await handbook_in_force(journal, config.handbook.rules, config.handbook.rotations)
    accounts = {name: _account(part, hospital) for name, part in config.telephony.routes}
    routes = [_route(name, accounts[name], part, clock) for name, part in config.telephony.routes]
    pager = Routes(routes, clock, _mail(config.telephony.email, register))
    stack.push_async_callback(pager.close)
    desk = Desk(journal, _decided_by(config, handbooks))
    watch, dispatcher = Watch(desk, clock), Dispatcher(desk, pager, register, clock, chance)
    return Paging(hospital, journal, register, handbooks, accounts, pager, desk, watch, dispatcher, {})


def _decided_by(config: Config, handbooks: PublishedHandbook) -> HandbookSource:
    if config.mode != "pilot":
        return handbooks
    from oncall.service.reports.pilot import PilotHandbook  # here: only a pilot waits for the reports to load

    return PilotHandbook(handbooks)


def begin_paging(paging: Paging, stack: AsyncExitStack) -> None:
    """Set watch and dispatcher going, once; they end with `stack`."""
    begin({"watch": paging.watch.run, "dispatcher": paging.dispatcher.run}, paging.loops, stack)


def begin(turning: Mapping[str, Callable[[], Coroutine[Any, Any, None]]], loops: Loops, stack: AsyncExitStack) -> None:
    """Those that do not turn already."""
    for name, run in turning.items():
        if name not in loops:
            loops[name] = asyncio.create_task(run(), name=name)
            loops[name].add_done_callback(_loop_ended)
            stack.push_async_callback(_end, loops[name])


def _account(part: RoutePart, hospital: Hospital) -> TwilioPager:
    return TwilioPager(part.account, part.token, part.api, part.line, hospital.public_url)


def _route(name: str, pager: TwilioPager, part: RoutePart, clock: Timepiece) -> Route:
    return Route(name, pager, Gate(clock, part.messages_per_second), Gate(clock, part.calls_per_second))


def _mail(part: MailPart | None, register: KeptRegister) -> Mail | None:
    async def address_of(person: str) -> str | None:
        known = (await register.directory()).clinicians.get(person)
        return known.email if known else None

    return Mail(part.server, part.sender, address_of) if part else None


def _loop_ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.critical("a loop of the house ended", loop=task.get_name(), exc_info=task.exception())


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
