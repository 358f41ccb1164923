"""What the note beside the database is satisfied by besides its entry: retention may take the case."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from oncall.adapters.footing import read_note
from oncall.core.case.commands import Resolve
from tests.crash.left_behind import decided, open_again, open_stores


@pytest.fixture
async def closed(tmp_path: Path) -> Path:
    """A record of two cases, the later one closed: the note names its last entry."""
    path = tmp_path / "oncall.db"
    async with AsyncExitStack() as stack:
        stores = await open_stores(path, stack)
        await stores.take(1)
        case = await stores.take(2)
        await stores.journal.write([Resolve(case, "ana", "phone advice", "fine")], decided)
        note = read_note(path)
        assert note is not None
        assert note.case == case
    return path


async def purge(path: Path, case: str) -> None:
    async with AsyncExitStack() as stack:
        stores = await open_stores(path, stack)
        assert len(await stores.journal.purge([case], "vera", "sha")) == 1


def take_out(path: Path, case: str) -> None:
    with closing(sqlite3.connect(path)) as hand:
        hand.execute("DELETE FROM entries WHERE case_id = ?", (case,))
        hand.commit()


async def test_the_tombstone_of_a_purged_case_satisfies_the_note(closed: Path) -> None:
    note = read_note(closed)
    assert note is not None
    await purge(closed, note.case)
    assert read_note(closed) == note, "a purge writes no entry"
    found = await asyncio.to_thread(open_again, closed)
    assert (found.refused, found.lost, found.cases) == (None, (), {"cr1"})


async def test_a_case_that_is_gone_without_a_tombstone_is_a_loss(closed: Path) -> None:
    note = read_note(closed)
    assert note is not None
    take_out(closed, note.case)
    found = await asyncio.to_thread(open_again, closed)
    assert [one.case for one in found.lost] == [note.case]
