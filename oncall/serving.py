"""A house behind its doors: listeners, chores, and who watches the loop.

Public and internal are two listeners; the internal one stays on this machine unless the configuration says otherwise
in so many words. Deliberately not here: what the pages say, and what must go out before a door is open (`paging`).
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from socket import socket
from urllib.parse import urlsplit

from aiohttp import web

from oncall.adapters.chores import (
    Chore,
    certificates_chore,
    chores_of,
    day_chores,
    every,
    line_chores,
    memory_chore,
    own_numbers_chore,
    pilot_chore,
    ring_by_clock,
    ring_by_scheduler,
    staff_chores,
    vigil_chore,
)
from oncall.adapters.clock import SystemClock, new_id, new_token
from oncall.adapters.handbook.store import publish_folders
from oncall.adapters.identity.provider import Client, OpenIdProvider
from oncall.adapters.loop_watch import LoopWatch
from oncall.adapters.register.patient_sheets import KeptSheets
from oncall.adapters.standing_memory import look_through_all, set_aside
from oncall.adapters.supervisor import Supervisor
from oncall.adapters.web.app import internal_app, public_app
from oncall.adapters.web.first_look import make_ready
from oncall.adapters.web.given import Given
from oncall.adapters.web.line.metrics import Metrics
from oncall.adapters.web.paper.kit import PaperKit, kit_of
from oncall.adapters.web.paper.sheets import Paper
from oncall.adapters.web.patience import PatientSite
from oncall.config import Config
from oncall.errands.door import open_side_door
from oncall.fitness import why_unfit
from oncall.house import House, open_house, start
from oncall.one_process import in_use, refuse_beyond_loopback
from oncall.paging import Paging
from oncall.proposing import proposals_of
from oncall.service.line.health import Room
from oncall.service.line.state import LineStates
from oncall.service.patients.shown import Patients
from oncall.service.people.kiosks import Kiosks
from oncall.service.people.leaving import Leavers
from oncall.service.people.second_steps import SecondSteps
from oncall.service.people.single_sign_on import SingleSignOn
from oncall.service.people.team import Team
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.calendars import CalendarLinks, WatchedFeed, old_feeds
from oncall.taking_in import seen_schedule


async def open_doors(
    paging: Paging, config: Config, clock: Timepiece, held: Sequence[socket | None], stack: AsyncExitStack
) -> House:
    """The rest of the house upon what pages already, and every door of it. `held`: the public one, the internal one."""
    public, internal = held
    metrics, training = Metrics(), config.mode == "training"
    house = await open_house(config, clock, stack, count=metrics.count_webhook, paging=paging)
    if not await house.journal.editions():
        folders = config.handbook
        await publish_folders(house.journal, clock, folders.rules, folders.rotations, "first start")
    await open_public_door(house, metrics, stack, training, public)
    await open_internal_door(house, metrics, stack, training, internal)
    await open_side_door(house, stack)
    watch_the_loop(house, metrics, stack)
    return house


def team_of(house: House) -> Team:
    """The people of this house as their page shows them."""
    shelf, accounts = house.register.team, house.register.accounts
    return Team(shelf, accounts, house.messenger, house.number_proofs, house.drills, house.handbooks, house.clock)


def leavers_of(house: House) -> Leavers:
    """Who leaves the team of this house, and what of theirs goes to whom."""
    register, desk = house.register, house.rota_desk
    stores = (register.team, register, house.journal, house.handbooks)
    return Leavers(*stores, desk, house.sign_in, house.clock, register.deactivate, house.rota_requests)


def line_states_of(house: House) -> LineStates:
    """What this house can say of itself on the board."""
    register, clock = house.register, house.clock
    return LineStates(
        *(register.notices, register, register, house.handbooks, clock, house.hospital),
        _loops_of(house),
        house.carrier_state,
        house.lost,
    )


async def open_public_door(
    house: House, metrics: Metrics, stack: AsyncExitStack, training: bool = False, door: socket | None = None
) -> None:
    """Webhooks, page links and calendars, the loops and the chores: from here on the house pages."""
    given = given_of(house, metrics, training)
    await listen(public_app(given, house.outside_routes()), house.config.public.bind, stack, door)
    await start_with_chores(house, stack)


async def start_with_chores(house: House, stack: AsyncExitStack) -> None:
    """The loops, and the chores by the clock that the house has."""
    await house.after_restore.settle()
    await start(house, stack)
    await house.emergency_journal.look()
    chores = (
        *case_rounds(house),
        *staff_rounds(house),
        *day_chores(house.overdue_refills, house.task_alarms, house.follow_ups),
        *house.feeds.chores(),
        vigil_chore(house.vigil),
        certificates_chore(house.certificates),
        own_numbers_chore(house.own_numbers),
        *([pilot_chore(house.pilot_week)] if house.config.mode == "pilot" else []),
        *paper_chores(house),
        memory_chore(look_through_all, house.hospital.zone),
    )
    if isinstance(house.clock, SystemClock):
        ring_by_scheduler(chores, stack)
    else:
        ring_by_clock(chores, house.clock, stack)


def case_rounds(house: House) -> tuple[Chore, ...]:
    """What is looked at again for the cases of this house, and for what waits beside its store."""
    parts = (house.watch, house.reconciler, house.enclosures, house.audit, house.backup)
    return (*chores_of(*parts, house.hospital.zone), *line_chores(house.emergency_journal, house.after_restore))


def staff_rounds(house: House) -> tuple[Chore, ...]:
    """What is told and asked outside of cases."""
    told = (house.shift_proofs, house.morning_list, house.rota_alarms, house.drill_calendar)
    return staff_chores(*told, house.rota_requests, house.when_proven, house.shift_ends)


def paper_chores(house: House) -> list[Chore]:
    """The sheets for a day without the line, where the configuration names a folder for them."""
    folder = house.config.paper.folder
    if folder is None:
        return []

    async def make() -> dict[str, Paper]:
        directory = await house.register.directory()
        return kit_of(house.handbooks.current(), directory, house.hospital, house.clock.now())

    return [Chore("paper kit", every(seconds=60), PaperKit(folder, make).look)]


async def open_internal_door(
    house: House, metrics: Metrics, stack: AsyncExitStack, training: bool = False, door: socket | None = None
) -> None:
    """The ward's pages and the API."""
    refuse_beyond_loopback(house.config)
    given = given_of(house, metrics, training)
    await listen(internal_app(given), house.config.internal.bind, stack, door)
    readying = asyncio.create_task(make_ready(given), name="first look")
    stack.callback(readying.cancel)


def given_of(house: House, metrics: Metrics, training: bool) -> Given:
    """What the web applications are made of."""
    unfit = partial(why_unfit, house.config, house.register)
    return Given(
        desk=house.desk,
        register=house.register,
        intake=house.intake,
        clock=house.clock,
        hospital=house.hospital,
        handbooks=house.handbooks,
        new_id=house.new_id,
        sign_in=house.sign_in,
        rota_desk=house.rota_desk,
        tell_of_rota=house.rota_news.tell,
        team=team_of(house),
        leavers=leavers_of(house),
        patients=patients_of(house),
        sheets=KeptSheets(house.register),
        rota_requests=house.rota_requests,
        when_proven=house.when_proven,
        dangers=house.dangers,
        evening_sweep=house.evening_sweep,
        task_list=house.task_list,
        follow_ups=house.follow_ups,
        kiosks=Kiosks(house.register.kiosks, new_id, new_token),
        metrics=metrics,
        training=training,
        pilot=house.config.mode == "pilot",
        senders=house.config.sender_numbers,
        second_steps=SecondSteps(house.sign_in, house.sign_in.clock, new_token, new_id),
        proposals=proposals_of(house.journal, house.register, house.handbooks, house.clock, unfit),
        single_sign_on=_single_sign_on(house),
        is_https=house.config.internal.url.startswith("https"),
        internal_url=house.config.internal.url,
        proxies=house.config.internal.proxies,
        hosts=frozenset({urlsplit(house.config.internal.url).hostname or ""}),
        carrier=house.carrier_state,
        enclosures=house.kept,
        look_at_schedule=partial(seen_schedule, house.clock),
        calendar_links=CalendarLinks(house.register, new_id, new_token, house.config.public.url),
        notices=house.register.notices,
        retention=house.retention,
        room=partial(_room, house.config),
        certificates=house.certificates.known,
        feeds=house.feeds.good_at,
        lost=house.lost,
        old_feeds=partial(_old_feeds, house),
        keep_aside=house.emergency_journal.keep,
        standing=lambda: house.vigil.standing,
        past=lambda: tuple(house.vigil.past),
        heard=house.hooks.heard,
        line_states=line_states_of(house),
        loops=_loops_of(house),
    )


async def _old_feeds(house: House) -> list[WatchedFeed]:
    return await old_feeds(house.register, [part.name for part in house.config.calendars], house.clock.now())


def _room(config: Config) -> Room | None:
    """Of the disk under the database; the log that is not yet in the file counts with it."""
    path = config.database_path
    if path is None:
        return None
    disk = shutil.disk_usage(path.parent)
    files = (path, path.with_name(f"{path.name}-wal"))
    return Room(disk.free, disk.total, sum(file.stat().st_size for file in files if file.exists()))


def patients_of(house: House) -> Patients:
    register = house.register
    return Patients(register.patients, register.team, register, house.journal, house.handbooks)


def _single_sign_on(house: House) -> SingleSignOn | None:
    part = house.config.sign_in.oidc
    if part is None:
        return None
    clock = house.sign_in.clock
    client = Client(part.issuer, part.client_id, part.client_secret, f"{house.config.internal.url}/login/back")
    provider = OpenIdProvider(client, clock)
    return SingleSignOn(provider, house.sign_in, clock, new_token, part.map, part.allowed_domain)


def _loops_of(house: House) -> dict[str, Callable[[], bool]]:
    return {name: partial(_turns, house, name) for name in ("watch", "dispatcher")}


def _turns(house: House, name: str) -> bool:
    return name in house.loops and not house.loops[name].done()


async def listen(app: web.Application, bind: str, stack: AsyncExitStack, door: socket | None = None) -> str:
    """Serve `app` at host:port (port 0 picks one), or at the `door` that is bound there; returns its address. Raises
    Refused when the port is taken."""
    host, _, port = bind.rpartition(":")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await PatientSite(runner, host.strip("[]"), int(port), door).start()
    except OSError:
        raise in_use(bind) from None
    return f"http://{host}:{runner.addresses[0][1]}"


def watch_the_loop(house: House, metrics: Metrics, stack: AsyncExitStack) -> None:
    """From here on a loop that stands still ends the process, what stands is put aside, and the supervisor hears that
    we live."""
    set_aside(stack)
    supervisor = Supervisor()

    def beat() -> None:
        if all(_turns(house, name) for name in house.loops):
            supervisor.alive()

    watch = LoopWatch(beat)
    metrics.loop_lag.set_function(watch.worst_lag)
    watch.start()
    stack.callback(watch.stop)
    supervisor.ready()
    stack.callback(supervisor.ending)
