"""Patients for the hospital's own systems, and what triage makes of a record at the moment of each report."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oncall.adapters.register.rows import FamilyPhoneRow
from oncall.core.case.entries import FindingsDrawn
from oncall.core.wall_time import wall
from tests.support.web_house import DEVICE, HOSPITAL, MUM, SIBLINGS, WebHouse, bearer, web_house

SYSTEM = "token of the record system"
LEO = {
    "name": "Leo Marin",
    "serial": "ngp-123456h",
    "reservoir_ml": 20,
    "daily_volume_ml": 0.123456,
    "low_reservoir_alarm_ml": 12345.678,
    "care_services": ["neurocritical", "complex-care"],
    "last_refill_at": "2026-11-20T09:30:00-05:00",
    "phones": [
        {"number": "617-555-0177", "relation": "aunt", "prefers": "call"},
        {"number": "+16175550143", "relation": "father"},
    ],
}


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    await made.register.add_sender("record system", None, SYSTEM, scope="patients")
    yield made
    await made.close()


async def ask(house: WebHouse, method: str, path: str, body: Any = None, token: str = SYSTEM) -> tuple[int, Any]:
    client = await house.api(None)
    answer = await client.request(method, path, json=body, headers=bearer(token))
    return answer.status, await answer.json()


async def test_a_record_is_written_and_read_with_its_phones_in_order(house: WebHouse) -> None:
    status, told = await ask(house, "PUT", "/v1/patients/leo", LEO)
    assert status == 200
    assert told == (await ask(house, "GET", "/v1/patients/leo"))[1]
    assert told["serial"] == "NGP123456H"
    assert (told["daily_volume_ml"], told["low_reservoir_alarm_ml"]) == (0.123456, 12345.678)  # to the last figure
    assert told["model"] == "SynchroMed II"  # left out: stays
    assert told["care_services"] == ["complex-care", "neurocritical"]
    assert [phone["number"] for phone in told["phones"]] == ["+16175550177", "+16175550143"]
    patient = await house.register.patient("leo")
    assert patient is not None
    assert patient.phones == ("+16175550177", "+16175550143")
    mia = await house.register.patient("mia")
    assert mia is not None
    assert mia.phones == ("+16175550143",)  # the brother's phone stays hers
    assert {line.who for line in await house.register.audit(2)} == {"program record system"}


async def test_a_phone_that_a_sibling_has_keeps_what_is_not_said_of_it(house: WebHouse) -> None:
    known = FamilyPhoneRow(number=SIBLINGS, relation="father", language="es", verified_at=house.clock.now())
    await house.register.put([known], "test")
    body = {"phones": [{"number": SIBLINGS, "relation": "father"}]}
    _, told = await ask(house, "PUT", "/v1/patients/tom", body)
    assert [(phone["language"], phone["verified_at"] is not None) for phone in told["phones"]] == [("es", True)]


async def test_the_same_body_again_changes_nothing(house: WebHouse) -> None:
    _, first = await ask(house, "PUT", "/v1/patients/leo", LEO)
    lines = len(await house.register.audit())
    house.later(hours=1)
    assert await ask(house, "PUT", "/v1/patients/leo", LEO) == (200, first)
    assert len(await house.register.audit()) == lines


async def test_null_empties_a_field_and_a_phone_that_is_not_listed_is_theirs_no_more(house: WebHouse) -> None:
    await ask(house, "PUT", "/v1/patients/leo", LEO)
    _, told = await ask(house, "PUT", "/v1/patients/leo", {"reservoir_ml": None, "phones": []})
    assert (told["reservoir_ml"], told["phones"]) == (None, [])
    assert await house.register.caller("+16175550177") is None
    assert await house.register.caller("+16175550143") is not None


async def test_a_new_patient_needs_a_name_and_a_short_id(house: WebHouse) -> None:
    assert (await ask(house, "PUT", "/v1/patients/nora", {"name": "Nora Quist"}))[0] == 201
    status, told = await ask(house, "PUT", "/v1/patients/ida", {"serial": "S9"})
    assert (status, told["errors"]) == (422, [{"field": "name", "wanted": "a name."}])
    assert (await ask(house, "PUT", "/v1/patients/No_Id", {"name": "x"}))[0] == 422
    assert (await ask(house, "GET", "/v1/patients/ida"))[0] == 404


async def test_a_refusal_names_the_field_and_what_is_wanted_and_never_what_was_sent(house: WebHouse) -> None:
    wrong = {"born_on": "secret", "reservoir_ml": -1, "phones": [{"number": "12secret", "relation": "aunt"}]}
    status, told = await ask(house, "PUT", "/v1/patients/leo", wrong)
    assert status == 422
    assert {error["field"] for error in told["errors"]} == {"born_on", "reservoir_ml", "phones.0.number"}
    for body in (wrong, {"name": ["secret"]}, {"secret": 1}, "secret"):
        status, told = await ask(house, "PUT", "/v1/patients/leo", body)
        assert status == 422
        assert "secret" not in str([error["wanted"] for error in told["errors"]])
    status, told = await ask(house, "PUT", "/v1/patients/leo", {"serial": "X1"})
    assert told["errors"] == [{"field": "serial", "wanted": "a pump that is nobody else's."}]


async def test_what_has_changed_since_an_instant_comes_oldest_first_and_goes_on(house: WebHouse) -> None:
    since = (house.clock.now() + timedelta(minutes=30)).isoformat()
    for hour, patient in enumerate(("mia", "leo"), start=1):
        house.later(hours=hour)
        await ask(house, "PUT", f"/v1/patients/{patient}", {"diagnosis": "CP"})
    house.later(hours=1)
    await house.register.patients.drop_phone("tom", MUM, "maria")  # a phone is part of it
    client = await house.api(None)
    answer = await client.get("/v1/patients", params={"since": since}, headers=bearer(SYSTEM))
    told = await answer.json()
    assert [patient["id"] for patient in told["patients"]] == ["mia", "leo", "tom"]
    assert told["next"] is None
    await house.register.put_plain({"patients": [{"id": f"p{n:03}", "name": f"Zoe {n}"} for n in range(250)]}, "test")
    answer = await client.get("/v1/patients", params={"since": since}, headers=bearer(SYSTEM))
    first = await answer.json()
    second = await (await client.get(first["next"], headers=bearer(SYSTEM))).json()
    seen = [patient["id"] for patient in (*first["patients"], *second["patients"])]
    assert (len(seen), len(set(seen)), second["next"]) == (253, 253, None)
    for since in ("2026-11-23", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"):
        assert (await client.get(f"/v1/patients?since={since}", headers=bearer(SYSTEM))).status == 400


async def test_only_a_token_for_patients_comes_in_and_every_look_is_kept(house: WebHouse) -> None:
    for method in ("GET", "PUT"):
        status, told = await ask(house, method, "/v1/patients/leo", {}, token=DEVICE)
        assert (status, told["type"]) == (403, "urn:oncall:problem:not-in-scope")
    await ask(house, "GET", "/v1/patients/leo")
    looks = await house.register.accounts.views(5)
    assert [(look.who, look.subject) for look in looks] == [("program record system", "leo")]


async def test_the_same_token_sends_alarms_and_acts_on_no_case(house: WebHouse) -> None:
    case = await house.text(MUM, "she is stiff")
    assert (await ask(house, "POST", f"/v1/cases/{case.id}/note", {"text": "x"}))[0] == 403
    assert (await ask(house, "POST", "/v1/alarms", {"id": "1", "tone": "two_tone"}))[0] == 201


async def test_a_date_that_changes_between_two_texts_changes_what_the_second_is_made_of(house: WebHouse) -> None:
    """The record feeds triage at the moment of each report; what was decided before stands as it was."""
    first = await house.text(MUM, "she is a bit stiff today")
    drawn = await contexts(house, first.id)
    today = wall(house.clock.now(), HOSPITAL.zone).date()
    overdue = {"last_refill_on": str(today - timedelta(days=120)), "low_reservoir_on": str(today - timedelta(days=5))}
    assert (await ask(house, "PUT", "/v1/patients/tom", overdue))[0] == 200
    assert await contexts(house, first.id) == drawn
    house.later(minutes=5)
    second = await house.text(MUM, "she is still a bit stiff")
    assert second.id == first.id
    added = (await contexts(house, second.id))[len(drawn) :]
    assert not any(evidence.startswith("days_to_low_reservoir_alarm:") for evidence in drawn)
    assert "days_to_low_reservoir_alarm: -5" in added
    assert second.assessment is not None
    assert first.assessment is not None
    assert {reason.rule for reason in second.assessment.because} > {reason.rule for reason in first.assessment.because}


async def contexts(house: WebHouse, case: str) -> list[str]:
    """The evidence of every finding of the case, in the order in which it was drawn."""
    recorded = await house.journal.entries(case)
    drawn = [each.entry for each in recorded if isinstance(each.entry, FindingsDrawn)]
    return [finding.evidence for entry in drawn for finding in entry.findings]


async def test_somebody_who_is_faster_is_not_written_over(house: WebHouse) -> None:
    """A form and the system change different fields at once: both are kept."""
    shelf = house.register.patients
    seen = await shelf.get("leo")
    assert seen is not None
    await shelf.put(replace(seen.record, diagnosis="CP"), seen.record, "maria")
    _, told = await ask(house, "PUT", "/v1/patients/leo", {"dose": "as in the record"})
    assert (told["diagnosis"], told["dose"]) == ("CP", "as in the record")
