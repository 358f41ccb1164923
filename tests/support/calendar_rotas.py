"""Small rotas for tests of calendars: day and night turns in one zone, with a hole, a cover and an open end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oncall.core.rota.on_call import Layer, Person, Rota, Rotation, cover, leave, with_changes
from oncall.core.rota.turns import Era, Hours, Pattern, Turn, Unit

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ALL_WEEK, WORKING = tuple(range(7)), tuple(range(5))
ANCHOR = datetime.fromisoformat("2026-01-05")  # a Monday
ALWAYS = datetime(2026, 1, 5, tzinfo=UTC)
PEOPLE = {
    "ana": Person("ana", "Ana Lee", "Doctor Lee", "clinician"),
    "ben": Person("ben", "Ben Singh", "Doctor Singh", "clinician"),
    "cho": Person("cho", "Chö Park-Núñez", "Doctor Park", "clinician"),
    "operator": Person("operator", "Hospital operator", "the hospital operator", "shared"),
}


def turns(zone: str, people: tuple[str, ...], opens: timedelta, closes: timedelta, days: tuple[int, ...]) -> Pattern:
    """Daily turns with hours of their own."""
    slots = tuple((person,) for person in people)
    return Pattern(
        zone,
        (Era(0, slots),),
        turn=Turn(1, Unit.DAYS, ANCHOR + opens, zone),
        hours=(Hours(days, opens, closes),),
        starts_at=ALWAYS,
    )


def rota_in(zone: str, overlap: timedelta = timedelta(minutes=15)) -> Rota:
    """Days and nights for two layers; the second has nobody at weekends."""
    days = turns(zone, ("ana", "ben"), 7 * HOUR, 19 * HOUR, ALL_WEEK)
    nights = turns(zone, ("cho", "ana", "ben"), 19 * HOUR, 31 * HOUR, ALL_WEEK)
    office = turns(zone, ("cho",), 2 * HOUR, 26 * HOUR, WORKING)  # hands over where clocks change
    always = Pattern(zone, (Era(0, (("operator",),)),))
    team = Rotation("pump-team", zone, (Layer("primary", (days, nights), overlap), Layer("attending", (office,))))
    last = Rotation("operator", zone, (Layer("primary", (always,)),))
    rota = Rota({"pump-team": team, "operator": last}, PEOPLE, zone, "Lakeside Children's")
    noon = datetime(2026, 12, 2, 17, tzinfo=UTC)
    return with_changes(
        rota,
        [
            cover("c1", "pump-team/primary", "cho", noon, noon + 2 * HOUR, note="private words"),
            leave("l1", "ben", noon + 10 * DAY, noon + 13 * DAY),
        ],
    )
