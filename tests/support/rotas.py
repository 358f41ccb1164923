"""A small hospital's rota for tests: a pump team with two tiers, a pain service and the operator.

Primary has days and nights of twelve hours, a week each; attending and pain have weeks. All times are those of
the ward's clock in New York.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from oncall.core.rota.on_call import Change, Layer, Person, Rota, Rotation, with_changes
from oncall.core.rota.turns import Era, Hours, Pattern, Turn, Unit
from oncall.core.wall_time import FOREVER, first_pass

ZONE = "America/New_York"
EVERY_DAY = tuple(range(7))
NAMES = {"ana": "Ana Lee", "ben": "Ben Singh", "cho": "Cho Park", "dia": "Dia Osei", "eli": "Eli Abud"}
CLINICIANS = {id: Person(id, name, f"Doctor {name.split()[1]}", "clinician") for id, name in NAMES.items()}
OPERATOR = Person("operator", "Hospital operator", "the hospital operator", "shared")
PEOPLE = {**CLINICIANS, "operator": OPERATOR}
EVERYBODY = frozenset(PEOPLE)


def at(text: str) -> datetime:
    """The first instant at which the ward's clock shows this."""
    return first_pass(datetime.fromisoformat(text), ZONE)


def hours(text: str, days: tuple[int, ...] = EVERY_DAY) -> Hours:
    opens, closes = (timedelta(hours=int(part[:2]), minutes=int(part[3:])) for part in text.split("-"))
    return Hours(days, opens, closes if closes > opens else closes + timedelta(days=1))


def in_turns(people: str, days: int, since: str, *windows: Hours, until: str | None = None) -> Pattern:
    """ "ana ben" by turns of so many days, from a hand-over on."""
    slots = tuple((person,) for person in people.split())
    turn = Turn(days, Unit.DAYS, datetime.fromisoformat(since), ZONE)
    return Pattern(ZONE, (Era(0, slots),), turn, windows, at(since), at(until) if until else FOREVER)


def always(person: str) -> Pattern:
    return Pattern(ZONE, (Era(0, ((person,),)),))


DAYS = in_turns("ana ben cho", 7, "2026-01-05 07:00", hours("07:00-19:00"))
NIGHTS = in_turns("cho ana ben", 7, "2026-01-05 19:00", hours("19:00-07:00"))
ATTENDING = in_turns("dia eli", 7, "2026-01-05 08:00")


def hospital(*changes: Change, primary: tuple[Pattern, ...] = (DAYS, NIGHTS), overlap: int = 15) -> Rota:
    """The hospital with these changes published; `overlap` in minutes at the hand-over of the primary."""
    team = (Layer("primary", primary, timedelta(minutes=overlap)), Layer("attending", (ATTENDING,)))
    rotations = {
        "pump-team": Rotation("pump-team", ZONE, team),
        "pain": Rotation("pain", ZONE, (Layer("primary", (in_turns("eli dia", 7, "2026-01-05 08:00"),)),)),
        "operator": Rotation("operator", ZONE, (Layer("primary", (always("operator"),)),)),
    }
    return with_changes(Rota(rotations, PEOPLE, ZONE), changes)
