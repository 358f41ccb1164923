"""The composition root: everything is wired here, started in order and stopped in reverse.

No other module knows all adapters. A house is the same whether it talks to a carrier on the other side of the
country or to the training ground on this machine; only its configuration differs. Deliberately not here: any rule.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web

from oncall.adapters.beacon import HttpBeacon
from oncall.adapters.calendars.doors import CalendarDoors
from oncall.adapters.calendars.watching import FeedWatch, Source
from oncall.adapters.certificates import certificate_ends_at
from oncall.adapters.clock import MovableClock, SystemClock, accept_digit, new_id, new_secret, new_token
from oncall.adapters.enclosures.memory import MemoryEnclosures
from oncall.adapters.enclosures.sqlite import SqliteEnclosures
from oncall.adapters.handbook.rota_scribe import Scribe
from oncall.adapters.handbook.store import PublishedHandbook
from oncall.adapters.journal.exports import ExportFolder, MemoryExports
from oncall.adapters.put_back import NeverPutBack, RestoreMark
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.side_file import NAME as SIDE_FILE
from oncall.adapters.side_file import NoFile, SideFile
from oncall.adapters.telephony.line_news import CarriedNews
from oncall.adapters.telephony.operator_calls import OperatorCalls
from oncall.adapters.telephony.own_door import OwnDoor
from oncall.adapters.telephony.routes import Routes
from oncall.adapters.telephony.twilio_files import TwilioFiles
from oncall.adapters.telephony.twilio_hooks import TwilioHooks
from oncall.backing_up import ByAnotherProcess
from oncall.config import Config
from oncall.core.people import Hospital
from oncall.core.rota.on_call import tier_shifts
from oncall.fitness import why_unfit
from oncall.paging import Paging, begin, open_paging
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
from oncall.service.ports.carrier import CarrierState
from oncall.service.ports.enclosures import EnclosureStore
from oncall.service.ports.journal import Journal
from oncall.service.ports.timepiece import Timepiece
from oncall.service.reports.pilot import PilotWeek
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
    paging: Paging | None = None,
) -> House:
    """Wire a house and leave its closing to `stack`; `start` sets it going. Raises HandbookFaults.

    `paging` is the part of it that is open already, `handbooks` an edition that is already loaded; without it the one
    in force is. Nothing is published here.
    """
    paging = paging or await open_paging(config, clock, stack, chance=chance, handbooks=handbooks)
    hospital, journal, register = paging.hospital, paging.journal, paging.register
    handbooks, pager, desk, loops = paging.handbooks, paging.pager, paging.desk, paging.loops
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
    ledgers = [account.ledger(name) for name, account in paging.accounts.items()]
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
        watch=paging.watch,
        dispatcher=paging.dispatcher,
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
    """Set watch, dispatcher and messenger going, unless they are; they end with `stack`."""
    turning = {"watch": house.watch.run, "dispatcher": house.dispatcher.run, "messenger": house.messenger.run}
    begin(turning, house.loops, stack)


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
