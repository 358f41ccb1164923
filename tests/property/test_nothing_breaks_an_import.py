"""Any table of patients, families, people or tasks, and any errand at the side door: taken in, or a sentence.

`ONCALL_FUZZ` says how many are tried, as in `test_nothing_breaks_a_door`. Deliberately not here: schedules (there).
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, UnixConnector
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.adapters.clock import VirtualClock
from oncall.adapters.register.csv_shapes import FILES
from oncall.adapters.register.importing import apply_plan
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.patient_sheets import KeptSheets
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.side_door.opening import SOCKET
from oncall.errands.door import ERRANDS, open_side_door
from oncall.errands.registers import plan_sheets
from tests.property.test_nothing_breaks_a_door import BUDGET, anything, tried, words
from tests.support.ward import Ward, open_ward
from tests.support.web_house import HOSPITAL

AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
COLUMNS = sorted({name for shape in FILES.values() for name in shape.model_fields})
CELLS = (
    "", "leo", "ana", "maria", "Leo Marsh", "yes", "en", "es", "+16175550142", "617-555-0110", "20", "1e999", "-0",
    "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01 00:00",
    "9999-12-31 23:59", "2026-11-01 01:30", "2027-03-14 02:30", "2026-11-23 12:00", "١٢", "NGP 123", "=1+1", "'=1",
    "\x00", "\x85", "\u2028", "a\nb", '"', "clinician", "coordinator", "complex-care", "text", "a@b.c", "911", "+1911",
)  # fmt: skip
cells = st.one_of(st.sampled_from(CELLS), words)
headings = st.one_of(
    st.lists(st.one_of(st.sampled_from(COLUMNS), cells), max_size=7),
    *(st.permutations(tuple(shape.model_fields)).map(lambda names: names[:9]) for shape in FILES.values()),
    *(st.just(list(shape.model_fields)) for shape in FILES.values()),
)
tables = st.tuples(headings, st.lists(st.lists(cells, max_size=28), max_size=4), st.sampled_from(",;\t"))
raw = st.one_of(st.binary(max_size=200), st.text(max_size=80).map(lambda told: told.encode("utf-8", "replace")))


def written(table: tuple[list[str], list[list[str]], str]) -> bytes:
    heading, rows, sign = table
    text = io.StringIO()
    csv.writer(text, delimiter=sign).writerows([heading, *rows])
    return text.getvalue().encode("utf-8", "replace")


@dataclass
class Desk:
    """Two registers that every example finds as the ones before have left them."""

    runner: asyncio.Runner
    registers: tuple[KeptRegister, ...]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    async def opened() -> tuple[KeptRegister, ...]:
        clock, folder = VirtualClock(AT), tmp_path_factory.mktemp("register")
        return MemoryRegister(HOSPITAL, clock), SqliteRegister(folder / "oncall.db", HOSPITAL, clock)

    async def closed(registers: tuple[KeptRegister, ...]) -> None:
        for register in registers:
            await register.close()

    with asyncio.Runner() as runner:
        desk = Desk(runner, runner.run(opened()))
        yield desk
        runner.run(closed(desk.registers))


@settings(tried, max_examples=BUDGET * 4)
@given(
    subject=st.sampled_from([*FILES, "People", "x", ""]), content=st.one_of(tables.map(written), raw), mapped=st.data()
)
def test_every_table_is_taken_in_or_its_mistakes_are_told(
    desk: Desk, subject: str, content: bytes, mapped: st.DataObject
) -> None:
    columns = mapped.draw(st.dictionaries(st.sampled_from(CELLS), st.sampled_from(["", *COLUMNS]), max_size=3))
    for register in desk.registers:
        plan = desk.runner.run(plan_sheets(register, {f"{subject}.csv": content}, columns))
        assert all(error.wanted for error in plan.row_errors)
        if not plan.row_errors:
            desk.runner.run(apply_plan(register, plan, "test"))
            assert desk.runner.run(plan_sheets(register, {f"{subject}.csv": content}, columns)).rows == ()


@settings(tried, max_examples=BUDGET * 4)
@given(subject=st.sampled_from(["patients", "families"]), content=st.one_of(tables.map(written), raw))
def test_every_table_that_a_page_takes_in_comes_out_as_a_table_again(desk: Desk, subject: str, content: bytes) -> None:
    for register in desk.registers:
        sheets, text = KeptSheets(register), content.decode("utf-8", "replace")
        desk.runner.run(sheets.apply(subject, text, {}, "maria"))
        out = desk.runner.run(sheets.export(subject))
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(out)) for cell in row)
        again = desk.runner.run(sheets.plan(subject, out.removeprefix("\ufeff"), {}))
        assert (again.errors, again.changes) == ((), ()), out


# --- the side door ----------------------------------------------------------------------------------------------------

KEYS = (
    "files", "edition", "base", "by", "brought", "shown", "reason", "name", "person", "patients", "do", "id", "feed",
    "rotation", "said", "content", "source", "second", "sheets", "columns", "drill", "file", "before", "sha256",
    "roles", "is_first", "whole",
)  # fmt: skip
VALUES = st.one_of(
    anything,
    st.sampled_from(["make", "revoke", "accept", "list", "ana", "maria", "pump-team", "2026-11-26T08:00:00+00:00"]),
    st.just({"people.csv": b64encode(b"id,full_name,role\nx,X,clinician\n").decode()}),
    st.just({"rules/../../../x.yaml": "x"}),
    st.just({"/tmp/x.yaml": "x"}),
)
errands = st.one_of(
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8).map(lambda told: json.dumps(told).encode()),
    anything.map(lambda told: json.dumps(told).encode("utf-8", "replace")),
    st.sampled_from([b"", b"[" * 100_000, b"\xff", b"{", b"9" * 5000]),
    st.binary(max_size=100),
)
KINDS = ("application/json", "application/json; charset=zed", "text/plain", "multipart/form-data; boundary=x")


@dataclass
class Door:
    """A house in a folder of its own, with its side door open."""

    runner: asyncio.Runner
    ward: Ward
    socket: Path

    async def ask(self, name: str, body: bytes, kind: str) -> tuple[int, bytes]:
        async with (
            ClientSession(connector=UnixConnector(str(self.socket))) as session,
            session.post(f"http://side-door/{name}", data=body, headers={"Content-Type": kind}) as answer,
        ):
            return answer.status, await answer.read()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")

    async def opened(stack: AsyncExitStack) -> Ward:
        ward = await stack.enter_async_context(open_ward(database=f"sqlite:///{folder}/oncall.db"))
        await open_side_door(ward.house, stack)
        return ward

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        yield Door(runner, runner.run(opened(stack)), folder / SOCKET)
        runner.run(stack.aclose())


@settings(tried, max_examples=BUDGET * 2)
@given(name=st.sampled_from([*ERRANDS, "x", ""]), body=errands, kind=st.sampled_from(KINDS))
def test_whatever_is_handed_in_at_the_side_door_is_answered_and_tells_nothing_of_it(
    door: Door, name: str, body: bytes, kind: str
) -> None:
    status, told = door.runner.run(door.ask(name, body, kind))
    assert status in (200, 404, 405, 409, 500)
    if status == 500:
        assert set(json.loads(told)) == {"failed"}
    edition = door.ward.house.handbooks.current().edition
    assert edition == door.runner.run(_in_force(door.ward)), "nothing that was handed in is in force"


async def _in_force(ward: Ward) -> str:
    editions = await ward.house.journal.editions()
    return editions[0].name if editions else ward.house.handbooks.current().edition


def test_a_side_door_that_is_knocked_at_with_no_http_goes_on(door: Door) -> None:
    async def knock(body: bytes) -> bytes:
        reader, writer = await asyncio.open_unix_connection(str(door.socket))
        writer.write(body)
        writer.write_eof()
        told = await reader.read()
        writer.close()
        return told

    def any_http(told: Any) -> bool:
        return told == b"" or told.startswith(b"HTTP/1.1 4")

    for body in (b"", b"\x00" * 50, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9" + b"9" * 50 + b"\r\n\r\n"):
        assert any_http(door.runner.run(knock(body)))
    assert door.runner.run(door.ask("accounts", b"{}", "application/json"))[0] == 200
