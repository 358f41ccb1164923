"""What is ours: the handbook and its signatures, the rota of the next two weeks, people's telephones, the database.

All but the disk is pure: values in, checks out. Deliberately not here: loading (run.py) and the outside.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.migrations import DatabaseRefused, open_database
from oncall.config import Config
from oncall.core.handbook import Handbook
from oncall.core.people import Clinician
from oncall.core.rota.on_call import Gap, Rotation, gaps_between, shifts_between, tier_shifts
from oncall.preflight.check import Check, cannot_tell, ok, problem
from oncall.service.rota.who import local_text

AHEAD = timedelta(days=14)  # the same two weeks in which a hole is red (RULINGS 8)
TIERS = 2  # the first two rungs of an emergency
LEAST_FREE = 1_000_000_000  # bytes; a year of reports is far less


def configuration_check(config: Config) -> Check:
    """What the file alone cannot show: secrets that were pasted with something missing or something more."""
    name, told = "configuration", config.telephony
    if not re.fullmatch(r"AC[0-9a-f]{32}", told.account):
        todo = "Copy the account SID from the console again: AC and 32 characters."
        return problem(name, "telephony.account is not an account SID", todo)
    if not told.token or told.token != told.token.strip():
        return problem(name, "telephony.token is empty or has spaces around it", "Copy it from the console again.")
    return ok(name, "whole, secrets are there")


def handbook_faulty(faults: HandbookFaults) -> Check:
    first, more = faults.faults[0], len(faults.faults) - 1
    return problem(
        "handbook", f"{first}" + (f", and {more} more" if more else ""), "Mend it until `oncall check` is content."
    )


def handbook_checks(handbook: Handbook, accepted_by: str | None) -> list[Check]:
    edition = f"edition {handbook.edition[:8]}"
    if handbook.lent:
        found = f"{edition} is older than the program, which lends it parts of {', '.join(handbook.lent)}"
        return [problem("handbook", found, "Complete the files from those shipped, let them be signed, and publish.")]
    if not handbook.unsigned:
        return [ok("handbook", f"{edition}, signed")]
    parts = ", ".join(handbook.unsigned)
    if accepted_by:
        return [ok("handbook", f"{edition}; {accepted_by} answers for the unsigned {parts}")]
    todo = "Let clinicians sign rules/*.yaml, or name who accepts this as unsigned_accepted_by."
    return [problem("handbook", f"{edition}; no clinician has signed the {parts}", todo)]


# --- the rota --------------------------------------------------------------------------------------------------------


def first_tiers(handbook: Handbook) -> tuple[str, ...]:
    """The tiers of the first two rungs of an emergency, those that a rotation serves."""
    rungs = handbook.table.emergency.steps[:TIERS]
    return tuple(tier for rung in rungs for tier in rung.tiers if tier.partition("/")[0] in handbook.rota.rotations)


def rota_checks(handbook: Handbook, now: datetime) -> list[Check]:
    """For each of the first tiers: who has it now, and whether anybody is missing in the next two weeks."""
    return [_tier_check(handbook, tier, now) for tier in first_tiers(handbook)]


def _tier_check(handbook: Handbook, tier: str, now: datetime) -> Check:
    rota = handbook.rota
    names = [rota.people[shift.person].name for shift in tier_shifts(rota, tier, now)]
    holes = list(_holes(rota.rotations[tier.partition("/")[0]], tier, now))
    if names and not holes:
        return ok(f"rota {tier}", f"{', '.join(names)} now, nobody missing for {AHEAD.days} days")
    first = holes[0]
    span = f"{local_text(first.starts_at, rota.zone)} to {local_text(first.ends_at, rota.zone)}"
    more = f" and {len(holes) - 1} times more" if len(holes) > 1 else ""
    return problem(f"rota {tier}", f"nobody from {span}{more}", "Fill it in rotations/ and publish.")


def _holes(rotation: Rotation, tier: str, now: datetime) -> Iterator[Gap]:
    _, _, wanted = tier.partition("/")
    for layer in rotation.layers:
        if wanted in ("", layer.name):
            yield from gaps_between(rotation, layer.name, now, now + AHEAD)


def phone_checks(handbook: Handbook, clinicians: Mapping[str, Clinician], now: datetime) -> list[Check]:
    """Everybody on the first tiers within two weeks: a telephone, and one that a human key has proven."""
    people = sorted(_soon_on_call(handbook, now))
    known = {person: clinicians.get(person) for person in people}
    silent = [person for person, who in known.items() if who is None or not who.phones]
    unproven = [person for person, who in known.items() if who is not None and who.phones and not who.is_proven]
    if silent:
        todo = "Import people.csv with their numbers, or take them out of rotations/."
        return [problem("telephones", f"no telephone of {', '.join(silent)}", todo)]
    if unproven:
        todo = "Let each press the accept digit of one page; until then the next tier is paged with them."
        return [problem("telephones", f"not proven by a key yet: {', '.join(unproven)}", todo)]
    return [ok("telephones", f"all {len(people)} people of the next {AHEAD.days} days have a proven telephone")]


def _soon_on_call(handbook: Handbook, now: datetime) -> set[str]:
    found = set()
    for tier in first_tiers(handbook):
        name, _, wanted = tier.partition("/")
        rotation = handbook.rota.rotations[name]
        for layer in rotation.layers:
            if wanted in ("", layer.name):
                found |= {shift.person for shift in shifts_between(rotation, layer.name, now, now + AHEAD)}
    return found


# --- the database ----------------------------------------------------------------------------------------------------


def database_checks(path: Path | None) -> list[Check]:
    """On a local disk with room, and writable; a service that is using it meanwhile is not disturbed."""
    if path is None:
        return [problem("database", "memory only", "Set `database: sqlite:///path/to/file.db` in config.yaml.")]
    folder = next(place for place in (path.parent, *path.absolute().parents) if place.exists())
    if not os.access(folder, os.W_OK):
        return [problem("database", f"{folder} cannot be written", "Give the service's account the folder.")]
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        return [problem("database", f"only {free // 1_000_000} MB free at {folder}", "Make room on that disk.")]
    if not path.exists():
        return [cannot_tell("database", f"{path} is not there yet", "`oncall serve` makes it; run this again then.")]
    return [_writable(path)]


def _writable(path: Path) -> Check:
    try:
        with closing(open_database(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except DatabaseRefused as refused:
        return problem("database", str(refused).rstrip("."), "Do as it says, before the service is started.")
    except sqlite3.Error as trouble:
        return problem("database", f"{path} cannot be written ({trouble})", "Look at its rights and at the disk.")
    return ok("database", f"{path}, on a local disk, writable")
