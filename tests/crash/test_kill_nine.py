"""The served house is killed again and again while alarms and texts arrive, and nothing that it said yes to is lost.

Three programs on loopback: the house (system clock, SQLite, official client), the training ground's carrier, and
senders here that repeat themselves until they hear yes, as pumps' gateways and the carrier do. Times are real, so the
figures are printed; what is asserted are losses. Deliberately not here: cuts at chosen lines (`test_power_cut`).
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from twilio.request_validator import RequestValidator

from oncall.adapters.clock import SystemClock
from oncall.adapters.journal.sqlite import SqliteJournal
from oncall.adapters.put_back import RestoreMark
from oncall.adapters.register.reading import reads_for
from oncall.adapters.register.rows import PatientRow
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.rehearsal.sample_ward import BRIDGE_TOKEN, LINE, OPERATOR, fill_sample
from oncall.config import read_config
from oncall.core.case.case import Case
from oncall.core.case.messages import Channel, Progress
from oncall.core.notices import is_notice
from oncall.service.notice_answers import ECHO
from oncall.stores import hospital_of

ROOT = Path(__file__).parents[2]
ACCOUNT, TOKEN = "AC" + "0" * 32, "token-of-the-crash-suite"
SECRETS = {"CRASH_TWILIO_TOKEN": TOKEN}
WANTED = os.environ.get("CRASH_KILLS", "4")
KILLS = int(WANTED) if WANTED.isdigit() else 500
LIVES = (0.2, 2.0)  # seconds from answering to death, on a machine where it answers within three
TAKEN = 1 / 3  # of the pages
SLOT = re.compile(r"Reply (\d\d)")
PAUSE = (0.15, 0.4)  # between two reports of one sender
# A shift that begins meanwhile is asked whether its telephone works: a reply to that is in no case.
ANSWERS = "SELECT about_ref FROM notices WHERE about_kind = ? UNION SELECT reply_sid FROM notices WHERE reply_sid <> ''"
FROM_BEFORE = 0.3  # seconds in which the carrier still carries out what the dead house had asked for
pytestmark = pytest.mark.crash


@dataclass
class Line:
    """The programs, the folder they share, and what their senders were told."""

    folder: Path
    carrier: str
    public: str
    internal: str
    house: subprocess.Popen[bytes] | None = None
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)
    alarms: dict[str, str] = field(default_factory=dict)  # name of an alarm -> case that was answered
    texts: list[str] = field(default_factory=list)  # of families and, as replies, of clinicians
    replies: int = 0
    repeats_of_senders: int = 0
    started_at: list[float] = field(default_factory=list)
    ready_at: list[float] = field(default_factory=list)

    @property
    def config_path(self) -> Path:
        return self.folder / "config.yaml"

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, stdout=log, stderr=log, env=self.environment()
            )

    def environment(self) -> dict[str, str]:
        """Compiled programs are kept, as an installed house has them: compiling anew doubles a start."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return kept | SECRETS | {"PYTHONPYCACHEPREFIX": str(self.folder / "compiled")}

    async def open(self) -> None:
        """Start the house and wait until it answers."""
        self.started_at.append(time.time())
        self.house = self.run("tests.crash.serve_for_crash", str(self.config_path))
        await answers(f"{self.internal}/healthz")
        self.ready_at.append(time.time())

    def slowness(self) -> float:
        """So that a life is long enough to do something in on a loaded machine too."""
        return max(1.0, (self.ready_at[-1] - self.started_at[-1]) / 3)

    def kill(self) -> None:
        assert self.house is not None
        assert self.house.poll() is None, "the house ended by itself"
        self.house.send_signal(signal.SIGKILL)
        self.house.wait()


async def answers(url: str) -> None:
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    await answer.read()
                    return
            await asyncio.sleep(0.01)


@pytest.fixture
async def line(tmp_path: Path, unused_tcp_port_factory: Any) -> Any:
    ports = [unused_tcp_port_factory() for _ in range(3)]
    carrier, public, internal = (f"http://127.0.0.1:{port}" for port in ports)
    made = Line(tmp_path, carrier, public, internal)
    made.config_path.write_text(config_text(made), encoding="utf-8")
    await fill(made)
    made.others.append(made.run("tests.crash.carrier_for_crash", str(ports[0]), ACCOUNT, TOKEN, LINE, public))
    try:
        await answers(f"{carrier}/log")
        yield made
    finally:
        for process in (*made.others, *([made.house] if made.house else [])):
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()


def config_text(made: Line) -> str:
    return f"""\
hospital: {{name: Crash, zone: America/New_York, emergency_number: "911", operator: "{OPERATOR}"}}
public: {{url: {made.public}, bind: {made.public.removeprefix("http://")}}}
internal: {{url: {made.internal}, bind: {made.internal.removeprefix("http://")}}}
database: sqlite:///{made.folder / "oncall.db"}
handbook: {{rules: {ROOT / "rules"}, rotations: {ROOT / "rotations"}}}
telephony:
  {{account: {ACCOUNT}, token: env:CRASH_TWILIO_TOKEN, api: {made.carrier}, line: "{LINE}",
   calls_per_second: 10000, messages_per_second: 10000}}
mode: training
"""


async def fill(made: Line) -> None:
    clock, config = SystemClock(), read_config(made.config_path, SECRETS)
    assert config.database_path is not None
    register = SqliteRegister(config.database_path, hospital_of(config), clock)
    await fill_sample(register, clock.now())
    [noa] = [row for row in await register.rows(PatientRow) if row.id == "noa"]
    visit = clock.now().date() + timedelta(days=7)  # else her missed refill is a case of the calendar's own, by day
    await register.put([replace(noa, refill_booked_on=visit)], "test")
    await register.close()


# --- senders ------------------------------------------------------------------------------------------------------


async def until_yes(made: Line, send: Any) -> Any:
    """Repeat until the answer is a yes; a refused connection or a broken answer is none."""
    while True:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(5):
                told = await send()
            if told is not None:
                return told
        made.repeats_of_senders += 1
        await asyncio.sleep(0.1)


async def gateway(made: Line, name: str, chance: random.Random) -> None:
    """A pump gateway: one alarm after the other, each of a device of its own."""
    headers = {"Authorization": f"Bearer {BRIDGE_TOKEN}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for serial in range(10_000):
            alarm = f"{name}-{serial}"
            body = {"id": alarm, "device_serial": alarm, "event": "device_alarm", "alarm_class": "critical"}

            async def send(body: dict[str, str] = body) -> str | None:
                async with session.post(f"{made.internal}/v1/alarms", json=body) as answer:
                    told = await answer.json()
                    return told["id"] if answer.status in (200, 201) else None

            made.alarms[alarm] = await until_yes(made, send)
            await asyncio.sleep(chance.uniform(*PAUSE))


async def text_in(made: Line, session: aiohttp.ClientSession, sid: str, number: str, words: str) -> None:
    """One text brought by the carrier's signed webhook, again and again until it is stored."""
    url = f"{made.public}/twilio/text"
    form = {"MessageSid": sid, "From": number, "To": LINE, "Body": words}
    headers = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form)}

    async def send() -> bool | None:
        async with session.post(url, data=form, headers=headers) as answer:
            told = await answer.text()  # words in it mean that nothing could be stored
            return True if answer.status == 200 and "<Message>" not in told else None

    await until_yes(made, send)
    made.texts.append(sid)


async def families(made: Line, chance: random.Random) -> None:
    """Families whom nobody knows, each texting once."""
    async with aiohttp.ClientSession() as session:
        for serial in range(10_000):
            number = f"+1{300 + serial // 100}55501{serial % 100:02d}"
            await text_in(made, session, f"SM{serial:032x}", number, "he is itchy and so stiff")
            await asyncio.sleep(chance.uniform(*PAUSE))


async def clinicians(made: Line, chance: random.Random) -> None:
    """Every third page is taken by text, with its slot, by the number that it went to."""
    seen: set[str] = set()
    async with aiohttp.ClientSession() as session:
        while True:
            for one in (await carriers_log(made))["handed_over"]:
                slot = SLOT.search(one["body"])
                if slot is None or one["message"] in seen:
                    continue
                seen.add(one["message"])
                if chance.random() < TAKEN:
                    made.replies += 1
                    await text_in(made, session, f"SM{made.replies:031x}f", one["to"], f"{slot[1]}2")
            await asyncio.sleep(chance.uniform(*PAUSE))


# --- the test -----------------------------------------------------------------------------------------------------


async def test_killed_again_and_again_under_load_the_house_loses_nothing_it_said_yes_to(line: Line) -> None:
    chance = random.Random(9)
    await line.open()
    senders = [
        asyncio.create_task(sender)
        for sender in (gateway(line, "a", random.Random(1)), gateway(line, "b", random.Random(2)))
    ]
    senders.append(asyncio.create_task(families(line, random.Random(3))))
    senders.append(asyncio.create_task(clinicians(line, random.Random(4))))
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(*LIVES) * line.slowness())
        line.kill()
        await line.open()
    await asyncio.sleep(1)
    for sender in senders:
        assert not sender.done(), sender.exception()
        sender.cancel()
    await asyncio.gather(*senders, return_exceptions=True)
    await until_handed_over(line)
    line.kill()
    log = await carriers_log(line)
    await judge(line, log)
    tell_times(line, log["handed_over"])


async def until_handed_over(line: Line) -> None:
    """Wait until the outbox holds nothing that may be sent now (a killed sender's lease is at most 30 s)."""
    async with asyncio.timeout(180):
        while owed_now(line):  # noqa: ASYNC110  another process cannot set an event
            await asyncio.sleep(0.2)
    await asyncio.sleep(0.5)


def owed_now(line: Line) -> int:
    file = sqlite3.connect(f"file:{line.folder / 'oncall.db'}?mode=ro", uri=True)
    try:
        now = int(time.time() * 1_000_000)
        return int(file.execute("SELECT count(*) FROM outbox WHERE not_before <= ?", (now,)).fetchone()[0])
    finally:
        file.close()


async def carriers_log(line: Line) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{line.carrier}/log") as answer:
        told: dict[str, Any] = await answer.json()
        return told


async def judge(line: Line, log: dict[str, Any]) -> None:
    clock, config = SystemClock(), read_config(line.config_path, SECRETS)
    assert config.database_path is not None
    journal = SqliteJournal(config.database_path, reads_for(hospital_of(config)), clock.now)
    cases = {case.id: case for case in await journal.open_cases()}
    assert await journal.audit() == []
    await journal.close()
    mark = RestoreMark(line.folder)
    assert (mark.ends_at(), mark.lost()) == (None, ()), "a kill is no damage"
    assert log["alarms"] == []
    lost = [name for name, case in line.alarms.items() if case not in cases]
    assert lost == [], "alarms that heard yes and are in no case"
    with sqlite3.connect(config.database_path) as file:
        filed = {key for (key,) in file.execute("SELECT key FROM received")}
        answers = {f"text:{sid}" for (sid,) in file.execute(ANSWERS, (ECHO,))}
    file.close()
    gone = [sid for sid in line.texts if f"text:{sid}" not in filed | answers]
    assert gone == [], "texts that heard yes and are neither in a case nor the answer to a notice"
    tries = defaultdict(list)
    for one in log["handed_over"]:
        tries[one["message"]].append((one["to"], one["body"]))
    for case in cases.values():
        assert_pages_went_out(case, tries)
    assert all(len(set(words)) == 1 for words in tries.values()), "a repeat had other words"
    assert_repeats_are_marked(cases, tries)
    repeated = sum(len(words) - 1 for words in tries.values())
    kills = len(line.started_at) - 1
    print(
        f"\n{kills} kills, {len(line.alarms)} alarms and {len(line.texts)} texts acknowledged, {line.replies} of them "
        f"replies ({len(answers)} to notices), {line.repeats_of_senders} times said again; {len(cases)} cases, "
        f"{len(tries)} messages handed over, {repeated} of them a second time ({repeated / kills:.1f} a kill); lost: 0"
    )


def assert_pages_went_out(case: Case, tries: dict[str, Any]) -> None:
    pages = [state for state in case.messages if state.message.page and state.message.channel is Channel.SMS]
    assert pages, f"case {case.id} pages nobody"
    for state in case.messages:
        # What is still owed goes out next time; an attempt without an outcome too: the last kill may have come between.
        settled = not state.is_owed and state.progress is not Progress.DROPPED
        assert not settled or state.message.channel is Channel.STOP or state.message.id in tries, state


def assert_repeats_are_marked(cases: dict[str, Case], tries: dict[str, Any]) -> None:
    attempts = {state.message.id: state.attempts for case in cases.values() for state in case.messages}
    of_cases = {name: words for name, words in tries.items() if not is_notice(name)}  # those stand in the register
    for name, words in of_cases.items():
        assert attempts.get(name, 0) >= len(words), f"{name} was handed over more often than the journal knows"


def tell_times(line: Line, handed_over: list[dict[str, Any]]) -> None:
    stamps = sorted(one["at"] for one in handed_over)
    first = [next((at for at in stamps if at >= started + FROM_BEFORE), None) for started in line.started_at[1:]]
    to_page = [at - started for at, started in zip(first, line.started_at[1:], strict=True) if at is not None]
    to_answer = [ready - started for ready, started in zip(line.ready_at[1:], line.started_at[1:], strict=True)]
    for what, seconds in (("answers", to_answer), ("hands over its first message", to_page)):
        worst, middle = max(seconds), sorted(seconds)[len(seconds) // 2]
        print(f"started again, the house {what} after {middle:.2f} s (median), {worst:.2f} s (worst), goal 2 s")
