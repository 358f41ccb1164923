"""What the web doors are given: the desk behind them, the people's register, the clock, and the hospital's name.

Both listeners are built from one `Given`, handed in by the composition root; nothing here is global and nothing here
decides. `loops` says by name whether the house's loops still turn, for /readyz; `carrier` how our own results with the
carrier are, `feeds` when each watched calendar was last believed, `standing` what the vigil
found. Deliberately not here: how any of these is made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network

from aiohttp import web

from oncall.adapters.web.line.metrics import Metrics
from oncall.core.people import Hospital
from oncall.service.cases.follow_ups import FollowUps
from oncall.service.cases.retention import Retention
from oncall.service.desk import Desk
from oncall.service.intake import Intake
from oncall.service.line.carrier_heard import CarrierHeard
from oncall.service.line.certificates import Certificate
from oncall.service.line.emergency_journal import Door
from oncall.service.line.health import Room
from oncall.service.line.last_proofs import LastProofs
from oncall.service.line.lost import Lost
from oncall.service.line.state import LineStates
from oncall.service.line.vigil import Incident, Standing
from oncall.service.patients.danger_calendar import DangerCalendar
from oncall.service.patients.evening_sweep import EveningSweep
from oncall.service.patients.shelf import PatientSheets
from oncall.service.patients.shown import Patients
from oncall.service.people.kiosks import Kiosks
from oncall.service.people.leaving import Leavers
from oncall.service.people.second_steps import SecondSteps
from oncall.service.people.sign_in import SignIn
from oncall.service.people.single_sign_on import SingleSignOn
from oncall.service.people.team import Team
from oncall.service.ports.carrier import CarrierState
from oncall.service.ports.enclosures import EnclosureStore
from oncall.service.ports.journal import Edition, HandbookSource, Journal
from oncall.service.ports.register import Notices, Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.reports.tallies import Tallies
from oncall.service.rota.calendars import CalendarLinks, WatchedFeed
from oncall.service.rota.desk import RotaDesk
from oncall.service.rota.preview import Preview
from oncall.service.rota.requests import RotaRequests
from oncall.service.rota.schedules import LookAtSchedule
from oncall.service.rota.when_proven import WhenProven
from oncall.service.rules.proposals import Proposals
from oncall.service.task_list import TaskList
from oncall.service.typed_cells import Place, place_of


async def _tell_nobody(found: Preview, edition: Edition) -> None:
    """A house without a carrier."""


async def _kept_nowhere(door: Door, told: object) -> bool:
    """A house without a file beside its store."""
    return False


async def _none_old() -> Sequence[WatchedFeed]:
    """A house that watches no calendar."""
    return ()


def _no_disk() -> Room | None:
    """A house in memory."""
    return None


@dataclass(frozen=True, slots=True, repr=False)
class Given:
    """See the module. `hosts` are the names under which the internal listener may be asked, `senders` the numbers of
    the contact card."""

    desk: Desk
    register: Register
    intake: Intake
    clock: Timepiece
    hospital: Hospital
    handbooks: HandbookSource
    new_id: Callable[[], str]
    sign_in: SignIn
    rota_desk: RotaDesk
    team: Team
    leavers: Leavers
    second_steps: SecondSteps
    proposals: Proposals
    rota_requests: RotaRequests
    when_proven: WhenProven
    dangers: DangerCalendar
    evening_sweep: EveningSweep
    task_list: TaskList
    follow_ups: FollowUps
    kiosks: Kiosks
    enclosures: EnclosureStore
    look_at_schedule: LookAtSchedule
    calendar_links: CalendarLinks
    line_states: LineStates
    notices: Notices
    retention: Retention
    patients: Patients
    sheets: PatientSheets
    training: bool = False
    pilot: bool = False
    beat: float = 5.0  # seconds between two heartbeats of an open page, which calls itself not live after 15
    hosts: frozenset[str] = frozenset()
    senders: tuple[str, ...] = ()
    loops: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    is_https: bool = False  # how the internal listener is asked
    internal_url: str = ""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()  # whose word about where a request came from is taken
    single_sign_on: SingleSignOn | None = None
    carrier: Callable[[], CarrierState] = CarrierState
    old_feeds: Callable[[], Awaitable[Sequence[WatchedFeed]]] = _none_old  # watched calendars without a good copy
    feeds: Callable[[], Mapping[str, datetime | None]] = dict
    keep_aside: Callable[[Door, object], Awaitable[bool]] = _kept_nowhere  # what the store refused: is it on disk
    standing: Callable[[], Sequence[Standing]] = tuple
    tell_of_rota: Callable[[Preview, Edition], Awaitable[None]] = _tell_nobody  # whom a published change concerns
    room: Callable[[], Room | None] = _no_disk
    certificates: Callable[[], Sequence[Certificate]] = tuple
    lost: Callable[[], Sequence[Lost]] = tuple  # what was acknowledged and the record does not hold any more
    past: Callable[[], Sequence[Incident]] = tuple  # what the vigil found out of order and holds again
    heard: CarrierHeard = field(default_factory=CarrierHeard)
    proofs: LastProofs = field(default_factory=LastProofs)
    tallies: Tallies = field(default_factory=Tallies)
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def place(self) -> Place:
        """How numbers and times are written here."""
        return place_of(self.hospital)

    @property
    def journal(self) -> Journal:
        return self.desk.journal


GIVEN = web.AppKey("given", Given)
