"""The composition root: everything is wired here, started in order and stopped in reverse.

No other module knows all adapters. A house is the same whether it talks to a carrier on the other side of the
country or to the training ground on this machine; only its configuration differs. Deliberately not here: any rule.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web

from oncall.adapters.beacon import HttpBeacon
from oncall.adapters.before_migrating import keep_before_migrating
from oncall.adapters.calendars.doors import CalendarDoors
from oncall.adapters.calendars.watching import FeedWatch, Source
from oncall.adapters.certificates import certificate_ends_at
from oncall.adapters.clock import MovableClock, SystemClock, accept_digit, new_id, new_secret, new_token
from oncall.adapters.enclosures.memory import MemoryEnclosures
from oncall.adapters.enclosures.sqlite import SqliteEnclosures
from oncall.adapters.handbook.rota_scribe import Scribe
from oncall.adapters.handbook.store import PublishedHandbook, handbook_in_force
from oncall.adapters.journal.exports import ExportFolder, MemoryExports
from oncall.adapters.journal.memory import MemoryJournal
from oncall.adapters.journal.sqlite import SqliteJournal
from oncall.adapters.migrations import open_for_reading as connection_for_reading
from oncall.adapters.put_back import NeverPutBack, RestoreMark
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.reading import read_proven, reads_for
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.side_file import NAME as SIDE_FILE
from oncall.adapters.side_file import NoFile, SideFile
from oncall.adapters.telephony.line_news import CarriedNews
from oncall.adapters.telephony.mail import Mail
from oncall.adapters.telephony.operator_calls import OperatorCalls
from oncall.adapters.telephony.own_door import OwnDoor
from oncall.adapters.telephony.rate import Gate
from oncall.adapters.telephony.routes import Route, Routes
from oncall.adapters.telephony.twilio_files import TwilioFiles
from oncall.adapters.telephony.twilio_hooks import TwilioHooks
from oncall.adapters.telephony.twilio_pager import TwilioPager
from oncall.backing_up import COMPONENTS, ByAnotherProcess
from oncall.config import Config, MailPart, RoutePart
from oncall.core.people import Hospital
from oncall.core.rota.on_call import tier_shifts
from oncall.fitness import why_unfit
from oncall.preflight.number_now import wrong_with_number
from oncall.service.cases.follow_ups import FollowUps
from oncall.service.cases.retention import Retention
from oncall.service.desk import Desk
from oncall.service.dispatch import Dispatcher
from oncall.service.intake import Intake
from oncall.service.line.after_restore import AfterRestore
from oncall.service.line.certificates import Certificates
from oncall.service.line.emergency_journal import Contact, EmergencyJournal
from oncall.service.line.kept_contacts import KeptContacts, told_aloud
from oncall.service.line.lost import Lost
from oncall.service.line.nightly_audit import NightlyAudit
from oncall.service.line.nightly_backup import NightlyBackup
from oncall.service.line.own_numbers import OwnNumbers
from oncall.service.line.proofs import LineProofs, has_room, lists_are_read
from oncall.service.line.vigil import LineProof, Road, Vigil
from oncall.service.messenger import Messenger
from oncall.service.notice_answers import NoticeAnswers
from oncall.service.patients.danger_calendar import DangerCalendar
from oncall.service.patients.evening_sweep import EveningSweep
from oncall.service.patients.overdue_refills import OverdueRefills
from oncall.service.people.number_proofs import NumberProofs
from oncall.service.people.passwords import Passwords
from oncall.service.people.sign_in import SignIn
from oncall.service.ports import CarrierState, EnclosureStore, Journal, Timepiece
from oncall.service.reports.pilot import PilotHandbook, PilotWeek
from oncall.service.rota.alarms import RotaAlarms
from oncall.service.rota.desk import RotaDesk
from oncall.service.rota.drill_calendar import DrillCalendar
from oncall.service.rota.drills import Drills
from oncall.service.rota.morning_list import MorningList
from oncall.service.rota.news import RotaNews
from oncall.service.rota.requests import RotaRequests
from oncall.service.rota.shift_ends import ShiftEnds
from oncall.service.rota.shift_proofs import ShiftProofs
from oncall.service.rota.when_proven import WhenProven
from oncall.service.task_alarms import TaskAlarms
from oncall.service.task_list import TaskList
from oncall.service.telephone.enclosures import Enclosures
from oncall.service.telephone.family_replies import FamilyReplies
from oncall.service.telephone.inbox import Inbox
from oncall.service.telephone.reconciler import Reconciler
from oncall.service.telephone.replies import Replies
from oncall.service.telephone.steps import Telephone
from oncall.service.watch import Watch
from oncall.service.what_waits import what_waits

log = structlog.get_logger("house")


@dataclass(frozen=True, slots=True, repr=False)
class House:
    """An open house. Closing it ends the loops, then the carrier's client, then the stores."""

    config: Config
    hospital: Hospital
    clock: Timepiece
    journal: Journal
    register: KeptRegister
    handbooks: PublishedHandbook
    pager: Routes
    desk: Desk
    watch: Watch
    dispatcher: Dispatcher
    messenger: Messenger
    shift_proofs: ShiftProofs
    shift_ends: ShiftEnds
    morning_list: MorningList
    dangers: DangerCalendar
    overdue_refills: OverdueRefills
    evening_sweep: EveningSweep
    task_list: TaskList
    follow_ups: FollowUps
    own_numbers: OwnNumbers
    certificates: Certificates
    task_alarms: TaskAlarms
    pilot_week: PilotWeek
    rota_alarms: RotaAlarms
    drills: Drills
    drill_calendar: DrillCalendar
    number_proofs: NumberProofs
    rota_desk: RotaDesk
    rota_requests: RotaRequests
    rota_news: RotaNews
    when_proven: WhenProven
    intake: Intake
    reconciler: Reconciler
    hooks: TwilioHooks
    kept: EnclosureStore
    enclosures: Enclosures
    retention: Retention
    sign_in: SignIn
    calendars: CalendarDoors
    feeds: FeedWatch
    audit: NightlyAudit
    backup: NightlyBackup
    emergency_journal: EmergencyJournal
    after_restore: AfterRestore
    lost: Callable[[], Sequence[Lost]]
    vigil: Vigil
    new_id: Callable[[], str]
    loops: dict[str, asyncio.Task[None]]

    def busy(self) -> int:
        """How much is under way; 0 means that only the clock or somebody outside can bring news."""
        loops = self.watch.busy() + self.dispatcher.busy() + self.messenger.busy()
        return (
            self.desk.under_way
            + loops
            + self.reconciler.busy()
            + self.enclosures.busy()
            + self.vigil.busy()
            + self.emergency_journal.busy()
        )

    def outside_routes(self) -> list[web.AbstractRouteDef]:
        """The doors that the public listener has besides its own pages: the carrier's webhooks and calendars."""
        return [*self.hooks.routes(), *self.calendars.routes()]

    def carrier_state(self) -> CarrierState:
        """For the graphs."""
        return CarrierState(self.reconciler.reconciled_at, self.reconciler.recovered, self.pager.open_breakers())


async def open_house(
    config: Config,
    clock: Timepiece,
    stack: AsyncExitStack,
    *,
    make_id: Callable[[], str] = new_id,
    chance: Callable[[], str] = accept_digit,
    count: Callable[[str, str], None] = lambda hook, result: None,
    handbooks: PublishedHandbook | None = None,
) -> House:
    """Wire a house and leave its closing to `stack`; `start` sets it going. Raises HandbookFaults.

    `handbooks` is an edition that is already loaded; without it the one in force is. Nothing is published here.
    """
    hospital = hospital_of(config)
    journal, register = _stores(config, hospital, clock)
    stack.push_async_callback(register.close)
    stack.push_async_callback(journal.close)
    if handbooks is None:
        handbooks = await handbook_in_force(journal, config.handbook.rules, config.handbook.rotations)
    accounts = {name: _account(part, hospital) for name, part in config.telephony.routes}
    routes = [_route(name, accounts[name], part, clock) for name, part in config.telephony.routes]
    pager = Routes(routes, clock, _mail(config.telephony.email, register))
    stack.push_async_callback(pager.close)
    desk = Desk(journal, PilotHandbook(handbooks) if config.mode == "pilot" else handbooks)
    intake = Intake(desk, register, clock, make_id)
    replies = Replies(desk, register, clock, make_id)
    telephone = Telephone(desk, register, intake, clock, pager.learn)
    messenger = Messenger(register.notices, desk, pager, register, clock)
    drills = Drills(messenger, register, handbooks, clock)
    rota_desk = rota_desk_over(config, journal, register, handbooks, clock)
    shelf = register.rota_requests
    rota_news = RotaNews(messenger, register, handbooks, clock)
    answers = NoticeAnswers(messenger, journal, register, clock)
    dangers = DangerCalendar(register.dangers, handbooks, clock, make_id)
    tasks = TaskList(register.task_list, desk, register, clock)
    begun = (messenger, register.task_list, register.dangers)
    families = FamilyReplies(*begun, intake, register, handbooks, clock, hospital)
    inbox = Inbox(register, intake, replies, answers, families, clock)
    ledgers = [account.ledger(name) for name, account in accounts.items()]
    tokens = [part.token for _, part in config.telephony.routes]
    kept = enclosures_over(config, clock)
    stack.push_async_callback(kept.close)
    files = [TwilioFiles(part.account, part.token, part.api) for _, part in config.telephony.routes]
    for account in files:
        stack.push_async_callback(account.close)
    mark = RestoreMark(config.var) if config.database_path else NeverPutBack()
    reconciler = Reconciler(desk, inbox, intake, telephone, messenger, ledgers, clock, mark.ends_at())
    audit = NightlyAudit(journal)
    backup = NightlyBackup(_backups(config), clock, hospital.zone)
    loops: dict[str, asyncio.Task[None]] = {}
    contacts = KeptContacts(inbox, intake, telephone)
    aside = _side_file(config)
    operator = OperatorCalls(pager, hospital.operator, make_id, chance)
    aloud = partial(_aloud, handbooks, clock, hospital.zone)
    emergency = EmergencyJournal(aside, clock, make_id, contacts.again, contacts.as_raw, operator, aloud)
    numbers = _own_numbers(config, clock)
    line_proofs = LineProofs(journal, register, handbooks, clock)
    proofs = _line_proofs(config, line_proofs, reconciler, audit, backup, emergency, numbers, loops, clock)
    return House(
        config=config,
        hospital=hospital,
        clock=clock,
        journal=journal,
        register=register,
        handbooks=handbooks,
        pager=pager,
        desk=desk,
        watch=Watch(desk, clock),
        dispatcher=Dispatcher(desk, pager, register, clock, chance),
        messenger=messenger,
        shift_ends=ShiftEnds(desk, handbooks, clock),
        shift_proofs=ShiftProofs(messenger, register, handbooks, clock, hospital),
        morning_list=MorningList(
            messenger, register, handbooks, clock, hospital, partial(what_waits, dangers, tasks, clock)
        ),
        dangers=dangers,
        overdue_refills=OverdueRefills(dangers, intake, handbooks, clock),
        evening_sweep=EveningSweep(dangers, messenger, journal, handbooks, clock, hospital),
        task_list=tasks,
        follow_ups=FollowUps(journal, register),
        own_numbers=numbers,
        certificates=Certificates((config.public.url, config.internal.url), certificate_ends_at, clock),
        task_alarms=TaskAlarms(register.task_list, messenger, intake, register, handbooks, clock),
        pilot_week=PilotWeek(messenger, register, journal, handbooks, clock),
        rota_alarms=RotaAlarms(
            messenger, register, journal, handbooks, clock, hospital, register, [part.name for part in config.calendars]
        ),
        drills=drills,
        number_proofs=NumberProofs(register.team, messenger, clock, hospital),
        drill_calendar=DrillCalendar(drills, messenger, register, handbooks, clock, config.drill),
        rota_desk=rota_desk,
        rota_requests=RotaRequests(shelf, rota_desk, messenger, desk, register, handbooks, clock),
        rota_news=rota_news,
        when_proven=WhenProven(
            register.rota_waiting,
            rota_desk,
            journal,
            messenger,
            register,
            handbooks,
            clock,
            hospital,
            rota_news.tell,
            make_id,
        ),
        intake=intake,
        reconciler=reconciler,
        hooks=TwilioHooks(desk, inbox, telephone, answers, hospital, clock, tokens, emergency, operator, count),
        sign_in=sign_in_of(register, clock, frozenset(config.sign_in.second_step_for)),
        kept=kept,
        enclosures=Enclosures(desk, kept, files, clock),
        retention=retention_over(config, journal, register, kept, clock),
        calendars=CalendarDoors(register, journal, handbooks, clock),
        feeds=FeedWatch([Source(part.name, part.address) for part in config.calendars], register, handbooks, clock),
        audit=audit,
        backup=backup,
        emergency_journal=emergency,
        after_restore=AfterRestore(
            mark,
            desk,
            register,
            register.accounts,
            messenger,
            _line_news(config, pager),
            clock,
            hospital.operator,
            hospital.zone,
            lambda: reconciler.reconciled_at is not None,
        ),
        lost=mark.lost,
        vigil=Vigil(proofs, HttpBeacon(config.vigil.beacon), _line_news(config, pager), clock),
        new_id=make_id,
        loops=loops,
    )


async def start(house: House, stack: AsyncExitStack) -> None:
    """Set watch, dispatcher and messenger going; they end with `stack`."""
    loops = {"watch": house.watch.run(), "dispatcher": house.dispatcher.run(), "messenger": house.messenger.run()}
    for name, loop in loops.items():
        task = asyncio.create_task(loop, name=name)
        task.add_done_callback(_loop_ended)
        house.loops[name] = task
        stack.push_async_callback(_end, task)


def sign_in_of(register: KeptRegister, clock: Timepiece, need_second: frozenset[str] = frozenset()) -> SignIn:
    """The internal door. People sit before their screens in real time, also where a hand moves the house's clock."""
    real = SystemClock() if isinstance(clock, MovableClock) else clock
    return SignIn(register.accounts, real, Passwords(new_secret), new_token, new_id, need_second)


def rota_desk_over(
    config: Config, journal: Journal, register: KeptRegister, handbooks: PublishedHandbook, clock: Timepiece
) -> RotaDesk:
    """Where coordinators change the rota; also for a command that runs without a house."""
    unfit = partial(why_unfit, config, register)
    return RotaDesk(journal, register, register.rota_drafts, handbooks, Scribe(), clock, unfit)


def retention_over(
    config: Config, journal: Journal, register: KeptRegister, kept: EnclosureStore, clock: Timepiece
) -> Retention:
    """What may be purged; also for a command that runs without a house."""
    files = ExportFolder(config.var / "exports") if config.database_path else MemoryExports()
    return Retention(journal, kept, files, clock, config.hospital.zone, config.retention_years, register.note)


def enclosures_over(config: Config, clock: Timepiece) -> EnclosureStore:
    """Sounds and pictures; in memory where the database is."""
    path = config.database_path
    return MemoryEnclosures() if path is None else SqliteEnclosures(path, clock.now)


def hospital_of(config: Config) -> Hospital:
    """The hospital's own facts, with the secret that page links are made of."""
    secret = _kept_secret(config.var / "secret.key") if config.database_path else new_secret()
    return replace(hospital_without_secret(config), secret=secret)


def hospital_without_secret(config: Config) -> Hospital:
    """The same for whoever makes no links; nothing is written."""
    return Hospital(
        name=config.hospital.name,
        zone=config.hospital.zone,
        emergency_number=config.hospital.emergency_number,
        operator=config.hospital.operator,
        interpreter=config.hospital.interpreter,
        line=config.telephony.line,
        public_url=config.public.url,
    )


async def open_stores(
    config: Config, clock: Timepiece, stack: AsyncExitStack
) -> tuple[Journal, KeptRegister, PublishedHandbook]:
    """The stores alone, for commands that ring nobody."""
    journal, register = open_journal_and_register(config, clock, stack)
    handbooks = await handbook_in_force(journal, config.handbook.rules, config.handbook.rotations)
    return journal, register, handbooks


def open_journal_and_register(config: Config, clock: Timepiece, stack: AsyncExitStack) -> tuple[Journal, KeptRegister]:
    """The stores without a handbook, so that one that cannot be read any more can be replaced."""
    journal, register = _stores(config, hospital_of(config), clock)
    stack.push_async_callback(register.close)
    stack.push_async_callback(journal.close)
    return journal, register


def open_for_reading(config: Config, clock: Timepiece, stack: AsyncExitStack) -> Journal:
    """The journal alone, beside a process that may be writing it; the database must exist."""
    if config.database_path is None:
        raise ValueError("a journal in memory belongs to its own process")
    journal = SqliteJournal(config.database_path, reads_for(hospital_of(config)), clock.now, reading_only=True)
    stack.push_async_callback(journal.close)
    return journal


def proven_in(config: Config) -> frozenset[str]:
    """Who has a proven telephone, read beside a process that may be writing; nobody in a database without people."""
    assert config.database_path is not None, "a register in memory belongs to its own process"
    with closing(connection_for_reading(config.database_path)) as connection:
        return read_proven(connection, hospital_without_secret(config))


def _account(part: RoutePart, hospital: Hospital) -> TwilioPager:
    return TwilioPager(part.account, part.token, part.api, part.line, hospital.public_url)


def _route(name: str, pager: TwilioPager, part: RoutePart, clock: Timepiece) -> Route:
    return Route(name, pager, Gate(clock, part.messages_per_second), Gate(clock, part.calls_per_second))


def _own_numbers(config: Config, clock: Timepiece) -> OwnNumbers:
    url = config.public.url
    asks = {name: partial(wrong_with_number, part, url, clock.now) for name, part in config.telephony.routes}
    return OwnNumbers(asks, clock)


def _line_proofs(
    config: Config,
    ask: LineProofs,
    reconciler: Reconciler,
    audit: NightlyAudit,
    backup: NightlyBackup,
    emergency: EmergencyJournal,
    numbers: OwnNumbers,
    loops: Mapping[str, asyncio.Task[None]],
    clock: Timepiece,
) -> list[LineProof]:
    """What the vigil asks. News that the carrier is in trouble does not go by the carrier."""
    began, past_carrier = clock.now(), frozenset({Road.TEXT})

    async def lists() -> str | None:
        return lists_are_read(reconciler.reconciled_at, began, clock.now())

    async def turning() -> str | None:
        stopped = [name for name, task in loops.items() if task.done()]
        return f"The {stopped[0]} has stopped." if stopped else None

    async def room() -> str | None:
        disk = shutil.disk_usage(config.var if config.var.exists() else Path())
        return has_room(disk.free, disk.total)

    proofs = [
        LineProof("loops", turning, "A loop has stopped"),
        LineProof("clocks", ask.nothing_is_late, "Clocks are late"),
        LineProof("store", ask.store_writes, "The store refuses"),
        LineProof("contact", ask.contact_pages, "A test contact would not page"),
        LineProof("aside", emergency.nothing_waits, "Contacts wait beside the store"),
        LineProof("carrier", lists, "The carrier does not answer", past_carrier),
        LineProof("number", numbers.are_ours, "Our number is not ours any more", past_carrier),
        LineProof("record", audit.is_whole, "The audit found faults"),
        LineProof("backup", backup.is_fresh, "There is no fresh backup"),
        LineProof("disk", room, "The disk fills up"),
    ]
    if config.vigil.own_door:
        door = OwnDoor(config.public.url, config.telephony.token, new_id)
        proofs.append(LineProof("door", door.answers, "Our public address does not answer"))
    return proofs


def _backups(config: Config) -> ByAnotherProcess | None:
    return ByAnotherProcess(config) if config.backup.folder and config.database_path else None


def _side_file(config: Config) -> SideFile | NoFile:
    """It takes its room now, while there is some."""
    if config.database_path is None:
        return NoFile()
    aside = SideFile(config.var / SIDE_FILE)
    try:
        aside.prepare()
    except OSError as problem:
        log.critical("no file can be kept beside the database", problem=str(problem))
    return aside


def _aloud(handbooks: PublishedHandbook, clock: Timepiece, zone: str, contacts: Sequence[Contact]) -> list[str]:
    """What the operator hears; who is on call comes from the edition in memory, for the store may not answer."""
    handbook = handbooks.current()
    [first, *_] = handbook.table.emergency.steps
    on = [shift.person for tier in first.tiers for shift in tier_shifts(handbook.rota, tier, clock.now())]
    return told_aloud(contacts, zone, [handbook.rota.people[person].name for person in on])


def _line_news(config: Config, pager: Routes) -> CarriedNews:
    return CarriedNews(pager, config.vigil.phones, config.vigil.mail_to, new_id)


def _mail(part: MailPart | None, register: KeptRegister) -> Mail | None:
    async def address_of(person: str) -> str | None:
        known = (await register.directory()).clinicians.get(person)
        return known.email if known else None

    return Mail(part.server, part.sender, address_of) if part else None


def _stores(config: Config, hospital: Hospital, clock: Timepiece) -> tuple[Journal, KeptRegister]:
    if config.database_path is None:
        register = MemoryRegister(hospital, clock)
        return MemoryJournal(register.view, clock.now), register
    keep_before_migrating(config.database_path, COMPONENTS)
    kept = SqliteRegister(config.database_path, hospital, clock)  # it makes the tables the journal reads
    return SqliteJournal(config.database_path, reads_for(hospital), clock.now), kept


def _kept_secret(path: Path) -> bytes:
    """The key of page links: made once, readable by this account alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(new_secret())
    return path.read_bytes()


def _loop_ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.critical("a loop of the house ended", loop=task.get_name(), exc_info=task.exception())


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
