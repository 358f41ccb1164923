"""Cuts the power at one executed line, opens the house again, and says what the night has lost.

A child of this process plays the night under a trace and ends itself, as a power cut would, when one line is executed
for the n-th time; another child goes on from the files. The undisturbed night is the measure. Run as a program so that
the forks happen where no other thread is (`python -m tests.crash.cutting`, orders on its input). Deliberately not here:
torn disk writes (the page cache survives the death of a process).
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import structlog

from oncall.adapters.put_back import RestoreMark
from tests.crash.morning import live as live_a_morning
from tests.crash.night import ROOT, handbook, live
from tests.crash.points import points
from tests.crash.wrong_houses import HOUSES

DECIDING = ("decide", "draft", "delivery", "duties", "evolve", "holding", "passing", "promises", "reporting", "rounds")
WATCHED = (
    *(f"oncall/core/case/{name}.py" for name in DECIDING),
    "tests/crash/wrong_houses.py",
)
LINK = re.compile(r"http\S+")
MORNING = "morning"  # the other story, told in the right house
KEPT = ("cases", "entries", "rows")  # what must be left of either story
CUT = 86  # the exit code of a child whose power was cut
Place = tuple[str, int, int]  # file, line, and the how-manieth execution of it


def watched() -> tuple[str, ...]:
    """What decides, and every module of ours that holds a write or a send."""
    return (*WATCHED, *sorted(points()))


@dataclass
class Trace:
    """Counts executed lines of the watched files; ends the process at `place`."""

    place: Place | None
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=lambda: {str(ROOT / name): name for name in watched()})
    holds: dict[CodeType, bool] = field(default_factory=dict)

    def begin(self) -> None:
        threading.settrace(self.called)  # type: ignore[arg-type]
        sys.settrace(self.called)  # type: ignore[arg-type]

    def called(self, frame: FrameType, event: str, arg: object) -> Callable[..., Any] | None:
        return self.stepped if self.concerns(frame.f_code) else None

    def concerns(self, code: CodeType) -> bool:
        """Where one place is wanted, only the functions that hold it are followed: a night is ten times as fast."""
        if code not in self.holds:
            name = self.names.get(code.co_filename)
            wanted = self.place is None or any(line == self.place[1] for _, _, line in code.co_lines())
            self.holds[code] = name is not None and wanted and (self.place is None or name == self.place[0])
        return self.holds[code]

    def stepped(self, frame: FrameType, event: str, arg: object) -> Callable[..., Any]:
        if event == "line":
            here = self.names[frame.f_code.co_filename], frame.f_lineno
            self.counts[here] += 1
            if self.place is not None and here == self.place[:2] and self.counts[here] == self.place[2]:
                os._exit(CUT)
        return self.stepped


def play(folder: Path, house: str, place: Place | None = None, trace: bool = False) -> dict[str, Any] | None:
    """One life in a child of its own: what the night came to, or None when the power was cut."""
    child = os.fork()
    if child == 0:
        _live_and_end(folder, house, place, trace)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == CUT:
        return None
    told: dict[str, Any] = json.loads((folder / "outcome").read_text()) if code == 0 else {"broken": code}
    return told


def _live_and_end(folder: Path, house: str, place: Place | None, trace: bool) -> None:
    watching = Trace(place)
    try:
        if trace or place is not None:
            watching.begin()
        told = asyncio.run(_life(folder, house))
        sys.settrace(None)
        places = [[*line, count] for line, count in watching.counts.items()]
        (folder / "outcome").write_text(json.dumps(told | {"places": places}))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


async def _life(folder: Path, house: str) -> dict[str, Any]:
    async with asyncio.timeout(90):  # a traced life on a loaded machine takes twenty
        if house == MORNING:
            return await live_a_morning(folder)
        return await live(folder, HOUSES[house])


def night(house: str, cuts: Sequence[Place] = (), trace: bool = False) -> tuple[dict[str, Any], int]:
    """A whole night in as many lives as it takes: its outcome, and how many cuts struck."""
    with tempfile.TemporaryDirectory(prefix="night-", dir=_fast_folder()) as name:
        folder, struck = Path(name), 0
        for place in cuts:
            if (told := play(folder, house, place)) is not None:
                break
            struck += 1
        else:
            told = play(folder, house, trace=trace)
        assert told is not None
        return told | {"thought shorter": _thought_shorter(RestoreMark(folder))}, struck


def _thought_shorter(mark: RestoreMark) -> list[str]:
    return [one.evidence for one in mark.lost()] + [at for at in [mark.made_at()] if at]


def _fast_folder() -> str | None:
    """Memory where there is some: a process that dies loses no page cache, so the disk adds nothing here."""
    return "/dev/shm" if shutil.os.access("/dev/shm", os.W_OK) else None  # type: ignore[attr-defined]


def losses(told: dict[str, Any], undisturbed: dict[str, Any]) -> list[str]:
    """What a disturbed night lost or did wrong against the undisturbed one; empty is what we want."""
    if "broken" in told:
        return [f"the house did not open again or stood still (exit {told['broken']})"]
    wanted, sent = _once_each(undisturbed["sent"]), _once_each(told["sent"])
    found = [f"audit: {problem}" for problem in told["audit"]]
    found += [f"a cut was taken for damage: {mark}" for mark in told["thought shorter"]]
    found += [f"lost: {one}" for one in (wanted - sent).elements()]
    found += [f"never ordered: {one}" for one in (sent - wanted).elements()]
    found += _badly_repeated(told["sent"])
    found += [f"other {part}" for part in KEPT if told.get(part) != undisturbed.get(part)]
    return found


def _once_each(sent: Sequence[dict[str, Any]]) -> Counter[str]:
    """Messages by hour, number and words: their names hang on the order in which two of them were sent."""
    first = {one["id"]: one for one in reversed(sent)}
    return Counter(
        f"{one['at']} {one['channel']} to {one['to']} {LINK.sub('link', one['body'])}" for one in first.values()
    )


def _badly_repeated(sent: Sequence[dict[str, Any]]) -> list[str]:
    """A repeat has the name, the number and the words of the first time, and its attempt says that it is one."""
    found, before = [], dict[str, dict[str, Any]]()
    for one in sent:
        known = before.get(one["id"])
        if known and (one["body"], one["to"]) != (known["body"], known["to"]):
            found.append(f"repeated in other words: {one['id']}")
        if known and one["attempt"] <= known["attempt"]:
            found.append(f"repeated as if for the first time: {one['id']}")
        before[one["id"]] = one
    return found


def repeats(told: dict[str, Any]) -> int:
    return len(told.get("sent", ())) - len({one["id"] for one in told.get("sent", ())})


def main() -> None:
    """Each line of the input orders nights of one house as a list of lists of cuts, and a JSON line answers each of
    them; None instead of the list: one line with the executed lines of an undisturbed night."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    handbook(), watched()  # read once, before the forks
    gc.freeze()  # what the parent has is the children's too: looking through it would copy it
    for order in map(json.loads, sys.stdin):
        undisturbed = undisturbed_night(order["house"])
        for cuts in order["cuts"] or ():
            print(json.dumps(_judged(order["house"], cuts, undisturbed)), flush=True)
        if order["cuts"] is None:
            print(json.dumps(undisturbed["places"]), flush=True)


@cache
def undisturbed_night(house: str) -> dict[str, Any]:
    return night(house, trace=True)[0]


def _judged(house: str, cuts: Sequence[Sequence[Any]], undisturbed: dict[str, Any]) -> dict[str, Any]:
    told, struck = night(house, [(file, line, nth) for file, line, nth in cuts])
    return {"cuts": cuts, "struck": struck, "losses": losses(told, undisturbed), "repeats": repeats(told)}


if __name__ == "__main__":
    main()
