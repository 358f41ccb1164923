"""Spreadsheets come in whole or not at all, and the second time they change nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncall.adapters.clock import VirtualClock
from oncall.adapters.register.csv_rows import RowError, read_csv_rows
from oncall.adapters.register.importing import ImportRefused, Plan, apply_plan, plan_import
from oncall.adapters.register.memory import MemoryRegister
from oncall.core.people import Hospital

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOSPITAL = Hospital(
    name="Lakeside Children's",
    zone="America/New_York",
    emergency_number="911",
    operator="+16175550100",
    line="+16175550101",
    public_url="http://127.0.0.1:8080",
)
PEOPLE = (
    "id,full_name,name,spoken,role,phone_1,phone_2\n"
    "ana,Ana Lee,Dr Lee,Doctor Lee,clinician,617-555-0110,+1 (617) 555-0111\n"
    "maria,Maria Ortiz,,,coordinator,617 555 0124,\n"
)
PATIENTS = (
    "id,name,born_on,serial,last_refill_at,reservoir_ml\n"
    "leo,Leo Marsh,2018-02-01,NGP 123,2026-11-20 09:30,20\n"
    "ada,Ada Marsh,2015-07-09,,,\n"
)
FAMILIES = "number,relation,language,takes_texts,patients\n6175550142,mother,es,yes,leo ada\n"
TASKS = "id,title,due_at,patient,owner\nt1,Move the refill,2026-11-23 12:00,leo,maria\n"


@pytest.fixture
def register() -> MemoryRegister:
    return MemoryRegister(HOSPITAL, VirtualClock(AT))


class Desk:
    """A coordinator with a folder of spreadsheets."""

    def __init__(self, folder: Path, register: MemoryRegister) -> None:
        self.folder = folder
        self.register = register

    async def plans(self, **files: str) -> Plan:
        paths = [self.folder / f"{name}.csv" for name in files]
        for path, text in zip(paths, files.values(), strict=True):
            path.write_text(text, encoding="utf-8")
        return plan_import(paths, await self.register.existing())

    async def imports(self, **files: str) -> int:
        return await apply_plan(self.register, await self.plans(**files), "maria")

    async def hears(self, **files: str) -> list[str]:
        return [str(error) for error in (await self.plans(**files)).row_errors]


@pytest.fixture
def desk(tmp_path: Path, register: MemoryRegister) -> Desk:
    return Desk(tmp_path, register)


async def imports_all(desk: Desk) -> int:
    return await desk.imports(tasks=TASKS, families=FAMILIES, patients=PATIENTS, people=PEOPLE)


async def test_four_files_make_a_register(desk: Desk, register: MemoryRegister) -> None:
    assert await imports_all(desk) == 11
    ana = (await register.directory()).clinicians["ana"]
    assert [phone.number for phone in ana.phones] == ["+16175550110", "+16175550111"]
    mum = await register.caller("+16175550142")
    assert mum is not None
    assert (mum.relation, mum.language) == ("mother", "es")
    assert [patient.id for patient in mum.patients] == ["ada", "leo"]
    assert mum.patients[1].context["hours_since_refill"] == 65  # written in the hospital's wall time
    assert [task.owner for task in await register.open_tasks()] == ["maria"]


async def test_a_plan_writes_nothing(desk: Desk, register: MemoryRegister) -> None:
    await desk.plans(people=PEOPLE)
    assert await register.table("people") == []


async def test_the_same_files_again_change_nothing(desk: Desk, register: MemoryRegister) -> None:
    await imports_all(desk)
    written = await register.audit()
    again = await desk.plans(tasks=TASKS, families=FAMILIES, patients=PATIENTS, people=PEOPLE)
    assert again.changes == ("nothing to change",)
    assert await apply_plan(register, again, "maria") == 0
    assert await register.audit() == written


async def test_a_plan_speaks_plainly(desk: Desk) -> None:
    await imports_all(desk)
    changed = await desk.plans(
        people=PEOPLE.replace("Dr Lee", "Dr A. Lee").replace("0111", "0112"),
        families=FAMILIES.replace("leo ada", "leo").replace("yes", "no"),
        patients=PATIENTS.replace("2026-11-20 09:30", ""),
    )
    assert changed.changes == (
        "Dr Lee (ana): name Dr Lee -> Dr A. Lee",
        "phone 2 of ana, +16175550111 is no longer used",
        "add phone 2 of ana, +16175550112",
        "family phone +16175550142 (mother): takes texts yes -> no",
        "patient Leo Marsh (leo): last refill 2026-11-20 14:30+00:00 -> nothing",
        "patient ada at +16175550142 is no longer used",
    )


@pytest.mark.parametrize("number", ["911", "+1 911", "988"])
async def test_an_emergency_number_is_nobodys_telephone(desk: Desk, number: str) -> None:
    wanted = "a person's telephone, never an emergency number"
    assert any(wanted in line for line in await desk.hears(people=PEOPLE.replace("617-555-0110", number)))
    assert any(wanted in line for line in await desk.hears(families=FAMILIES.replace("6175550142", number)))


async def test_a_column_that_the_file_lacks_is_left_as_it_is(desk: Desk, register: MemoryRegister) -> None:
    await imports_all(desk)
    await desk.imports(people="id,full_name,role\nana,Ana Lee,clinician\n", patients="id,name\nleo,Leo Marsh\n")
    ana = (await register.directory()).clinicians["ana"]
    assert (ana.name, len(ana.phones)) == ("Dr Lee", 2)
    assert await register.patient_by_serial("NGP123") is not None


async def test_who_is_missing_from_a_file_stays(desk: Desk, register: MemoryRegister) -> None:
    await imports_all(desk)
    await desk.imports(people=PEOPLE.splitlines(keepends=True)[0])
    assert "ana" in (await register.directory()).clinicians


async def test_proof_and_stop_survive_an_import(desk: Desk, register: MemoryRegister) -> None:
    await imports_all(desk)
    await register.prove_phone("+16175550110", AT)
    await register.set_stopped("+16175550142", True, AT)
    await imports_all(desk)
    mum = await register.caller("+16175550142")
    assert mum is not None
    assert mum.phone.stopped
    assert (await register.directory()).clinicians["ana"].is_proven


async def test_a_number_that_changes_hands_must_be_proven_anew(desk: Desk, register: MemoryRegister) -> None:
    await imports_all(desk)
    await register.prove_phone("+16175550110", AT)
    await desk.imports(people="id,full_name,role,phone_1\nana,Ana Lee,clinician,\nben,Ben Singh,clinician,6175550110\n")
    people = (await register.directory()).clinicians
    assert people["ana"].phones == ()
    assert [(phone.number, phone.proven_at) for phone in people["ben"].phones] == [("+16175550110", None)]


async def test_every_mistake_is_told_at_once_with_its_place(desk: Desk) -> None:
    heard = await desk.hears(
        people="id,full_name,role,phone_1\nAna Lee,Ana,doctor,555-014\n\nben,,clinician,911\n",
        patients="id,name,born_on,serail\nleo,Leo,1/2/18,X\n",
        tasks="id,title\nt1,Ring\n",
    )
    phone = "wanted a whole telephone number without extension, like +1 617-555-0142"
    assert heard == [
        "patients.csv row 1, serail: found the column serail, wanted a known column; did you mean serial?",
        "patients.csv row 2, born_on: found '1/2/18', wanted a date like 2026-11-23",
        "people.csv row 2, id: found 'Ana Lee', wanted a short id of small letters, digits and dashes",
        f"people.csv row 2, phone_1: found '555-014', {phone}",
        "people.csv row 2, role: found 'doctor', wanted clinician, coordinator or shared",
        "people.csv row 4, full_name: found nothing, wanted a value",
        "people.csv row 4, phone_1: found '911', wanted a person's telephone, never an emergency number",
        "tasks.csv row 1, due_at: found no such column, wanted the column due_at",
    ]


async def test_a_plan_with_mistakes_is_never_applied(desk: Desk, register: MemoryRegister) -> None:
    plan = await desk.plans(people=PEOPLE, patients="id,name,born_on\nleo,Leo,soon\n")
    with pytest.raises(ImportRefused, match="a date like"):
        await apply_plan(register, plan, "maria")
    assert await register.table("people") == []


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("6175550101", "a number that is not the pump line itself"),
        ("6175550111", "a number of one person; row 2 has it too"),
        ("6175550120", "a number of nobody else; fay has it in the register"),
        ("6175550113x7", "a whole telephone number without extension, like +1 617-555-0142"),
    ],
)
async def test_a_persons_number_is_theirs_alone(desk: Desk, number: str, wanted: str) -> None:
    await desk.imports(people="id,full_name,role,phone_1\nfay,Fay Okafor,clinician,6175550120\n")
    heard = await desk.plans(people=PEOPLE + f"ben,Ben Singh,,,clinician,{number},\n")
    assert [(error.row, error.column, error.wanted) for error in heard.row_errors] == [(4, "phone_1", wanted)]


async def test_a_number_of_staff_and_family_is_a_warning(desk: Desk) -> None:
    plan = await desk.plans(people=PEOPLE, families="number,relation\n6175550110,mother\n6175550142,father\n")
    assert plan.row_errors == ()
    assert plan.warnings == ("+16175550110 is ana's and a family's: its texts may be either.",)


async def test_an_unknown_patient_is_asked_about(desk: Desk) -> None:
    heard = await desk.hears(patients=PATIENTS, families="number,relation,patients\n6175550142,mother,lea\n")
    assert heard == [
        "families.csv row 2, patients: found 'lea', wanted the id of one of the patients; did you mean leo?"
    ]


async def test_a_patient_whose_row_has_a_mistake_is_not_also_unknown(desk: Desk) -> None:
    heard = await desk.hears(patients=PATIENTS.replace("2018-02-01", "then"), families=FAMILIES)
    assert [line[:28] for line in heard] == ["patients.csv row 2, born_on:"]


async def test_a_pump_has_one_patient(desk: Desk) -> None:
    await imports_all(desk)
    twice = await desk.hears(patients="id,name,serial\nmia,Mia,B7\nzoe,Zoe,b-7\nkim,Kim,ngp123\n")
    assert twice == [
        "patients.csv row 3, serial: found 'B7', wanted a different one in each row; row 2 has it too",
        "patients.csv row 4, serial: found 'NGP123', wanted a pump of nobody else; it is leo's",
    ]


@pytest.mark.parametrize(
    ("due", "wanted"),
    [
        ("2026-11-01 01:30", "2026-11-01T05:30:00+00:00 or 2026-11-01T06:30:00+00:00: this wall time comes twice"),
        ("2026-03-08 02:30", "another time: this wall time comes never"),
        ("tomorrow", "a time like 2026-11-23 14:30"),
    ],
)
async def test_a_wall_time_that_lies_is_refused(desk: Desk, due: str, wanted: str) -> None:
    heard = await desk.hears(tasks=f"id,title,due_at\nt1,Ring,{due}\n")
    assert len(heard) == 1
    assert f"wanted {wanted}" in heard[0]


async def test_a_sheet_from_excel_is_read(desk: Desk, register: MemoryRegister) -> None:
    """A mark at the start, semicolons, capitals in the heading, an empty last column, an accent."""
    text = "\ufeffID;Full name;Role;Phone 1;\r\nana;Ana Leé, MD;Clinician;617-555-0110;\r\n;;;;\r\n"
    await desk.imports(people=text)
    ana = (await register.directory()).clinicians["ana"]
    assert (ana.name, len(ana.phones)) == ("Ana Leé, MD", 1)


def test_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    path.write_text('id,title\n\nt1,"two\nlines"\n,\nt2,Ring\n')
    assert [(row.row, row.cells["id"]) for row in read_csv_rows(path).rows] == [(3, "t1"), (5, "t2")]


@pytest.mark.parametrize("text", ["id,title\nt1,Ring,him\n", "id,\nt1,him\n"])
def test_a_cell_without_a_column_is_not_lost_in_silence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tasks.csv"
    path.write_text(text)
    found = "'him' beyond the last column"
    assert read_csv_rows(path).errors == (RowError("tasks.csv", 2, "", found, "one cell for each column"),)


@pytest.mark.parametrize("content", [b"", b"\n\nid,name\n", b"id\n\xff\xfe", b"\x00"])
async def test_what_cannot_be_read_is_a_row_error(tmp_path: Path, register: MemoryRegister, content: bytes) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    assert plan_import([path], await register.existing()).row_errors


async def test_a_file_of_another_name_is_refused(tmp_path: Path, register: MemoryRegister) -> None:
    path = tmp_path / "staff.csv"
    path.write_text(PEOPLE)
    errors = plan_import([path], await register.existing()).row_errors
    assert [error.wanted for error in errors] == ["one of people.csv, patients.csv, families.csv, tasks.csv"]


@pytest.mark.parametrize(
    ("column", "cell", "wanted"),
    [
        ("number", "unknown", "a whole telephone number without extension, like +1 617-555-0142"),
        ("number", "+16175550101", "a number that is not the pump line itself"),
        ("language", "Spanish", "a language tag like en or es"),
        ("takes_texts", "maybe", "yes or no"),
        ("verified_at", "last week", "a time like 2026-11-23 14:30"),
    ],
)
async def test_a_cell_of_a_family_is_refused_with_what_was_wanted(
    desk: Desk, column: str, cell: str, wanted: str
) -> None:
    line = {"number": "6175550142", "relation": "mother", column: cell}
    plan = await desk.plans(families=",".join(line) + "\n" + ",".join(line.values()) + "\n")
    assert [(error.column, error.wanted) for error in plan.row_errors] == [(column, wanted)]


@pytest.mark.parametrize("cell", ["-1", "0", "20 ml", "1e3", "nan", "18,5"])
async def test_a_volume_is_a_plain_number(desk: Desk, cell: str) -> None:
    heard = await desk.hears(patients=f'id,name,reservoir_ml\nleo,Leo,"{cell}"\n')
    assert heard == [f"patients.csv row 2, reservoir_ml: found {cell!r}, wanted a number like 20 or 18.5"]


async def test_a_time_with_its_offset_is_taken_as_written(desk: Desk, register: MemoryRegister) -> None:
    await desk.imports(tasks="id,title,due_at\nt1,Ring,2026-11-23T12:00:00+01:00\n")
    assert [task.due_at for task in await register.open_tasks()] == [datetime(2026, 11, 23, 11, 0, tzinfo=UTC)]


async def test_a_row_that_comes_twice_is_told_with_the_first(desk: Desk) -> None:
    heard = await desk.hears(
        people="id,full_name,role\nana,Ana Lee,clinician\nana,Ana Lee,clinician\n",
        patients="id,name\nleo,Leo\nleo,Leo\n",
        families="number,relation\n6175550142,mother\n617-555-0142,mum\n",
        tasks="id,title,due_at\nt1,Ring,2026-11-23 12:00\nt1,Ring,2026-11-23 12:00\n",
    )
    assert len(heard) == 4
    assert all("row 3" in line and line.endswith("row 2 has it too") for line in heard)


async def test_a_task_of_a_stranger_is_asked_about(desk: Desk) -> None:
    heard = await desk.hears(people=PEOPLE, patients=PATIENTS, tasks=TASKS.replace("maria", "mario"))
    assert heard == ["tasks.csv row 2, owner: found 'mario', wanted the id of one of the people; did you mean maria?"]


async def test_who_has_left_does_not_come_back_by_an_import(desk: Desk, register: MemoryRegister) -> None:
    await imports_all(desk)
    await register.deactivate("ana", "maria")
    plan = await desk.plans(people=PEOPLE)
    assert plan.warnings == ("Dr Lee (ana) has left the team, and an import does not change that.",)
    assert plan.changes == ("nothing to change",)


async def test_an_import_makes_a_sample_row_real(desk: Desk, register: MemoryRegister) -> None:
    await register.put_plain({"patients": [{"id": "leo", "name": "Leo Marsh", "is_sample": True}]}, "sample ward")
    plan = await desk.plans(patients="id,name\nleo,Leo Marsh\n")
    assert plan.changes == ("patient Leo Marsh (leo) is no longer part of the sample ward",)
    await apply_plan(register, plan, "maria")
    assert not await register.has_sample_people()


async def test_a_phone_that_comes_back_must_be_proven_anew(desk: Desk, register: MemoryRegister) -> None:
    await imports_all(desk)
    await register.prove_phone("+16175550111", AT)
    await desk.imports(people=PEOPLE.replace(",+1 (617) 555-0111", ","))
    plan = await desk.plans(people=PEOPLE)
    assert plan.changes == ("phone 2 of ana, +16175550111 is used again",)
    await apply_plan(register, plan, "maria")
    phones = (await register.directory()).clinicians["ana"].phones
    assert [phone.proven_at for phone in phones] == [None, None]
