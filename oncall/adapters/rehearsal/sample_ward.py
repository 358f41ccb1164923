"""The made-up ward of the training ground: its team, twelve patients, their families, and one task for the morning.

Everything is dated from the instant at which the ward is set up, so that "refill eight days overdue" is
always eight days. Only numbers kept for fiction are used, every row is marked as sample, and `serve` with a
real carrier refuses a register that holds any of it. Deliberately not here: the rota of this team
(rotations/) and the phones themselves (`phones`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from oncall.core.wall_time import first_pass, wall

ZONE = "America/New_York"
LINE, OPERATOR, INTERPRETERS = "+16175550101", "+16175550100", "+16175550190"
BRIDGE_TOKEN = "sample-ward-bridge-token-not-for-real-use"  # known to everybody, hence only ever a sample sender
ANA_TOKEN = "sample-ana-acting-token-not-for-real-use"

SAMPLE_PASSWORD = "sample ward, not for real use"  # likewise; every sample account has it in the training ground

Plain = dict[str, Any]
Tables = dict[str, list[Plain]]

_TEAM = (  # id, full name, what families read and hear, role, numbers
    ("ana", "Ana Lee", "Dr Lee", "Doctor Lee", "clinician", ("+16175550110", "+16175550120")),
    ("ben", "Ben Singh", "Dr Singh", "Doctor Singh", "clinician", ("+16175550111", "+16175550121")),
    ("cho", "Cho Park", "Dr Park", "Doctor Park", "clinician", ("+16175550112", "+16175550122")),
    ("dia", "Dia Osei", "Dr Osei", "Doctor Osei", "clinician", ("+16175550113", "+16175550123")),
    ("eli", "Eli Abud", "Dr Abud", "Doctor Abud", "clinician", ("+16175550114", "+16175550124")),
    ("fay", "Fay Okafor", "Dr Okafor", "Doctor Okafor", "clinician", ("+16175550115", "+16175550125")),
    ("gus", "Gus Moreau", "Dr Moreau", "Doctor Moreau", "clinician", ("+16175550116", "+16175550126")),
    ("maria", "Maria Ortiz", "Maria Ortiz", "Maria Ortiz", "coordinator", ("+16175550117",)),
    ("operator", "Hospital operator", "Hospital operator", "the hospital operator", "shared", (OPERATOR,)),
)
SAMPLE_ACCOUNTS = (  # id, name, roles
    ("ana", "Dr Lee", "clinician,rules_owner"),
    ("maria", "Maria Ortiz", "admin,coordinator"),
    ("viewer", "Ward desk", "viewer"),
)
UNPROVEN = "+16175550126"  # gus has a new phone and has not pressed the key on it yet

_FAMILIES = (  # what the phone is called here, number, relation, language, takes texts, patients
    ("mum of Leo", "+16175550142", "mother", "en", True, ("leo",)),
    ("dad of Leo", "+16175550143", "father", "en", True, ("leo",)),
    ("mum of Noa", "+16175550144", "mother", "en", True, ("noa",)),
    ("dad of Eva", "+16175550145", "father", "en", True, ("eva",)),
    ("kitchen of Sam", "+16175550147", "grandmother", "en", False, ("sam",)),
    ("Ruth", "+16175550148", "self", "en", True, ("ruth",)),
    ("wife of Theo", "+16175550151", "wife", "en", True, ("theo",)),
    ("dad of Ada and Finn", "+16175550152", "father", "en", True, ("ada", "finn")),
    ("group home", "+16175550153", "carer", "en", True, ("gail", "hugo", "ines")),
    ("mamá of Lucía", "+16175550154", "mother", "es", True, ("lucia",)),
)
STOPPED = "+16175550151"  # the wife of Theo once texted STOP

PHONE_BOOK: Mapping[str, str] = {name: number for name, number, *_ in _FAMILIES} | {
    person: numbers[0] for person, *_, numbers in _TEAM
}


class SampleRegister(Protocol):
    """As much of a register as the ward needs to move in."""

    async def put_plain(self, tables: Mapping[str, Iterable[Mapping[str, Any]]], who: str) -> int: ...

    async def set_stopped(self, number: str, stopped: bool, at: datetime) -> None: ...

    async def add_sender(
        self, name: str, person: str | None, token: str, *, who: str = ..., is_sample: bool = ...
    ) -> str: ...


async def fill_sample(register: SampleRegister, at: datetime) -> None:
    """Move the ward in as of `at`; doing it again only moves the dates."""
    await register.put_plain(sample_rows(at), "sample ward")
    await register.set_stopped(STOPPED, True, at - timedelta(days=40))
    await register.add_sender("ward-bridge", None, BRIDGE_TOKEN, who="sample ward", is_sample=True)
    await register.add_sender("ana-acting", "ana", ANA_TOKEN, who="sample ward", is_sample=True)


def sample_rows(at: datetime) -> Tables:
    """The rows of the ward by table."""
    tables: Tables = {
        "people": [_person(*known[:5]) for known in _TEAM],
        "person_phones": [phone for known in _TEAM for phone in _phones(known[0], known[5], at)],
        "family_phones": [_family_phone(*known[:5], at) for known in _FAMILIES],
        "patients": _patients(at),
        "patient_phones": [_link(known[1], patient) for known in _FAMILIES for patient in known[5]],
        "tasks": [_morning_task(at)],
        "accounts": [
            {"person": person, "name": name, "roles": roles, "added_at": at} for person, name, roles in SAMPLE_ACCOUNTS
        ],
    }
    return {table: [row | {"is_sample": True} for row in rows] for table, rows in tables.items()}


def _person(person: str, full_name: str, name: str, spoken: str, role: str) -> Plain:
    return {"id": person, "full_name": full_name, "name": name, "spoken": spoken, "role": role}


def _phones(person: str, numbers: tuple[str, ...], at: datetime) -> list[Plain]:
    proven_at = at - timedelta(days=3)
    return [
        {
            "number": number,
            "person": person,
            "position": position,
            "proven_at": None if number == UNPROVEN else proven_at,
        }
        for position, number in enumerate(numbers, start=1)
    ]


def _family_phone(name: str, number: str, relation: str, language: str, takes_texts: bool, at: datetime) -> Plain:
    return {
        "number": number,
        "name": name,
        "relation": relation,
        "language": language,
        "takes_texts": takes_texts,
        "prefers": "text" if takes_texts and relation != "carer" else "call",
        "verified_at": at - timedelta(days=60),
    }


def _link(number: str, patient: str) -> Plain:
    """Leo's mother is rung before his father."""
    return {"patient": patient, "number": number, "position": 2 if number == PHONE_BOOK["dad of Leo"] else 1}


def _morning_task(at: datetime) -> Plain:
    day = wall(at, ZONE).date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    noon = datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001  wall time of the hospital
    title = "Ring back: Leo's mother asks to move Friday's refill"
    return {
        "id": "sample-task",
        "title": title,
        "patient": "leo",
        "owner": "maria",
        "due_at": first_pass(noon, ZONE),
    }


def _patients(at: datetime) -> list[Plain]:
    """Twelve, of whom six are in some trouble tonight."""
    today = wall(at, ZONE).date()
    well = _well(at, today)
    return [
        well | _who("leo", "Leo Marsh", 8, today, "CP") | _pump(1, 4, today),
        well | _who("noa", "Noa Stein", 11, today, "CP, epilepsy") | _pump(2, 3, today) | _overdue(today),
        well | _who("eva", "Eva Brandt", 6, today, "CP") | _just_operated(at, today) | _pump(3, 0, today, days=12),
        well | _who("sam", "Sam Doyle", 13, today, "CP") | _pump(4, 2, today, "Prometra II") | _scanned(at),
        well | _who("ruth", "Ruth Adler", 58, today, "multiple sclerosis") | _pump(5, 5, today),
        well | _who("theo", "Theo Vance", 34, today, "SCI T4") | _pump(6, 3, today),
        well | _who("ada", "Ada Reyes", 9, today, "CP") | _pump(7, 2, today) | _just_refilled(at, today),
        well | _who("finn", "Finn Reyes", 12, today, "CP") | _pump(8, 4, today),
        well | _who("gail", "Gail Novak", 29, today, "CP, epilepsy") | _pump(9, 4, today),
        well | _who("hugo", "Hugo Lind", 41, today, "brain injury") | _pump(10, 6, today) | _worn(today),
        well | _who("ines", "Ines Faria", 36, today, "CP") | _pump(11, 1, today),
        well | _who("lucia", "Lucía Ortega", 10, today, "CP") | _pump(12, 3, today) | {"language": "es"},
    ]


def _who(patient: str, name: str, years: int, today: date, diagnosis: str) -> Plain:
    return {"id": patient, "name": name, "born_on": _ago(today, years, 100), "diagnosis": diagnosis}


def _pump(number: int, years: int, today: date, model: str = "SynchroMed II", days: int = 60) -> Plain:
    return {"model": model, "serial": f"SAMPLE{number:03}", "implanted_on": _ago(today, years, days)}


def _well(at: datetime, today: date) -> Plain:
    """Every field filled, nothing of it in trouble: the battery's end is 90 days after its replacement date (S37)."""
    return {
        "reservoir_ml": 20.0,
        "concentration": "2000 mcg/mL",
        "dose": "sample text, not a dose",
        "low_reservoir_alarm_ml": 2.0,
        "daily_volume_ml": 0.2,
        "last_refill_on": today - timedelta(days=40),
        "refill_booked_on": today + timedelta(days=36),
        "refill_due_on": today + timedelta(days=40),
        "low_reservoir_on": today + timedelta(days=50),
        "eri_on": today + timedelta(days=900),
        "eos_on": today + timedelta(days=990),
        "last_dose_change_at": at - timedelta(days=40),
        "last_mri_at": at - timedelta(days=200),
        "mri_interrogated_at": at - timedelta(days=200) + timedelta(hours=3),
        "last_surgery_on": today - timedelta(days=400),
        "emergency_room": "Lakeside Children's, Sample Street entrance",
        "care_services": "complex-care,anaesthesia-pain",
    }


def _overdue(today: date) -> Plain:
    """Due eight days ago and missed; the low-reservoir alarm was due yesterday."""
    return {
        "last_refill_on": today - timedelta(days=98),
        "refill_booked_on": today - timedelta(days=8),
        "refill_due_on": today - timedelta(days=8),
        "low_reservoir_on": today - timedelta(days=1),
    }


def _just_operated(at: datetime, today: date) -> Plain:
    """Day twelve after the first implant, the dose changed yesterday."""
    operated_on = today - timedelta(days=12)
    return {
        "last_surgery_on": operated_on,
        "last_refill_on": operated_on,
        "last_dose_change_at": at - timedelta(hours=26),
    }


def _scanned(at: datetime) -> Plain:
    """An MRI yesterday, and nobody has looked at the pump since."""
    return {"last_mri_at": at - timedelta(hours=22), "mri_interrogated_at": None}


def _just_refilled(at: datetime, today: date) -> Plain:
    refilled_at = at - timedelta(hours=20)
    return {
        "last_refill_at": refilled_at,
        "last_refill_on": wall(refilled_at, ZONE).date(),
        "refill_booked_on": today + timedelta(days=76),
        "refill_due_on": today + timedelta(days=80),
        "low_reservoir_on": today + timedelta(days=88),
    }


def _worn(today: date) -> Plain:
    """The battery's date is near."""
    return {"eri_on": today + timedelta(days=40), "eos_on": today + timedelta(days=130)}


def _ago(today: date, years: int, days: int) -> date:
    return today - timedelta(days=round(years * 365.25) + days)
