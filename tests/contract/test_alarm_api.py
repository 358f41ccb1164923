"""What a sender of alarms may rely on, and what it may do wrong: nothing is lost, and somebody is always paged."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from oncall.adapters.web.cases.alarm_body import KEPT, LIMIT
from oncall.core.case.case import Case, Status
from tests.support.web_house import ACTING, DEVICE, FullDisk, LostRegister, WebHouse, bearer, web_house

EMPTY = {
    "id": "a-1",
    "device_serial": "NGP123456H",
    "event": "device_alarm",
    "device_model": "SynchroMed II",
    "alarm_class": "critical",
    "alarm_reason": "empty_reservoir",
    "tone": "two_tone",
}
Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def house() -> AsyncIterator[WebHouse]:
    made = await web_house()
    yield made
    await made.close()


async def send(client: Client, body: Any, token: str = DEVICE, **headers: str) -> tuple[int, dict[str, Any]]:
    data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
    async with client.post("/v1/alarms", data=data, headers=bearer(token) | headers) as answer:
        if answer.status >= 400:
            assert answer.content_type == "application/problem+json"
        return answer.status, await answer.json()


async def the_case(house: WebHouse, answer: Mapping[str, Any]) -> Case:
    case = await house.journal.case(answer["id"])
    assert case is not None
    assert case.code == answer["case"]
    return case


async def raw_words(house: WebHouse, case: Case) -> str:
    report = await house.journal.report(case.reports[-1].id)
    assert report is not None
    return report.raw


async def test_an_alarm_becomes_a_case_and_a_page(house: WebHouse) -> None:
    status, answer = await send(await house.api(), EMPTY)
    assert status == 201
    assert answer["urgency"] in ("emergency", "urgent")
    assert answer["suspicion"][0] in ("withdrawal", "device")
    assert answer["reports"] == [{key: answer[key] for key in ("case", "id", "urgency", "suspicion")}]
    case = await the_case(house, answer)
    assert case.patient == "leo"
    assert [page.person for page in case.pages] == ["cho"]


async def test_a_repeat_gets_the_first_answer_and_adds_nothing(house: WebHouse) -> None:
    client = await house.api()
    first = await send(client, {**EMPTY, "sent_at": "2026-11-23T08:04:00Z"})
    house.later(minutes=3)
    again = await send(client, {**EMPTY, "sent_at": "2026-11-23T08:07:00Z"})
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    assert len((await the_case(house, again[1])).reports) == 1


async def test_the_header_names_a_message_and_the_body_beats_it(house: WebHouse) -> None:
    client = await house.api()
    nameless = {key: value for key, value in EMPTY.items() if key != "id"}
    assert (await send(client, nameless, **{"Idempotency-Key": "k1"}))[0] == 201
    house.later(minutes=5)
    assert (await send(client, nameless, **{"Idempotency-Key": "k1"}))[0] == 200
    assert (await send(client, nameless, **{"Idempotency-Key": "k2"}))[0] == 201
    assert (await send(client, EMPTY, **{"Idempotency-Key": "k1"}))[0] == 201
    assert (await send(client, EMPTY, **{"Idempotency-Key": "k9"}))[0] == 200


@pytest.mark.parametrize("name", [b"\xff\xfe", b"x" * 4000, "ключ".encode()])
async def test_any_name_of_a_message_is_a_name(house: WebHouse, name: bytes) -> None:
    client = await house.api()
    assert client.port is not None
    head = b"POST /v1/alarms HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 21\r\n"
    head += f"Authorization: Bearer {DEVICE}\r\nIdempotency-Key: ".encode() + name + b"\r\n\r\n"
    for status in (b"201", b"200"):
        reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
        writer.write(head + b'{"tone": "two_tone"} ')
        assert (await reader.read()).split(b" ")[1] == status
        writer.close()
    [key] = house.journal._rows.received
    assert len(key.encode()) < 400


async def test_the_same_id_with_another_body_is_a_new_report(house: WebHouse) -> None:
    client = await house.api()
    _, first = await send(client, EMPTY)
    status, second = await send(client, {**EMPTY, "reservoir_ml": 0.1})
    assert status == 201
    assert second["case"] == first["case"]
    assert len((await the_case(house, second)).reports) == 2


async def test_several_alarms_are_one_commit_and_the_worst_is_on_top(house: WebHouse) -> None:
    mild = {
        "id": "m",
        "device_serial": "X1",
        "event": "status",
        "alarm_class": "none",
        "alarm_reason": "reservoir_refilled",
    }
    status, answer = await send(await house.api(), {"alarms": [mild, EMPTY]})
    assert status == 201
    assert [report["id"] for report in answer["reports"]] == ["ctest0001", "ctest0002"]
    assert answer["id"] == "ctest0002"
    assert len(house.journal._rows.received) == 1


async def test_an_unknown_field_or_value_is_kept_named_and_never_harmless(house: WebHouse) -> None:
    odd = {"event": "status", "alarm_class": "purple", "reservoir_ml": ["much"], "new_field": "<b>hm</b>"}
    status, answer = await send(await house.api(), odd)
    assert status == 201
    assert answer["not_understood"] == ["alarm_class", "new_field", "reservoir_ml"]
    case = await the_case(house, answer)
    assert case.status is Status.PAGING
    assert json.loads(await raw_words(house, case)) == odd


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ({}, "no-token"),
        ({"Authorization": "Basic abc"}, "no-token"),
        ({"Authorization": "Bearer "}, "no-token"),
        ({"Authorization": "Bearer wrong"}, "unknown-token"),
        ({"Authorization": "Bearer wröng"}, "unknown-token"),
    ],
)
async def test_without_a_known_token_nothing_is_read(house: WebHouse, header: dict[str, str], kind: str) -> None:
    client = await house.api()
    async with client.post("/v1/alarms", json=EMPTY, headers=header) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert (await answer.json())["type"].endswith(kind)
    assert await house.journal.open_cases() == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b"{}", "no alarm in it"),
        (b'{"alarms": []}', "no alarm in it"),
        (b'{"alarms": 7}', "no alarm in it"),
        (b'{"event": "device_al', "not JSON"),
        (b'"two tones"', "not a JSON object"),
        (b"[1, 2]", "not a JSON object"),
        (b"17", "not a JSON object"),
        (b'{"event": "\xff\xfe"}', "not UTF-8"),
        (b'{"event": "a\x00b"}', "not JSON"),
        (b"\x00" * 100, "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"reservoir_ml": ' + b"9" * 5000 + b"}", "not JSON"),
    ],
)
async def test_what_cannot_be_read_is_kept_and_pages(house: WebHouse, body: bytes, why: str) -> None:
    """Law 1, over every shape of broken body; a repeat gets the same answer and no second case."""
    client = await house.api()
    status, answer = await send(client, body, **{"Idempotency-Key": "n1"})
    assert status == 422
    assert why in answer["detail"]
    case = await the_case(house, answer)
    assert case.status is Status.PAGING
    assert [page.person for page in case.pages] == ["cho"]
    assert "\x00" not in await raw_words(house, case)
    house.later(seconds=90)
    assert await send(client, body, **{"Idempotency-Key": "n1"}) == (422, answer)
    assert len(await house.journal.open_cases()) == 1


async def test_a_list_with_one_broken_item_loses_nothing(house: WebHouse) -> None:
    status, answer = await send(await house.api(), {"alarms": [EMPTY, "and a beep"]})
    assert status == 422
    assert [report["id"] for report in answer["reports"]] == ["ctest0001", "ctest0002"]
    assert "and a beep" in await raw_words(house, await the_case(house, answer["reports"][1]))


@pytest.mark.parametrize("size", [LIMIT + 1, 10 * 1024 * 1024])
async def test_a_body_too_large_is_kept_in_part_and_pages(house: WebHouse, size: int) -> None:
    client = await house.api()
    body = b'{"raw_text": "' + b"x" * (size - 16) + b'"}'
    status, answer = await send(client, body, **{"Idempotency-Key": "big"})
    assert status == 413
    case = await the_case(house, answer)
    assert case.pages
    assert await raw_words(house, case) == body[:KEPT].decode()
    assert await send(client, body, **{"Idempotency-Key": "big"}) == (413, answer)


async def test_a_packed_body_is_unpacked_and_a_broken_packing_pages(house: WebHouse) -> None:
    client = await house.api()
    packed = gzip.compress(json.dumps(EMPTY).encode())
    assert (await send(client, packed, **{"Content-Encoding": "gzip"}))[0] == 201
    bomb = gzip.compress(b"x" * 50 * LIMIT)
    assert (await send(client, bomb, **{"Content-Encoding": "gzip"}))[0] == 413
    async with client.post(
        "/v1/alarms", data=b"no gzip", headers=bearer(DEVICE) | {"Content-Encoding": "gzip"}
    ) as answer:
        assert answer.status in (400, 422)
    assert len(await house.journal.open_cases()) >= 2


async def test_a_body_of_exactly_one_mebibyte_is_read(house: WebHouse) -> None:
    body = b'{"event": "device_alarm", "more": "' + b"x" * (LIMIT - 37) + b'"}'
    assert len(body) == LIMIT
    assert (await send(await house.api(), body))[0] == 201


@pytest.mark.parametrize("how", ["length", "chunks"])
async def test_a_body_that_breaks_off_is_kept_and_pages(house: WebHouse, how: str) -> None:
    """The sender is gone and hears nothing, but the person on call is paged."""
    client = await house.api()
    assert client.port is not None
    _, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = f"POST /v1/alarms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {DEVICE}\r\n"
    head += "Content-Length: 1000\r\n\r\n" if how == "length" else "Transfer-Encoding: chunked\r\n\r\n1E\r\n"
    writer.write(head.encode() + b'{"event": "device_alarm", "raw')
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    for _ in range(100):
        await asyncio.sleep(0.01)
        if cases := await house.journal.open_cases():
            break
    [case] = cases
    assert await raw_words(house, case) == '{"event": "device_alarm", "raw'
    assert case.pages


@pytest.mark.parametrize(
    "value",
    [
        "\u0000",
        "\ud800",
        "\u202edeppilf",
        "<script>alert(1)</script>",
        "x" * 1600,
        {"deep": [1, {"a": None}]},
        [],
        1e308,
        -0.0,
        True,
        None,
    ],
)
@pytest.mark.parametrize("name", ["event", "device_serial", "id", "reservoir_ml", "patient_context", "caller_note"])
async def test_hostile_values_are_taken(house: WebHouse, name: str, value: Any) -> None:
    status, answer = await send(await house.api(), {"event": "device_alarm", name: value})
    assert status == 201
    assert (await the_case(house, answer)).status is Status.PAGING


async def test_a_field_that_stands_twice_keeps_both_values(house: WebHouse) -> None:
    status, answer = await send(await house.api(), b'{"tone": "two_tone", "tone": "none"}')
    assert status == 201
    assert json.loads(await raw_words(house, await the_case(house, answer))) == {
        "tone": "two_tone",
        "tone (again)": "none",
    }


async def test_numbers_that_are_none_are_not_harmless(house: WebHouse) -> None:
    status, answer = await send(
        await house.api(), b'{"event": "status", "reservoir_ml": NaN, "daily_volume_ml": 1e999}'
    )
    assert status == 201
    assert answer["not_understood"] == ["daily_volume_ml", "reservoir_ml"]


async def test_when_the_store_refuses_nothing_is_promised() -> None:
    house = await web_house(journal_kind=FullDisk)
    client = await house.api()
    for body in (json.dumps(EMPTY).encode(), b"not json"):
        async with client.post("/v1/alarms", data=body, headers=bearer(DEVICE)) as answer:
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "5"
            assert "disk" not in await answer.text()
    async with client.get("/readyz") as answer:
        assert answer.status == 503
        assert (await answer.json())["checks"]["store"] is False
    await house.close()


async def test_our_own_fault_is_no_silence() -> None:
    """If our reading fails, the raw body still pages, and the sender hears that it was kept."""
    house = await web_house(register_kind=LostRegister)
    status, answer = await send(await house.api(), EMPTY)
    assert status == 500
    assert "register gone" not in json.dumps(answer)
    assert (await the_case(house, answer)).pages
    await house.close()


async def test_an_acting_token_may_report_too(house: WebHouse) -> None:
    assert (await send(await house.api(), EMPTY, token=ACTING))[0] == 201


async def test_other_methods_and_addresses_answer_as_problems(house: WebHouse) -> None:
    client = await house.api()
    async with client.get("/v1/alarms", headers=bearer(DEVICE)) as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "POST"
        assert answer.content_type == "application/problem+json"
    async with client.get("/v1/nothing") as answer:
        assert answer.status == 404
        assert (await answer.json())["detail"] == "There is nothing at this address."


async def test_health_says_whether_the_line_can_take_and_page() -> None:
    turning = {"watch": True, "dispatch": True}
    house = await web_house(loops={name: lambda name=name: turning[name] for name in turning})
    client = await house.api()
    async with client.get("/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "alive"})
    async with client.get("/readyz") as answer:
        assert answer.status == 200
        checks = (await answer.json())["checks"]
        assert checks == {"store": True, "handbook": True, "watch": True, "dispatch": True}
    turning["watch"] = False
    async with client.get("/readyz") as answer:
        assert answer.status == 503
        assert (await answer.json())["checks"]["watch"] is False
    await house.close()


async def test_metrics_count_without_naming_anybody(house: WebHouse) -> None:
    client = await house.api()
    _, answer = await send(client, EMPTY)
    await send(client, b"nonsense")
    async with client.get("/metrics") as shown:
        text = await shown.text()
    assert 'oncall_alarms_total{result="taken"} 1.0' in text
    assert 'oncall_alarms_total{result="unreadable"} 1.0' in text
    assert 'oncall_http_answers_total{method="POST",route="/v1/alarms",status="201"} 1.0' in text
    assert 'status="paging"' in text
    for secret in (answer["id"], f'"{answer["case"]}"', "NGP123456H", "cho", "Park", "Leo", "+1617"):
        assert secret not in text


async def test_every_answer_is_guarded(house: WebHouse) -> None:
    client = await house.api()
    async with client.get("/healthz") as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "aiohttp" not in answer.headers["Server"]
