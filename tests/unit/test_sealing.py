"""A second step's secret in the database is of no use without the house's key file."""

from __future__ import annotations

import hmac
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp

from oncall.adapters.clock import VirtualClock, new_id, new_secret, new_token
from oncall.adapters.register.sealing import SEALED, Seal
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.service.people.half_way import HalfWay
from oncall.service.people.passwords import Passwords
from oncall.service.people.second_step import Second, spent
from oncall.service.people.second_steps import SecondSteps
from oncall.service.people.sign_in import SignIn
from tests.support.web_house import QUICK
from tests.unit.test_sign_in import HOSPITAL

AT = datetime(2026, 11, 23, 8, 0, 5, tzinfo=UTC)
HOUSE = replace(HOSPITAL, secret=b"k" * 32)
WORDS = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def set_up(register: SqliteRegister, clock: VirtualClock) -> tuple[str, tuple[str, ...]]:
    """Ana with a second step that is on: its secret, and the codes for a lost telephone."""
    door = SignIn(register.accounts, clock, Passwords(new_secret, QUICK), new_token, new_id)
    await door.use_link(await door.invite("ana", "Ana Lee", frozenset({"admin"}), "test"), "four unrelated words")
    steps, asker = SecondSteps(door, clock, new_token, new_id), await door.who(await door.open_session("ana"))
    assert asker is not None
    await steps.begin(asker)
    second = await steps.of("ana")
    assert second is not None
    codes = await steps.confirm(asker, pyotp.TOTP(second.secret).at(clock.now()))
    clock.step(timedelta(minutes=1))
    return second.secret, codes


async def comes_in(register: SqliteRegister, clock: VirtualClock, code: str) -> bool:
    door = SignIn(register.accounts, clock, Passwords(new_secret, QUICK), new_token, new_id)
    half = await door.by_password("ana", "four unrelated words")
    assert isinstance(half, HalfWay)
    return await door.by_code(half.word, code) is not None


def laid_down(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in path.parent.glob("oncall.db*"))


async def test_a_second_steps_secret_cannot_be_read_from_the_database_and_still_opens(tmp_path: Path) -> None:
    clock, path = VirtualClock(AT), tmp_path / "oncall.db"
    register = SqliteRegister(path, HOUSE, clock)
    secret, _ = await set_up(register, clock)
    assert secret.encode() not in laid_down(path)
    assert SEALED.encode() in laid_down(path)
    assert await comes_in(register, clock, pyotp.TOTP(secret).at(clock.now()))
    await register.close()


async def test_secrets_from_before_are_sealed_when_the_database_is_opened_and_leave_no_trace(tmp_path: Path) -> None:
    clock, path = VirtualClock(AT), tmp_path / "oncall.db"
    register = SqliteRegister(path, HOUSE, clock)
    await set_up(register, clock)
    await register.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE accounts SET totp_secret = ?", (WORDS,))
    connection.close()
    assert WORDS.encode() in laid_down(path)
    register = SqliteRegister(path, HOUSE, clock)
    assert WORDS.encode() not in laid_down(path)
    assert await comes_in(register, clock, pyotp.TOTP(WORDS).at(clock.now()))
    await register.close()


async def test_a_lost_key_file_opens_nothing_and_the_codes_for_a_lost_telephone_still_do(tmp_path: Path) -> None:
    clock, path = VirtualClock(AT), tmp_path / "oncall.db"
    register = SqliteRegister(path, HOUSE, clock)
    secret, codes = await set_up(register, clock)
    await register.close()
    register = SqliteRegister(path, replace(HOUSE, secret=b"another key of thirty-two bytes."), clock)
    assert not await comes_in(register, clock, pyotp.TOTP(secret).at(clock.now()))
    clock.step(timedelta(minutes=30))
    assert await comes_in(register, clock, codes[0])
    await register.close()
    register = SqliteRegister(path, HOUSE, clock)  # the right key came back
    clock.step(timedelta(minutes=30))
    assert await comes_in(register, clock, pyotp.TOTP(secret).at(clock.now()))
    await register.close()


def test_what_was_sealed_for_one_person_opens_for_nobody_else() -> None:
    seal = Seal(b"k" * 32)
    closed = seal.close(WORDS, "ana")
    assert seal.open(closed, "ana") == WORDS
    assert seal.close(WORDS, "ana") == closed
    for told, person in ((closed, "ben"), (closed[:-4] + "AAA=", "ana"), (WORDS, "ana"), (SEALED, "ana"), ("é", "ana")):
        assert seal.open(told, person) == ""


def test_an_unreadable_secret_opens_for_no_code() -> None:
    """Anybody can compute the codes of a secret of no bits (RFC 4226)."""
    digest = hmac.digest(b"", (int(AT.timestamp()) // 30).to_bytes(8, "big"), "sha1")
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    assert spent(Second("", confirmed_at=AT), f"{number % 1_000_000:06}", AT) is None
