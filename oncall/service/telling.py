"""Telling staff something outside of cases: by text, else by e-mail, and coordinators by day.

Coordinators are woken only while they stand in the rota themselves (RULINGS 2). Deliberately not here: sending.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from oncall.core.case.escalation import Hours
from oncall.core.case.facts import Directory
from oncall.core.case.messages import Channel
from oncall.core.notices import About, Choice, Notice
from oncall.core.people import Clinician
from oncall.core.rota.on_call import Rota, tier_shifts
from oncall.core.wall_time import first_pass, wall
from oncall.service.cases.board import tier_title


def written_to(
    person: Clinician,
    about: About,
    words: str,
    by: str,
    *,
    subject: str = "Pump line",
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> Notice | None:
    """A text to the first phone that takes texts, else an e-mail; None for somebody who has neither."""
    number = text_number(person)
    to, channel = (number, Channel.SMS) if number else (person.email, Channel.MAIL)
    if to is None:
        return None
    body = words if number else f"{subject}\n\n{words}"
    return Notice(about, to, channel, body, by, person=person.id, not_before=not_before, expires_at=expires_at)


def text_number(person: Clinician) -> str | None:
    return next((phone.number for phone in person.phones if phone.can_be_texted), None)


def coordinators(directory: Directory) -> list[Clinician]:
    return [person for person in directory.clinicians.values() if person.role == "coordinator"]


def told_coordinators(
    directory: Directory,
    rota: Rota,
    hours: Hours,
    about: About,
    words: str,
    by: str,
    now: datetime,
    until: datetime | None = None,
) -> list[Notice]:
    """One notice to each coordinator who can be written to: at once to who is rostered, by day to the others."""
    rostered = {shift.person for name in rota.rotations for shift in tier_shifts(rota, name, now)}
    day = by_day(now, hours, rota.zone)
    written = (
        written_to(one, about, words, by, not_before=now if one.id in rostered else day, expires_at=until)
        for one in coordinators(directory)
    )
    return [notice for notice in written if notice is not None]


def by_day(at: datetime, hours: Hours, zone: str) -> datetime:
    """`at`, or the next morning when the hospital sleeps."""
    local = wall(at, zone)
    if hours.day_from <= local.time() < hours.day_until:
        return at
    day = local.date() + (timedelta(days=1) if local.time() >= hours.day_until else timedelta(0))
    return first_pass(datetime.combine(day, hours.day_from), zone)


def asks_that_it_works() -> tuple[Choice, ...]:
    return (Choice("1", "works"),)


def titles(rota: Rota, tiers: Iterable[str]) -> str:
    """ "Pump team, primary and Neurosurgery"."""
    parts = (tier.partition("/") for tier in tiers)
    return " and ".join(tier_title(rota.rotations[rotation], layer) for rotation, _, layer in parts)
