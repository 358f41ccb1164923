"""What is kept, counted and taken out of the record of care, over the journal in memory and the one on SQLite."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from oncall.adapters.journal.shelf import GENESIS, entry_hash
from oncall.core.case.figures import figures_of
from oncall.core.triage.assessment import Urgency
from oncall.service.ports.journal import Tombstone
from tests.contract.test_journal import NIGHT, Store, _close, _in_memory, _on_file, open_journal, stranger, text

FILE = "f" * 64


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    made = await (_on_file(tmp_path) if request.param == "sqlite" else _in_memory())
    yield made
    await _close(made)


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Store]:
    made = await _on_file(tmp_path)
    yield made
    await _close(made)


async def test_a_span_has_the_figures_of_its_cases_open_or_closed_and_of_no_other(store: Store) -> None:
    closed = await store.closed_case("r1", stranger(1))
    store.clock.step(timedelta(minutes=5))
    opened = (await store.write(text("r2", stranger(2)))).case
    store.clock.step(timedelta(minutes=5))
    await store.closed_case("r3", stranger(3))
    found = await store.journal.figures(NIGHT, NIGHT + timedelta(minutes=10))
    assert [one.case for one in found] == [closed.id, opened.id]
    assert [one.outcome for one in found] == ["phone advice", ""]
    assert found[0] == figures_of(closed.id, await store.journal.entries(closed.id))
    assert (found[0].pace, found[0].target) == (Urgency.EMERGENCY, timedelta(minutes=10))


async def test_what_comes_after_the_closing_is_counted_too(store: Store) -> None:
    closed = await store.closed_case("r1")
    await store.hand_over_all()  # the texts that say so are still owed
    [found] = await store.journal.figures(NIGHT, NIGHT + timedelta(days=1))
    assert found == figures_of(closed.id, await store.journal.entries(closed.id))
    assert found.texts > 0
    assert await store.journal.audit() == []


async def test_figures_that_somebody_changed_are_found_and_missing_ones_are_made_at_opening(kept: Store) -> None:
    await kept.closed_case("r1", stranger(1))
    await kept.closed_case("r2", stranger(2))
    with kept.file() as file:
        file.execute("UPDATE figures SET climbed = 7 WHERE case_id = 'cr1'")
        file.execute("DELETE FROM figures WHERE case_id = 'cr2'")
    assert await kept.journal.audit() == [
        "case cr1: figures differ from replay",
        "case cr2: figures differ from replay",
    ]
    await kept.journal.close()
    assert kept.path is not None
    with kept.file() as file:
        file.execute("DELETE FROM figures")
    kept.journal = open_journal(kept.path, kept.clock)
    assert await kept.journal.audit() == []


async def test_a_month_is_read_by_an_index_and_not_through_all_cases(kept: Store) -> None:
    with kept.file() as file:
        plan = file.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM figures WHERE opened_at >= 1 AND opened_at < 2"
        ).fetchall()
    assert "figures_by_opening" in str(plan)


async def test_a_purged_case_is_gone_and_its_tombstone_says_where_its_chain_ended(store: Store) -> None:
    case = await store.closed_case("r1")
    line = json.loads(await store.journal.exported(case.id))
    store.clock.step(timedelta(days=1))
    assert await store.journal.closed_before(NIGHT + timedelta(seconds=1), 10) == [case.id]
    stones = await store.journal.purge([case.id], "maria", FILE)
    last = line["entries"][-1][5]
    assert stones == [Tombstone(case.id, case.code, case.version, last, NIGHT, store.clock.now(), "maria", FILE)]
    assert await store.journal.tombstones(10) == stones
    assert await store.journal.case(case.id) is None
    assert await store.journal.report("r1") is None
    assert await store.journal.figures(NIGHT, NIGHT + timedelta(days=1)) == []
    assert await store.journal.closed_before(store.clock.now(), 10) == []
    assert await store.journal.audit() == []


async def test_an_export_holds_the_raw_words_and_the_whole_chain(store: Store) -> None:
    case = await store.closed_case("r1")
    line = json.loads(await store.journal.exported(case.id))
    assert [report["raw"] for report in line["reports"]] == ["so itchy and stiff"]
    last = GENESIS
    for recorded, (seq, at, kind, version, body, digest) in zip(
        await store.journal.entries(case.id), line["entries"], strict=True
    ):
        last = entry_hash(last, case.id, seq, recorded.at, kind, version, body)
        assert (digest, at) == (last, recorded.at.isoformat())


async def test_an_open_case_is_never_purged_and_the_others_go_on(store: Store) -> None:
    opened = (await store.write(text("r1", stranger(1)), key="text:SM1")).case
    closed = await store.closed_case("r2", stranger(2))
    stones = await store.journal.purge([opened.id, closed.id, "nothing"], "maria", FILE)
    assert [stone.case for stone in stones] == [closed.id]
    assert await store.journal.case(opened.id) == opened
    assert len(await store.journal.received("text:")) == 1
    assert set(await store.owed()) == {state.message.id for state in opened.messages if state.is_owed}
    assert await store.journal.audit() == []


async def test_a_tombstone_cannot_be_changed_or_taken_away_unseen(kept: Store) -> None:
    cases = [await kept.closed_case(f"r{place}", stranger(place)) for place in range(3)]
    await kept.journal.purge([case.id for case in cases], "maria", FILE)
    with kept.file() as file:
        for forbidden in ("UPDATE tombstones SET purged_by = 'x'", "DELETE FROM tombstones"):
            with pytest.raises(Exception, match="stay"):
                file.execute(forbidden)
        file.execute("DROP TRIGGER tombstones_are_never_taken_away")
        file.execute("DELETE FROM tombstones WHERE number = 2")
    assert await kept.journal.audit() == ["the chain of tombstones breaks at 3"]


async def test_nothing_of_a_purged_case_is_left_in_the_file(kept: Store) -> None:
    case = await kept.closed_case("r1")
    await kept.journal.purge([case.id], "maria", FILE)
    await kept.journal.close()
    with kept.file() as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert kept.path is not None
    assert b"so itchy and stiff" not in kept.path.read_bytes()


async def test_the_last_audit_is_remembered_with_what_it_found(store: Store) -> None:
    assert await store.journal.last_audit() is None
    await store.journal.note_audit(0)
    store.clock.step(timedelta(hours=1))
    await store.journal.note_audit(2)
    assert await store.journal.last_audit() == (NIGHT + timedelta(hours=1), 2)
