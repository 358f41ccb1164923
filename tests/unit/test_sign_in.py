"""The internal door: passwords, waits with an end, sessions that run out, links that work once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall.adapters.clock import VirtualClock, new_id, new_secret, new_token
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.rows import PersonRow
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.core.people import Hospital
from oncall.service.people.accounts import FIRST, RESET, VISIT, Came, SignedIn, roles_from, wait_after
from oncall.service.people.passwords import Passwords, fault_of
from oncall.service.people.sign_in import SignIn
from tests.support.web_house import QUICK

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOSPITAL = Hospital("Lakeside", "America/New_York", "911", "+16175550100", "+16175550101", "http://127.0.0.1:8080")
GOOD, OTHER = "four unrelated words", "and four quite other ones"
DESK = Came("10.0.0.7", "a ward PC")
ADMIN = frozenset({"admin"})


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


@pytest.fixture(params=["memory", "sqlite"])
async def register(request, tmp_path, clock):
    made: KeptRegister = (
        MemoryRegister(HOSPITAL, clock)
        if request.param == "memory"
        else SqliteRegister(tmp_path / "oncall.db", HOSPITAL, clock)
    )
    yield made
    await made.close()


@pytest.fixture
async def door(register, clock) -> SignIn:
    made = SignIn(register.accounts, clock, Passwords(new_secret, QUICK), new_token, new_id)
    await made.use_link(await made.invite("ana", "Ana Lee", ADMIN, "test"), GOOD)
    return made


async def who(door: SignIn, token: str | None) -> SignedIn | None:
    assert token is not None
    return await door.who(token)


async def test_the_right_password_opens_a_new_session_each_time(door):
    first, second = await door.by_password("ana", GOOD, DESK), await door.by_password(" ANA ", GOOD, DESK)
    assert first != second
    asker = await who(door, first)
    assert (asker.person, asker.name, asker.roles) == ("ana", "Ana Lee", ADMIN)
    assert asker.csrf != (await who(door, second)).csrf
    assert {session.agent for session in await door.sessions("ana")} == {"", "a ward PC"}


@pytest.mark.parametrize(
    ("person", "password"), [("ana", OTHER), ("ana", ""), ("zed", GOOD), ("", ""), ("ana", "x" * 999)]
)
async def test_anything_else_is_refused(door, person, password):
    assert await door.by_password(person, password, DESK) is None


async def test_after_five_misses_the_right_password_waits_too_and_then_opens(door, clock):
    for _ in range(5):
        assert await door.by_password("ana", OTHER, DESK) is None
    assert await door.by_password("ana", GOOD, Came("10.0.0.8")) is None
    clock.step(timedelta(seconds=61))
    assert await door.by_password("ana", GOOD, DESK) is not None
    assert (await door.accounts.account("ana")).failures == 0


async def test_tries_during_the_wait_make_it_no_longer(door, clock):
    for _ in range(50):
        await door.by_password("ana", OTHER, Came(f"10.0.1.{_}"))
    assert (await door.accounts.account("ana")).locked_until == AT + timedelta(minutes=1)


async def test_guesses_that_are_sent_all_at_once_are_not_all_tried(door):
    """Each is judged by what the ones before have cost, although they came before the first was answered."""
    told = [*[f"guess number {number}" for number in range(9)], GOOD]
    opened = await asyncio.gather(
        *(door.by_password("ana", one, Came(f"10.0.2.{place}")) for place, one in enumerate(told))
    )
    assert opened == [None] * 10


async def test_a_stolen_session_cannot_try_passwords_all_at_once(door):
    asker = await who(door, await door.open_session("ana"))
    tried = [*[door.change_password(asker, f"guess number {number}", OTHER) for number in range(9)]]
    told = await asyncio.gather(*tried, door.change_password(asker, GOOD, OTHER))
    assert None not in told


def test_waits_double_and_end_at_a_quarter_of_an_hour():
    waits = [wait_after(failures, 5) for failures in (4, 5, 6, 7, 8, 9, 1000)]
    assert waits == [None, *(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15, 15))]


async def test_an_address_that_tries_many_names_waits_and_others_do_not(door, clock):
    for number in range(20):
        await door.by_password(f"guess{number}", GOOD, DESK)
    assert await door.by_password("ana", GOOD, DESK) is None
    assert await door.by_password("ana", GOOD, Came("10.0.0.8")) is not None
    clock.step(timedelta(minutes=2))
    assert await door.by_password("ana", GOOD, DESK) is not None


async def test_a_ward_that_keeps_trying_from_a_waiting_address_waits_no_longer(door, clock):
    for number in range(20):
        await door.by_password(f"guess{number}", GOOD, DESK)
    for _ in range(6):
        assert await door.by_password("ana", GOOD, DESK) is None
        clock.step(timedelta(seconds=10))
    assert await door.by_password("ana", GOOD, DESK) is not None


async def test_a_session_ends_after_an_hour_alone_and_after_twelve_hours_in_any_case(door, clock):
    alone, used = await door.open_session("ana"), await door.open_session("ana")
    for _ in range(23):
        clock.step(timedelta(minutes=30))
        assert await who(door, used) is not None
    assert await who(door, alone) is None
    clock.step(timedelta(minutes=31))
    assert await who(door, used) is None
    assert await door.sessions("ana") == []


async def test_an_ended_session_and_a_made_up_one_are_nobodys(door):
    token = await door.open_session("ana")
    assert await door.end((await who(door, token)).session, "ana")
    assert await who(door, token) is None
    assert not await door.end("no such session", "ana")
    assert await door.who("made up") is None
    assert await door.who("") is None


async def test_whoever_leaves_the_team_is_signed_out_and_not_let_in_again(door, register):
    await register.put(
        [PersonRow(id="ana", full_name="Ana Lee", name="Dr Lee", spoken="Doctor Lee", role="clinician")], "test"
    )
    token = await door.open_session("ana")
    await register.deactivate("ana", "maria")
    assert await who(door, token) is None
    assert await door.by_password("ana", GOOD, DESK) is None
    assert not await door.has_admin()


async def test_whoever_is_invited_again_does_not_get_the_old_password_back(door):
    await door.accounts.change_account("ana", lambda known: replace(known, ended=True), "test", AT)
    link = await door.invite("ana", "Ana Lee", ADMIN, "test")
    assert await door.by_password("ana", GOOD, DESK) is None
    assert await door.use_link(link, OTHER) is not None


async def test_a_link_works_once_for_a_day_and_a_newer_one_ends_it(door, clock):
    first = await door.new_link("ana", RESET, "adam")
    second = await door.new_link("ana", RESET, "adam")
    assert await door.use_link(first, OTHER) is None
    used = await asyncio.gather(door.use_link(second, OTHER), door.use_link(second, OTHER))
    assert sum(token is not None for token in used) == 1
    assert await door.by_password("ana", GOOD, DESK) is None
    assert await door.by_password("ana", OTHER, DESK) is not None
    late = await door.new_link("ana", RESET, "adam")
    clock.step(timedelta(hours=24))
    assert await door.link(late) is None


async def test_a_reset_ends_every_session_and_every_wait(door):
    token = await door.open_session("ana")
    for _ in range(9):
        await door.by_password("ana", OTHER, DESK)
    assert await door.use_link(await door.new_link("ana", RESET, "adam"), OTHER) is not None
    assert await who(door, token) is None
    assert await door.by_password("ana", OTHER, Came("10.0.0.9")) is not None


async def test_only_a_sample_person_may_come_in_without_a_password(door):
    assert await door.use_link(await door.new_link("ana", VISIT, "test"), None) is None
    assert await door.use_link(await door.new_link("ana", FIRST, "test"), None) is None
    sample = await door.invite("sam", "Sam", ADMIN, "test", VISIT, is_sample=True)
    assert await door.use_link(sample, None) is not None


async def test_changing_the_password_needs_the_present_one_and_ends_the_other_sessions(door):
    here, elsewhere = await door.open_session("ana"), await door.open_session("ana")
    asker = await who(door, here)
    assert "not right" in await door.change_password(asker, OTHER, OTHER)
    assert "12 characters" in await door.change_password(asker, GOOD, "short")
    assert await door.change_password(asker, GOOD, OTHER) is None
    assert await who(door, here) is not None
    assert await who(door, elsewhere) is None
    assert await door.by_password("ana", OTHER, DESK) is not None


async def test_no_secret_is_kept_in_the_clear_nor_told_by_audit_and_listings(door, register):
    token, link = await door.open_session("ana"), await door.new_link("ana", RESET, "adam")
    told = repr([await register.table(name) for name in ("accounts", "sessions", "one_time_links")])
    told += repr(await register.audit(500))
    for secret in (token, link, GOOD, "argon2", "sha256"):
        assert secret not in told
    assert (await door.accounts.account("ana")).password.startswith("$argon2id$")


async def test_every_change_has_its_line_in_the_audit(door, register):
    await door.by_password("ana", OTHER, DESK)
    session = (await who(door, await door.open_session("ana"))).session
    await door.end(session, "adam")
    lines = [(line.who, line.what) for line in await register.audit(500)]
    assert ("test", "accounts ana added") in lines
    assert ("sign-in", "accounts ana changed") in lines
    assert ("ana", f"sessions {session} added") in lines
    assert ("adam", f"sessions {session} changed") in lines


@pytest.mark.parametrize("password", ["short", "x" * 201, "aaaaaaaaaaaa", "ana and ana and", "121212121212"])
def test_a_password_that_is_guessed_at_once_is_not_taken(password):
    assert fault_of(password, "ana") is not None


def test_roles_are_a_small_set():
    assert roles_from(["viewer", "viewer"]) == {"viewer"}
    for wrong in ([], ["nurse"], ["viewer", "root"]):
        with pytest.raises(ValueError):
            roles_from(wrong)


async def test_a_second_person_proves_who_they_are_without_coming_in(door):
    before = await door.sessions("ana")
    proven = await door.proves(" ANA ", GOOD, DESK)
    assert proven is not None
    assert proven.person == "ana"
    assert await door.sessions("ana") == before
    for _ in range(5):
        assert await door.proves("ana", "a guess", DESK) is None
    assert await door.proves("ana", GOOD, DESK) is None, "guessing here waits like guessing at the door"
