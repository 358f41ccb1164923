"""The disk is full at night: families and pumps go on reaching somebody, and nothing of it is lost afterwards."""

from __future__ import annotations

import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oncall.adapters.side_file import NAME, SideFile
from tests.support.ward import Ward, open_ward

ITCHY = "he is so itchy and stiff"


@contextmanager
def disk_that_cannot_grow(var: Path) -> Iterator[None]:
    """No file of this process may grow: a full disk, felt in the COMMIT itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((var / "oncall.db-wal").stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    database = f"sqlite:///{tmp_path / 'oncall.db'}"
    async with open_ward(database=database, chores=True, internal=True) as opened:
        yield opened


def aside(tmp_path: Path) -> SideFile:
    return SideFile(tmp_path / NAME)


async def test_a_text_on_a_full_disk_rings_the_operator_and_pages_once_there_is_room(
    ward: Ward, tmp_path: Path
) -> None:
    mum, operator = ward.phone("mum of Leo"), ward.phone("+16175550100")
    with disk_that_cannot_grow(tmp_path):
        await mum.texts(ITCHY)
        assert any("911" in text for text in mum.inbox)
        assert len(aside(tmp_path).lines()[0]) == 1
        assert await ward.open_cases() == []
        assert operator.is_ringing
        [told] = operator.inbox
        assert "itchy" not in told
        assert "555" not in told
        await operator.answers()
        assert "itchy" not in operator.heard
        await operator.presses("7")
        await ward.pass_time("1s")
        assert "6 1 7, 5 5 5, 0 1 4 2" in operator.heard
        assert ITCHY in operator.heard
        assert "Ana Lee" in operator.heard
        await operator.hangs_up()
    await ward.pass_time("16s")
    case = await ward.only_case()
    assert case.key == "patient:leo"
    assert any("DELAYED" in text for person in ("ana", "ben", "cho", "dia") for text in ward.phone(person).inbox)
    assert aside(tmp_path).lines() == ([], [])
    assert ward.house.emergency_journal.waiting == []
    await ward.is_sound()


async def test_the_operator_is_rung_until_somebody_presses_the_key(ward: Ward, tmp_path: Path) -> None:
    operator = ward.phone("+16175550100")
    with disk_that_cannot_grow(tmp_path):
        await ward.phone("mum of Leo").texts(ITCHY)
        await ward.pass_time("5m")
        assert operator.missed == 3
        await ward.pass_time("1m10s")
        await operator.answers()
        await operator.presses("7")
        await operator.hangs_up()
        rung = len(operator.inbox)
        await ward.pass_time("10m")
        assert len(operator.inbox) == rung


async def test_an_alarm_on_a_full_disk_gets_no_yes_and_pages_afterwards(ward: Ward, tmp_path: Path) -> None:
    await ward.house.register.add_sender("bridge", None, "bridge-token")
    body = {"id": "a1", "event": "device_alarm", "alarm_class": "critical", "device_serial": "X9"}
    url, headers = f"{ward.internal_url}/v1/alarms", {"Authorization": "Bearer bridge-token"}
    async with ward.client() as client:
        with disk_that_cannot_grow(tmp_path):
            async with client.post(url, json=body, headers=headers) as answer:
                told = await answer.json()
            assert (answer.status, told["kept"]) == (503, True)
            assert "nobody has been paged yet" in told["detail"]
            assert answer.headers["Retry-After"]
        await ward.pass_time("16s")
        case = await ward.only_case()
        async with client.post(url, json=body, headers=headers) as again:
            assert (again.status, (await again.json())["id"]) == (200, case.id)


async def test_what_a_nurse_takes_down_is_kept_and_she_is_told_to_ring_herself(ward: Ward, tmp_path: Path) -> None:
    async with await ward.browser("maria") as nurse:
        with disk_that_cannot_grow(tmp_path):
            form = {"words": "she will not wake up", "number": "617-555-0142"}
            async with nurse.post(f"{ward.internal_url}/new-call", data=form, allow_redirects=False) as answer:
                assert answer.status == 503
                page = await answer.text()
            assert "Ring the doctor on call yourself" in page
            assert "What you wrote is kept" in page
    await ward.pass_time("16s")
    case = await ward.only_case()
    assert "she will not wake up" in (await ward.house.journal.report(case.reports[0].id)).raw


async def test_a_call_that_could_not_be_stored_is_filed_as_one_that_got_nowhere(ward: Ward, tmp_path: Path) -> None:
    mum = ward.phone("mum of Leo")
    with disk_that_cannot_grow(tmp_path):
        await mum.calls()
        assert "9 1 1" in mum.heard
    await ward.pass_time("16s")
    case = await ward.only_case()
    assert not any(call.live for call in case.calls)
    assert "put through to the operator" in " ".join(finding.evidence for finding in case.findings)


async def test_what_is_left_of_a_torn_line_pages_a_person(tmp_path: Path) -> None:
    file = aside(tmp_path)
    file.append('{"id": "x"')
    with (tmp_path / NAME).open("r+b") as torn:
        torn.write(b"0123")  # the disk kept a part of it
    async with open_ward(database=f"sqlite:///{tmp_path / 'oncall.db'}") as ward:
        await ward.house.emergency_journal.look()
        case = await ward.only_case()
        report = await ward.house.journal.report(case.reports[0].id)
        assert '{\\"id\\": \\"x\\"' in report.raw
        assert file.lines() == ([], [])


async def test_words_said_in_a_call_are_filed_with_it_and_the_call_counts_as_over(ward: Ward, tmp_path: Path) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls()
    begun = await ward.only_case()
    with disk_that_cannot_grow(tmp_path):
        await mum.says("she will not wake up")
        [waiting] = ward.house.emergency_journal.waiting
        assert "she will not wake up" in waiting.told
    await ward.pass_time("31s")
    case = await ward.only_case()
    assert case.id == begun.id
    assert not any(call.live for call in case.calls)
    said = [(await ward.house.journal.report(note.id)).raw for note in case.reports]
    assert "she will not wake up" in said
    assert any("EMERGENCY" in text for text in ward.phone("ana").inbox)
    await ward.is_sound()
