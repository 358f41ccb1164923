"""The second step: a code opens once, a lost telephone keeps nobody out for ever, and knowing the password alone does
not give endless tries."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from oncall.adapters.clock import VirtualClock, new_id, new_secret, new_token
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.service.people.accounts import NOWHERE, RESET, Came, SignedIn
from oncall.service.people.half_way import HalfWay
from oncall.service.people.passwords import Passwords
from oncall.service.people.second_steps import SecondSteps
from oncall.service.people.sign_in import SignIn
from tests.support.web_house import QUICK
from tests.unit.test_sign_in import HOSPITAL

AT = datetime(2026, 11, 23, 8, 0, 5, tzinfo=UTC)
GOOD, OTHER = "four unrelated words", "and four quite other ones"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


@pytest.fixture(params=["memory", "sqlite"])
async def register(request, tmp_path, clock):
    path = tmp_path / "oncall.db"
    made: KeptRegister = (
        MemoryRegister(HOSPITAL, clock) if request.param == "memory" else SqliteRegister(path, HOSPITAL, clock)
    )
    yield made
    await made.close()


@pytest.fixture
async def door(register, clock) -> SignIn:
    made = SignIn(register.accounts, clock, Passwords(new_secret, QUICK), new_token, new_id, frozenset({"admin"}))
    await made.use_link(await made.invite("ana", "Ana Lee", frozenset({"admin", "coordinator"}), "test"), GOOD)
    return made


@pytest.fixture
def steps(door, clock) -> SecondSteps:
    return SecondSteps(door, clock, new_token, new_id)


async def asker(door: SignIn) -> SignedIn:
    found = await door.who(await door.open_session("ana"))
    assert found is not None
    return found


async def set_up(door: SignIn, steps: SecondSteps, clock: VirtualClock) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """The telephone, as a program by somebody else, and the codes for when it is lost; half a minute later."""
    ana = await asker(door)
    await steps.begin(ana)
    second = await steps.of("ana")
    assert second is not None
    telephone = pyotp.TOTP(second.secret)
    codes = await steps.confirm(ana, telephone.at(clock.now()))
    assert len(set(codes)) == 8
    clock.step(timedelta(seconds=60))
    return telephone, codes


async def half(door: SignIn, came: Came = NOWHERE) -> str:
    opened = await door.by_password("ana", GOOD, came)
    assert isinstance(opened, HalfWay)
    return opened.word


async def test_nothing_is_asked_before_the_first_right_code(door, steps, clock):
    ana = await asker(door)
    await steps.begin(ana)
    assert isinstance(await door.by_password("ana", GOOD), str)
    assert await steps.confirm(ana, "000000") == ()
    assert isinstance(await door.by_password("ana", GOOD), str)


async def test_after_the_password_the_code_opens_and_ends_half_the_way(door, steps, clock):
    telephone, _ = await set_up(door, steps, clock)
    word = await half(door)
    assert await door.who(word) is None, "half the way is no session"
    token = await door.by_code(word, telephone.at(clock.now()))
    assert (await door.who(token)).person == "ana"
    clock.step(timedelta(seconds=60))
    assert await door.by_code(word, telephone.at(clock.now())) is None


async def test_one_code_opens_once_also_for_two_at_the_same_time(door, steps, clock):
    telephone, _ = await set_up(door, steps, clock)
    now = telephone.at(clock.now())
    words = [await half(door), await half(door)]
    opened = await asyncio.gather(*(door.by_code(word, now) for word in words))
    assert sorted(token is not None for token in opened) == [False, True]
    assert await door.by_code(await half(door), now) is None
    earlier = telephone.at(clock.now() - timedelta(seconds=30))
    assert await door.by_code(await half(door), earlier) is None, "nor one from before it"


@pytest.mark.parametrize(("off", "opens"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
async def test_a_telephones_clock_may_be_off_by_half_a_minute(door, steps, clock, off, opens):
    telephone, _ = await set_up(door, steps, clock)
    clock.step(timedelta(seconds=120))
    code = telephone.at(clock.now() + timedelta(seconds=off))
    assert (await door.by_code(await half(door), code) is not None) == opens


async def test_each_code_for_a_lost_telephone_opens_once(door, steps, clock, register):
    _, codes = await set_up(door, steps, clock)
    typed = f" {codes[0][:4]}-{codes[0][4:]} ".upper()
    assert await door.by_code(await half(door), typed) is not None
    assert await door.by_code(await half(door), codes[0]) is None
    assert await door.by_code(await half(door), codes[1]) is not None
    assert len((await steps.of("ana")).recovery) == 6
    told = repr([await register.table("accounts"), await register.audit(500)])
    assert not any(code in told for code in codes)
    assert (await steps.of("ana")).secret not in told


async def test_wrong_codes_wait_like_wrong_passwords_and_the_password_forgives_none(door, steps, clock):
    telephone, _ = await set_up(door, steps, clock)
    for number in range(5):
        assert await door.by_code(await half(door, Came(f"10.0.0.{number}")), "000000") is None
    assert await door.by_password("ana", GOOD) is None, "a right password waits too"
    clock.step(timedelta(seconds=61))
    assert await door.by_code(await half(door), "000000") is None
    assert await door.by_password("ana", GOOD) is None, "one more miss, and the wait is longer"
    clock.step(timedelta(minutes=2, seconds=1))
    assert await door.by_code(await half(door), telephone.at(clock.now())) is not None
    assert (await door.accounts.account("ana")).failures == 0


async def test_half_the_way_ends_after_five_minutes(door, steps, clock):
    telephone, _ = await set_up(door, steps, clock)
    word = await half(door)
    clock.step(timedelta(minutes=5))
    assert not door.is_half_way(word)
    assert await door.by_code(word, telephone.at(clock.now())) is None


async def test_a_link_for_a_forgotten_password_asks_for_the_code_too(door, steps, clock):
    await set_up(door, steps, clock)
    opened = await door.use_link(await door.new_link("ana", RESET, "adam"), OTHER)
    assert isinstance(opened, HalfWay)


async def test_its_owner_takes_it_away_with_a_code_and_an_administrator_without(door, steps, clock):
    telephone, _ = await set_up(door, steps, clock)
    ana = await asker(door)
    assert not await steps.end(ana, "000000")
    assert await steps.end(ana, telephone.at(clock.now()))
    assert isinstance(await door.by_password("ana", GOOD), str)
    clock.step(timedelta(seconds=60))
    await set_up(door, steps, clock)
    await steps.reset("ana", "adam")
    assert await door.sessions("ana") == []
    assert isinstance(await door.by_password("ana", GOOD), str)


async def test_setting_it_up_again_does_not_replace_one_that_is_on(door, steps, clock):
    await set_up(door, steps, clock)
    before = (await steps.of("ana")).secret
    await steps.begin(await asker(door))
    assert (await steps.of("ana")).secret == before


async def test_an_administrators_role_waits_for_the_second_step_where_it_must(door, steps, clock):
    ana = await asker(door)
    assert (ana.roles, ana.lacks_second) == (frozenset({"coordinator"}), True)
    await set_up(door, steps, clock)
    ana = await asker(door)
    assert (ana.is_admin, ana.lacks_second) == (True, False)
