"""The made-up ward is made up: no number of it can ring anybody, and its troubles are always of tonight."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from oncall.adapters.clock import VirtualClock
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.adapters.rehearsal.sample_ward import (
    ANA_TOKEN,
    BRIDGE_TOKEN,
    LINE,
    OPERATOR,
    PHONE_BOOK,
    fill_sample,
    sample_rows,
)
from oncall.core.people import Caller, Hospital, Patient
from oncall.service.ports.register import Sender

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOSPITAL = Hospital(
    name="Lakeside Children's",
    zone="America/New_York",
    emergency_number="911",
    operator=OPERATOR,
    line=LINE,
    public_url="http://127.0.0.1:8080",
)
PEOPLE_FILE = Path(__file__).parents[2] / "rotations" / "people.yaml"


@pytest.fixture
async def ward() -> MemoryRegister:
    register = MemoryRegister(HOSPITAL, VirtualClock(AT))
    await fill_sample(register, AT)
    return register


async def patient(ward: MemoryRegister, patient_id: str) -> Patient:
    found = await ward.patient(patient_id)
    assert found is not None
    return found


async def caller(ward: MemoryRegister, name: str) -> Caller:
    found = await ward.caller(PHONE_BOOK[name])
    assert found is not None
    return found


def test_only_numbers_kept_for_fiction_are_used() -> None:
    numbers = set(re.findall(r"\+\d+", repr(sample_rows(AT)))) | {LINE, OPERATOR, *PHONE_BOOK.values()}
    assert all(re.fullmatch(r"\+161755501\d\d", number) for number in numbers)
    assert LINE not in repr(sample_rows(AT))


def test_every_row_is_marked_as_sample() -> None:
    assert all(row["is_sample"] is True for rows in sample_rows(AT).values() for row in rows)


def test_the_team_is_that_of_the_sample_rota() -> None:
    declared = {person["id"]: person for person in YAML(typ="safe").load(PEOPLE_FILE)["people"]}
    filled = {row["id"]: row for row in sample_rows(AT)["people"]}
    assert filled.keys() == declared.keys()
    for person, row in filled.items():
        told = {key: declared[person][key] for key in ("name", "spoken", "role")}
        assert told == {"name": row["full_name"], "spoken": row["spoken"], "role": row["role"]}


async def test_families_read_a_doctors_name(ward: MemoryRegister) -> None:
    assert (await ward.directory()).clinicians["ana"].name == "Dr Lee"


async def test_one_phone_of_the_team_is_not_proven_yet(ward: MemoryRegister) -> None:
    people = (await ward.directory()).clinicians.values()
    unproven = [(person.id, phone.number) for person in people for phone in person.phones if not phone.proven_at]
    assert unproven == [("gus", "+16175550126")]
    assert [len(person.phones) for person in people if person.role == "clinician"] == [2] * 7


async def test_twelve_patients_all_have_a_phone(ward: MemoryRegister) -> None:
    reached = {person.id for name in PHONE_BOOK for person in await patients_at(ward, name)}
    assert len(reached) == len(await ward.table("patients")) == 12


async def patients_at(ward: MemoryRegister, name: str) -> tuple[Patient, ...]:
    found = await ward.caller(PHONE_BOOK[name])
    return found.patients if found else ()


async def test_tonights_troubles_are_there(ward: MemoryRegister) -> None:
    noa, eva, sam, ada = [(await patient(ward, name)).context for name in ("noa", "eva", "sam", "ada")]
    assert (noa["refill_booked_in_days"], noa["days_to_low_reservoir_alarm"]) == (-8, -1)
    assert (eva["days_since_surgery"], eva["hours_since_dose_change"]) == (12, 26)
    assert (sam["pump_model"], sam["recent_mri"], sam["hours_since_mri"]) == ("Prometra II", True, 22)
    assert ada["hours_since_refill"] == 20


async def test_adults_are_among_them(ward: MemoryRegister) -> None:
    ruth, theo = await patient(ward, "ruth"), await patient(ward, "theo")
    assert (ruth.context["diagnosis"], ruth.context["age_years"]) == ("multiple sclerosis", 58)
    assert (theo.context["diagnosis"], theo.context["age_years"]) == ("SCI T4", 34)


async def test_every_kind_of_phone_is_among_them(ward: MemoryRegister) -> None:
    siblings, home = await caller(ward, "dad of Ada and Finn"), await caller(ward, "group home")
    assert (len(siblings.patients), len(home.patients)) == (2, 3)
    assert not (await caller(ward, "kitchen of Sam")).phone.takes_texts
    assert (await caller(ward, "wife of Theo")).phone.stopped
    assert (await caller(ward, "mamá of Lucía")).language == "es"
    assert await patients_at(ward, "mum of Leo") == await patients_at(ward, "dad of Leo")


@pytest.mark.parametrize("days", range(7))
async def test_the_task_is_due_at_noon_of_the_next_working_day(days: int) -> None:
    due = sample_rows(AT + timedelta(days=days))["tasks"][0]["due_at"]
    assert (due.hour, due.minute) == (17, 0)
    assert due.weekday() < 5
    assert due > AT + timedelta(days=days)


async def test_the_ward_has_a_device_and_an_acting_token(ward: MemoryRegister) -> None:
    assert await ward.sender_by_token(BRIDGE_TOKEN) == Sender("ward-bridge", None)
    assert await ward.sender_by_token(ANA_TOKEN) == Sender("ana-acting", "ana")


async def test_a_real_carrier_can_refuse_the_ward(ward: MemoryRegister) -> None:
    assert await ward.has_sample_people()


async def test_moving_in_again_only_moves_the_dates(tmp_path: Path) -> None:
    register = SqliteRegister(tmp_path / "oncall.db", HOSPITAL, VirtualClock(AT))
    await fill_sample(register, AT)
    first = await register.table("patients")
    await fill_sample(register, AT + timedelta(days=1))
    second = await register.table("patients")
    assert [row["id"] for row in first] == [row["id"] for row in second]
    assert second[0]["born_on"] - first[0]["born_on"] == timedelta(days=1)
    await register.close()
