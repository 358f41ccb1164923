"""Strangers who write without end: nobody is refused, few answers are spent on them, and an emergency goes before."""

from __future__ import annotations

from tests.support.ward import Ward, open_ward

SPAM = "You have won! Reply YES to claim your prize now"
STRANGERS = [f"+1617555{line:04}" for line in range(150, 170)]


async def flood(ward: Ward, rounds: int) -> None:
    for _ in range(rounds):
        for number in STRANGERS:
            await ward.carrier.phone(number).texts(SPAM)
    await ward.settle()


async def test_an_emergency_among_spam_is_paged_at_once_over_a_slow_line_and_no_stranger_is_refused() -> None:
    """The line sends one text a second and places one call a second; what strangers are owed already waits there."""
    async with open_ward(messages_per_second=1, calls_per_second=1) as ward:
        mum, ana = ward.phones("mum of Leo", "ana")
        await flood(ward, 4)
        before = len(ana.inbox)
        await mum.texts("he wont wake up")
        await ward.pass_time("2s")
        assert any("EMERGENCY" in text for text in ana.inbox[before:])
        cases = await ward.open_cases()
        assert len(cases) == len(STRANGERS) + 1, "every number's first contact is a case"
        assert all(case.pages or case.clocks for case in cases), "and somebody is paged or will be"
        await ward.pass_time("5m")
        answers = [len(ward.carrier.phone(number).inbox) for number in STRANGERS]
        assert max(answers) <= 6, "texts of one number are one case, answered a few times and then no more"
