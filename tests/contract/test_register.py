"""What the duty desk may rely on, over the in-memory register and the one in SQLite."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from oncall.adapters.clock import VirtualClock
from oncall.adapters.migrations import DatabaseRefused, open_database
from oncall.adapters.register.assembling import Remembered
from oncall.adapters.register.keeping import RegisterRefused
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.reading import (
    read_caller,
    read_directory,
    read_patient,
    read_patient_by_serial,
    reads_for,
)
from oncall.adapters.register.rows import (
    FamilyPhoneRow,
    PatientPhoneRow,
    PatientRow,
    PersonPhoneRow,
    PersonRow,
    Row,
    TaskRow,
)
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.core.case.case import FollowUp
from oncall.core.case.refusals import Mark
from oncall.core.people import Hospital, NumberMark
from oncall.core.rota.edits import AddCover
from oncall.service.ports.register import Register, Sender
from oncall.service.rota.drafts import Draft, DraftShelf

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOSPITAL = Hospital(
    name="Lakeside Children's",
    zone="America/New_York",
    emergency_number="911",
    operator="+16175550100",
    line="+16175550101",
    public_url="http://127.0.0.1:8080",
)
ANA = PersonRow(id="ana", full_name="Ana Lee", name="Dr Lee", spoken="Doctor Lee", role="clinician")
MUM, DAD, HOME = "+16175550142", "+16175550143", "+16175550150"
LEO = PatientRow(id="leo", name="Leo Marsh", serial="NGP-123 456h", born_on=date(2018, 2, 1))
ADA = PatientRow(id="ada", name="Ada Marsh", language="es", last_refill_at=AT - timedelta(hours=20))
WARD: tuple[Row, ...] = (
    PatientPhoneRow(patient="leo", number=MUM),
    PatientPhoneRow(patient="ada", number=MUM),
    PatientPhoneRow(patient="leo", number=DAD),
    PersonPhoneRow(number="+16175550111", person="ana", position=2),
    PersonPhoneRow(number="+16175550110", person="ana", position=1, proven_at=AT),
    ANA,
    FamilyPhoneRow(number=MUM, relation="mother"),
    FamilyPhoneRow(number=DAD, relation="father", language="es", takes_texts=False),
    FamilyPhoneRow(number=HOME, relation="school"),
    LEO,
    ADA,
    TaskRow(id="t2", title="Ring the school", due_at=AT + timedelta(hours=5)),
    TaskRow(id="t1", title="Move the refill", due_at=AT + timedelta(hours=2), patient="leo", owner="ana"),
)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "oncall.db"


@pytest.fixture(params=["memory", "sqlite"])
async def register(request: pytest.FixtureRequest, clock: VirtualClock, database: Path) -> AsyncIterator[KeptRegister]:
    if request.param == "memory":
        kept: KeptRegister = MemoryRegister(HOSPITAL, clock)
    else:
        kept = SqliteRegister(database, HOSPITAL, clock)
    await kept.put(WARD, "maria")
    yield kept
    await kept.close()


async def test_both_registers_keep_the_contract_of_the_port(register: KeptRegister) -> None:
    port: Register = register
    assert (await port.directory()).hospital == HOSPITAL


async def test_a_person_is_paged_on_their_numbers_in_order(register: KeptRegister) -> None:
    ana = (await register.directory()).clinicians["ana"]
    assert (ana.name, ana.spoken, ana.role) == ("Dr Lee", "Doctor Lee", "clinician")
    assert [phone.number for phone in ana.phones] == ["+16175550110", "+16175550111"]
    assert [phone.proven_at for phone in ana.phones] == [AT, None]


async def test_the_operator_is_always_there(register: KeptRegister) -> None:
    operator = (await register.directory()).clinicians["operator"]
    assert operator.is_shared
    assert [phone.number for phone in operator.phones] == [HOSPITAL.operator]
    assert await register.clinician_by_number(HOSPITAL.operator) == operator


async def test_the_operator_keeps_the_proof_and_the_other_numbers_of_the_table(
    register: KeptRegister,
) -> None:
    desk = PersonRow(id="operator", full_name="Charge desk", name="Charge desk", spoken="the desk", role="clinician")
    phones = [
        PersonPhoneRow(number="+16175550109", person="operator", position=1),
        PersonPhoneRow(number=HOSPITAL.operator, person="operator", position=2, proven_at=AT),
    ]
    await register.put([desk, *phones], "maria")
    operator = (await register.directory()).clinicians["operator"]
    assert (operator.name, operator.role, operator.is_proven) == ("Charge desk", "shared", True)
    assert [phone.number for phone in operator.phones] == [HOSPITAL.operator, "+16175550109"]


async def test_the_operator_cannot_leave(register: KeptRegister) -> None:
    await register.put([replace(ANA, id="operator", role="shared")], "maria")
    await register.deactivate("operator", "maria")
    assert "operator" in (await register.directory()).clinicians


async def test_a_number_names_its_clinician(register: KeptRegister) -> None:
    ana = await register.clinician_by_number("+16175550111")
    assert ana is not None
    assert ana.id == "ana"
    assert await register.clinician_by_number(MUM) is None


async def test_siblings_on_one_phone_are_all_named(register: KeptRegister) -> None:
    mum = await register.caller(MUM)
    assert mum is not None
    assert (mum.relation, mum.language) == ("mother", "en")
    assert [patient.id for patient in mum.patients] == ["ada", "leo"]


async def test_two_phones_lead_to_one_patient(register: KeptRegister) -> None:
    dad = await register.caller(DAD)
    assert dad is not None
    assert [patient.id for patient in dad.patients] == ["leo"]
    assert (dad.language, dad.phone.can_be_texted) == ("es", False)


async def test_an_enrolled_phone_may_have_no_patient_yet(register: KeptRegister) -> None:
    school = await register.caller(HOME)
    assert school is not None
    assert school.patients == ()


async def test_a_stranger_is_nobody(register: KeptRegister) -> None:
    assert await register.caller("+16175550199") is None
    assert await register.patient("nobody") is None
    assert await register.patient_by_serial("") is None


async def test_a_pump_is_found_however_its_serial_is_written(register: KeptRegister) -> None:
    for written in ("NGP123456H", "ngp 123-456 h"):
        found = await register.patient_by_serial(written)
        assert found is not None
        assert (found.id, found.device_serial) == ("leo", "NGP123456H")


async def test_a_pump_has_one_patient(register: KeptRegister) -> None:
    with pytest.raises(RegisterRefused, match="already leo's"):
        await register.put([replace(ADA, serial="NGP123456H")], "maria")


async def test_what_the_record_says_moves_with_the_clock(register: KeptRegister, clock: VirtualClock) -> None:
    ada = await register.patient("ada")
    assert ada is not None
    assert ada.context["hours_since_refill"] == 20
    clock.step(timedelta(hours=30))
    later = await register.patient("ada")
    assert later is not None
    assert later.context["hours_since_refill"] == 50


async def test_a_label_has_initials_and_the_age_of_today(register: KeptRegister, clock: VirtualClock) -> None:
    leo = await register.patient("leo")
    assert leo is not None
    assert leo.label == "L.M., 8 y"
    clock.step(timedelta(days=70))
    older = await register.patient("leo")
    assert older is not None
    assert older.label == "L.M., 9 y"


async def test_stop_and_start_are_remembered_of_any_number(register: KeptRegister) -> None:
    await register.set_stopped(MUM, True, AT)
    await register.set_stopped("+16175550110", True, AT)
    await register.set_stopped("+16175550199", True, AT)
    mum = await register.caller(MUM)
    ana = await register.clinician_by_number("+16175550110")
    assert mum is not None
    assert ana is not None
    assert mum.phone.stopped
    assert [phone.stopped for phone in ana.phones] == [True, False]
    assert await register.caller("+16175550199") is None
    await register.set_stopped("+16175550110", False, AT)
    again = await register.clinician_by_number("+16175550110")
    assert again is not None
    assert not again.phones[0].stopped


async def test_stop_before_enrolment_still_counts_after_it(register: KeptRegister) -> None:
    await register.set_stopped("+16175550151", True, AT)
    await register.put([FamilyPhoneRow(number="+16175550151", relation="aunt")], "maria")
    aunt = await register.caller("+16175550151")
    assert aunt is not None
    assert not aunt.phone.can_be_texted


async def test_a_key_proves_a_phone(register: KeptRegister) -> None:
    assert await register.prove_phone("+16175550111", AT)
    assert not await register.prove_phone("+16175550199", AT)
    ana = (await register.directory()).clinicians["ana"]
    assert all(phone.proven_at == AT for phone in ana.phones)


async def test_not_a_patient_lapses(register: KeptRegister, clock: VirtualClock) -> None:
    await register.mark_not_a_patient("+16175550199", AT + timedelta(days=30), "ana")
    assert await register.number_mark("+16175550199") == NumberMark("ana", AT + timedelta(days=30))
    clock.step(timedelta(days=30))
    assert await register.number_mark("+16175550199") is None


async def test_who_leaves_is_paged_no_more_and_stays_on_record(register: KeptRegister) -> None:
    await register.add_sender("ana-phone", "ana", "token-a")
    await register.deactivate("ana", "maria")
    assert "ana" not in (await register.directory()).clinicians
    assert await register.clinician_by_number("+16175550110") is None
    assert await register.sender_by_token("token-a") is None
    assert [row["id"] for row in await register.table("people")] == ["ana"]


async def test_a_patient_who_left_is_nobody_on_the_line(register: KeptRegister) -> None:
    await register.put([replace(LEO, left_at=AT)], "maria")
    mum = await register.caller(MUM)
    assert mum is not None
    assert [patient.id for patient in mum.patients] == ["ada"]
    assert await register.patient_by_serial("NGP123456H") is None


async def test_a_token_names_its_sender_and_is_never_shown(register: KeptRegister) -> None:
    assert await register.add_sender("ward-bridge", None, "token-w") == "token-w"
    await register.add_sender("ana-acts", "ana", "token-a")
    assert await register.sender_by_token("token-w") == Sender("ward-bridge", None)
    assert await register.sender_by_token("token-a") == Sender("ana-acts", "ana")
    assert await register.sender_by_token("token-x") is None
    told = str(await register.table("api_senders")) + str(await register.audit())
    assert "token-w" not in told
    assert "sha256" not in told


async def test_a_new_token_ends_the_old_one(register: KeptRegister) -> None:
    await register.add_sender("ward-bridge", None, "old")
    await register.add_sender("ward-bridge", None, "new")
    assert await register.sender_by_token("old") is None
    assert await register.sender_by_token("new") == Sender("ward-bridge")
    await register.revoke_sender("ward-bridge", "maria")
    assert await register.sender_by_token("new") is None


async def test_an_acting_token_needs_its_person(register: KeptRegister) -> None:
    with pytest.raises(RegisterRefused, match="Nobody in the register has the id zed"):
        await register.add_sender("zed-acts", "zed", "token-z")


async def test_a_task_is_done_once_by_whoever_was_first(register: KeptRegister) -> None:
    assert [task.id for task in await register.open_tasks()] == ["t1", "t2"]
    assert await register.finish_task("t1", "ana")
    assert not await register.finish_task("t1", "maria")
    assert [task.id for task in await register.open_tasks()] == ["t2"]
    done = {row["id"]: row["done_by"] for row in await register.table("tasks")}
    assert done == {"t1": "ana", "t2": None}


async def test_a_follow_up_is_a_task_with_its_owner_and_case_and_is_left_once(register: KeptRegister) -> None:
    for title in ("ring the school", "ring again"):
        await register.leave_follow_up(FollowUp(title, AT, "ana"), "follow-up-c1", "c1", None, "maria")
    [row] = [row for row in await register.table("tasks") if row["id"] == "follow-up-c1"]
    assert (row["title"], row["owner"], row["case_id"]) == ("ring the school", "ana", "c1")
    assert "follow-up-c1" in {task.id for task in await register.open_tasks()}


async def test_every_change_has_a_line_that_says_who(register: KeptRegister) -> None:
    before = len(await register.audit())
    await register.put([replace(ANA, name="Dr A. Lee")], "maria")
    newest = (await register.audit())[0]
    assert (newest.who, newest.what, newest.at) == ("maria", "people ana changed", AT)
    assert newest.row == '{"name": ["Dr Lee", "Dr A. Lee"]}'
    assert len(await register.audit()) == before + 1


async def test_what_is_already_so_is_no_change(register: KeptRegister) -> None:
    before = await register.audit()
    assert await register.put(WARD, "maria") == 0
    await register.set_stopped(MUM, False, AT)
    assert await register.audit() == before


async def test_a_change_that_fails_half_way_is_taken_back_whole(register: KeptRegister) -> None:
    wrong = [replace(LEO, name="Leonard"), replace(ADA, serial="NGP123456H")]
    with pytest.raises(RegisterRefused):
        await register.put(wrong, "maria")
    leo = await register.patient("leo")
    assert leo is not None
    assert leo.name == "Leo Marsh"


async def test_the_made_up_ward_is_recognised(register: KeptRegister) -> None:
    assert not await register.has_sample_people()
    await register.put_plain({"patients": [{"id": "zoe", "name": "Zoe", "is_sample": True}]}, "sample")
    assert await register.has_sample_people()


async def test_a_remembered_directory_is_dropped_when_somebody_changes(register: KeptRegister) -> None:
    first = await register.directory()
    await register.put([replace(LEO, diagnosis="CP")], "maria")
    assert await register.directory() is first
    await register.put([replace(ANA, name="Dr A. Lee")], "maria")
    assert (await register.directory()).clinicians["ana"].name == "Dr A. Lee"


async def test_an_in_memory_journal_sees_the_same_register(clock: VirtualClock) -> None:
    register = MemoryRegister(HOSPITAL, clock)
    await register.put(WARD, "maria")
    assert register.view.directory() == await register.directory()
    assert register.view.caller(MUM, AT) == await register.caller(MUM)
    assert register.view.patient("leo", AT) == await register.patient("leo")


async def test_the_journal_reads_the_same_register_inside_its_write(database: Path, clock: VirtualClock) -> None:
    register = SqliteRegister(database, HOSPITAL, clock)
    await register.put(WARD, "maria")
    connection = open_database(database)
    connection.execute("BEGIN IMMEDIATE")
    assert read_directory(connection, HOSPITAL, Remembered()) == await register.directory()
    assert read_caller(connection, HOSPITAL, MUM, AT) == await register.caller(MUM)
    assert read_patient(connection, HOSPITAL, "leo", AT) == await register.patient("leo")
    assert read_patient_by_serial(connection, HOSPITAL, "NGP123456H", AT) == await register.patient("leo")
    connection.execute("ROLLBACK")
    connection.close()
    await register.close()


async def test_the_journals_reading_notices_a_change_by_anybody(database: Path, clock: VirtualClock) -> None:
    """Also one made with the `sqlite-utils` command, which knows nothing of us."""
    register = SqliteRegister(database, HOSPITAL, clock)
    await register.put(WARD, "maria")
    connection, outside, reads = open_database(database), open_database(database), reads_for(HOSPITAL)
    first = reads(connection).directory()
    assert reads(connection).directory() is first
    assert reads(connection).caller(MUM, AT) == await register.caller(MUM)
    assert reads(connection).patient("leo", AT) == await register.patient("leo")
    outside.execute("UPDATE people SET name = 'Dr A. Lee' WHERE id = 'ana'")
    assert reads(connection).directory().clinicians["ana"].name == "Dr A. Lee"
    connection.close()
    outside.close()
    await register.close()


async def test_what_was_written_is_there_after_a_restart(database: Path, clock: VirtualClock) -> None:
    first = SqliteRegister(database, HOSPITAL, clock)
    await first.put(WARD, "maria")
    told = await first.caller(MUM)
    await first.close()
    second = SqliteRegister(database, HOSPITAL, clock)
    assert await second.caller(MUM) == told
    assert await second.put(WARD, "maria") == 0
    await second.close()


async def test_a_register_newer_than_the_program_is_refused(database: Path, clock: VirtualClock) -> None:
    await SqliteRegister(database, HOSPITAL, clock).close()
    outside = open_database(database)
    outside.execute("INSERT INTO migrations VALUES ('register', 99, '0099_later.sql', 'x', 'later')")
    outside.close()
    with pytest.raises(DatabaseRefused, match="newer than this program"):
        SqliteRegister(database, HOSPITAL, clock)


async def test_the_audit_cannot_be_deleted(database: Path, clock: VirtualClock) -> None:
    register = SqliteRegister(database, HOSPITAL, clock)
    await register.put(WARD, "maria")
    outside = open_database(database)
    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        outside.execute("DELETE FROM audit")
    outside.close()
    await register.close()


async def test_look_ups_go_on_while_a_change_waits_for_the_journal(database: Path, clock: VirtualClock) -> None:
    register = SqliteRegister(database, HOSPITAL, clock)
    await register.put(WARD, "maria")
    journal = open_database(database)
    journal.execute("BEGIN IMMEDIATE")
    change = asyncio.create_task(register.set_stopped(MUM, True, AT))
    mum = await register.caller(MUM)
    assert mum is not None
    assert not change.done()
    journal.execute("COMMIT")
    await change
    stopped = await register.caller(MUM)
    assert stopped is not None
    assert stopped.phone.stopped
    journal.close()
    await register.close()


# --- what the carrier says against a number --------------------------------------------------------------------------


async def test_a_number_that_has_opted_out_takes_no_texts(register: KeptRegister) -> None:
    await register.mark_phone("+16175550110", Mark.OPTED_OUT, AT)
    ana = (await register.directory()).clinicians["ana"]
    assert [phone.can_be_texted for phone in ana.phones] == [False, True]


async def test_a_landline_takes_no_texts_and_stays_proven(register: KeptRegister) -> None:
    before = (await register.directory()).clinicians["ana"].phones[0].proven_at
    await register.mark_phone("+16175550110", Mark.LANDLINE, AT)
    await register.mark_phone(MUM, Mark.LANDLINE, AT)
    ana, mum = (await register.directory()).clinicians["ana"], await register.caller(MUM)
    assert mum is not None
    assert not mum.phone.can_be_texted
    assert not ana.phones[0].can_be_texted
    assert ana.phones[0].proven_at == before


async def test_a_number_no_carrier_knows_is_not_proven_until_a_key_is_pressed_on_it(register: KeptRegister) -> None:
    await register.prove_phone("+16175550110", AT)
    await register.mark_phone("+16175550110", Mark.UNKNOWN, AT)
    assert (await register.directory()).clinicians["ana"].phones[0].proven_at is None
    await register.prove_phone("+16175550110", AT)
    assert (await register.directory()).clinicians["ana"].phones[0].proven_at == AT


async def test_a_mark_is_audited_and_leaves_the_coordinator_one_task(register: KeptRegister) -> None:
    known = len(await register.rows(TaskRow))
    for _ in range(3):
        await register.mark_phone("+16175550110", Mark.LANDLINE, AT)
    tasks = [task for task in await register.rows(TaskRow) if task.id.startswith("phone-")]
    assert len(await register.rows(TaskRow)) == known + 1
    assert "0110" in tasks[0].title
    assert tasks[0].due_at > AT
    by_carrier = [entry for entry in await register.audit() if entry.who == "the carrier"]
    assert len(by_carrier) == 2


async def test_a_mark_that_comes_back_after_its_task_was_done_opens_the_task_again(register: KeptRegister) -> None:
    await register.mark_phone("+16175550110", Mark.UNKNOWN, AT)
    [task] = [task for task in await register.rows(TaskRow) if task.id.startswith("phone-")]
    assert await register.finish_task(task.id, "maria")
    await register.mark_phone("+16175550110", Mark.UNKNOWN, AT)
    [again] = [task for task in await register.rows(TaskRow) if task.id.startswith("phone-")]
    assert again.done_at is None


async def test_a_number_that_is_nobody_s_leaves_no_task(register: KeptRegister) -> None:
    await register.mark_phone("+16175550199", Mark.UNKNOWN, AT)
    assert [task for task in await register.rows(TaskRow) if task.id.startswith("phone-")] == []


# --- drafts of the rota -----------------------------------------------------------------------------------------------


async def test_a_draft_of_the_rota_is_changed_in_one_write_and_audited(register: KeptRegister) -> None:
    shelf: DraftShelf = register.rota_drafts
    assert await shelf.rota_draft("maria") == Draft("maria")
    edit = AddCover("pump-team/primary", "ana", "2026-12-02 19:00", "2026-12-03 07:00", note="¿course?")
    begun = Draft("maria", "edition", name="December")
    await shelf.change_rota_draft("maria", lambda _: begun, "maria")
    await asyncio.gather(
        *(shelf.change_rota_draft("maria", lambda draft: draft.with_edit(edit, "ines", AT), "ines") for _ in range(8))
    )
    draft = await shelf.rota_draft("maria")
    assert [one.number for one in draft.edits] == list(range(1, 9))
    assert {one.edit for one in draft.edits} == {edit}
    assert (draft.base, draft.name, draft.changed_at) == ("edition", "December", AT)
    assert await shelf.rota_drafts() == [draft]
    assert [entry.what for entry in await register.audit(9)] == ["rota_drafts maria changed"] * 8 + [
        "rota_drafts maria added"
    ]


async def test_a_draft_whose_change_fails_stays_as_it_was(register: KeptRegister) -> None:
    shelf: DraftShelf = register.rota_drafts
    with pytest.raises(ZeroDivisionError):
        await shelf.change_rota_draft("maria", lambda draft: draft.without(1 // 0, AT), "maria")
    assert await shelf.rota_drafts() == []


# --- the list of patients --------------------------------------------------------------------------------------------


async def test_the_list_is_cut_off_goes_on_and_is_found_by_plain_words(register: KeptRegister) -> None:
    names = ("Élan Novák", "Ana_b 100%", "Zoe", "Ben")
    await register.put([PatientRow(id=f"n{n}", name=name) for n, name in enumerate(names)], "test")
    await register.patients.leave("n2", "maria")
    first = await register.patients.page("", left=False, limit=2)
    rest = await register.patients.page(first[-1].id, left=False, limit=9)
    here = ["Ada Marsh", "Ana_b 100%", "Ben", "Élan Novák", "Leo Marsh"]
    assert [row.name for row in (*first, *rest)] == here
    assert [row.name for row in await register.patients.page("", left=True, limit=9)] == ["Zoe"]
    for told, found in (("elan nov", ["n0"]), ("NOVÁK", ["n0"]), ("a_b", ["n1"]), ("0%", ["n1"]), ("%", ["n1"])):
        assert [row.id for row in await register.patients.find(told.split(), 9)] == found, told
    assert [row.id for row in await register.patients.find(["zoe"], 9)] == ["n2"]


async def test_changes_come_in_the_order_of_their_instants_also_those_of_a_phone(
    register: KeptRegister, clock: VirtualClock
) -> None:
    clock.step(timedelta(hours=1))
    await register.put([PatientRow(id="zoe", name="Zoe")], "test")
    clock.step(timedelta(hours=1))
    await register.put([FamilyPhoneRow(number=DAD, relation="uncle")], "test")
    found = await register.patients.changed_since(AT, "", 9)
    assert [kept.record.id for kept in found] == ["ada", "zoe", "leo"]
    assert [phone.number for phone in found[2].phones] == [MUM, DAD]
    assert [kept.record.id for kept in await register.patients.changed_since(AT, "ada", 9)] == ["zoe", "leo"]
    assert await register.patients.changed_since(clock.now(), "leo", 9) == []
    assert [(row.id, number) for row, number in await register.patients.at_number("0143", 9)] == [("leo", DAD)]


async def test_changed_at_and_found_by_stand_in_no_audit_line(register: KeptRegister) -> None:
    assert await register.audit()
    assert all("found_by" not in line.row and "changed_at" not in line.row for line in await register.audit())
