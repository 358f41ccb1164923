"""The side door: what a command hands in reaches the running house, and nobody else can knock."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import stat
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from oncall.adapters.handbook.files import read_files
from oncall.adapters.handbook.publishing import readings_of
from oncall.adapters.side_door.handing_in import Declined, hand_in
from oncall.adapters.side_door.opening import SOCKET, open_door
from oncall.config import Config
from oncall.core.as_json import plain
from oncall.core.case.commands import Resolve
from oncall.errands.door import open_side_door, run_errand
from oncall.fitness import REAL_CARRIER, Refused
from oncall.house import House
from oncall.one_process import hold_lock
from oncall.service.ports.journal import Edition
from tests.support.ward import ROOT, THREE_AM, Ward, open_ward, shipped, ward_config


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    async with open_ward(database=f"sqlite:///{tmp_path}/oncall.db") as opened, AsyncExitStack() as stack:
        await open_side_door(opened.house, stack)
        yield opened


def door_of(house: House) -> Path:
    return house.config.var / SOCKET


def rota_changed(base: str = "", remark: str = "# the spring rota\n") -> dict[str, Any]:
    texts = read_files(ROOT / "rules", ROOT / "rotations")
    texts["rotations/pump-team.yaml"] += remark
    edition = Edition("to be worked out", THREE_AM, "Ada Grant", "Jon Reed", "spring", "{}")
    return {"edition": plain(edition), "files": {**texts, **readings_of(texts)}, "base": base}


async def test_an_edition_is_in_force_at_once_and_stored(ward: Ward) -> None:
    before = ward.house.handbooks.current()
    assert before.edition == shipped().edition
    answer = await run_errand(ward.house.config, "publish", rota_changed())
    after = ward.house.handbooks.current()
    assert after.edition == answer["edition"] != before.edition
    [edition] = await ward.house.journal.editions()
    assert edition == Edition(after.edition, ward.clock.now(), "Ada Grant", "Jon Reed", "spring", "{}")
    await ward.phone("mum of Leo").texts("he is not breathing")
    assert (await ward.house.journal.entries((await ward.only_case()).id))[0].entry.edition == after.edition


async def test_an_open_case_keeps_its_clocks_while_others_get_the_new_ones(ward: Ward) -> None:
    await ward.phone("mum of Leo").texts("he is not breathing")
    told = rota_changed()
    name = "rules/escalation.yaml"
    texts = {key: text for key, text in told["files"].items() if key.endswith(".yaml")}
    texts[name] = texts[name].replace("after: 3m", "after: 4m")
    await run_errand(ward.house.config, "publish", {**told, "files": {**texts, **readings_of(texts)}})
    await ward.phone("+16175550171").texts("she is not breathing")
    first, second = [(await ward.house.journal.entries(c.id))[0].entry for c in await ward.open_cases()]
    waits = [str(entry.table.emergency.steps[1].after) for entry in (first, second)]
    assert waits == ["0:03:00", "0:04:00"]


async def test_whoever_read_an_older_difference_is_told_to_look_again(ward: Ward) -> None:
    await run_errand(ward.house.config, "publish", rota_changed())
    with pytest.raises(Declined, match="published meanwhile"):
        await run_errand(ward.house.config, "publish", rota_changed(remark="# another\n"))
    assert len(await ward.house.journal.editions()) == 1


async def test_what_does_not_load_is_neither_stored_nor_in_force(ward: Ward) -> None:
    told = rota_changed()
    told["files"] = {**told["files"], "rules/alarms.yaml": "rules: [\n"}
    with pytest.raises(Declined, match=r"alarms\.yaml"):
        await run_errand(ward.house.config, "publish", told)
    assert await ward.house.journal.editions() == []
    assert ward.house.handbooks.current().edition == shipped().edition


async def test_a_rota_of_people_without_telephones_is_declined_with_the_real_carrier(ward: Ward) -> None:
    """It would be refused at the next start, when nobody is looking."""
    told = ward.house.config.telephony.model_copy(update={"api": REAL_CARRIER})
    house = replace(ward.house, config=ward.house.config.model_copy(update={"telephony": told}))
    async with AsyncExitStack() as stack:
        await open_side_door(house, stack)
        with pytest.raises(Declined, match="sample people"):
            await run_errand(house.config, "publish", rota_changed())
    assert await ward.house.journal.editions() == []


async def test_a_token_of_the_running_house_works_at_once(ward: Ward) -> None:
    answer = await run_errand(ward.house.config, "token", {"name": "gateway", "person": None})
    sender = await ward.house.register.sender_by_token(answer["token"])
    assert sender is not None
    assert sender.name == "gateway"
    with pytest.raises(Declined, match="There is no zed in the register"):
        await run_errand(ward.house.config, "token", {"name": "x", "person": "zed"})


async def test_spreadsheets_are_taken_in_or_their_mistakes_told(ward: Ward) -> None:
    good = b"id,full_name,role,phone_1\nada,Ada Grant,clinician,617-555-0131\n"
    answer = await run_errand(ward.house.config, "import", _sheet(good))
    assert answer["written"]
    assert any("add Ada Grant (ada)" in change for change in answer["changes"])
    assert "ada" in (await ward.house.register.directory()).clinicians
    bad = await run_errand(ward.house.config, "import", _sheet(b"id,full_name,role,phone_1\nbo,Bo,boss,61\n"))
    assert not bad["written"]
    assert any("people.csv row 2" in error for error in bad["errors"])
    assert "bo" not in (await ward.house.register.directory()).clinicians


def _sheet(content: bytes) -> dict[str, Any]:
    return {"sheets": {"people.csv": b64encode(content).decode()}}


# --- the door itself --------------------------------------------------------------------------------------------------


async def test_only_the_account_of_the_service_may_knock(ward: Ward) -> None:
    mode = door_of(ward.house).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


async def test_the_door_is_gone_with_the_house(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        await open_door(tmp_path, {"echo": _echo}, stack)
        assert await hand_in(tmp_path / SOCKET, "echo", {"said": "é"}) == {"said": "é"}
    assert not (tmp_path / SOCKET).exists()
    assert await hand_in(tmp_path / SOCKET, "echo", {}) is None


async def _echo(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(told)


async def test_a_socket_left_by_a_killed_process_counts_as_nobody_and_is_replaced(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / SOCKET))
    left.close()
    assert await hand_in(tmp_path / SOCKET, "echo", {}) is None
    async with AsyncExitStack() as stack:
        await open_door(tmp_path, {"echo": _echo}, stack)
        assert await hand_in(tmp_path / SOCKET, "echo", {}) == {}


async def test_an_errand_that_fails_is_told_as_a_sentence(tmp_path: Path) -> None:
    async def fail(told: Mapping[str, Any]) -> Mapping[str, Any]:
        raise RuntimeError("our own bug, with a number +16175550142 in it")

    async with AsyncExitStack() as stack:
        await open_door(tmp_path, {"fail": fail}, stack)
        with pytest.raises(Declined, match=r"failed at this: its log says why") as refused:
            await hand_in(tmp_path / SOCKET, "fail", {})
        assert "+1617" not in str(refused.value)


async def test_a_service_that_goes_away_in_the_middle_is_a_sentence(tmp_path: Path) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    server = await asyncio.start_unix_server(hang_up, str(tmp_path / SOCKET))
    async with server:
        with pytest.raises(Declined, match="did not answer: look whether it was done"):
            await hand_in(tmp_path / SOCKET, "publish", {})


async def test_a_path_too_long_for_a_socket_does_not_keep_the_house_from_opening(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    async with open_ward(database=f"sqlite:///{deep}/oncall.db") as ward, AsyncExitStack() as stack:
        hold_lock(ward.house.config.var, stack)
        await open_side_door(ward.house, stack)
        assert not door_of(ward.house).exists()
        with pytest.raises(Refused, match="Another oncall process"):
            await run_errand(ward.house.config, "token", {"name": "gateway", "person": None})


async def test_without_a_service_the_command_does_it_itself_under_the_lock(tmp_path: Path) -> None:
    config = _config(tmp_path)
    await run_errand(config, "publish", rota_changed())
    async with open_ward(database=config.database) as ward:
        [edition] = await ward.house.journal.editions()
        assert edition.author == "Ada Grant"


def _config(folder: Path) -> Config:
    return ward_config("http://127.0.0.1:1", "http://127.0.0.1:9", f"sqlite:///{folder}/oncall.db")


async def test_old_cases_are_exported_and_purged_by_the_running_house(ward: Ward, tmp_path: Path) -> None:
    await ward.phone("mum of Leo").texts("please send me a letter for school")
    case = await ward.only_case()
    await ward.house.desk.take(Resolve(case.id, "ana", "phone advice"))
    await ward.settle()
    ward.clock.step(timedelta(days=3700))
    before = ward.house.retention.latest()
    told = {"before": before.isoformat(), "file": str(tmp_path / "old.jsonl"), "by": "Maria Ortiz"}
    with pytest.raises(Declined, match="kept for 10 years"):
        await run_errand(ward.house.config, "purge-export", {**told, "before": ward.clock.now().isoformat()})
    done = await run_errand(ward.house.config, "purge-export", told)
    body = (tmp_path / "old.jsonl").read_bytes()
    assert done == {"name": told["file"], "sha256": hashlib.sha256(body).hexdigest(), "cases": 1}
    assert stat.S_IMODE((tmp_path / "old.jsonl").stat().st_mode) == 0o600
    with pytest.raises(Declined, match="is there already"):
        await run_errand(ward.house.config, "purge-export", told)
    assert await run_errand(ward.house.config, "purge", {**told, "sha256": done["sha256"]}) == {"purged": 1}
    assert await ward.house.journal.case(case.id) is None
    assert await ward.house.journal.audit() == []
    [stone] = await ward.house.journal.tombstones(5)
    assert (stone.code, stone.purged_by, stone.export_sha256) == (case.code, "Maria Ortiz", done["sha256"])
