"""Takes a schedule from elsewhere into the rota: read it, plan, say the difference, and publish the covers.

The plan is made twice, once for whoever looks and once inside the house that publishes, because the rota may have
changed between. What is published passes the coordinators' desk with its guards. Deliberately not here: formats and
names (`adapters/calendars`), drafts (`service.rota.desk`), and arguments (`cli.importing`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from oncall.adapters.calendars.aside import read_aside
from oncall.adapters.calendars.imported import Reading, Wish
from oncall.adapters.calendars.names import names_of
from oncall.adapters.calendars.planning import ImportPlan, plan_of
from oncall.adapters.handbook.rota_times import written_time
from oncall.core.rota.difference import difference_in_words, moves, right_now
from oncall.core.rota.edits import AddCover, AddCovers
from oncall.core.rota.guards import Severity, guards
from oncall.core.rota.on_call import Rota, called, with_changes
from oncall.core.rota.stints import name_of
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.preview import Staff
from oncall.service.rota.schedules import Mending, Named, Said, SeenSchedule

_FOR_COMMANDS = re.compile(r" \(--[^)]*\)")  # the page has fields instead
BACK, AHEAD = timedelta(days=31), timedelta(days=400)


async def schedule_plan(content: bytes, said: Said, rota: Rota, now: datetime) -> ImportPlan:
    """What the file would add to this rota."""
    return await _planned(await _read(content, said, rota, now), said, rota, now)


async def _read(content: bytes, said: Said, rota: Rota, now: datetime) -> Reading:
    wish = Wish(rota.zone, tuple(said.columns.items()), said.hours, said.dates)
    return await read_aside(content, wish, (now - BACK, now + AHEAD))


async def _planned(reading: Reading, said: Said, rota: Rota, now: datetime) -> ImportPlan:
    """Beside the line's work, which goes on meanwhile."""
    names = names_of(rota, said.people, said.tiers)
    return await asyncio.to_thread(plan_of, reading, rota, names, said.tier, now)


async def seen_schedule(
    clock: Timepiece, content: bytes, source: str, said: Said, rota: Rota, staff: Staff
) -> SeenSchedule:
    """The whole answer for the page; names are matched as the files have them, and said as the pages do."""
    now = clock.now()
    reading = await _read(content, said, rota, now)
    plan = await _planned(reading, said, rota, now)
    lines = await asyncio.to_thread(plan_lines, plan, called(rota, staff.names), now, staff.proven)
    return SeenSchedule(
        tuple(_FOR_COMMANDS.sub("", line) for line in lines) if plan.can_be_applied else (),
        tuple(Mending(error.row, error.found, _FOR_COMMANDS.sub("", error.wanted)) for error in plan.row_errors),
        tuple(_named(plan)),
        reading.headings,
        dict(reading.columns),
        as_edit(plan, rota, source) if plan.can_be_applied and plan.covers else None,
    )


def _named(plan: ImportPlan) -> Iterator[Named]:
    """What is not clear first."""
    for one in plan.unmatched:
        yield Named(one.kind, one.text, None, one.rows, one.could_be)
    for kind, meant in (("person", plan.people), ("tier", plan.tiers)):
        yield from (Named(kind, text, id) for text, id in sorted(meant))


def plan_lines(plan: ImportPlan, rota: Rota, now: datetime, proven: frozenset[str] | None) -> list[str]:
    """The plan in words: what was understood, who instead of whom, and what the guards would say of it.

    `proven` None: nobody's telephone is known here, and the guards are left to the publishing.
    """
    past = f", {plan.past} of them over" if plan.past else ""
    lines = [f"{plan.shifts} shifts understood{past}.", *_written(plan, rota), *plan.remarks]
    if not plan.covers:
        return [*lines, "The rota says all of this already: nothing to change."] if plan.can_be_applied else lines
    after = with_changes(rota, plan.covers)
    moved = moves(rota, after, now)
    lines += [*difference_in_words(rota, after, moved, now), *right_now(rota, after, moved, now)]
    found = guards(rota, after, now, proven) if proven is not None else ()
    return [*lines, *(f"{_LOUD[guard.severity]}: {guard.sentence}" for guard in found)]


def _written(plan: ImportPlan, rota: Rota) -> Iterator[str]:
    texts: dict[str, list[str]] = {}
    for text, id in sorted(plan.people):
        texts.setdefault(id, []).append(f'"{text}"')
    for id, found in sorted((id, found) for id, found in texts.items() if id):
        more = f" and {len(found) - 4} other ways" if len(found) > 4 else ""
        yield f"{name_of(rota, id)} is written {', '.join(found[:4])}{more}."


def as_edit(plan: ImportPlan, rota: Rota, source: str) -> AddCovers:
    """The covers as a coordinator's edit, in the times of the files."""
    zones = {name: rotation.zone for name, rotation in rota.rotations.items()}
    told = []
    for change in plan.covers:
        zone = zones[(change.tier or "").partition("/")[0]]
        span = (written_time(change.starts_at, zone), written_time(change.ends_at, zone))
        told.append(AddCover(change.tier or "", change.person, *span, note=f"from {source}"))
    return AddCovers(tuple(told), source)


_LOUD = {Severity.RED: "RED", Severity.YELLOW: "YELLOW"}
