"""What programs may ask and do: looking with any token, acting only with a person's own."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any, get_args

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_spec_validator import validate

from oncall.adapters.web.cases.alarm_api import suspicion_of
from oncall.adapters.web.cases.api import ACTS
from oncall.adapters.web.openapi import description
from oncall.adapters.web.routes import internal_routes
from oncall.adapters.web.shapes import CaseView, UrgencyWord
from oncall.core.case.case import Status
from oncall.core.triage.assessment import Leaning, Urgency
from tests.support.web_house import (
    ACTING,
    COORDINATING,
    DEVICE,
    DIAS,
    MUM,
    SHARED,
    STRANGER,
    WebHouse,
    bearer,
    web_house,
)

Client = TestClient[web.Request, web.Application]
STIFF = "she is so itchy and stiff, her pump is beeping"
BODIES = {
    "close": {"outcome": "phone advice"},
    "add": {"rotation": "neurosurgery"},
    "note": {"words": "calm voice"},
    "take": {"from": "cho"},
    "hand-over": {"to": "dia"},
    "say-back": {"line": "1"},
}


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def act(
    client: Client, case: str, name: str, token: str = ACTING, body: Any = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    told = BODIES.get(name, {}) if body is None else body
    async with client.post(f"/v1/cases/{case}/{name}", json=told, headers=bearer(token) | headers) as answer:
        return answer.status, await answer.json()


async def look(client: Client, path: str, token: str = ACTING) -> tuple[int, dict[str, Any]]:
    async with client.get(path, headers=bearer(token)) as answer:
        return answer.status, await answer.json()


async def test_a_case_is_taken_reached_and_closed(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    status, answer = await act(client, case.id, "acknowledge", body={"connect": True})
    assert (status, answer["case"]["status"], answer["case"]["holder"]) == (200, "held", "cho")
    assert answer["case"]["family_reached"] is False
    _, answer = await act(client, case.code, "reached")
    assert answer["case"]["family_reached"] is True
    _, answer = await act(client, case.code, "note")
    _, answer = await act(client, case.code, "close", body={"outcome": "phone advice", "note": "slept again"})
    assert answer["case"]["outcome"] == "phone advice"
    assert (await house.journal.open_cases()) == []


@pytest.mark.parametrize("name", ACTS)
async def test_a_device_acts_for_nobody(house: WebHouse, name: str) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    status, answer = await act(client, case.id, name, DEVICE)
    assert (status, answer["type"]) == (403, "urn:oncall:problem:device-token")
    status, answer = await act(client, case.id, name, SHARED)
    assert (status, answer["type"]) == (403, "urn:oncall:problem:not-a-person")
    assert (await act(client, case.id, name, "nobody"))[0] == 401
    unchanged = await house.journal.case(case.id)
    assert unchanged is not None
    assert unchanged.version == case.version


async def test_a_coordinator_closes_a_task_but_takes_no_case(house: WebHouse) -> None:
    client, task = await house.api(), await house.text(STRANGER, "when is my appointment")
    case = await house.text(MUM, STIFF)
    assert (await act(client, case.id, "acknowledge", COORDINATING))[0] == 403
    assert (await act(client, task.id, "close", COORDINATING, {"outcome": "clinic visit"}))[0] == 200


async def test_who_comes_late_is_told_who_has_it(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    await act(client, case.id, "acknowledge")
    status, answer = await act(client, case.id, "acknowledge", DIAS)
    assert (status, answer["holder"], answer["detail"]) == (409, "cho", f"Dr Park has #{case.code}.")
    for name in ("reached", "close", "undo"):
        assert (await act(client, case.id, name, DIAS))[0] == 409


async def test_acts_that_come_too_late_or_too_early_change_nothing(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    assert (await act(client, case.id, "reached"))[1]["detail"] == f"Nobody has taken #{case.code} yet."
    await act(client, case.id, "acknowledge")
    house.later(minutes=3)
    assert "too late to undo" in (await act(client, case.id, "undo"))[1]["detail"]
    await act(client, case.id, "close")
    status, answer = await act(client, case.id, "acknowledge", DIAS)
    assert (status, answer["detail"]) == (409, f"#{case.code} was closed by Dr Park.")
    assert (await act(client, case.id, "note"))[0] == 200


async def test_a_case_is_handed_over_and_said_back(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    await act(client, case.id, "acknowledge")
    status, answer = await act(client, case.id, "hand-over", body={"to": "dia"})
    assert (status, answer["case"]["holder"]) == (200, "cho")
    status, answer = await act(client, case.id, "acknowledge", DIAS)
    assert (status, answer["type"]) == (409, "urn:oncall:problem:nothing-changed")
    assert "Say back one line" in answer["detail"]
    status, answer = await act(client, case.id, "say-back", DIAS, body={"line": "family not reached, I call them"})
    assert (status, answer["case"]["holder"]) == (200, "dia")
    status, _ = await act(client, case.id, "hand-over", DIAS, body={"to": "nobody"})
    assert status == 422


async def test_a_case_is_taken_from_whoever_is_named(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    await act(client, case.id, "acknowledge")
    status, answer = await act(client, case.id, "take", DIAS, body={"from": "eli"})
    assert (status, answer["holder"]) == (409, "cho")
    status, answer = await act(client, case.id, "take", DIAS, body={"from": "cho"})
    assert (status, answer["case"]["holder"]) == (200, "dia")


async def test_an_undone_case_pages_on(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    await act(client, case.id, "acknowledge")
    status, answer = await act(client, case.id, "undo")
    assert (status, answer["case"]["status"], answer["case"]["holder"]) == (200, "paging", None)


async def test_passing_on_brings_the_next_tier(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    status, answer = await act(client, case.id, "pass")
    assert status == 200
    assert [page["person"] for page in answer["case"]["pages"]][:2] == ["cho", "eli"]
    assert answer["case"]["pages"][0]["state"] == "passed on"


async def test_adding_a_service_pages_it(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    await act(client, case.id, "acknowledge")
    status, answer = await act(client, case.id, "add")
    assert (status, answer["case"]["holder"]) == (200, "cho")
    assert "fay" in [page["person"] for page in answer["case"]["pages"]]
    status, answer = await act(client, case.id, "add", body={"rotation": "dentists"})
    assert status == 422
    assert "neurosurgery" in answer["detail"]


async def test_the_same_act_named_twice_is_done_once(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    first = await act(client, case.id, "note", **{"Idempotency-Key": "n1"})
    again = await act(client, case.id, "note", **{"Idempotency-Key": "n1"})
    assert (first[0], again[0]) == (200, 200)
    noted = await house.journal.case(case.id)
    assert noted is not None
    assert noted.notes == ("calm voice",)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("close", {}),
        ("close", {"outcome": "gone home"}),
        ("close", {"outcome": "phone advice", "extra": 1}),
        ("note", {"words": ""}),
        ("note", {"words": "x" * 4001}),
        ("note", {"words": 7}),
        ("acknowledge", {"connect": "maybe"}),
        ("acknowledge", ["connect"]),
        ("pass", {"to": "eli"}),
    ],
)
async def test_a_wrong_body_changes_nothing(house: WebHouse, name: str, body: Any) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    status, answer = await act(client, case.id, name, body=body)
    assert (status, answer["type"]) == (422, "urn:oncall:problem:wrong-body")
    unchanged = await house.journal.case(case.id)
    assert unchanged is not None
    assert unchanged.version == case.version


@pytest.mark.parametrize(
    ("piece", "times", "status"),
    [(b"\xff\xfe", 1, 422), (b"{", 1, 422), (b"\x00", 1, 422), (b"", 0, 200), (b"x", 1_100_000, 413)],
)
async def test_a_broken_body_of_an_act(house: WebHouse, piece: bytes, times: int, status: int) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    async with client.post(
        f"/v1/cases/{case.id}/pass", data=io.BytesIO(piece * times), headers=bearer(ACTING)
    ) as answer:
        assert answer.status == status


async def test_cases_stand_worst_first_and_tell_a_person_more(house: WebHouse) -> None:
    client = await house.api()
    task = await house.text(STRANGER, "when is my appointment")
    urgent = await house.text("+16175550178", "his pump made a sound once")
    house.later(minutes=1)
    emergency = await house.text(MUM, "cannot wake her, breathing slowly")
    status, answer = await look(client, "/v1/cases")
    assert status == 200
    assert [case["code"] for case in answer["cases"]] == [emergency.code, urgent.code, task.code]
    first = answer["cases"][0]
    assert first["urgency"] == "emergency"
    assert first["label"] == "T.R., 9 y"
    assert first["next"]["at"].startswith("2026-11-23T08:")
    assert first["suspicion"][0] in ("overdose", "withdrawal")
    _, answer = await look(client, "/v1/cases", DEVICE)
    assert {case["label"] for case in answer["cases"]} == {None}
    assert (await look(client, "/v1/cases", "wrong"))[0] == 401
    assert (await look(client, "/v1/cases?state=sideways"))[0] == 400


async def test_closed_cases_are_listed_for_a_day(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF)
    await house.closed(await house.taken(case))
    assert (await look(client, "/v1/cases"))[1]["cases"] == []
    assert [c["id"] for c in (await look(client, "/v1/cases?state=closed"))[1]["cases"]] == [case.id]
    house.later(hours=25)
    assert (await look(client, "/v1/cases?state=all"))[1]["cases"] == []


async def test_one_case_with_its_story(house: WebHouse) -> None:
    client, case = await house.api(), await house.text(MUM, STIFF + " \u202e<script>\x00")
    for name in (case.id, case.code, case.code.lower()):
        status, answer = await look(client, f"/v1/cases/{name}")
        assert (status, answer["id"]) == (200, case.id)
    words = [line["words"] for line in answer["story"] if line["words"].startswith("she is")]
    assert words == [STIFF + " \N{REPLACEMENT CHARACTER}<script>\N{REPLACEMENT CHARACTER}"]
    pages = [page.token for page in case.pages]
    assert not any(token in str(answer) for token in pages)
    _, answer = await look(client, f"/v1/cases/{case.id}", DEVICE)
    assert answer["story"] == []
    assert (await look(client, "/v1/cases/nothing"))[0] == 404


async def test_who_is_on_call(house: WebHouse) -> None:
    client = await house.api()
    status, answer = await look(client, "/v1/on-call?rotation=pump-team", DEVICE)
    assert status == 200
    assert [(row["layer"], row["person"]) for row in answer["rows"]] == [("primary", "cho"), ("attending", "eli")]
    _, answer = await look(client, "/v1/on-call?rotation=pump-team&at=2026-11-23T12:30:00%2B00:00")
    assert answer["rows"][0]["person"] == "ben"
    _, plus = await look(client, "/v1/on-call?rotation=pump-team&at=2026-11-23T12:30:00+00:00")
    assert plus == answer
    _, answer = await look(client, "/v1/on-call?rotation=complex-care")
    assert answer["rows"][0]["person"] is None


async def test_the_shifts_of_a_span(house: WebHouse) -> None:
    client = await house.api()
    path = "/v1/rotations/pump-team/shifts"
    status, answer = await look(client, f"{path}?from=2026-11-23T00:00:00Z&until=2026-11-24T00:00:00Z")
    assert status == 200
    assert {"from", "until", "from_utc", "person", "reason"} <= set(answer["rows"][0])
    assert len((await look(client, path))[1]["rows"]) > 14


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/on-call?rotation=dentists", 404),
        ("/v1/on-call?at=yesterday", 400),
        ("/v1/on-call?at=2026-11-23T03:00:00", 400),
        ("/v1/on-call?at=9999-12-31T23:59:59Z", 400),
        ("/v1/on-call?at=0001-01-01T00:00:00%2B14:00", 400),
        ("/v1/rotations/dentists/shifts", 404),
        ("/v1/rotations/pump-team/shifts?from=2026-11-24T00:00:00Z&until=2026-11-23T00:00:00Z", 400),
        ("/v1/rotations/pump-team/shifts?from=2026-11-24T00:00:00Z&until=2046-11-23T00:00:00Z", 400),
    ],
)
async def test_a_question_that_cannot_be_answered_says_why(house: WebHouse, path: str, status: int) -> None:
    told, answer = await look(await house.api(), path)
    assert told == status
    assert answer["detail"].endswith(".")


async def test_the_description_is_valid_and_names_every_route(house: WebHouse) -> None:
    told = description()
    validate(told)
    described = {(method.upper(), path) for path, doors in told["paths"].items() for method in doors}
    for_programs = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json")
    routes = {
        (guarded.route.method, guarded.route.path)
        for guarded in internal_routes()
        if isinstance(guarded.route, web.RouteDef) and guarded.route.path.startswith(for_programs)
    }
    assert described == routes
    async with (await house.api()).get("/openapi.json") as answer:
        assert await answer.json() == told


async def test_answers_keep_to_the_description(house: WebHouse) -> None:
    """A validator that is not ours reads our description and our real answers."""
    problems = Config(extra_media_type_deserializers={"application/problem+json": json.loads})
    spec, client = OpenAPI.from_dict(description(), config=problems), await house.api()
    case = await house.text(MUM, STIFF)
    asked: list[tuple[str, str, str, bytes | None]] = [
        ("get", "/v1/cases", "/v1/cases", None),
        ("get", f"/v1/cases/{case.id}", "/v1/cases/{case}", None),
        ("get", "/v1/cases/none", "/v1/cases/{case}", None),
        ("get", "/v1/on-call", "/v1/on-call", None),
        ("get", "/v1/rotations/operator/shifts", "/v1/rotations/{name}/shifts", None),
        ("post", "/v1/alarms", "/v1/alarms", b'{"event": "device_alarm", "tone": "two_tone"}'),
        ("post", "/v1/alarms", "/v1/alarms", b"broken"),
        ("post", f"/v1/cases/{case.id}/acknowledge", "/v1/cases/{case}/acknowledge", b"{}"),
        ("post", f"/v1/cases/{case.id}/close", "/v1/cases/{case}/close", b"{}"),
        ("get", "/readyz", "/readyz", None),
    ]
    for method, path, template, body in asked:
        async with client.request(method, path, data=body, headers=bearer(ACTING)) as answer:
            mock = MockRequest("http://localhost", method, path, path_pattern=template)
            spec.validate_response(
                mock, MockResponse(await answer.read(), answer.status, content_type=answer.content_type)
            )


def test_whatever_the_rules_lean_to_can_be_answered() -> None:
    """An answer after a commit must not fail for a word: every leaning and status has its place in the shapes."""
    every = [leaning.value for leaning in Leaning]
    assert suspicion_of(every) == [leaning for leaning in every if leaning != "cannot_tell"]
    assert suspicion_of(["device", "withdrawal"]) == ["device", "withdrawal"]
    assert suspicion_of(["cannot_tell"]) == ["withdrawal", "overdose"]
    assert suspicion_of(["a leaning of tomorrow"]) == ["withdrawal", "overdose"]
    assert suspicion_of([]) == ["other"]
    shown = set(get_args(CaseView.model_fields["status"].annotation))
    assert shown == {status.value for status in Status} - {"new"}
    assert set(get_args(UrgencyWord)) == {urgency.word for urgency in Urgency}


async def test_a_held_case_says_so_on_the_board_of_programs(house: WebHouse) -> None:
    case = await house.taken(await house.text(MUM, STIFF))
    assert case.status is Status.HELD
    _, answer = await look(await house.api(), f"/v1/cases/{case.code}")
    assert answer["holder_name"] == "Dr Park"
    assert answer["next"]["what"].startswith("Dr Park is rung")
