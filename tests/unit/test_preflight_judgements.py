"""What preflight makes of what it found: plain values in, a verdict and what to do out. No network."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError
from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException

from oncall.adapters.telephony.trial_call import MOST, TrialCalls
from oncall.config import Config
from oncall.core.rota.on_call import with_changes
from oncall.core.rota.shifts import leave
from oncall.preflight import door, ours
from oncall.preflight.check import Check, Verdict, cannot_tell, examined, ok, problem
from oncall.preflight.line import (
    NAMES,
    address_checks,
    differing,
    misplaced_fallback,
    number_check,
    same_document,
    wanted_addresses,
)
from oncall.preflight.provider import Heard, judged_account, judged_balance, judged_clock
from oncall.preflight.registration import elsewhere, judged_campaigns, judged_toll_free, taken_by_service
from oncall.preflight.ringing import judged_call, judged_text, refused_by_provider
from oncall.preflight.run import exit_code
from tests.support.builders import phone, ward_staff
from tests.support.ward import THREE_AM, shipped, ward_config

URL = "https://line.hospital.example"
WANTED = wanted_addresses(URL, "https://static.example/pump/")
GOOD = {**WANTED, "capabilities": {"voice": True, "sms": True}}
OK, PROBLEM, CANNOT_TELL = Verdict.OK, Verdict.PROBLEM, Verdict.CANNOT_TELL


# --- checks themselves -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (TwilioRestException(503, "https://api.twilio.com/secret-path", "words"), "the provider answered 503"),
        (ClientConnectionError("secret"), "the other side could not be reached"),
        (OSError("secret"), "the other side could not be reached"),
        (KeyError("secret"), "the check itself failed (KeyError)"),
        (TimeoutError(), "no answer within 1 seconds"),
    ],
)
async def test_a_check_that_breaks_is_cannot_tell_in_one_plain_sentence(trouble: Exception, words: str) -> None:
    async def look() -> list[Check]:
        raise trouble

    [check] = await examined("balance", look, 1)
    assert (check.name, check.verdict) == ("balance", CANNOT_TELL)
    assert words in check.found
    assert "secret" not in check.line()
    assert check.todo.endswith(".")


async def test_a_check_that_hangs_is_given_up() -> None:
    async def look() -> list[Check]:
        await asyncio.Event().wait()
        return []

    [check] = await examined("balance", look, 0.01)
    assert check.verdict is CANNOT_TELL


def test_only_a_problem_ends_with_1() -> None:
    assert exit_code([ok("a", "x"), cannot_tell("b", "x", "y")]) == 0
    assert exit_code([ok("a", "x"), problem("b", "x", "y")]) == 1
    assert exit_code([]) == 0


# --- ours ------------------------------------------------------------------------------------------------------------


def test_a_hole_in_the_first_two_tiers_is_a_problem_and_later_ones_are_not() -> None:
    book = shipped()
    assert [check.verdict for check in ours.rota_checks(book, THREE_AM)] == [OK, OK]

    def away(days: float) -> list[Verdict]:
        start = THREE_AM + timedelta(days=days)
        gone = tuple(leave(f"l-{who}", who, start, start + timedelta(hours=2)) for who in ("ana", "ben", "cho"))
        rota = with_changes(book.rota, gone)
        return [check.verdict for check in ours.rota_checks(replace(book, rota=rota), THREE_AM)]

    assert away(0) == [PROBLEM, OK]
    assert away(13) == [PROBLEM, OK]
    assert away(15) == [OK, OK]


def test_the_tiers_that_are_looked_at_are_the_first_two_rungs_of_an_emergency() -> None:
    assert ours.first_tiers(shipped()) == ("pump-team/primary", "pump-team/attending")


def test_people_without_a_telephone_or_without_a_proof_are_named() -> None:
    staff, book = ward_staff(), shipped()
    [good] = ours.phone_checks(book, staff, THREE_AM)
    assert good.verdict is OK
    unproven = replace(staff["ana"], phones=(replace(phone("+16175550110"), proven_at=None),))
    [check] = ours.phone_checks(book, staff | {"ana": unproven}, THREE_AM)
    assert (check.verdict, check.found) == (PROBLEM, "not proven by a key yet: ana")
    [check] = ours.phone_checks(book, staff | {"ana": replace(unproven, phones=())}, THREE_AM)
    assert (check.verdict, check.found) == (PROBLEM, "no telephone of ana")
    [check] = ours.phone_checks(book, {}, THREE_AM)
    assert check.found.startswith("no telephone of ana, ben")


def test_unsigned_content_is_a_problem_until_somebody_answers_for_it() -> None:
    book = replace(shipped(), unsigned=("rules",))
    assert [check.verdict for check in ours.handbook_checks(book, None)] == [PROBLEM]
    assert [check.verdict for check in ours.handbook_checks(book, "Ada Grant")] == [OK]
    assert [check.verdict for check in ours.handbook_checks(replace(book, unsigned=()), None)] == [OK]


def test_an_edition_that_borrows_from_the_program_is_a_problem_before_going_live() -> None:
    [check] = ours.handbook_checks(replace(shipped(), unsigned=(), lent=("rules/calls.yaml",)), "Ada Grant")
    assert (check.verdict, "rules/calls.yaml" in check.found) == (PROBLEM, True)


@pytest.mark.parametrize("token", ["", " token", "token\n"])
def test_a_secret_that_was_pasted_badly_is_told_and_not_shown(token: str) -> None:
    usual: Config = ward_config(URL, "http://127.0.0.1:9")
    assert ours.configuration_check(usual).verdict is OK
    told = usual.telephony.model_copy(update={"token": token})
    check = ours.configuration_check(usual.model_copy(update={"telephony": told}))
    assert check.verdict is PROBLEM
    told = usual.telephony.model_copy(update={"account": "SK" + "0" * 32})
    assert ours.configuration_check(usual.model_copy(update={"telephony": told})).verdict is PROBLEM


def test_a_database_is_looked_at_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "oncall.db"
    assert [check.verdict for check in ours.database_checks(path)] == [CANNOT_TELL]
    assert list(tmp_path.iterdir()) == []
    assert [check.verdict for check in ours.database_checks(None)] == [PROBLEM]
    path.parent.mkdir()
    path.write_bytes(b"no database at all, and long enough to be taken for one")
    assert [check.verdict for check in ours.database_checks(path)] == [PROBLEM]


# --- our door --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unsigned", "signed", "verdict"),
    [(403, 200, OK), (200, 200, PROBLEM), (404, 404, PROBLEM), (403, 403, PROBLEM), (403, 502, PROBLEM)],
)
def test_only_a_door_that_takes_the_signed_and_refuses_the_unsigned_is_ok(unsigned, signed, verdict) -> None:
    assert door.judged_signatures(unsigned, signed).verdict is verdict


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [(200, '{"status": "alive"}', OK), (200, "<h1>Welcome to nginx</h1>", PROBLEM), (502, "", PROBLEM)],
)
def test_a_proxy_that_answers_for_itself_is_not_our_service(status, body, verdict) -> None:
    assert door.judged_health(URL, status, body).verdict is verdict


@pytest.mark.parametrize(("days", "verdict"), [(90, OK), (21, OK), (20, PROBLEM), (0, PROBLEM), (-3, PROBLEM)])
def test_a_certificate_that_nobody_renewed_is_a_problem(days: int, verdict: Verdict) -> None:
    assert door.judged_certificate("x", THREE_AM + timedelta(days=days), THREE_AM).verdict is verdict


async def test_an_address_without_tls_is_a_problem_except_on_the_training_ground() -> None:
    async def verdict(url: str, real: bool) -> Verdict:
        [check] = await door.certificate(url, THREE_AM, real)
        return check.verdict

    assert await verdict("http://127.0.0.1:8080", False) is CANNOT_TELL
    assert await verdict("http://127.0.0.1:8080", True) is PROBLEM
    assert await verdict("http://line.hospital.example", False) is PROBLEM


@pytest.fixture
def unknown_authority(tmp_path: Path) -> ssl.SSLContext:
    """A server's certificate that it has signed itself."""
    key, signed = tmp_path / "key.pem", tmp_path / "cert.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", "/CN=localhost"]
    subprocess.run(["openssl", *words, "-keyout", key, "-out", signed], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, key)
    return context


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on this machine")
async def test_a_certificate_that_nobody_else_has_signed_is_a_problem(unknown_authority: ssl.SSLContext) -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0, ssl=unknown_authority)
    async with server:
        port = server.sockets[0].getsockname()[1]
        [check] = await door.certificate(f"https://localhost:{port}", THREE_AM, real=True)
    assert check.verdict is PROBLEM
    assert "nobody will believe" in check.found


# --- the provider ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ("84.2", OK),
        ("20", OK),
        ("19.99", PROBLEM),
        ("-4", PROBLEM),
        ("0", PROBLEM),
        (None, CANNOT_TELL),
        ("", CANNOT_TELL),
    ],
)
def test_money_that_would_not_last_a_night_is_a_problem(told: str | None, verdict: Verdict) -> None:
    assert judged_balance(told, "USD").verdict is verdict


@pytest.mark.parametrize(
    ("status", "kind", "verdict"),
    [("active", "Full", OK), ("active", "Trial", PROBLEM), ("suspended", "Full", PROBLEM), (None, None, PROBLEM)],
)
def test_only_a_full_active_account_is_ok(status, kind, verdict) -> None:
    assert judged_account(status, kind).verdict is verdict


@given(
    apart=st.floats(-300, 300),
    took=st.floats(0, 9),
)
def test_a_clock_is_wrong_only_when_no_network_delay_explains_it(apart: float, took: float) -> None:
    """The provider stamped whole seconds at some instant between asking and answer, by a clock `apart` from ours."""
    asked = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    stamped = (asked + timedelta(seconds=took / 2) - timedelta(seconds=apart)).replace(microsecond=0)
    verdict = judged_clock(Heard(stamped, asked, asked + timedelta(seconds=took))).verdict
    if abs(apart) <= 5:
        assert verdict is OK
    if abs(apart) > 5 + took / 2 + 1.5:
        assert verdict is PROBLEM


# --- the number ------------------------------------------------------------------------------------------------------


def test_the_wanted_addresses_are_all_right_and_nothing_else_is_looked_at() -> None:
    assert {check.verdict for check in address_checks(GOOD, WANTED)} == {OK}
    assert len(address_checks(GOOD, WANTED)) == len(WANTED) == len(NAMES)


@given(st.sampled_from(sorted(WANTED)), st.text(max_size=40))
def test_any_other_value_is_told_with_the_wanted_one(name: str, other: str) -> None:
    found = {**GOOD, name: other}
    if name in differing(found, WANTED):
        [wrong] = [check for check in address_checks(found, WANTED) if check.verdict is PROBLEM]
        assert WANTED[name] in wrong.todo
        assert wrong.name == NAMES[name]
    else:
        assert other.partition("#")[0] == WANTED[name]


@pytest.mark.parametrize("name", ["trunk_sid", "voice_application_sid", "sms_application_sid"])
def test_what_takes_the_number_away_from_its_addresses_is_a_problem(name: str) -> None:
    wrong = [check for check in address_checks({**GOOD, name: "XX1"}, WANTED) if check.verdict is PROBLEM]
    assert [name in check.todo for check in wrong] == [True]


def test_a_number_must_be_ours_and_do_voice_and_texts() -> None:
    assert number_check("+1", GOOD).verdict is OK
    assert number_check("+1", None).verdict is PROBLEM
    deaf = number_check("+1", {"capabilities": {"voice": True, "sms": False}})
    assert (deaf.verdict, "cannot do sms" in deaf.found) == (PROBLEM, True)


@pytest.mark.parametrize(
    ("url", "verdict"),
    [("", PROBLEM), (f"{URL}/static/voice.xml", PROBLEM), ("https://static.example/voice.xml", None)],
)
def test_a_fallback_is_somewhere_and_not_here(url: str, verdict: Verdict | None) -> None:
    found = misplaced_fallback("voice_fallback_url", url, URL)
    assert (found.verdict if found else None) is verdict


def test_documents_are_compared_by_what_they_say() -> None:
    one = '<?xml version="1.0"?><Response><Dial timeout="60" a="1">+1617</Dial></Response>'
    assert same_document(one, "<Response>\n  <Dial a='1' timeout='60'>+1617</Dial>\n</Response>\n")
    assert not same_document(one, "<Response><Dial timeout='60' a='1'>+1618</Dial></Response>")
    assert not same_document(one, "<html>")


# --- registration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "verdict"),
    [
        (judged_campaigns(["FAILED", "VERIFIED"]), OK),
        (judged_campaigns(["PENDING"]), PROBLEM),
        (judged_campaigns([None]), PROBLEM),
        (judged_campaigns([]), PROBLEM),
        (judged_toll_free(["TWILIO_APPROVED"]), OK),
        (judged_toll_free(["IN_REVIEW"]), PROBLEM),
        (judged_toll_free([]), PROBLEM),
        (elsewhere("+442079460000"), CANNOT_TELL),
    ],
)
def test_only_an_approved_registration_is_ok(check: Check, verdict: Verdict) -> None:
    assert check.verdict is verdict


def test_a_messaging_service_may_keep_texts_only_for_our_own_address() -> None:
    assert taken_by_service(WANTED["sms_url"], WANTED["sms_url"]) is None
    for other in (None, "https://old.example"):
        check = taken_by_service(other, WANTED["sms_url"])
        assert check is not None
        assert WANTED["sms_url"] in check.todo


# --- a telephone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("delivered", OK), ("sent", CANNOT_TELL), ("queued", CANNOT_TELL), ("undelivered", PROBLEM), ("failed", PROBLEM)],
)
def test_only_delivered_is_delivered(status: str, verdict: Verdict) -> None:
    """Law 4."""
    assert judged_text(status, 30007, 75).verdict is verdict


@pytest.mark.parametrize("status", ["completed", "busy", "no-answer", "failed", "canceled", "ringing", "in-progress"])
def test_only_a_key_proves_that_a_telephone_rang(status: str) -> None:
    assert judged_call(status, "").verdict is PROBLEM
    assert judged_call(status, "5").verdict is OK


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [(400, 21610, PROBLEM), (400, 21211, PROBLEM), (500, 20500, CANNOT_TELL), (429, 20429, CANNOT_TELL)],
)
def test_a_refusal_is_told_by_its_number(status: int, code: int, verdict: Verdict) -> None:
    assert refused_by_provider("test text", TwilioRestException(status, "x", "y", code)).verdict is verdict


def test_a_trial_call_asks_three_times_keeps_the_key_and_forgets_old_ones() -> None:
    trials = TrialCalls()
    assert [("<Gather" in trials.step("a", turn, ""), trials.pressed("a")) for turn in range(5)] == [
        (True, ""), (True, ""), (True, ""), (False, ""), (False, ""),
    ]  # fmt: skip
    trials.step("a", 1, "7")
    assert (trials.pressed("a"), trials.pressed("b")) == ("7", "")
    for n in range(MOST):
        trials.step(f"n{n}", 0, "1")
    assert trials.pressed("a") == ""
    assert trials.pressed(f"n{MOST - 1}") == "1"
