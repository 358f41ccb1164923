"""The patients on their pages: looking, adding, changing when somebody else was faster, phones, search, spreadsheets.

Deliberately not here: the API for the hospital's systems (`test_patients_api`).
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from aiohttp import FormData

from oncall.adapters.register.rows import FamilyPhoneRow, PatientPhoneRow, PatientRow
from oncall.service.patients.fields import as_typed
from oncall.service.patients.shelf import Record
from tests.support.web_house import HOSPITAL, MUM, SIBLINGS, WebHouse, web_house


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def page(house: WebHouse, path: str, who: str = "maria", **form: str) -> tuple[int, str]:
    """Status and words; with a form it is sent, and what it leads to is shown."""
    client = await house.api(who)
    answer = await (client.post(path, data=form) if form else client.get(path))
    return answer.status, unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", await answer.text())))


async def record(house: WebHouse, patient: str = "leo") -> Record:
    kept = await house.register.patients.get(patient)
    assert kept is not None
    return kept.record


async def form_of(house: WebHouse, patient: str = "leo", **typed: str) -> dict[str, str]:
    """What the form of this patient sends now, with some of it typed over."""
    shown = as_typed(await record(house, patient), HOSPITAL.zone)
    return {**shown, "seen": json.dumps(shown), **typed}


async def looks(house: WebHouse) -> list[tuple[str, str, str]]:
    return [(look.who, look.address, look.subject) for look in await house.register.accounts.views(20, "")]


async def test_the_list_goes_on_behind_the_last_one_shown_and_those_who_left_stand_apart(house: WebHouse) -> None:
    more = [PatientRow(id=f"p{n:02}", name=f"Zoe {n:02}") for n in range(60)]
    await house.register.put(more, "test")
    await house.register.patients.leave("tom", "maria")
    _, first = await page(house, "/patients")
    assert "Leo Marin" in first
    assert "Zoe 47" in first
    assert "Zoe 48" not in first
    assert "T Reyes" not in first
    _, second = await page(house, "/patients?after=p47")
    assert "Zoe 48" in second
    assert "Zoe 47" not in second
    _, left = await page(house, "/patients?left=1")
    assert "T Reyes" in left
    assert "Leo Marin" not in left


async def test_every_look_at_a_patient_is_kept_also_at_a_form_with_a_fault(house: WebHouse) -> None:
    await page(house, "/patients/leo", who="vera")
    await page(house, "/patients/leo/phones", act="add", number="12", relation="aunt")
    await page(house, "/search", q="leo")
    assert set(await looks(house)) == {
        ("maria", "/search", "search, 1 patients"),
        ("maria", "/patients/{patient}/phones", "leo"),
        ("vera", "/patients/{patient}", "leo"),
    }


async def test_a_viewer_sees_a_patient_and_no_form(house: WebHouse) -> None:
    client = await house.api("vera")
    words = await (await client.get("/patients/leo")).text()
    assert "NGP123456H" in words
    assert "+1 617-555-0143" in words
    assert 'action="/patients/' not in words


async def test_past_cases_are_listed_newest_first_and_those_of_a_shared_phone_say_so(house: WebHouse) -> None:
    first = await house.closed(await house.text(MUM, "she is stiff"))
    house.later(days=3)
    second = await house.text(MUM, "she is very hot and confused")
    _, told = await page(house, "/patients/tom")
    assert told.index(f"#{second.code}") < told.index(f"#{first.code}")
    assert "closed: phone advice" in told
    shared = await house.text(SIBLINGS, "he is stiff")
    _, told = await page(house, "/patients/leo")
    assert f"#{shared.code}" in told
    assert "from a shared phone: perhaps somebody else's" in told


async def test_a_patient_is_added_under_an_id_that_is_made_for_them(house: WebHouse) -> None:
    status, told = await page(house, "/patients", name="Ana García", serial="ngp-77 1", born_on="2016-03-01")
    assert status == 200
    assert "The patient is added." in told
    found = (await house.register.patients.find(["garcia"], 5))[0]
    assert (found.name, found.serial) == ("Ana García", "NGP771")
    assert (await house.register.audit(1))[0].who == "maria"


FAULTS = (
    ("born_on", "1.3.2016", "Wanted: a date like 2026-11-23."),
    ("born_on", "2031-03-01", "Wanted: a date that is not ahead, because it has happened."),
    ("last_refill_at", "2026-11-01 01:30", "this wall time comes twice that night."),
    ("last_surgery_on", "2001-01-01", "Wanted: a date after birth."),
    ("reservoir_ml", "twenty", "Wanted: a number like 20 or 18.5."),
    ("language", "Spanish", "Wanted: a language tag like en or es."),
    ("name", " ", "Wanted: a name."),
    ("serial", "x-1", "Pump X1 is already tom's: a pump has one patient."),
)


async def test_a_field_that_is_wrong_says_what_is_wanted_and_nothing_is_written(house: WebHouse) -> None:
    before = await record(house)
    for field, typed, wanted in FAULTS:
        status, told = await page(house, "/patients/leo", **await form_of(house, **{field: typed}))
        assert status == 422
        assert wanted in told
        assert await record(house) == before


async def test_a_changed_field_alone_is_written(house: WebHouse) -> None:
    await house.register.put(
        [replace(LEO, last_refill_at=house.clock.now())], "test"
    )  # with seconds: no form shows them
    before = await record(house)
    status, told = await page(house, "/patients/leo", **await form_of(house, low_reservoir_on="2026-12-24"))
    assert (status, "Changed." in told) == (200, True)
    after = await record(house)
    assert after.low_reservoir_on is not None
    assert replace(after, low_reservoir_on=None, changed_at=None) == replace(before, changed_at=None)


LEO = PatientRow(id="leo", name="Leo Marin", serial="NGP123456H", model="SynchroMed II")


async def test_what_somebody_else_changed_meanwhile_is_shown_beside_what_was_typed(house: WebHouse) -> None:
    mine = await form_of(house, low_reservoir_on="2026-12-24", diagnosis="CP")
    theirs = await form_of(house, low_reservoir_on="2026-12-20")
    await page(house, "/patients/leo", who="cho", **theirs)
    status, told = await page(house, "/patients/leo", **mine)
    assert status == 409
    assert "Low-reservoir alarm expected on empty 2026-12-20 2026-12-24" in told
    assert (await record(house)).diagnosis is None
    again = await form_of(house, low_reservoir_on="2026-12-24", diagnosis="CP")
    assert (await page(house, "/patients/leo", **again))[0] == 200
    assert (await record(house)).diagnosis == "CP"


async def test_who_is_faster_inside_the_commit_is_seen_too(house: WebHouse) -> None:
    seen = await record(house)
    assert await house.register.patients.put(replace(seen, diagnosis="SCI"), seen, "cho") is None
    standing = await house.register.patients.put(replace(seen, diagnosis="CP"), seen, "maria")
    assert standing is not None
    assert standing.diagnosis == "SCI"


async def test_who_leaves_is_not_known_by_phone_or_pump_any_more_and_can_come_back(house: WebHouse) -> None:
    _, told = await page(house, "/patients/tom/leave", csrf="")
    assert "They have left." in told
    caller = await house.register.caller(MUM)
    assert caller is not None
    assert caller.patients == ()
    assert await house.register.patient_by_serial("X1") is None
    await page(house, "/patients/tom/return", csrf="")
    assert await house.register.patient_by_serial("X1") is not None


async def test_a_pump_that_somebody_else_has_now_does_not_come_back(house: WebHouse) -> None:
    await house.register.patients.leave("tom", "maria")
    await house.register.put([replace(LEO, serial="X1")], "test")
    status, told = await page(house, "/patients/tom/return", csrf="")
    assert status == 422
    assert "Pump X1 is already leo's" in told


async def test_phones_are_enrolled_put_in_order_confirmed_and_taken_away(house: WebHouse) -> None:
    path = "/patients/tom/phones"
    await page(house, path, act="add", number="(617) 555-0177", relation="grandmother", prefers="call", language="es")
    kept = await house.register.patients.get("tom")
    assert kept is not None
    assert [phone.number for phone in kept.phones] == [MUM, "+16175550177"]
    await page(house, path, act="first", number="+16175550177")
    _, told = await page(house, path, act="verify", number="+16175550177")
    assert told.index("+1 617-555-0177") < told.index("+1 617-555-0142")
    assert "confirmed by the family 23 Nov 2026" in told
    assert (await house.register.patient("tom")).phones[0] == "+16175550177"  # type: ignore[union-attr]
    await page(house, path, act="change", number="+16175550177", relation="aunt", rings_only="yes")
    await page(house, path, act="drop", number=MUM)
    assert await house.register.caller(MUM) is None
    caller = await house.register.caller("+16175550177")
    assert caller is not None
    assert (caller.relation, caller.language, caller.phone.takes_texts) == ("aunt", "es", False)


async def test_a_number_that_is_enrolled_already_becomes_theirs_too_and_stays_as_it_is(house: WebHouse) -> None:
    await page(house, "/patients/tom/phones", act="add", number=SIBLINGS, relation="neighbour")
    caller = await house.register.caller(SIBLINGS)
    assert caller is not None
    assert caller.relation == "father"
    assert [patient.id for patient in caller.patients] == ["leo", "mia", "tom"]
    await page(house, "/patients/tom/phones", act="drop", number=SIBLINGS)
    assert await house.register.caller(SIBLINGS) is not None


NO_NUMBERS = (
    ("12", "Wanted: a whole telephone number without extension"),
    ("911", "Wanted: a person's telephone, never an emergency number."),
    ("+16175550101", "Wanted: a number that is not the pump line's own."),
)


async def test_a_number_that_cannot_be_is_refused_with_what_is_wanted(house: WebHouse) -> None:
    for number, wanted in NO_NUMBERS:
        status, told = await page(house, "/patients/tom/phones", act="add", number=number, relation="aunt")
        assert status == 422
        assert wanted in told


# --- search ----------------------------------------------------------------------------------------------------------


SPELLINGS = (
    ("marin", "Leo Marin"),
    ("LEO mar", "Leo Marin"),
    ("ngp 123-456h", "Leo Marin"),
    ("(617) 555-0142", "T Reyes"),
    ("1.617.555.0142", "T Reyes"),
    ("0142", "T Reyes"),
    ("park", "Dr Park"),
    ("Cho P", "Dr Park"),
    ("617-555-0183", "Dr Park"),
)


async def test_a_search_finds_however_it_is_spelled(house: WebHouse) -> None:
    for asked, found in SPELLINGS:
        status, told = await page(house, "/search", q=asked)
        assert status == 200
        assert found in told, asked


async def test_a_search_finds_a_case_by_code_id_and_the_slot_of_its_page(house: WebHouse) -> None:
    case = await house.text(MUM, "she is stiff")
    for asked in (case.code.lower(), f"#{case.code}", case.id, str(case.pages[0].slot), f"{case.pages[0].slot}1"):
        _, told = await page(house, "/search", q=asked)
        assert f"#{case.code}" in told, asked


async def test_signs_that_a_database_gives_a_meaning_find_nothing_by_it(house: WebHouse) -> None:
    for asked in ("%", "_", "!", "' OR 1=1 --"):
        _, told = await page(house, "/search", q=asked)
        assert "Nothing was found" in told, asked


async def test_what_is_looked_for_stands_in_no_address(house: WebHouse) -> None:
    client = await house.api()
    answer = await client.post("/search", data={"q": "Marin"})
    assert answer.url.path_qs == "/search"
    answer = await client.post("/search", data={"q": "Marin"}, headers={"X-CSRF": "another's"})
    assert answer.status == 403


# --- spreadsheets ----------------------------------------------------------------------------------------------------

SHEET = "Patient name,MRN,Pump SN,Next refill,Ward\nLeo Marin,leo,NGP123456H,2027-01-05,3B\nNora Quist,nora,,,3B\n"
AS = {"column:Pump SN": "serial", "subject": "patients"}


async def test_a_sheet_is_shown_first_then_written_once_and_nobody_is_lost(house: WebHouse) -> None:
    status, told = await page(house, "/patients/import", content=SHEET, do="look", **AS)
    assert status == 200
    assert "Ward: left out" in told
    assert "add patient Nora Quist (nora)" in told
    assert "patient Leo Marin (leo): refill due nothing -> 2027-01-05" in told
    assert await house.register.patients.get("nora") is None
    _, told = await page(house, "/patients/import", content=SHEET, do="import", **AS)
    assert "Written, in one piece. 2 changes." in told
    assert (await record(house)).refill_due_on is not None
    assert (await record(house)).model == "SynchroMed II"  # no column of the file: left alone
    assert (await record(house, "mia")).left_at is None
    _, told = await page(house, "/patients/import", content=SHEET, do="import", **AS)
    assert "Nothing to change." in told


async def test_a_sheet_with_a_fault_says_row_and_column_and_writes_nothing(house: WebHouse) -> None:
    wrong = SHEET.replace("2027-01-05", "soon")
    status, told = await page(house, "/patients/import", content=wrong, do="import", **AS)
    assert status == 422
    assert "patients.csv row 2, refill_due_on: found 'soon', wanted a date like 2026-11-23" in told
    assert await house.register.patients.get("nora") is None


async def test_a_sheet_of_phones_comes_in_as_a_file(house: WebHouse) -> None:
    client = await house.api()
    form = FormData({"subject": "families", "do": "look"})
    sheet = "\ufeffPhone,relation,patients\n617-555-0177,aunt,leo tom\n".encode()
    form.add_field("file", sheet, filename="phones.csv", content_type="text/csv")
    told = await (await client.post("/patients/import", data=form)).text()
    assert "add family phone +16175550177 (aunt)" in told
    form = FormData({"subject": "families", "do": "look"})
    form.add_field("file", b"\xff\xfe\x00", filename="phones.csv")
    assert (await client.post("/patients/import", data=form)).status == 422


async def test_what_goes_out_is_no_formula_and_comes_in_again_without_a_change(house: WebHouse) -> None:
    rows: list[Any] = [replace(LEO, diagnosis='=HYPERLINK("x")', emergency_room="@home"), FAMILY]
    await house.register.put([*rows, PatientPhoneRow(patient="leo", number=FAMILY.number)], "test")
    client = await house.api()
    for subject in ("patients", "families"):
        answer = await client.get(f"/patients/export/{subject}")
        text = await answer.text()
        assert "attachment" in answer.headers["Content-Disposition"]
        assert not re.search(r'(^|,)"?[=+@]', text, re.MULTILINE), text
        _, told = await page(house, "/patients/import", content=text.removeprefix("\ufeff"), subject=subject)
        assert "Nothing to change." in told


FAMILY = FamilyPhoneRow(number="+16175550177", relation="-aunt", prefers="call", name="=1+1")


async def test_a_patient_who_was_changed_while_a_sheet_was_compared_is_not_written_over(house: WebHouse) -> None:
    class Slow(type(house.given.sheets)):  # type: ignore[misc]
        """Somebody changes the record between the comparison and the commit."""

        async def _planned(self, *how: Any) -> Any:
            found = await super()._planned(*how)
            await house.register.put([replace(LEO, diagnosis="SCI")], "cho")
            return found

    plan = await Slow(house.register).apply("patients", SHEET, {"Pump SN": "serial"}, "maria")
    assert "Somebody has changed a patient meanwhile" in plan.errors[0]
    assert await house.register.patients.get("nora") is None
