"""`oncall preflight` as a whole: the official client, a carrier, a house and a fallback on real sockets.

First everything is right; then one thing is spoilt, and exactly that is told, with what to do. Deliberately not here:
the judgements themselves (unit/test_preflight_judgements.py).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from oncall.adapters.rehearsal.records import Callback
from oncall.adapters.rehearsal.sample_ward import PHONE_BOOK
from oncall.core.emergency_numbers import EMERGENCY
from oncall.preflight.check import Verdict
from oncall.preflight.ringing import CALL, TEXT
from tests.house.test_cli import oncall
from tests.support.live_house import LiveHouse, open_live_house

ANA = PHONE_BOOK["ana"]


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[LiveHouse]:
    async with open_live_house(tmp_path) as opened:
        yield opened


async def test_where_all_is_right_nothing_but_the_missing_certificate_is_told(live: LiveHouse) -> None:
    before = live.carrier.line.published()
    checks = await live.preflight()
    others = {name: check.found for name, check in checks.items() if check.verdict is not Verdict.OK}
    assert set(others) == {"certificate"}, others
    assert checks["certificate"].verdict is Verdict.CANNOT_TELL
    assert len(checks) == 22
    assert live.carrier.line.published() == before
    assert live.carrier.texts.all == {}
    assert live.carrier.calls.all == {}
    assert await live.house.journal.open_cases() == [], "the signed request files nothing"


def _set_line(**addresses: str) -> Callable[[LiveHouse], None]:
    def spoil(live: LiveHouse) -> None:
        for name, url in addresses.items():
            setattr(live.carrier.line, name, Callback(url))

    return spoil


def _set_account(**values: object) -> Callable[[LiveHouse], None]:
    def spoil(live: LiveHouse) -> None:
        for name, value in values.items():
            setattr(live.carrier.account, name, value)

    return spoil


def _other_fallback(live: LiveHouse) -> None:
    live.files["voice.xml"] = "<Response><Say>We are closed.</Say></Response>"


def _fallback_at_home(live: LiveHouse) -> None:
    live.carrier.line.text_fallback = Callback(f"{live.config.public.url}/twilio/text", "GET")


PROBLEMS = {
    "a letter wrong in the address for calls": (
        _set_line(voice="https://line.hospital.example/twilio/voise"),
        "a call comes in",
        "Set it to http://127.0.0.1:",
    ),
    "no address for texts": (_set_line(text=""), "a message comes in", "/twilio/text"),
    "no address for statuses": (_set_line(status=""), "call status changes", "/twilio/status"),
    "the wrong method": (
        lambda live: setattr(live.carrier.line, "voice", replace(live.carrier.line.voice, method="GET")),
        "a call comes in, method",
        "POST",
    ),
    "a number of somebody else": (_set_account(owns_line=False), "the number", "telephony.line"),
    "little money": (_set_account(balance="3.10"), "balance", "automatic recharge"),
    "a suspended account": (_set_account(status="suspended"), "credentials", "made active"),
    "a trial account": (_set_account(type="Trial"), "credentials", "Upgrade it"),
    "a campaign that waits": (_set_account(campaign="IN_PROGRESS"), "sender registration", "VERIFIED"),
    "no campaign": (_set_account(campaign=None), "sender registration", "A2P 10DLC"),
    "a service that keeps the texts": (
        _set_account(service_takes_texts="https://old.example/sms"),
        "a message comes in",
        "defer to the sender's webhook",
    ),
    "a clock that is wrong": (_set_account(clock_runs_ahead_s=90), "clock", "chrony"),
    "no voice fallback": (_set_line(voice_fallback=""), "voice fallback", "oncall fallback"),
    "a fallback that says something else": (_other_fallback, "voice fallback's words", "Write voice.xml anew"),
    "a fallback on the same machine": (_fallback_at_home, "messaging fallback", "stands when this one has fallen"),
}


@pytest.mark.parametrize("case", PROBLEMS)
async def test_one_spoilt_thing_is_one_problem_with_what_to_do(live: LiveHouse, case: str) -> None:
    spoil, name, todo = PROBLEMS[case]
    spoil(live)  # type: ignore[no-untyped-call]
    checks = await live.preflight()
    assert {told for told, check in checks.items() if check.verdict is Verdict.PROBLEM} == {name}
    assert todo in checks[name].todo


@pytest.mark.parametrize(("status", "expected"), [("TWILIO_APPROVED", Verdict.OK), (None, Verdict.PROBLEM)])
async def test_a_toll_free_line_is_looked_up_as_such(tmp_path: Path, status: str | None, expected: Verdict) -> None:
    async with open_live_house(tmp_path, line="+18885550101") as live:
        live.carrier.account.toll_free = status
        assert (await live.preflight())["sender registration"].verdict is expected


async def test_a_fallback_whose_server_hangs_up_is_cannot_tell_and_the_number_is_compared(
    live: LiveHouse,
) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        live.carrier.line.voice_fallback = Callback(f"http://127.0.0.1:{port}/voice.xml", "GET")
        checks = await live.preflight()
    assert checks["voice fallback's words"].verdict is Verdict.CANNOT_TELL
    assert checks["a call comes in"].verdict is Verdict.OK


async def test_a_wrong_token_is_told_and_shown_nowhere(live: LiveHouse) -> None:
    wrong = live.config.telephony.model_copy(update={"token": "not-the-token"})
    live.config = live.config.model_copy(update={"telephony": wrong})
    checks = await live.preflight()
    assert checks["credentials"].verdict is Verdict.PROBLEM
    assert checks["signatures"].verdict is Verdict.PROBLEM, "the service was started with another one"
    assert checks["balance"].verdict is Verdict.CANNOT_TELL
    assert not [check for check in checks.values() if "not-the-token" in check.line()]


async def test_a_provider_in_trouble_is_cannot_tell_and_stops_no_other_check(live: LiveHouse) -> None:
    live.carrier.faults.order("server_error", "account", times=100)
    checks = await live.preflight()
    doubtful = {name for name, check in checks.items() if check.verdict is Verdict.CANNOT_TELL}
    assert doubtful == {"credentials", "balance", "the number", "sender registration", "certificate"}
    assert "the provider answered 500" in checks["balance"].found
    assert checks["signatures"].verdict is Verdict.OK


async def test_a_provider_that_is_not_there_is_cannot_tell(live: LiveHouse) -> None:
    away = live.config.telephony.model_copy(update={"api": "http://127.0.0.1:9"})
    live.config = live.config.model_copy(update={"telephony": away})
    checks = await live.preflight()
    assert checks["balance"].verdict is Verdict.CANNOT_TELL
    assert "could not be reached" in checks["balance"].found


async def test_a_service_that_is_not_running_is_told_at_its_own_address(live: LiveHouse) -> None:
    await live.close_door()  # type: ignore[misc]
    checks = await live.preflight()
    assert checks["public address"].verdict is Verdict.PROBLEM
    assert checks["signatures"].verdict is Verdict.CANNOT_TELL
    assert checks["credentials"].verdict is Verdict.OK


# --- the one change --------------------------------------------------------------------------------------------------


async def test_configure_shows_each_difference_sets_it_and_then_has_nothing_to_do(live: LiveHouse) -> None:
    right = live.carrier.line.published()
    live.carrier.line.voice = Callback("https://old.example/voice", "GET")
    live.carrier.line.text_fallback = Callback()
    checks = await live.preflight(configure=True, fallback=live.elsewhere)
    assert not [check for check in checks.values() if check.verdict is Verdict.PROBLEM]
    assert live.carrier.line.published() == right
    assert f"voice_url: https://old.example/voice -> {live.config.public.url}/twilio/voice" in live.told
    assert f"sms_fallback_url: empty -> {live.elsewhere}/text.xml" in live.told
    assert live.told[-1] == "Set at the provider."
    await live.preflight(configure=True, fallback=live.elsewhere)
    assert live.told[-1] == "Nothing to set: the number is as it should be."


async def test_configure_touches_no_number_of_somebody_else(live: LiveHouse) -> None:
    live.carrier.account.owns_line = False
    live.carrier.line.voice = Callback("https://theirs.example/voice")
    await live.preflight(configure=True)
    assert live.carrier.line.voice.url == "https://theirs.example/voice"


# --- a telephone -----------------------------------------------------------------------------------------------------


async def test_a_text_that_is_delivered_and_a_key_that_is_pressed_are_ok(live: LiveHouse) -> None:
    ana = live.phone("ana")
    running = asyncio.create_task(live.preflight(phone=ANA))
    await live.until_ringing(ana)
    await ana.answers()
    await ana.presses("5")
    checks = await running
    assert (checks[TEXT].verdict, checks[CALL].verdict) == (Verdict.OK, Verdict.OK), checks
    assert "5 was pressed" in checks[CALL].found
    assert ana.inbox[0].startswith("TEST from the pump line")
    assert "This is a test" in ana.heard[0]
    assert "This telephone rings" in ana.heard[-1]
    assert await live.house.journal.open_cases() == []


async def test_a_telephone_whose_owner_does_not_pick_up_is_a_problem(live: LiveHouse) -> None:
    ana = live.phone("ana")
    live.carrier.texts.stop_from_the_start([ANA])
    running = asyncio.create_task(live.preflight(phone=ANA))
    await live.until_ringing(ana)
    await ana.declines()
    checks = await running
    assert (checks[TEXT].verdict, checks[CALL].verdict) == (Verdict.PROBLEM, Verdict.PROBLEM)
    assert "START" in checks[TEXT].todo
    assert "busy" in checks[CALL].found


async def test_voicemail_is_no_key(live: LiveHouse) -> None:
    ana = live.phone("ana")
    running = asyncio.create_task(live.preflight(phone=ANA))
    await live.until_ringing(ana)
    await ana.answers()
    await ana.hangs_up()
    assert "answered and no key was pressed" in (await running)[CALL].found


@pytest.mark.parametrize("number", EMERGENCY)
async def test_no_trial_goes_to_an_emergency_number(live: LiveHouse, number: str) -> None:
    checks = await live.preflight(phone=f"+1{number}")
    assert checks[TEXT].verdict is Verdict.CANNOT_TELL
    assert live.carrier.texts.all == {}
    assert live.carrier.calls.all == {}
    assert live.carrier.alarms == []


# --- the command -----------------------------------------------------------------------------------------------------


async def test_the_command_says_one_line_for_each_check_and_ends_with_1_on_a_problem(
    live: LiveHouse, tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    told = json.loads(live.config.model_dump_json())
    told["telephony"]["token"] = "env:TWILIO_AUTH_TOKEN"
    path.write_text(json.dumps(told), encoding="utf-8")  # JSON is YAML

    async def run(*words: str, token: str = "token"):  # type: ignore[no-untyped-def]
        return await asyncio.to_thread(oncall, "preflight", "--config", path, *words, TWILIO_AUTH_TOKEN=token)

    good = await run()
    assert good.exit_code == 0, good.output
    lines = good.stdout.splitlines()
    assert len(lines) == 22
    assert {line[:11].strip() for line in lines} == {"OK", "CANNOT TELL"}
    live.carrier.account.balance = "0.40"
    bad = await run("--json")
    assert bad.exit_code == 1
    [balance] = [check for check in json.loads(bad.stdout) if check["name"] == "balance"]
    assert (balance["verdict"], balance["found"]) == ("PROBLEM", "0.40 USD left, less than 20")
    for words in (["--phone", "911"], ["--phone", "soon"], ["--fallback", "nowhere"]):
        refused = await run(*words)
        assert (refused.exit_code, refused.stderr.splitlines()[-1][:6]) == (2, "Error:")


def test_a_configuration_that_cannot_be_read_is_the_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("hospital: {name: x}\n", encoding="utf-8")
    result = oncall("preflight", "--config", path)
    assert result.exit_code == 1
    assert result.stdout.startswith("PROBLEM      configuration")
