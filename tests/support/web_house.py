"""The two listeners over the in-memory journal and register, with a small team and a few families.

For tests of the web doors: everything behind them is the shipped code, on a clock that stands still until it is
moved. Deliberately not here: telephones (nothing is ever sent).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import Parameters, Type

from oncall.adapters.clock import VirtualClock, new_secret, new_token
from oncall.adapters.clock import new_id as fresh_id
from oncall.adapters.enclosures.memory import MemoryEnclosures
from oncall.adapters.handbook.files import load_handbook, read_files
from oncall.adapters.handbook.publishing import readings_of
from oncall.adapters.handbook.rota_scribe import Scribe
from oncall.adapters.journal.exports import MemoryExports
from oncall.adapters.journal.memory import MemoryJournal
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.patient_sheets import KeptSheets
from oncall.adapters.register.rows import FamilyPhoneRow, PatientPhoneRow, PatientRow, PersonPhoneRow, PersonRow
from oncall.adapters.telephony.routes import Routes
from oncall.adapters.web.app import internal_app, public_app
from oncall.adapters.web.given import Given
from oncall.core.case.case import Case
from oncall.core.case.commands import Acknowledge, PassTime, ReachFamily, Resolve
from oncall.core.handbook import Handbook
from oncall.core.people import Hospital, Patient
from oncall.service.cases.follow_ups import FollowUps
from oncall.service.cases.retention import Retention
from oncall.service.desk import Desk
from oncall.service.intake import Intake, TextIn
from oncall.service.line.state import LineStates
from oncall.service.messenger import Messenger
from oncall.service.patients.danger_calendar import DangerCalendar
from oncall.service.patients.evening_sweep import EveningSweep
from oncall.service.patients.shown import Patients
from oncall.service.people.accounts import Account, csrf_of
from oncall.service.people.kiosks import Kiosks
from oncall.service.people.leaving import Leavers
from oncall.service.people.number_proofs import NumberProofs
from oncall.service.people.passwords import Passwords
from oncall.service.people.second_steps import SecondSteps
from oncall.service.people.sign_in import SignIn
from oncall.service.people.team import Team
from oncall.service.ports.carrier import CarrierState
from oncall.service.ports.journal import Edition, Journal, JournalRefused
from oncall.service.rota.calendars import CalendarLinks
from oncall.service.rota.desk import RotaDesk
from oncall.service.rota.drills import Drills
from oncall.service.rota.preview import Preview
from oncall.service.rota.requests import RotaRequests
from oncall.service.rota.when_proven import WhenProven
from oncall.service.rules.proposals import Approval, Proposals
from oncall.service.task_list import TaskList
from oncall.taking_in import seen_schedule

ROOT = Path(__file__).parents[2]
NIGHT = datetime(2026, 11, 23, 8, 4, 10, tzinfo=UTC)  # Monday 03:04:10 in Boston; Dr Park has the night
MUM, STRANGER, SIBLINGS = "+16175550142", "+16175550199", "+16175550143"
ANA, CHO, DIA, OPERATOR = "+16175550181", "+16175550183", "+16175550184", "+16175550100"
DEVICE, ACTING, DIAS, COORDINATING, SHARED = "device-token", "cho-token", "dia-token", "maria-token", "operator-token"
HOSPITAL = Hospital(
    name="Lakeside Children's",
    zone="America/New_York",
    emergency_number="911",
    operator=OPERATOR,
    line="+16175550101",
    public_url="http://127.0.0.1:8080",
    secret=b"a secret of the tests",
)
PEOPLE = (
    ("ana", "Ana Lee", "Dr Lee", "clinician", ANA),
    ("ben", "Ben Singh", "Dr Singh", "clinician", "+16175550182"),
    ("cho", "Cho Park", "Dr Park", "clinician", CHO),
    ("dia", "Dia Osei", "Dr Osei", "clinician", DIA),
    ("eli", "Eli Abud", "Dr Abud", "clinician", "+16175550185"),
    ("fay", "Fay Okafor", "Dr Okafor", "clinician", "+16175550186"),
    ("gus", "Gus Moreau", "Dr Moreau", "clinician", "+16175550187"),
    ("maria", "Maria Ortiz", "Maria Ortiz", "coordinator", "+16175550188"),
    ("operator", "Hospital operator", "Hospital operator", "shared", OPERATOR),
)


ACCOUNTS = (
    ("maria", "Maria Ortiz", "coordinator admin"),
    ("ana", "Dr Lee", "clinician rules_owner"),
    ("cho", "Dr Park", "clinician"),
    ("rosa", "Rosa Vega", "rules_owner"),
    ("vera", "Vera Nowak", "viewer"),
    ("adam", "Adam Stone", "admin"),
    ("cora", "Cora Bell", "coordinator"),
)
QUICK = Parameters(Type.ID, 19, 16, 32, 1, 8, 1)  # argon2 at its cheapest: tests sign in often


@cache
def shipped_handbook() -> Handbook:
    return load_handbook(ROOT / "rules", ROOT / "rotations")


@cache
def shipped_files() -> Mapping[str, str]:
    texts = read_files(ROOT / "rules", ROOT / "rotations")
    return {**texts, **readings_of(texts)}


@dataclass(repr=False)  # asyncio writes out what a test is given, for every test
class OneHandbook:
    """A HandbookSource with one edition, until another is published."""

    handbook: Handbook

    def current(self) -> Handbook:
        return self.handbook

    async def publish(
        self, journal: Journal, edition: Edition, files: Mapping[str, str], base: str, handbook: Handbook
    ) -> None:
        await journal.save_edition(edition, files, base)
        self.handbook = handbook


class ServedAsInProduction(TestServer):
    """aiohttp's own test server cancels a handler whose client has gone; the house's runners do not."""

    async def _make_runner(self, **how: Any) -> web.BaseRunner[Any]:
        return await super()._make_runner(**{**how, "handler_cancellation": False})


@dataclass(repr=False)  # asyncio writes out what a test is given, for every test
class WebHouse:
    """See the module. `api` and `phone` are HTTP clients of the internal and the public listener."""

    clock: VirtualClock
    register: MemoryRegister
    journal: MemoryJournal
    desk: Desk
    intake: Intake
    handbooks: OneHandbook
    given: Given
    clients: list[TestClient[Any, Any]] = field(default_factory=list)

    async def api(self, who: str | None = "maria") -> TestClient[web.Request, web.Application]:
        """A browser or program at the internal listener, signed in as `who`; None: nobody."""
        return await self._client(internal_app(self.given), **(await signed_in_as(self.sign_in, who) if who else {}))

    @property
    def sign_in(self) -> SignIn:
        return self.given.sign_in

    async def phone(self) -> TestClient[web.Request, web.Application]:
        return await self._client(public_app(self.given))

    async def _client(self, app: web.Application, **how: Any) -> TestClient[web.Request, web.Application]:
        client = TestClient(ServedAsInProduction(app), **how)
        await client.start_server()
        self.clients.append(client)
        return client

    async def close(self) -> None:
        for client in self.clients:
            await client.close()

    async def publish_first(self) -> None:
        """The shipped folders as the first edition, an hour ago, so that the rota can be changed on a page."""
        first = Edition(shipped_handbook().edition, self.clock.now() - timedelta(hours=1), "first start")
        await self.journal.save_edition(first, shipped_files())

    def later(self, **span: float) -> None:
        """The clock moves on; nobody is told (call `time_passes` for that)."""
        self.clock.step(timedelta(**span))

    async def time_passes(self, case_id: str, **span: float) -> Case:
        self.later(**span)
        return (await self.desk.take(PassTime(case_id))).case

    async def text(self, number: str | None, words: str) -> Case:
        return (await self.intake.take_text(TextIn(self.given.new_id(), number, words))).case

    async def taken(self, case: Case, person: str = "cho") -> Case:
        return (await self.desk.take(Acknowledge(case.id, person, "replied"))).case

    async def reached(self, case: Case, person: str = "cho") -> Case:
        return (await self.desk.take(ReachFamily(case.id, person, "replied"))).case

    async def closed(self, case: Case, person: str = "cho") -> Case:
        return (await self.desk.take(Resolve(case.id, person, "phone advice", "was calm"))).case


class FullDisk(MemoryJournal):
    """A journal whose store refuses every write."""

    async def write(self, *args: Any, **kwargs: Any) -> Any:
        raise JournalRefused("disk full")

    async def push_due(self, *args: Any) -> None:
        raise JournalRefused("disk full")


class LostRegister(MemoryRegister):
    """A register whose look-up by serial number is broken."""

    async def patient_by_serial(self, serial: str) -> Patient | None:
        raise RuntimeError("register gone")


class BrokenBoard(MemoryJournal):
    """A journal that writes, but whose open cases cannot be read."""

    async def open_cases(self) -> list[Case]:
        raise RuntimeError("secret insides")


async def web_house(
    at: datetime = NIGHT,
    *,
    handbook: Handbook | None = None,
    training: bool = False,
    loops: Mapping[str, Callable[[], bool]] | None = None,
    journal_kind: type[MemoryJournal] = MemoryJournal,
    register_kind: type[MemoryRegister] = MemoryRegister,
    beat: float = 5.0,
) -> WebHouse:
    clock = VirtualClock(at)
    register = register_kind(HOSPITAL, clock)
    await _enrol(register, at)
    journal = journal_kind(register.view, clock.now)
    handbooks = OneHandbook(handbook or shipped_handbook())
    desk = Desk(journal, handbooks)
    numbers = count(1)
    new_id = lambda: f"test{next(numbers):04d}"  # noqa: E731 - a counter, not a function worth a name
    intake = Intake(desk, register, clock, new_id)
    sign_in = SignIn(register.accounts, clock, Passwords(new_secret, QUICK), new_token, fresh_id)
    rota_desk = RotaDesk(journal, register, register.rota_drafts, handbooks, Scribe(), clock, _fit)
    messenger = Messenger(register.notices, desk, Routes([], clock), register, clock)
    proofs = NumberProofs(register.team, messenger, clock, HOSPITAL)
    drills = Drills(messenger, register, handbooks, clock)
    requests = RotaRequests(register.rota_requests, rota_desk, messenger, desk, register, handbooks, clock)
    stores = (register.team, register, journal, handbooks)
    kept = MemoryEnclosures()
    dangers = DangerCalendar(register.dangers, handbooks, clock, new_id)
    given = Given(
        desk=desk,
        register=register,
        intake=intake,
        clock=clock,
        hospital=HOSPITAL,
        handbooks=handbooks,
        new_id=new_id,
        sign_in=sign_in,
        rota_desk=rota_desk,
        team=Team(register.team, register.accounts, messenger, proofs, drills, handbooks, clock),
        leavers=Leavers(*stores, rota_desk, sign_in, clock, register.deactivate, requests),
        second_steps=SecondSteps(sign_in, clock, new_token, fresh_id),
        proposals=Proposals(register.proposals, clock, _proved, _published),
        rota_requests=requests,
        when_proven=WhenProven(
            register.rota_waiting, rota_desk, journal, messenger, register, handbooks, clock, HOSPITAL, _told, new_id
        ),
        enclosures=kept,
        look_at_schedule=partial(seen_schedule, clock),
        calendar_links=CalendarLinks(register, fresh_id, new_token, HOSPITAL.public_url),
        line_states=LineStates(
            register.notices, register, register, handbooks, clock, HOSPITAL, loops or {}, CarrierState
        ),
        notices=register.notices,
        retention=Retention(journal, kept, MemoryExports(), clock, HOSPITAL.zone, 10, register.note),
        patients=Patients(register.patients, register.team, register, journal, handbooks),
        sheets=KeptSheets(register),
        dangers=dangers,
        evening_sweep=EveningSweep(dangers, messenger, journal, handbooks, clock, HOSPITAL),
        task_list=TaskList(register.task_list, desk, register, clock),
        follow_ups=FollowUps(journal, register),
        kiosks=Kiosks(register.kiosks, fresh_id, new_token),
        training=training,
        loops=loops or {},
        beat=beat,
    )
    return WebHouse(clock, register, journal, desk, intake, handbooks, given)


async def _fit(handbook: Handbook) -> str:
    """Every handbook may be in force here."""
    return ""


async def _told(found: Preview, edition: Edition) -> None:
    """There are no telephones here."""


async def _proved(texts: Mapping[str, str]) -> str:
    return ""


async def _published(approval: Approval) -> tuple[str, ...]:
    return ()


async def _enrol(register: MemoryRegister, at: datetime) -> None:
    proven = at - timedelta(hours=8)
    rows: list[Any] = [
        PersonRow(id=id, full_name=full, name=name, spoken=name.replace("Dr", "Doctor"), role=role)
        for id, full, name, role, _ in PEOPLE
    ]
    rows += [
        PersonPhoneRow(number=number, person=id, proven_at=None if id == "eli" else proven)
        for id, _, _, _, number in PEOPLE
    ]
    leo = PatientRow(id="leo", name="Leo Marin", serial="NGP123456H", born_on=date(2017, 5, 1), model="SynchroMed II")
    rows += [
        leo,
        replace(leo, id="mia", name="Mia Marin", serial=None),
        replace(leo, id="tom", name="T Reyes", serial="X1"),
    ]
    rows += [FamilyPhoneRow(number=MUM, relation="mother"), FamilyPhoneRow(number=SIBLINGS, relation="father")]
    rows += [
        PatientPhoneRow(patient="tom", number=MUM),
        PatientPhoneRow(patient="leo", number=SIBLINGS),
        PatientPhoneRow(patient="mia", number=SIBLINGS),
    ]
    await register.put(rows, "test")
    for person, name, roles in ACCOUNTS:
        await register.accounts.add_account(Account(person, name, frozenset(roles.split())), "test", at)
    tokens = ((DEVICE, None), (ACTING, "cho"), (DIAS, "dia"), (COORDINATING, "maria"), (SHARED, "operator"))
    for token, person in tokens:
        await register.add_sender(f"sender of {token}", person, token)


async def signed_in_as(sign_in: SignIn, who: str) -> dict[str, Any]:
    """For an aiohttp client: the cookie of a new session, and the word that its forms carry."""
    token = await sign_in.open_session(who)
    return {"cookies": {"session": token}, "headers": {"X-CSRF": csrf_of(token)}}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
