"""Swaps, leave and cover with telephones in hand: who is asked, who answers, and whom a page reaches meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from oncall.core.rota.edits import AddCover
from oncall.core.rota.on_call import tier_shifts
from oncall.core.rota.requests import Kind, Request, State, accepted, shift_of
from oncall.core.rota.spans import Span
from oncall.service.ports.journal import Edition
from oncall.service.rota.request_checks import Wanted
from oncall.service.rota.request_notices import NEWS
from oncall.service.rota.requests import RequestRefused
from tests.support.ward import TEN_AM, THREE_AM, Ward, open_ward, shipped
from tests.support.web_house import shipped_files

TIER = "pump-team/primary"
ITCHY = "he is so itchy and stiff, his alarm is beeping"
BENS_NIGHT = datetime(2026, 12, 3, 0, 0, tzinfo=UTC)  # Wednesday 2 December 19:00 in New York
BENS_DAY = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # tomorrow 07:00
CHOS_DAY = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)


def shift(person: str, at: datetime, tier: str = TIER) -> Span:
    found = shift_of(shipped().rota, tier, person, at)
    assert found is not None
    return found


@asynccontextmanager
async def at_work(at: datetime = TEN_AM) -> AsyncIterator[Ward]:
    async with open_ward(at) as ward:
        await ward.house.journal.save_edition(Edition(shipped().edition, at, "first start"), shipped_files())
        yield ward
        assert await ward.house.journal.audit() == []
        assert ward.carrier.alarms == []


def on(ward: Ward, at: datetime, tier: str = TIER) -> list[str]:
    return [one.person for one in tier_shifts(ward.house.handbooks.current().rota, tier, at)]


def asked(texts: list[str]) -> str:
    """The last question, whatever came after it."""
    return next(text for text in reversed(texts) if " yes" in text)


def reply(texts: list[str], digit: str) -> str:
    """The whole reply that the last question names."""
    word = next(word for word in asked(texts).split() if word.isdigit() and len(word) == 3)
    return word[:2] + digit


def told(ward: Ward, who: str, start: str) -> list[str]:
    return [text for text in ward.phone(who).inbox if text.startswith(start)]


async def give(ward: Ward, whom: str = "ana", at: datetime = BENS_NIGHT, **more: object) -> Request:
    wanted = Wanted(Kind.GIVE, TIER, "ben", shift("ben", at), whom, **more)  # type: ignore[arg-type]
    request = await ward.house.rota_requests.ask(wanted, "ben")
    await ward.settle()
    return request


async def later(ward: Ward, *spans: str) -> None:
    """Time passes, and at the end of each span the chore looks."""
    for span in spans:
        await ward.pass_time(span)
        await ward.house.rota_requests.look()
        await ward.settle()


async def now(ward: Ward, request: Request) -> Request:
    return await ward.house.rota_requests.known(request.id)


# --- agreed, approved, published -------------------------------------------------------------------------------------


async def test_a_colleague_accepts_by_digit_and_the_old_holder_is_on_until_a_coordinator_approves() -> None:
    async with at_work() as ward:
        ben, ana = ward.phones("ben", "ana")
        request = await give(ward, at=BENS_DAY)
        assert asked(ana.inbox) == (
            "Dr Singh asks you to take pump team primary, Thu 26 Nov 07:00 to Thu 26 Nov 19:00. "
            "971 yes, 972 no. Dr Singh keeps it until we tell you."
        )
        assert on(ward, BENS_DAY + timedelta(hours=2)) == ["ben"]
        await ana.texts(reply(ana.inbox, "1"))
        assert (await now(ward, request)).state is State.ACCEPTED, "ana has the night before: a coordinator must look"
        assert on(ward, BENS_DAY + timedelta(hours=2)) == ["ben"]
        [text] = told(ward, "maria", "For your approval")
        assert "Dr Lee agrees. Nothing is changed yet." in text
        assert told(ward, "ben", "Published") == []

        with pytest.raises(RequestRefused, match="Say why"):
            await ward.house.rota_requests.approve(request.id, "maria")
        done = await ward.house.rota_requests.approve(request.id, "maria", "short of people")
        await ward.settle()
        assert done.state is State.PUBLISHED
        assert on(ward, BENS_DAY + timedelta(hours=2)) == ["ana"]
        newest = (await ward.house.journal.editions())[0]
        assert (newest.author, newest.reason) == ("maria", f"request {request.id}, give: short of people")
        for phone in (ben, ana):
            assert phone.inbox[-1].endswith("Dr Lee has it instead of Dr Singh.")


@pytest.mark.parametrize(("is_approved", "paged"), [(False, "ben"), (True, "cho")])
async def test_a_page_reaches_the_old_holder_without_the_approval_and_the_new_one_with_it(
    is_approved: bool, paged: str
) -> None:
    async with at_work() as ward:
        request = await give(ward, "cho", at=BENS_DAY)
        await ward.phone("cho").texts(reply(ward.phone("cho").inbox, "1"))
        if is_approved:
            await ward.house.rota_requests.approve(request.id, "maria", "agreed")
        await ward.pass_time("22h")
        await ward.phone("mum of Leo").texts(ITCHY)
        assert [page.person for page in (await ward.only_case()).pages] == [paged]


async def test_what_makes_nothing_worse_and_is_far_ahead_needs_no_coordinator() -> None:
    async with at_work() as ward:
        request = await give(ward, "ana")
        await ward.phone("ana").texts(reply(ward.phone("ana").inbox, "1"))
        done = await now(ward, request)
        assert done.state is State.PUBLISHED
        assert await ward.house.rota_requests.guards_of(done) == ((), ())
        assert on(ward, BENS_NIGHT + timedelta(hours=1)) == ["ana"]
        newest = (await ward.house.journal.editions())[0]
        assert (newest.author, done.edition) == ("ben", newest.name)
        assert "more than 48 h ahead" in newest.reason
        assert told(ward, "maria", "For your approval") == []


async def test_a_swap_moves_both_shifts_at_once() -> None:
    async with at_work() as ward:
        wanted = Wanted(Kind.SWAP, TIER, "ben", shift("ben", BENS_NIGHT), "cho", shift("cho", CHOS_DAY))
        request = await ward.house.rota_requests.ask(wanted, "ben")
        await ward.settle()
        assert "swap pump team primary, Wed 2 Dec 19:00 to Thu 3 Dec 07:00 for your Thu 3 Dec 07:00" in asked(
            ward.phone("cho").inbox
        )
        await ward.phone("cho").texts(reply(ward.phone("cho").inbox, "1"))
        assert (await now(ward, request)).state is State.PUBLISHED, "nobody has less rest than before"
        assert on(ward, BENS_NIGHT + timedelta(hours=1)) == ["cho"]
        assert on(ward, CHOS_DAY + timedelta(hours=1)) == ["ben"]


async def test_of_everybody_asked_the_first_yes_holds_and_the_others_are_closed() -> None:
    async with at_work() as ward:
        wanted = Wanted(Kind.ASK_ALL, TIER, "ben", shift("ben", BENS_NIGHT))
        request = await ward.house.rota_requests.ask(wanted, "ben")
        await ward.settle()
        ana, cho = ward.phones("ana", "cho")
        await cho.texts(reply(cho.inbox, "1"))
        assert (await now(ward, request)).taker == "cho"
        await ana.texts(reply(ana.inbox, "1"))
        assert (await now(ward, request)).taker == "cho"
        assert "That question is closed; nothing was changed." in ana.inbox


async def test_everybody_saying_no_declines_it_and_the_holder_hears_that_it_is_still_theirs() -> None:
    async with at_work() as ward:
        request = await give(ward, "cho")
        await ward.phone("cho").texts(reply(ward.phone("cho").inbox, "2"))
        assert (await now(ward, request)).state is State.DECLINED
        assert told(ward, "ben", "Declined")[0].endswith("Dr Singh HAS it, as before.")
        assert on(ward, BENS_NIGHT + timedelta(hours=1)) == ["ben"]


async def test_leave_that_opens_a_hole_waits_for_the_coordinator_and_for_somebody_else() -> None:
    async with at_work() as ward:
        request = await ward.house.rota_requests.ask(Wanted(Kind.LEAVE, "", "ben", shift("ben", BENS_NIGHT)), "ben")
        await ward.settle()
        assert request.state is State.ACCEPTED
        with pytest.raises(RequestRefused, match=r"Nobody is on pump team primary.*Put somebody else on first"):
            await ward.house.rota_requests.approve(request.id, "maria", "a wedding")
        assert (await now(ward, request)).state is State.ACCEPTED
        cover = await give(ward, "cho")
        await ward.phone("cho").texts(reply(ward.phone("cho").inbox, "1"))
        await ward.house.rota_requests.approve(cover.id, "maria", "so that ben may go")
        done = await ward.house.rota_requests.approve(request.id, "maria", "a wedding")
        assert done.state is State.PUBLISHED
        assert on(ward, BENS_NIGHT + timedelta(hours=1)) == ["cho"]


async def test_what_somebody_else_has_published_meanwhile_is_refused_by_the_guards_and_told() -> None:
    async with at_work() as ward:
        request = await give(ward, "cho")
        await ward.house.rota_desk.add("maria", AddCover(TIER, "dia", "2026-12-02 19:00", "2026-12-03 07:00"))
        await ward.house.rota_desk.publish("maria", "by hand")
        await ward.phone("cho").texts(reply(ward.phone("cho").inbox, "1"))
        assert (await now(ward, request)).state is State.REFUSED
        assert "Not possible" in ward.phone("ben").inbox[-1]
        assert on(ward, BENS_NIGHT + timedelta(hours=1)) == ["dia"]


# --- what cannot be, and what comes to nothing -----------------------------------------------------------------------


async def test_nobody_answers_it_lapses_twelve_hours_before_and_both_are_told() -> None:
    async with at_work() as ward:
        request = await give(ward, "ana", at=BENS_DAY + timedelta(days=1))
        await later(ward, "32h")
        assert (await now(ward, request)).state is State.ASKED
        await later(ward, "2h")
        assert (await now(ward, request)).state is State.LAPSED
        for who in ("ben", "ana"):
            [text] = told(ward, who, "Lapsed")
            assert text.endswith("Dr Singh HAS it, as before.")
        await ward.phone("ana").texts(reply(ward.phone("ana").inbox, "1"))
        assert (await now(ward, request)).state is State.LAPSED
        assert on(ward, BENS_DAY + timedelta(days=1, hours=1)) == ["ben"]


async def test_a_reply_from_another_phone_or_by_somebody_else_is_no_consent() -> None:
    async with at_work() as ward:
        request = await give(ward, "cho")
        cho, dia = ward.phones("cho", "dia")
        code = reply(cho.inbox, "1")
        await cho.handsets[1].texts(code)
        await ward.settle()
        assert (await now(ward, request)).state is State.ASKED
        await dia.texts(code)
        assert (await now(ward, request)).state is State.ASKED
        with pytest.raises(RequestRefused):
            await ward.house.rota_requests.answer(request.id, "dia", True, "maria", "by phone")
        await cho.texts(code)
        assert (await now(ward, request)).taker == "cho"


async def test_a_coordinator_enters_what_was_said_by_phone_and_the_audit_names_her() -> None:
    async with at_work() as ward:
        request = await give(ward, "cho")
        done = await ward.house.rota_requests.answer(request.id, "cho", True, "maria", "told me by phone")
        entry = next(one for one in done.entries if one.whom == "cho")
        assert (entry.who, entry.note) == ("maria", "told me by phone")
        audit = await ward.house.register.audit()
        assert any(line.who == "maria" and line.what.startswith(f"rota_requests {request.id}") for line in audit)


async def test_a_phone_that_sent_stop_is_asked_by_voice() -> None:
    async with at_work() as ward:
        cho = ward.phone("cho")
        await ward.house.register.set_stopped(cho.number, True, TEN_AM)
        for handset in cho.handsets[1:]:
            await ward.house.register.set_stopped(handset.number, True, TEN_AM)
        request = await give(ward, "cho")
        assert cho.inbox == []
        await cho.answers()
        assert "Doctor Singh asks you to take pump team primary" in cho.heard
        assert "This is no page" in cho.heard
        await cho.presses("1")
        assert (await now(ward, request)).taker == "cho"


async def test_what_begins_soon_what_is_not_theirs_and_what_is_over_cannot_be_asked() -> None:
    async with at_work() as ward:
        ask = ward.house.rota_requests.ask
        soon = shift("ana", TEN_AM + timedelta(hours=10))
        with pytest.raises(RequestRefused, match="in less than 12 hours: use Cover me now"):
            await ask(Wanted(Kind.GIVE, TIER, "ana", soon, "cho"), "ana")
        with pytest.raises(RequestRefused, match="Dr Lee does not have pump team primary for all of this time"):
            await ask(Wanted(Kind.GIVE, TIER, "ana", shift("ben", BENS_NIGHT), "cho"), "ana")
        over = (TEN_AM - timedelta(hours=9), TEN_AM - timedelta(hours=8))
        with pytest.raises(RequestRefused, match="the past does not move"):
            await ask(Wanted(Kind.REPLACE, TIER, "ana", over), "ana")
        with pytest.raises(RequestRefused, match="somebody else than who has the shift"):
            await ask(Wanted(Kind.GIVE, TIER, "ben", shift("ben", BENS_NIGHT), "ben"), "ben")
        await give(ward, "cho")
        with pytest.raises(RequestRefused, match="Request R1 asks for this already"):
            await give(ward, "ana")


async def test_a_crash_after_the_yes_and_one_after_publishing_lose_nothing_and_publish_once() -> None:
    async with at_work() as ward:
        request, shelf = await give(ward, "ana"), ward.house.register.rota_requests
        yes = partial(accepted, taker="ana", who="ana", at=TEN_AM)
        await shelf.change_request(request.id, yes, "ana")
        await ward.house.rota_requests.look()
        done = await now(ward, request)
        assert done.state is State.PUBLISHED
        await shelf.change_request(request.id, lambda found: replace(found, state=State.APPROVED), "a crash")
        await ward.house.rota_requests.look()
        assert (await now(ward, request)).edition == done.edition
        assert len(await ward.house.journal.editions()) == 2
        await ward.settle()
        assert len(told(ward, "ana", "Published")) == 1


async def test_waiting_for_a_coordinator_writes_nothing_again_and_again() -> None:
    async with at_work() as ward:
        await give(ward, "cho")
        await ward.phone("cho").texts(reply(ward.phone("cho").inbox, "1"))
        lines = len(await ward.house.register.audit(1000))
        for _ in range(3):
            await ward.house.rota_requests.look()
        await ward.settle()
        assert len(await ward.house.register.audit(1000)) == lines


# --- sick at night ---------------------------------------------------------------------------------------------------


async def cover_me_now(ward: Ward, by: str = "ana") -> Request:
    at = ward.clock.now()
    request = await ward.house.rota_requests.ask(Wanted(Kind.REPLACE, TIER, "ana", (at, shift("ana", at)[1])), by)
    await ward.settle()
    return request


async def test_sick_at_night_the_filler_is_on_at_once_with_one_digit_and_the_coordinator_knows_by_day() -> None:
    async with at_work(THREE_AM) as ward:
        request = await cover_me_now(ward)
        [filler] = request.asked
        assert on(ward, ward.clock.now()) == ["ana"], "she is on until somebody has accepted"
        phone = ward.phone(filler)
        assert asked(phone.inbox).startswith("REPLACE NOW: Dr Lee cannot go on.")
        assert ward.phone("maria").inbox == [], "she is not rostered: she hears of it in the morning"
        await phone.texts(reply(phone.inbox, "1"))
        assert (await now(ward, request)).state is State.PUBLISHED
        assert on(ward, ward.clock.now()) == [filler, "ana"], "as at every hand-over, both for a quarter of an hour"
        assert on(ward, ward.clock.now() + timedelta(minutes=16)) == [filler]
        assert told(ward, "ana", "Published")[0].endswith("instead of Dr Lee.")
        await ward.pass_time("4h")
        assert any("Dr Lee" in text for text in ward.phone("maria").inbox)


async def test_while_nobody_has_accepted_a_page_goes_to_both_and_to_the_next_tier_at_once() -> None:
    async with at_work(THREE_AM) as ward:
        request = await cover_me_now(ward)
        await ward.phone("mum of Leo").texts(ITCHY)
        case = await ward.only_case()
        assert {page.person for page in case.pages if not page.informs} >= {"ana", request.asked[0], "dia"}
        assert ward.phone("dia").is_ringing
        assert ward.phone("ana").is_ringing


async def test_a_holder_who_falls_ill_in_an_open_emergency_brings_the_others_at_once() -> None:
    async with at_work(THREE_AM) as ward:
        await ward.phone("mum of Leo").texts(ITCHY)
        assert {page.person for page in (await ward.only_case()).pages} == {"ana"}
        request = await cover_me_now(ward)
        case = await ward.only_case()
        assert {page.person for page in case.pages if not page.informs} >= {"ana", request.asked[0], "dia"}


async def test_who_does_not_answer_is_called_after_five_minutes_and_the_next_is_asked_after_fifteen() -> None:
    async with at_work(THREE_AM) as ward:
        request = await cover_me_now(ward)
        first = ward.phone(request.asked[0])
        await later(ward, "4m45s")
        assert first.missed + first.is_ringing == 0
        await later(ward, "30s")
        assert first.missed + first.is_ringing == 1
        await later(ward, "10m")
        after = await now(ward, request)
        assert len(after.asked) == 2
        assert after.asked_now == (after.asked[1],)
        second = ward.phone(after.asked[1])
        await first.texts(reply(first.inbox, "1"))
        assert "That question is closed; nothing was changed." in first.inbox
        await second.texts(reply(second.inbox, "1"))
        assert on(ward, ward.clock.now())[0] == after.asked[1]


async def test_a_no_brings_the_next_at_once_and_the_call_is_answered_by_a_key() -> None:
    async with at_work(THREE_AM) as ward:
        request = await cover_me_now(ward, "maria")
        first = ward.phone(request.asked[0])
        await first.texts(reply(first.inbox, "2"))
        after = await now(ward, request)
        second = ward.phone(after.asked[1])
        await later(ward, "5m")
        await second.answers()
        assert "We ask you to take over now" in second.heard
        await second.presses("1")
        assert (await now(ward, request)).state is State.PUBLISHED
        assert (await ward.house.journal.editions())[0].author == "maria"


async def test_with_nobody_left_it_lapses_the_coordinator_is_told_and_pages_still_go_to_the_next_tier() -> None:
    async with at_work(THREE_AM) as ward:
        request = await cover_me_now(ward)
        await later(ward, *["15m"] * 8)
        after = await now(ward, request)
        assert after.state is State.LAPSED
        assert after.is_replacing
        assert "Nobody has taken over from Dr Lee" in ward.phone("ana").inbox[-1]
        told_maria = [n for n in await ward.house.register.notices.about(NEWS) if n.person == "maria"]
        assert [n.not_before for n in told_maria] == [datetime(2026, 11, 25, 12, 0, tzinfo=UTC)], "at seven"
        await ward.phone("mum of Leo").texts(ITCHY)
        case = await ward.only_case()
        assert {page.person for page in case.pages if not page.informs} >= {"ana", "dia"}


async def test_who_can_go_on_after_all_says_so_and_the_next_tier_waits_again() -> None:
    async with at_work(THREE_AM) as ward:
        request = await cover_me_now(ward)
        done = await ward.house.rota_requests.withdraw(request.id, "ana")
        await ward.settle()
        assert done.state is State.WITHDRAWN
        phone = ward.phone(request.asked[0])
        await phone.texts(reply(phone.inbox, "1"))
        assert on(ward, ward.clock.now()) == ["ana"]
        await ward.phone("mum of Leo").texts(ITCHY)
        assert {page.person for page in (await ward.only_case()).pages} == {"ana"}
