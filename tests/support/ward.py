"""A whole house on a clock that only the test turns, with phones to hold.

The house is the real one: its webhooks are served on loopback, the official Twilio client talks to the carrier of the
training ground, signatures and TwiML are real. Only the clock is virtual, and the stores are the in-memory twins
unless a file is given.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientTimeout, CookieJar, web

from oncall.adapters.chores import day_chores, ring_by_clock, vigil_chore
from oncall.adapters.clock import VirtualClock
from oncall.adapters.handbook.files import load_handbook
from oncall.adapters.handbook.store import PublishedHandbook
from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.pace import INSTANT
from oncall.adapters.rehearsal.phones import Handset
from oncall.adapters.rehearsal.sample_handsets import sample_handsets
from oncall.adapters.rehearsal.sample_ward import INTERPRETERS, PHONE_BOOK, fill_sample
from oncall.adapters.rehearsal.server import Rehearsal
from oncall.adapters.web.app import internal_app, public_app
from oncall.adapters.web.line.metrics import Metrics
from oncall.config import Config, VigilPart, config_from, secret
from oncall.core.case.case import Case
from oncall.core.handbook import Handbook
from oncall.house import House, open_house, start
from oncall.service.cases.story import tell_story
from oncall.service.people.accounts import csrf_of
from oncall.serving import case_rounds, given_of, listen
from oncall.serving import staff_rounds as rounds_of_staff

THREE_AM = datetime(2026, 11, 25, 8, 4, tzinfo=UTC)  # Wednesday 03:04 in New York
TEN_AM = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
LINE, OPERATOR = "+16175550101", "+16175550100"
SECOND_LINE, SECOND_ACCOUNT = "+16175550102", "AC" + "2" * 32
ROOT = Path(__file__).parents[2]
SPANS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(told: str) -> timedelta:
    """ "3m" or "1m30s" as a span."""
    parts = itertools.groupby(told, str.isdigit)
    values = [("".join(group)) for _, group in parts]
    return sum(
        (timedelta(**{SPANS[unit]: int(number)}) for number, unit in zip(values[::2], values[1::2], strict=True)),
        timedelta(0),
    )


class Phone:
    """Somebody's telephones; the first takes the texts, any may ring. Every act waits until the house is at rest."""

    def __init__(self, ward: Ward, handsets: Sequence[Handset]) -> None:
        self._ward, self.handsets = ward, handsets
        self._read = 0

    @property
    def handset(self) -> Handset:
        """The one in the hand: in a call, else ringing, else the first."""
        busy = (h for h in self.handsets if h.in_call)
        ringing = (h for h in self.handsets if h.ringing)
        return next(busy, None) or next(ringing, None) or self.handsets[0]

    @property
    def number(self) -> str:
        return self.handsets[0].number

    @property
    def inbox(self) -> list[str]:
        return self.handsets[0].inbox

    @property
    def is_ringing(self) -> bool:
        return any(handset.ringing for handset in self.handsets)

    @property
    def heard(self) -> str:
        return " ".join(words for handset in self.handsets for words in handset.heard)

    @property
    def missed(self) -> int:
        """Calls that rang and were not taken."""
        return sum(bubble.words == "Missed call" for handset in self.handsets for bubble in handset.bubbles)

    def is_set(self, mode: str) -> None:
        """All phones of this person behave so from now on."""
        for handset in self.handsets:
            handset.mode = mode  # type: ignore[assignment]

    def new_texts(self) -> list[str]:
        """Texts that came since the last look."""
        new, self._read = self.inbox[self._read :], len(self.inbox)
        return new

    async def texts(self, words: str, **how: object) -> str:
        sid = await self.handsets[0].texts(words, **how)  # type: ignore[arg-type]
        await self._ward.settle()
        return sid

    async def calls(self, **how: str) -> str:
        sid = await self.handsets[0].calls(**how)
        await self._ward.settle()
        return sid

    async def answers(self) -> None:
        """Pick up, and listen until something has been said."""
        await self.handset.answers()
        await self._ward.pass_time("3s")

    async def presses(self, keys: str) -> None:
        await self.handset.presses(keys)
        await self._ward.settle()

    async def says(self, words: str) -> None:
        await self.handset.says(words)
        await self._ward.settle()

    async def hangs_up(self) -> None:
        await self.handset.hangs_up()
        await self._ward.settle()

    async def loses_the_line(self) -> None:
        """A dead spot in the middle of a call."""
        await self.handset.loses_the_line()
        await self._ward.settle()

    async def takes_by_voice(self, key: str = "2") -> None:
        """Answer the ringing page, press the digit it asks for, then `key`."""
        await self.answers()
        await self.presses("7")
        await self.presses(key)

    def reply_code(self, action: str) -> str:
        """The reply of the newest page: its slot and `action`."""
        page = next(text for text in reversed(self.inbox) if "Reply " in text and "pump call #" in text)
        return page.split("Reply ")[1][:2] + action


class Ward:
    """The house, the carrier, the clock and the phones of one test."""

    def __init__(
        self,
        house: House,
        carrier: Carrier,
        clock: VirtualClock,
        internal_url: str = "",
        second_carrier: Carrier | None = None,
    ) -> None:
        self.house, self.carrier, self.clock, self.internal_url = house, carrier, clock, internal_url
        self._second = second_carrier
        self._phones: dict[str, Phone] = {}

    @property
    def second_carrier(self) -> Carrier:
        """The one behind the second route; the phones are the same."""
        assert self._second is not None, "open the ward with second_route=True"
        return self._second

    @property
    def carriers(self) -> list[Carrier]:
        return [self.carrier] + ([self._second] if self._second else [])

    def phone(self, who: str) -> Phone:
        """The phone of somebody in the sample ward ("ana", "mum of Leo") or of a bare number."""
        number = PHONE_BOOK.get(who, who)
        if number not in self._phones:
            first = self.carrier.phone(number)
            second = [h for h in self.carrier.phones.values() if h.owner == f"{first.owner}, second phone"]
            self._phones[number] = Phone(self, [first, *second])
        return self._phones[number]

    def phones(self, *who: str) -> Iterator[Phone]:
        return iter([self.phone(name) for name in who])

    def client(self) -> ClientSession:
        """Somebody's HTTP client: a bridge that sends alarms, a browser."""
        return ClientSession(timeout=ClientTimeout(total=10))

    async def browser(self, who: str = "maria") -> ClientSession:
        """The same, signed in at the internal door."""
        token = await self.house.sign_in.open_session(who)
        jar = CookieJar(unsafe=True)  # an address, not a name
        jar.update_cookies({"session": token})
        return ClientSession(timeout=ClientTimeout(total=10), cookie_jar=jar, headers={"X-CSRF": csrf_of(token)})

    async def settle(self) -> None:
        await self.clock.settle()

    async def pass_time(self, told: str) -> None:
        await self.clock.pass_time(span(told))

    async def story(self) -> list[str]:
        """The only case's story, a sentence a row."""
        case = await self.only_case()
        register, journal = self.house.register, self.house.journal
        signs = self.house.handbooks.current().rulebook.vocabulary
        rows = tell_story(await journal.entries(case.id), {}, await register.directory(), signs)
        return [row.text for row in rows]

    async def open_cases(self) -> list[Case]:
        return await self.house.journal.open_cases()

    async def only_case(self) -> Case:
        [case] = await self.open_cases()
        return case

    async def is_sound(self) -> None:
        """The derived rows are replay, every chain is whole, and the carrier saw nothing forbidden."""
        assert await self.house.journal.audit() == []
        assert self.carrier.alarms == []
        assert self.carrier.pulse.failures == []


@cache
def shipped() -> Handbook:
    """The handbook of this repository, loaded once for all tests."""
    return load_handbook(ROOT / "rules", ROOT / "rotations")


@asynccontextmanager
async def open_ward(
    at: datetime = THREE_AM,
    database: str = "memory:",
    fill: bool = True,
    handbook: Handbook | None = None,
    internal: bool = False,
    chores: bool = False,
    staff_rounds: bool = False,
    day_rounds: bool = False,
    drill: str | None = None,
    second_route: bool = False,
    vigil: dict[str, Any] | None = None,
    watched: bool = False,
    mode: str = "live",
    **telephony: object,
) -> AsyncIterator[Ward]:
    """A house at `at`, with the sample ward in its register, awake and at rest.

    `chores` rings those of cases, `staff_rounds` those outside of cases, `day_rounds` those of families' dates and
    tasks, `watched` the vigil; `telephony` is its pace, such as `calls_per_second=1`.
    """
    clock = VirtualClock(at)
    ids = _ids()
    async with AsyncExitStack() as stack:
        door, public_url = _loopback_door()
        stack.callback(door.close)
        handsets = sample_handsets(at)
        rehearsal = Rehearsal(clock, ids, "AC" + "0" * 32, "token", LINE, public_url, handsets, pace=INSTANT)
        api = await rehearsal.start()
        stack.push_async_callback(rehearsal.stop)
        second = Rehearsal(
            clock, ids, SECOND_ACCOUNT, "token-2", SECOND_LINE, public_url, (), pace=INSTANT, town=rehearsal.carrier
        )
        told: dict[str, object] = {**telephony}
        if second_route:
            told["second_route"] = _route(SECOND_ACCOUNT, "token-2", await second.start(), SECOND_LINE, **telephony)
            stack.push_async_callback(second.stop)
        watch = VigilPart.model_validate(told_by_a_program(vigil or {}))
        config = ward_config(public_url, api, database, **told).model_copy(
            update={"drill": drill, "vigil": watch, "mode": mode}
        )
        house = await open_house(
            config, clock, stack, make_id=ids, chance=lambda: "7", handbooks=PublishedHandbook(handbook or shipped())
        )
        if fill:
            await fill_sample(house.register, at)
        given = given_of(house, Metrics(), training=True)
        await _serve(public_app(given, house.outside_routes()), door, stack)
        internal_url = await listen(internal_app(given), "127.0.0.1:0", stack) if internal else ""
        clock.busy = [house.busy, lambda: rehearsal.carrier.busy, lambda: second.carrier.busy]
        await house.after_restore.settle()
        await start(house, stack)
        if chores:
            ring_by_clock(case_rounds(house), clock, stack)
        if watched:
            ring_by_clock([vigil_chore(house.vigil)], clock, stack)
        if staff_rounds:
            ring_by_clock(rounds_of_staff(house), clock, stack)
        if day_rounds:
            ring_by_clock(day_chores(house.overdue_refills, house.task_alarms, house.follow_ups), clock, stack)
        await clock.settle()
        yield Ward(house, rehearsal.carrier, clock, internal_url, second.carrier if second_route else None)


def told_by_a_program(vigil: dict[str, Any]) -> dict[str, Any]:
    return {**vigil, "beacon": secret(vigil["beacon"])} if "beacon" in vigil else vigil


def _route(account: str, token: str, api: str, line: str, **pace: object) -> dict[str, object]:
    """One route; without waiting at the gates unless `pace` says so: they have tests of their own."""
    fast = {"calls_per_second": 1000, "messages_per_second": 1000}
    return {"account": account, "token": secret(token), "api": api, "line": line, **fast, **pace}


def ward_config(public_url: str, api: str, database: str = "memory:", **telephony: object) -> Config:
    return config_from(
        {
            "hospital": {
                "name": "Lakeside Children's",
                "zone": "America/New_York",
                "emergency_number": "911",
                "operator": OPERATOR,
                "interpreter": INTERPRETERS,
            },
            "public": {"url": public_url, "bind": "127.0.0.1:0"},
            "internal": {"url": "http://127.0.0.1:1", "bind": "127.0.0.1:0"},
            "database": database,
            "handbook": {"rules": ROOT / "rules", "rotations": ROOT / "rotations"},
            "telephony": _route("AC" + "0" * 32, "token", api, LINE, **telephony),
        }
    )


async def _serve(app: web.Application, door: socket.socket, stack: AsyncExitStack) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, door).start()


def _loopback_door() -> tuple[socket.socket, str]:
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", 0))
    return door, f"http://127.0.0.1:{door.getsockname()[1]}"


def _ids() -> Callable[[], str]:
    """Repeatable ids, so that a failing story fails the same way again."""
    count = itertools.count(1)
    return lambda: f"{next(count):016d}"
