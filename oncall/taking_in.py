"""Takes a schedule from elsewhere into the rota: read it, plan, say the difference, and publish the covers.

The plan is made twice, once for whoever looks and once inside the house that publishes, because the rota may have
changed between. What is published passes the coordinators' desk with its guards. Deliberately not here: formats and
names (`adapters/calendars`), drafts (`service.rota_desk`), and arguments (`cli_import`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.adapters.calendars.aside import read_aside
from oncall.adapters.calendars.imported import Wish
from oncall.adapters.calendars.names import names_of
from oncall.adapters.calendars.planning import ImportPlan, plan_of
from oncall.adapters.handbook.rota_times import written_time
from oncall.core.rota import Rota, with_changes
from oncall.core.rota_difference import difference_in_words, moves, right_now
from oncall.core.rota_edits import AddCover, AddCovers
from oncall.core.rota_guards import Severity, guards

BACK, AHEAD = timedelta(days=31), timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Said:
    """What the coordinator says about a file: columns by what they are, tiers and people by the file's words ("" leaves
    one out), the tier of a file that names none, hours for days without, and the order of dates."""

    columns: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    tier: str = ""
    hours: str = ""
    dates: str = ""


async def schedule_plan(content: bytes, said: Said, rota: Rota, now: datetime) -> ImportPlan:
    """What the file would add to this rota."""
    wish = Wish(rota.zone, tuple(said.columns.items()), said.hours, said.dates)
    reading = await read_aside(content, wish, (now - BACK, now + AHEAD))
    return plan_of(reading, rota, names_of(rota, said.people, said.tiers), said.tier, now)


def plan_lines(plan: ImportPlan, rota: Rota, now: datetime, proven: frozenset[str] | None) -> list[str]:
    """The plan in words: what was understood, who instead of whom, and what the guards would say of it.

    `proven` None: nobody's telephone is known here, and the guards are left to the publishing.
    """
    past = f", {plan.past} of them over" if plan.past else ""
    lines = [f"{plan.shifts} shifts understood{past}.", *plan.remarks]
    if not plan.covers:
        return [*lines, "The rota says all of this already: nothing to change."] if plan.can_be_applied else lines
    after = with_changes(rota, plan.covers)
    moved = moves(rota, after, now)
    lines += [*difference_in_words(rota, after, moved, now), *right_now(rota, after, moved, now)]
    found = guards(rota, after, now, proven) if proven is not None else ()
    return [*lines, *(f"{_LOUD[guard.severity]}: {guard.sentence}" for guard in found)]


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
