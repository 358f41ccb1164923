"""Whoever comes on is asked to show that the phone works; who does not answer is noticed within the hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from oncall.adapters.register.rows import PersonPhoneRow
from oncall.core.rota.hand_overs import hand_overs
from tests.support.ward import Phone, Ward, open_ward, shipped

ITCHY = "he is so itchy and stiff, his alarm is beeping"
BEFORE_SEVEN = datetime(2026, 11, 25, 11, 55, tzinfo=UTC)  # Wednesday 06:55 in New York


def coming_on() -> tuple[str, str]:
    """Whose days these are, and who has the night before."""
    [one] = [h for h in hand_overs(shipped().rota, BEFORE_SEVEN.replace(hour=12, minute=20)) if _is_days(h.tiers)]
    assert one.previous is not None
    return one.person, one.previous


def _is_days(tiers: tuple[str, ...]) -> bool:
    return "pump-team/primary" in tiers


def proofs(texts: list[str]) -> list[str]:
    return [text for text in texts if "phone works" in text]


async def until_it_rings(ward: Ward, phone: Phone) -> None:
    for _ in range(300):
        if phone.is_ringing:
            return
        await ward.pass_time("10s")
    raise AssertionError("it never rang")


async def test_the_incoming_is_asked_by_text_and_the_answer_ends_it() -> None:
    person, previous = coming_on()
    async with open_ward(BEFORE_SEVEN, staff_rounds=True) as ward:
        phone = ward.phone(person)
        await ward.pass_time("4m")
        assert proofs(phone.inbox) == []
        await ward.pass_time("2m")
        [text] = proofs(phone.inbox)
        assert text.startswith("You are Pump team, primary until 7:15 PM. Reply 971 ")
        assert len(text) <= 160
        assert proofs(ward.phone(previous).inbox) == []
        await phone.texts("971")
        await ward.pass_time("3h")
        assert len(proofs(phone.inbox)) == 1
        assert phone.missed == 0
        assert not any("not answered" in text for text in ward.phone("maria").inbox)


async def test_silence_brings_a_call_after_half_an_hour_and_others_after_an_hour() -> None:
    person, previous = coming_on()
    async with open_ward(BEFORE_SEVEN, staff_rounds=True) as ward:
        phone = ward.phone(person)
        await ward.pass_time("34m")
        assert phone.missed == 0
        await ward.pass_time("3m")
        assert phone.missed + phone.is_ringing == 1
        await ward.pass_time("25m")
        assert not any("not answered" in text for text in ward.phone("maria").inbox)
        await ward.pass_time("6m")
        [told] = [text for text in ward.phone("maria").inbox if "has not answered" in text]
        assert "Pump team, primary, since 7:00 AM" in told
        assert any("they know they are on" in text for text in ward.phone(previous).inbox)
        await ward.pass_time("2h")
        assert len([text for text in ward.phone("maria").inbox if "has not answered" in text]) == 1


async def test_the_call_is_answered_by_a_key_and_nobody_else_is_told() -> None:
    person, _ = coming_on()
    async with open_ward(BEFORE_SEVEN, staff_rounds=True) as ward:
        phone = ward.phone(person)
        await until_it_rings(ward, phone)
        await phone.answers()
        assert "This is no page" in phone.heard
        await phone.presses("1")
        await ward.pass_time("1h")
        assert not any("has not answered" in text for text in ward.phone("maria").inbox)
        assert await ward.house.messenger.notices.open() == []


async def test_a_key_since_the_hand_over_needs_no_text() -> None:
    person, _ = coming_on()
    async with open_ward(BEFORE_SEVEN, staff_rounds=True) as ward:
        await ward.pass_time("4m59s")
        at = ward.clock.now().replace(hour=12, minute=0, second=0)
        await ward.house.register.prove_phone(ward.phone(person).number, at)
        await ward.pass_time("2h")
        assert proofs(ward.phone(person).inbox) == []


async def test_somebody_without_a_phone_is_told_of_at_once() -> None:
    person, _ = coming_on()
    async with open_ward(BEFORE_SEVEN, staff_rounds=True) as ward:
        rows = [row for row in await ward.house.register.rows(PersonPhoneRow) if row.person == person]
        await ward.house.register.put([replace(row, retired_at=BEFORE_SEVEN) for row in rows], "test")
        await ward.pass_time("7m")
        assert any("has no phone in the register" in text for text in ward.phone("maria").inbox)


async def test_a_house_that_starts_in_the_middle_of_a_shift_asks_nobody() -> None:
    async with open_ward(datetime(2026, 11, 25, 8, 4, tzinfo=UTC), staff_rounds=True) as ward:
        await ward.pass_time("3h")
        everybody = [
            text for who in ("ana", "ben", "cho", "dia", "eli", "fay", "gus") for text in ward.phone(who).inbox
        ]
        assert everybody == []


async def test_a_proof_waits_while_its_recipient_has_an_emergency() -> None:
    person, _ = coming_on()
    async with open_ward(BEFORE_SEVEN, staff_rounds=True) as ward:
        await ward.pass_time("6m")
        await ward.phone("mum of Leo").texts(ITCHY)
        phone = ward.phone(person)
        assert phone.is_ringing, "the page"
        await phone.takes_by_voice()
        await ward.pass_time("90m")
        assert "This is no page" not in phone.heard
        assert not any("has not answered" in text for text in ward.phone("maria").inbox)


def test_each_layer_that_pages_has_its_hand_over_and_who_stays_is_asked_each_monday() -> None:
    at = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    found = {tier: one for one in hand_overs(shipped().rota, at) for tier in one.tiers}
    assert set(found) == {
        "pump-team/primary",
        "pump-team/attending",
        "neurosurgery/primary",
        "neurocritical/primary",
        "anaesthesia-pain/primary",
    }
    monday = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    assert found["neurosurgery/primary"].starts_at == monday
    assert found["pump-team/attending"].starts_at == monday
    assert found["neurosurgery/primary"].previous is None
