"""The training ground: a whole house, its carrier and its phones page in one process on this machine.

The house is the one that `serve` opens; only its carrier's address is on loopback and its clock has a hand on it.
Nothing leaves this machine. Deliberately not here: the carrier itself (`adapters/rehearsal`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from oncall.adapters.clock import MovableClock, SystemClock, new_id
from oncall.adapters.handbook.files import read_files
from oncall.adapters.handbook.rota_times import written_time
from oncall.adapters.rehearsal.sample_handsets import sample_handsets
from oncall.adapters.rehearsal.sample_ward import (
    ANA_TOKEN,
    BRIDGE_TOKEN,
    INTERPRETERS,
    LINE,
    OPERATOR,
    PHONE_BOOK,
    SAMPLE_ACCOUNTS,
    SAMPLE_PASSWORD,
    fill_sample,
)
from oncall.adapters.rehearsal.server import Rehearsal
from oncall.adapters.web.line.metrics import Metrics
from oncall.config import Config, config_from, secret
from oncall.core.case.case import Arrival
from oncall.core.case.commands import Acknowledge, ReachFamily, Resolve, TakeReport
from oncall.core.case.wording import clock_time, named_hour
from oncall.core.danger_acts import Act, Wanted
from oncall.core.dangers import Kind
from oncall.core.reports import Finding, Heard, Report, Source
from oncall.core.rota.edits import AddCover, AddLeave
from oncall.core.rota.on_call import Rota, tier_shifts
from oncall.core.wall_time import wall
from oncall.house import House, open_house
from oncall.one_process import hold_lock, told_to_end
from oncall.service.cases.board import BoardReader, CaseRow, Tier
from oncall.service.intake import TextIn
from oncall.service.people.accounts import VISIT
from oncall.service.ports.journal import Edition
from oncall.serving import open_internal_door, open_public_door

SHIPPED = Path(__file__).parent / "handbook_default"
YESTERDAY = timedelta(hours=20)  # when the sample's first case began
ACCOUNT = "AC" + "0" * 32
PRIMARY, COORDINATOR = "pump-team/primary", "maria"
NEWEST_LINES = 30  # of each case's story on the phones page
SAMPLE_ALARM = '{"event": "device_alarm", "tone": "two_tone", "device_serial": "SAMPLE001"}'


async def run_demo(port: int, var: Path, tell: Callable[[str], Any]) -> None:
    """A fresh database, the sample ward, three addresses; until somebody stops it."""
    told = told_to_end()
    async with AsyncExitStack() as stack:
        hold_lock(var, stack)
        metrics = Metrics()
        house, rehearsal = await open_training(port, var, stack, metrics)
        phones = await rehearsal.start(port + 2)
        stack.push_async_callback(rehearsal.stop)
        await open_public_door(house, metrics, stack, training=True)
        await seed(house)  # before anybody can knock at the internal door, so that nothing new is filed as yesterday's
        await open_internal_door(house, metrics, stack, training=True)
        for line in addresses(house, phones, await sample_links(house)):
            tell(line)
        await told.wait()


async def sample_links(house: House) -> dict[str, str]:
    """For each sample account a link that works once, and the password that everybody knows for the times after."""
    links = {}
    for person, name, _ in SAMPLE_ACCOUNTS:
        await house.sign_in.set_password(person, SAMPLE_PASSWORD, "sample ward")
        links[f"{name} ({person})"] = await house.sign_in.new_link(person, VISIT, "sample ward")
    return links


def addresses(house: House, phones: str, links: Mapping[str, str]) -> list[str]:
    """What a newcomer needs to see first."""
    return [
        "",
        f"  Phones page    {phones}/            hold the phones of families and clinicians",
        f"  Board          {house.config.internal.url}/            what the ward sees; sign in once, as one of these:",
        *(f"    {who:<20} {house.config.internal.url}/first/{token}" for who, token in links.items()),
        f"    afterwards           with the name in brackets and the password: {SAMPLE_PASSWORD}",
        f"  Families' door {house.config.public.url}             webhooks and page links",
        f"  Send an alarm  curl -H 'Authorization: Bearer {BRIDGE_TOKEN}' \\",
        f"                      -d '{SAMPLE_ALARM}' \\",
        f"                      {house.config.internal.url}/v1/alarms",
        f"  Acting token   {ANA_TOKEN} (takes cases as Dr Lee)",
        "",
        "  Nothing leaves this machine. Stop with Ctrl-C.",
        "",
    ]


async def open_training(port: int, var: Path, stack: AsyncExitStack, metrics: Metrics) -> tuple[House, Rehearsal]:
    """The house on a fresh database, and the carrier it will talk to."""
    _forget_the_last_demo(var)
    clock = MovableClock(SystemClock().now() - YESTERDAY)
    config = training_config(port, var)
    house = await open_house(config, clock, stack, count=metrics.count_webhook)
    rehearsal = Rehearsal(
        clock,
        new_id,
        ACCOUNT,
        config.telephony.token,
        LINE,
        config.public.url,
        sample_handsets(clock.now()),
        board_feed=lambda: board_feed(house),
        jump=lambda: jump(house, clock),
        api_url=config.telephony.api,
    )
    return house, rehearsal


def _forget_the_last_demo(var: Path) -> None:
    for old in var.glob("oncall.db*"):
        old.unlink()


def training_config(port: int, var: Path) -> Config:
    """Three ports on this machine; the handbook of this folder, or the one shipped."""
    base = Path() if Path("rules").is_dir() and Path("rotations").is_dir() else SHIPPED
    return config_from(
        {
            "hospital": {
                "name": "Lakeside Children's",
                "zone": "America/New_York",
                "emergency_number": "911",
                "operator": OPERATOR,
                "interpreter": INTERPRETERS,
            },
            "public": _listener(port),
            "internal": _listener(port + 1),
            "database": f"sqlite:///{var / 'oncall.db'}",
            "handbook": {"rules": base / "rules", "rotations": base / "rotations"},
            "telephony": {
                "account": ACCOUNT,
                "token": secret(new_id()),
                "api": f"http://127.0.0.1:{port + 2}",
                "line": LINE,
                "calls_per_second": 10,  # the imagined carrier grants more, so that a visitor waits for nothing
                "messages_per_second": 30,
            },
            "mode": "training",
        }
    )


def _listener(port: int) -> dict[str, str]:
    return {"url": f"http://127.0.0.1:{port}", "bind": f"127.0.0.1:{port}"}


# --- yesterday's cases ------------------------------------------------------------------------------------------------


async def seed(house: House) -> None:
    """The sample ward, a cover and a hole in the rota, a visit that is booked, two closed cases, a morning task, one
    held case whose family has not been reached yet; then today."""
    clock = house.clock
    assert isinstance(clock, MovableClock)  # the training ground's own clock; nothing else is seeded
    now = clock.now() + YESTERDAY
    await fill_sample(house.register, now)
    await publish_sample_rota(house, now)
    await _book_a_refill(house, now)
    for patient, words, code in (
        ("noa", "itching again since lunch", "itching"),
        ("eva", "one beep about every hour", "alarm_single_tone"),
    ):
        case, person = await _taken(house, patient, words, code)
        await house.desk.take(ReachFamily(case, person, "replied"))
        await house.desk.take(Resolve(case, person, "phone advice"))
        await _let_messages_arrive(house)
        clock.jump_to(clock.now() + timedelta(hours=3))
    await house.intake.take_text(
        TextIn("SM" + house.new_id(), PHONE_BOOK["dad of Ada and Finn"], "please send the school form")
    )
    clock.jump_to(now - timedelta(minutes=2))
    await _taken(house, "ruth", "legs locked straight and skin crawling", "tight_muscles")
    await _let_messages_arrive(house)
    clock.jump_to(now)


async def _book_a_refill(house: House, now: datetime) -> None:
    """Noa's missed refill has a visit tomorrow, so that it is no case of its own while somebody looks round."""
    today = wall(now, house.hospital.zone).date()
    missed = f"{Kind.LOW_RESERVOIR.value}:{today - timedelta(days=1)}"
    visit = Wanted("noa", Kind.LOW_RESERVOIR, missed, Act.BOOKED, on=today + timedelta(days=1))
    await house.dangers.do(visit, COORDINATOR, "Maria Ortiz")


async def _taken(house: House, patient: str, words: str, code: str) -> tuple[str, str]:
    """A report taken down by a nurse and taken by whoever is on call; the case and the person."""
    report = Report(house.new_id(), Source.STAFF, house.clock.now(), words)
    finding = Finding(code, Heard.PRESENT, words)
    written = await house.desk.take(TakeReport(report, f"patient:{patient}", Arrival.NEW_CALL, (finding,)))
    page = written.case.pages[0]
    await house.desk.take(Acknowledge(written.case.id, page.person, "replied", page.id))
    return written.case.id, page.person


async def _let_messages_arrive(house: House) -> None:
    """The carrier speaks at human speed; yesterday's texts should lie on the phones before today begins."""
    for _ in range(4):
        await house.clock.sleep_until(None)


async def publish_sample_rota(house: House, now: datetime) -> None:
    """The folders, and then a cover tonight and a hole in nine days, so that the pages have something to show."""
    folders, first = house.config.handbook, house.handbooks.current()
    texts = read_files(folders.rules, folders.rotations)
    await house.journal.save_edition(Edition(first.edition, house.clock.now(), "first start"), texts)
    desk = house.rota_desk
    for edit in sample_edits(first.rota, now):
        await desk.add(COORDINATOR, edit)
    await desk.publish(COORDINATOR, "sample changes")


def sample_edits(rota: Rota, now: datetime) -> tuple[AddCover, AddLeave]:
    """Counted from today, which no file could say; the cover is by somebody who is not on then."""
    tonight = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=30)
    night, hole = (_typed(rota, at, hours) for at, hours in ((tonight, 6), (tonight + timedelta(days=9), 12)))
    on = {shift.person for hour in range(7) for shift in tier_shifts(rota, PRIMARY, tonight + timedelta(hours=hour))}
    by = next(person for person in ("ben", "cho", "ana", "dia") if person not in on)
    return AddCover(PRIMARY, by, *night, note="sample cover"), AddLeave("fay", *hole, note="sample leave")


def _typed(rota: Rota, at: datetime, hours: int) -> tuple[str, str]:
    return written_time(at, rota.zone), written_time(at + timedelta(hours=hours), rota.zone)


# --- what the phones page shows in its middle ------------------------------------------------------------------------


async def jump(house: House, clock: MovableClock) -> str:
    """Move the clock to the next deadline of any case; the answer is a sentence."""
    due = await house.journal.next_due()
    if due is None:
        return "Nothing is waiting: no case has a clock running."
    clock.jump_to(due)
    return f"It is now {clock_time(clock.now(), house.hospital)}."


async def board_feed(house: House) -> dict[str, Any]:
    """The board and the newest lines of each open case, as plain data."""
    reader = BoardReader(house.journal, house.register, house.handbooks, house.clock)
    board = await reader.board()
    shown = [*board.cases, *board.tasks]
    zone = ZoneInfo(house.hospital.zone)
    return {
        "now": board.at.astimezone(zone).isoformat(),
        "on_call": [{"tier": tier.title, "name": _names(tier), "until": _until(house, tier)} for tier in board.tiers],
        "cases": [
            {
                "code": row.code,
                "urgency": row.urgency.word if row.urgency is not None else "listening",
                "status": _standing(row),
                "summary": row.label,
                "next": f"{row.next.what} at {clock_time(row.next.at, house.hospital)}" if row.next else "",
                "timeline": [
                    {"at": line.at.astimezone(zone).isoformat(), "what": line.text}
                    for line in [line for line in await reader.story(row.id) if line.kind != "clocks"][-NEWEST_LINES:]
                ],
            }
            for row in shown
        ],
    }


def _names(tier: Tier) -> str:
    return ", ".join(person.name for person in tier.people) or ("by day only" if tier.is_by_day_only else "nobody")


def _standing(row: CaseRow) -> str:
    if row.holder_name:
        return f"held by {row.holder_name}, family {'reached' if row.family_reached else 'not yet reached'}"
    return str(row.status.value)


def _until(house: House, tier: Tier) -> str:
    until = tier.people[0].until if tier.people else None
    return named_hour(until, house.clock.now(), house.hospital) if until else ""
