"""Reads a schedule in a process of its own, with limits on time and memory.

Whoever hands in a file, or writes the calendar that we fetch, may be hostile or merely unlucky: a rule that matches
nothing is looked for until the year 9999. The line pages meanwhile. A reader that is killed has read nothing, and says
so in a sentence. Deliberately not here: what the bytes mean (`reading`).
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from asyncio.subprocess import DEVNULL, PIPE
from base64 import b64decode, b64encode
from datetime import datetime
from pathlib import Path

from oncall.adapters.calendars.imported import Reading, RowError, Wish
from oncall.adapters.calendars.reading import read_schedule
from oncall.core.as_json import from_json, plain, read, to_json

SECONDS = 30  # a year of a large hospital takes two or three
MEMORY = 1 << 30  # bytes
_HERE = Path(__file__).parents[3]  # the reader's process runs the same code as this one
_TOO_MUCH = "a shorter stretch of the schedule, or one without repetitions: this took too long to work out"


async def read_aside(content: bytes, wish: Wish, span: tuple[datetime, datetime], seconds: float = SECONDS) -> Reading:
    """The same as `read_schedule`, safe for the loop that pages. Raises OSError when no process can be started."""
    told = {"content": b64encode(content).decode(), "wish": plain(wish), "span": [at.isoformat() for at in span]}
    path = os.pathsep.join([str(_HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "oncall.adapters.calendars.aside",
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={"PYTHONPATH": path, "PATH": os.environ.get("PATH", "")},  # none of the house's secrets
    )
    try:
        async with asyncio.timeout(seconds):
            answer, _ = await process.communicate(json.dumps(told).encode())
        return from_json(Reading, answer.decode())
    except (TimeoutError, ValueError, KeyError):
        return Reading(errors=(RowError(0, "too much to read", _TOO_MUCH),))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    os.nice(10)
    told = json.loads(sys.stdin.buffer.read())
    first, last = (datetime.fromisoformat(at) for at in told["span"])
    reading = read_schedule(b64decode(told["content"]), read(Wish, told["wish"]), (first, last))
    sys.stdout.write(to_json(reading))


if __name__ == "__main__":
    _main()
