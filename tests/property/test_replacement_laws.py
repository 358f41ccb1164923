"""While somebody is being replaced and nobody has taken over, a page reaches both and the next tier (RULINGS 8).

Each night is one interleaving: when the holder says so, who is asked, what happens to the asking (no, the next one,
nobody left, it is over), and when the report comes. Deliberately not here: the asking itself (tests/scenario).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from oncall.core.case.case import Status
from oncall.core.case.commands import PassTime
from oncall.core.case.facts import Replacement
from oncall.core.case.rounds import policy_of
from oncall.core.case.tiers import people_for
from tests.support.builders import DEADLY, PRESSING, Night, facts

EXAMPLES = 250
TIER, HOLDER = "pump-team/primary", "ana"
ASKED = ("ben", "cho", "gus", "dia", "")


def replaced(night: Night, *asked: str, tier: str = TIER, holder: str = HOLDER) -> None:
    span = (night.at - timedelta(minutes=1), night.at + timedelta(hours=6))
    known = facts()
    replacing = tuple(Replacement(tier, holder, one, *span) for one in asked)
    night.facts = replace(known, directory=replace(known.directory, replacing=replacing))


def paged(night: Night) -> set[str]:
    return {page.person for page in night.case.pages if not page.informs}


def both_and_the_next_tier_are_paged(night: Night) -> None:
    """Judged after every decision that passes time, dials, or pages: those are the moments at which a page acts."""
    replacing = night.facts.directory.replacing
    if night.case.status is not Status.PAGING or not replacing:
        return
    policy = policy_of(night.case)
    [next_tier] = {target.person for target in people_for(policy.steps[1].tiers[0], night.book, night.at, None, ())}
    expected = {HOLDER, next_tier, *(one.asked for one in replacing if one.asked)}
    assert expected <= paged(night), (expected, paged(night))
    assert night.case.step >= 1


def one_night(seed: int) -> None:
    chance = Random(seed)
    night = Night()
    if early := chance.random() < 0.5:
        replaced(night, chance.choice(ASKED))
    night.texts(chance.choice((DEADLY, PRESSING)))
    if early:
        both_and_the_next_tier_are_paged(night)
    for _ in range(3):
        if chance.random() < 0.6:
            replaced(night, chance.choice(ASKED))
        night.do(PassTime(night.id))  # as the service does when it has asked somebody
        both_and_the_next_tier_are_paged(night)
        night.wait(minutes=chance.choice((0, 1, 2, 5)))
        both_and_the_next_tier_are_paged(night)


def test_both_and_the_next_tier_are_paged_however_asking_and_paging_meet() -> None:
    for seed in range(EXAMPLES):
        one_night(seed)


def test_a_replacement_only_adds_people_and_takes_nobody_away() -> None:
    """Whoever would be paged at a minute is paged by then with it, too."""
    for asked in ASKED:
        usual, with_it = Night(), Night()
        replaced(with_it, asked)
        for night in (usual, with_it):
            night.texts(DEADLY)
            night.wait(minutes=11)
        without, now = usual.paged(), with_it.paged()
        assert all(now[person] <= after for person, after in without.items()), asked


def test_without_a_replacement_the_next_tier_waits() -> None:
    """The law can fail."""
    night = Night()
    night.texts(DEADLY)
    assert paged(night) == {HOLDER}
    replaced(night, "ben", tier="neurosurgery/primary")
    night.do(PassTime(night.id))
    assert paged(night) == {HOLDER}, "somebody of another tier is nobody's affair here"
    replaced(night, "ben")
    assert paged(night) == {HOLDER}
    night.do(PassTime(night.id))
    assert paged(night) == {HOLDER, "ben", "dia"}


def test_who_was_asked_is_rung_on_in_an_urgent_case_like_somebody_on_duty() -> None:
    night = Night()
    replaced(night, "ben")
    night.texts(*(PRESSING,))
    night.wait(minutes=8)
    page = night.case.page_of("ben")
    assert page is not None
    assert page.ringing
    assert page.why.startswith("asked to take over from ana, who is on still")
    replaced(night)
    night.wait(minutes=8)
    after = night.case.page_of("ben")
    assert after is not None
    assert not after.ringing, "somebody else has it now, and the case is no emergency"


def test_passing_time_again_adds_nothing() -> None:
    night = Night()
    night.texts(DEADLY)
    replaced(night, "ben")
    assert night.do(PassTime(night.id)).new
    assert night.do(PassTime(night.id)).new == ()
