"""The turn of whoever holds a case ends: told ahead, both paged at the end, and nobody released before it is said back.

At 07:15 in the sample ward the night's doctor goes off (a quarter of an hour after the day's doctor has come on).
"""

from __future__ import annotations

from datetime import UTC, datetime

from oncall.core.case.case import ClockKind, Status
from oncall.core.case.commands import HandOverTo
from oncall.core.case.ipass import READ, Illness, Ipass
from oncall.core.rota.hand_overs import hand_overs
from tests.support.ward import Phone, Ward, open_ward, shipped

HALF_PAST_SIX = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)  # Wednesday 06:30 in New York
STIFF = "his legs are stiffer than usual today"


def who_changes() -> tuple[str, str]:
    """The day's doctor, and the night's."""
    at = HALF_PAST_SIX.replace(hour=12, minute=20)
    [one] = [h for h in hand_overs(shipped().rota, at) if "pump-team/primary" in h.tiers]
    assert one.previous is not None
    return one.person, one.previous


async def held_by(ward: Ward, person: str) -> tuple[Phone, Phone]:
    """The night's doctor has a case whose family has been reached: no clock runs."""
    mum, holder = ward.phone("mum of Leo"), ward.phone(person)
    await mum.texts(STIFF)
    await holder.texts(holder.reply_code("2"))
    await holder.texts("reached")
    assert (await ward.only_case()).clocks == ()
    mum.new_texts()
    holder.new_texts()
    return mum, holder


async def holder_of(ward: Ward) -> str | None:
    case = await ward.only_case()
    assert case.status is Status.HELD
    return case.holder.person if case.holder else None


async def test_at_the_end_of_a_turn_both_are_paged_until_the_incoming_says_it_back() -> None:
    day, night = who_changes()
    async with open_ward(HALF_PAST_SIX, staff_rounds=True) as ward:
        mum, old = await held_by(ward, night)
        new = ward.phone(day)
        await ward.pass_time("29m")
        assert old.new_texts() == []
        await ward.pass_time("2m")
        [told] = old.new_texts()
        assert told.startswith("Your turn ends at 7:15 AM, you hold #")
        assert (await ward.only_case()).clock(ClockKind.HAND_OVER) is not None
        assert not any("hands it to you" in text for text in new.inbox)
        await ward.pass_time("14m10s")
        assert await holder_of(ward) == night
        assert any("hands it to you" in text for text in new.new_texts())
        assert any("has not said it back yet" in text for text in old.new_texts())
        assert new.is_ringing
        assert old.is_ringing
        await ward.pass_time("5m30s")
        assert any("hands it to you" in text for text in new.new_texts()), "again, until it is said back"
        assert any("has not said it back yet" in text for text in old.new_texts())
        await mum.texts("his legs are the same")
        assert any("News on #" in text for text in new.new_texts()), "both hear what is new"
        assert any("News on your pump call" in text for text in old.new_texts())
        assert await holder_of(ward) == night
        await new.texts(new.reply_code("0") + " " + READ)
        assert await holder_of(ward) == day
        assert any("you are clear" in text for text in old.new_texts())
        case = await ward.only_case()
        assert case.clock(ClockKind.HAND_OVER) is None
        assert case.clock(ClockKind.FAMILY_REACHED) is not None, "the newest words are the new holder's to answer"
        assert not old.is_ringing
        await new.texts("reached")
        await ward.pass_time("30m")
        assert not any("turn" in text for text in (*old.new_texts(), *new.new_texts()))
        await ward.is_sound()


async def test_a_case_handed_over_in_time_is_nobody_elses_at_the_end_of_the_turn() -> None:
    day, night = who_changes()
    form = Ipass(Illness.WATCHER, "Leo is stiffer", "ring his mother at 8", "if he is itchy: neurosurgery")
    async with open_ward(HALF_PAST_SIX, staff_rounds=True) as ward:
        mum, old = await held_by(ward, night)
        new = ward.phone(day)
        await ward.pass_time("31m")
        case = await ward.only_case()
        await ward.house.desk.take(HandOverTo(case.id, night, day, "on the page", form))
        await ward.settle()
        assert (await ward.only_case()).hand_over.form == form
        await new.texts(new.reply_code("0") + " I ring his mother at eight")
        assert await holder_of(ward) == day
        old.new_texts()
        await ward.pass_time("20m")
        assert old.new_texts() == []
        texts = [*old.inbox, *new.inbox, *mum.inbox]
        assert not any("itchy" in text or "stiffer" in text or "at 8" in text for text in texts), "no text says what"
        entries = await ward.house.journal.entries((await ward.only_case()).id)
        assert any(getattr(recorded.entry, "form", None) == form for recorded in entries)


async def test_who_declines_is_asked_last_and_the_holder_keeps_it() -> None:
    day, night = who_changes()
    async with open_ward(HALF_PAST_SIX, staff_rounds=True) as ward:
        _, old = await held_by(ward, night)
        await ward.pass_time("46m")
        new = ward.phone(day)
        await new.texts(new.reply_code("3"))
        assert await holder_of(ward) == night
        assert any("You keep it" in text for text in old.new_texts())
        await ward.pass_time("5m")
        case = await ward.only_case()
        assert case.hand_over is not None
        assert case.hand_over.to not in (day, night)
        assert case.clock(ClockKind.HAND_OVER) is not None


async def test_who_takes_a_case_just_after_going_off_is_helped_out_of_it() -> None:
    """Paged at 07:14, taken at 07:16."""
    day, night = who_changes()
    async with open_ward(HALF_PAST_SIX.replace(hour=12, minute=14), staff_rounds=True) as ward:
        mum, old = ward.phone("mum of Leo"), ward.phone(night)
        await mum.texts(STIFF)
        await ward.pass_time("2m")
        await old.texts(old.reply_code("2"))
        await ward.pass_time("1m30s")
        case = await ward.only_case()
        assert (case.holder.person, case.hand_over.to) == (night, day)
        assert case.clock(ClockKind.FAMILY_REACHED) is not None, "the family does not wait for that"


async def test_an_offer_to_somebody_who_has_left_goes_to_who_is_on() -> None:
    day, night = who_changes()
    async with open_ward(HALF_PAST_SIX, staff_rounds=True) as ward:
        await held_by(ward, night)
        case = await ward.only_case()
        leaver = next(one for one in ("gus", "fay") if one not in (day, night))
        await ward.house.desk.take(HandOverTo(case.id, night, leaver, "replied"))
        await ward.house.register.deactivate(leaver, "test")
        await ward.pass_time("45m30s")
        assert (await ward.only_case()).hand_over.to == day


async def test_a_house_that_slept_over_the_end_of_the_turn_pages_both_at_its_first_look() -> None:
    day, night = who_changes()
    async with open_ward(HALF_PAST_SIX) as ward:
        await held_by(ward, night)
        await ward.pass_time("2h")
        await ward.house.shift_ends.look()
        await ward.settle()
        case = await ward.only_case()
        assert (case.holder.person, case.hand_over.to) == (night, day)
        before = case.version
        await ward.house.shift_ends.look()
        assert (await ward.only_case()).version == before, "the second look finds nothing to do"
