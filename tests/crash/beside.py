"""Cuts the power at one executed line of what stands beside the store: the emergency journal, a backup, a restore.

As in `cutting`, a child plays under a trace and ends itself at one line; another child goes on from the files, and what
it comes to is judged. Run as a program so that the forks happen where no other thread is:
`python -m tests.crash.beside emergency 3` cuts every third line. Deliberately not here: the journal itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import traceback
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing
from functools import partial
from pathlib import Path

import structlog

from oncall.adapters.backup.checking import checked
from oncall.adapters.backup.folder import backups_in
from oncall.adapters.backup.making import Order, make_backup
from oncall.adapters.backup.restoring import restore
from oncall.adapters.side_file import SideFile
from oncall.backing_up import record_faults
from oncall.service.intake import TextIn
from oncall.service.line.emergency_journal import Door, EmergencyJournal
from oncall.service.line.kept_contacts import AlarmIn, KeptContacts
from tests.crash.cutting import CUT, Place, Trace, _fast_folder
from tests.crash.night import BEGINS, MUM, ROOT, House, Parts, handbook, open_house

AUDIT = partial(record_faults, at=BEGINS)
ALARM = {"event": "device_alarm", "alarm_class": "critical"}
CONTACTS = (
    (Door.TEXT, TextIn("SM-1", MUM, "he is so itchy and stiff")),
    (Door.TEXT, TextIn("SM-2", "+13005550101", "she will not wake up")),
    (Door.ALARM, AlarmIn("bridge", None, b64encode(json.dumps(ALARM).encode()).decode(), (ALARM,))),
)


# --- the emergency journal ---------------------------------------------------------------------------------------


class Families:
    """An inbox without staff."""

    def __init__(self, house: House) -> None:
        self.take = house.intake.take_text


class Operator:
    async def ring(self, tells: Callable[[], Sequence[str]]) -> bool:
        return True


class ForgetfulFile(SideFile):
    """A wrong one: what it has read it throws away at once, before anything is filed."""

    def lines(self) -> tuple[list[str], list[str]]:
        read = super().lines()
        if read[0]:
            self.empty()
        return read


async def _emergency(folder: Path, file: type[SideFile] = SideFile) -> None:
    """Whoever heard no yes tells it again; then the store works, and what waits is filed."""
    async with AsyncExitStack() as stack:
        house = await open_house(folder, Parts(), stack)
        aside = EmergencyJournal(
            file(folder / "emergency.jsonl"),
            house.clock,
            house.names,
            *_ways_in(house),
            Operator(),
            lambda contacts: (),
        )
        heard_yes = len(list(house.world.of("yes")))
        for number, (door, told) in list(enumerate(CONTACTS))[heard_yes:]:
            house.names.begin(f"contact{number}-{os.getpid()}-")
            assert await aside.keep(door, told)
            house.world.note("yes")
        house.names.begin("filing")
        await aside.look()
        await house.clock.settle()


def _ways_in(house: House) -> tuple[Callable[..., object], Callable[..., object]]:
    contacts = KeptContacts(Families(house), house.intake, None)  # type: ignore[arg-type]
    return contacts.again, contacts.as_raw


def _emergency_faults(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "oncall.db")) as file:
        words = [json.loads(body)["raw"] for (body,) in file.execute("SELECT body FROM reports")]
        keys = sorted(key.split(":")[0] for (key,) in file.execute("SELECT key FROM received"))
    found = [] if keys == ["alarm", "text", "text"] else [f"filed: {keys}"]
    found += [] if len(words) == len(CONTACTS) else [f"words: {words}"]
    left = SideFile(folder / "emergency.jsonl").lines()
    return found + ([] if left == ([], []) else [f"left beside the store: {left}"])


# --- backup and restore ------------------------------------------------------------------------------------------


async def _filled(folder: Path) -> None:
    async with AsyncExitStack() as stack:
        house = await open_house(folder / "var", Parts(), stack)
        house.names.begin("text")
        await house.intake.take_text(TextIn("SM-1", MUM, "he is so itchy and stiff"))
        await house.clock.settle()


async def _backup(folder: Path) -> None:
    """A backup, and the newest whole one put back where nothing is."""
    order = Order(folder / "var" / "oncall.db", folder / "out", keep=2)
    make_backup(order, BEGINS, AUDIT)
    if not (folder / "new").exists():
        restore(backups_in(folder / "out")[-1], folder / "new", None, AUDIT)


def _backup_faults(folder: Path) -> list[str]:
    found = []
    for number, path in enumerate(backups_in(folder / "out")):
        _, faults = checked(path, folder / f"check{number}", None, AUDIT)
        found += faults
    found += [f"left behind: {path.name}" for path in (folder / "out").glob("*.part")]
    left = ("var/backup.tmp", "new.restoring")
    found += [f"left behind: {name}" for name in left if (folder / name).exists()]
    put_back = {path.name for path in (folder / "new").iterdir()} - {"oncall.db-wal", "oncall.db-shm"}
    return found + ([] if put_back == {"oncall.db", "restored"} else [f"restored: {put_back}"])


BACKUP = (
    *(f"oncall/adapters/backup/{name}.py" for name in ("making", "checking", "restoring", "folder")),
    "oncall/adapters/put_back.py",
)
ASIDE = (
    "oncall/service/line/emergency_journal.py",
    "oncall/adapters/side_file.py",
    "oncall/service/line/kept_contacts.py",
)
SCENES = {
    "emergency": (ASIDE, _emergency, _emergency_faults),
    "forgetful": (ASIDE, partial(_emergency, file=ForgetfulFile), _emergency_faults),
    "backup": (BACKUP, _backup, _backup_faults),
}


# --- cutting -----------------------------------------------------------------------------------------------------


def life(folder: Path, scene: str, place: Place | None, trace: bool = False) -> int:
    """One life in a child of its own; its exit code."""
    child = os.fork()
    if child == 0:
        files, play, _ = SCENES[scene]
        watching = Trace(place, names={str(ROOT / name): name for name in files})
        try:
            if trace or place is not None:
                watching.begin()
            asyncio.run(play(folder))
            sys.settrace(None)
            (folder / "places").write_text(json.dumps([[*line, count] for line, count in watching.counts.items()]))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def told(begun: Path, scene: str, place: Place) -> tuple[bool, list[str]]:
    """Whether the cut struck, and what is wrong after the life that came next."""
    with tempfile.TemporaryDirectory(prefix="beside-", dir=_fast_folder()) as name:
        folder = Path(name) / "world"
        shutil.copytree(begun, folder)
        struck = life(folder, scene, place) == CUT
        if life(folder, scene, None) != 0:
            return struck, ["it did not come back"]
        return struck, SCENES[scene][2](folder)


def _say_nothing(logger: object, method: str, event: object) -> str:
    raise structlog.DropEvent


def main() -> None:
    structlog.configure(processors=[_say_nothing])
    handbook()  # read once, before the forks
    scene, every = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="beside-", dir=_fast_folder()) as name:
        begun, whole = Path(name) / "begun", Path(name) / "whole"
        begun.mkdir()
        if scene == "backup" and _in_a_child(begun) != 0:
            sys.exit("the house could not be filled")
        shutil.copytree(begun, whole)
        assert life(whole, scene, None, trace=True) == 0
        places = sorted(
            (file, line, (count + 1) // 2) for file, line, count in json.loads((whole / "places").read_text())
        )
        print(json.dumps({"undisturbed": SCENES[scene][2](whole), "lines": len(places)}), flush=True)
        for place in places[::every]:
            struck, faults = told(begun, scene, place)
            print(json.dumps({"cut": place, "struck": struck, "faults": faults}), flush=True)


def _in_a_child(begun: Path) -> int:
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(_filled(begun))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
