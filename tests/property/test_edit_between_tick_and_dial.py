"""A rota is published while a page is on its way: whoever is on when the telephone is dialled is paged, and it is told.

Each night is one interleaving: what is edited (a cover, leave, an asked helper, an undo), for whom, and at which of the
moments between the report, the tick of a clock, and each dial. Everyday runs tell a few hundred; the number is
EDIT_LAW_EXAMPLES. Deliberately not here: files and stores (tests/unit/test_rota_desk.py, tests/scenario).
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from random import Random

from oncall.core.case import entries as e
from oncall.core.case.duties import duties_of
from oncall.core.case.messages import Purpose
from oncall.core.handbook import Handbook
from oncall.core.rota.on_call import Change, beside, cover, leave, tier_shifts, with_changes
from tests.support.builders import DEADLY, PRESSING, Night, handbook

EXAMPLES = int(os.environ.get("EDIT_LAW_EXAMPLES", "300"))
TIER = "pump-team/primary"
PEOPLE = ("ana", "ben", "cho", "dia", "eli", "fay", "gus")
MOMENTS = ("before the report", "before the dial", "between two dials", "before the next tick")


def on_now(night: Night, tier: str = TIER) -> set[str]:
    return {shift.person for shift in tier_shifts(night.book.rota, tier, night.at)}


def edited(book: Handbook, night: Night, chance: Random, number: int) -> Handbook:
    """The handbook with one more published edit, or the one from before them all: an undo."""
    if chance.random() < 0.15:
        return handbook()
    start = night.at - timedelta(minutes=chance.choice((0, 1, 90)))
    span = (start, night.at + timedelta(minutes=chance.choice((1, 5, 240))))
    person = chance.choice(PEOPLE)
    on = next(iter(sorted(on_now(night))), "ana")
    kinds: tuple[Change, ...] = (
        cover(f"C{number}", TIER, person, *span),
        beside(f"B{number}", TIER, person, *span),
        leave(f"L{number}", on, *span),
    )
    return replace(book, rota=with_changes(book.rota, [chance.choice(kinds)]))


def dial_next(night: Night) -> bool:
    """The next owed page is dialled, as the dispatcher does it; whether there was one."""
    owed = [o for o in duties_of(night.case).owed if o.message.purpose is Purpose.PAGE]
    ready = [o.message for o in owed if o.not_before is None or o.not_before <= night.at]
    if not ready:
        return False
    return bool(night.attempts(ready[0].id).decision.answer["owed"])


def the_right_people_are_paged(night: Night) -> None:
    paged = {page.person for page in night.case.pages}
    assert on_now(night) <= paged, (on_now(night), paged)


def the_journal_says_why(night: Night, known: set[str]) -> None:
    """Everybody who came by an edit has a sentence, or a page that names the tier and the change."""
    told = " ".join(str(recorded.entry) for recorded in night.entries if isinstance(recorded.entry, e.Noticed))
    reasons = {entry.page.person: entry.page for entry in night.all(e.PageOrdered)}
    for person in on_now(night) - known:
        assert f"{person} came on duty for" in told or reasons[person].tier, person


def one_night(seed: int) -> None:
    chance = Random(seed)
    night = Night()
    moments = {moment: chance.random() < 0.5 for moment in MOMENTS}
    known = on_now(night)
    for number, moment in enumerate(MOMENTS):
        if moments[moment]:
            night.book = edited(night.book, night, chance, number)
        if moment == "before the report":
            night.texts(chance.choice((DEADLY, PRESSING)))
            the_right_people_are_paged(night)
        elif moment == "before the next tick":
            night.wait(delivering=False, minutes=chance.choice((1, 3, 6)))
            dialled = dial_next(night)
            if dialled:
                the_right_people_are_paged(night)
        elif dial_next(night):
            the_right_people_are_paged(night)
            the_journal_says_why(night, known)
        night.at += timedelta(seconds=chance.choice((0, 1, 59)))


def test_whoever_is_on_when_the_telephone_is_dialled_is_paged_and_the_journal_says_why() -> None:
    for seed in range(EXAMPLES):
        one_night(seed)


def test_without_looking_again_at_the_dial_the_law_would_break() -> None:
    """The law can fail: an edit after the report, and no dial, leaves the new holder unpaged."""
    night = Night()
    night.texts(DEADLY)
    taken = next(person for person in PEOPLE if person not in {page.person for page in night.case.pages})
    span = (night.at, night.at + timedelta(hours=4))
    night.book = replace(night.book, rota=with_changes(night.book.rota, [cover("C9", TIER, taken, *span)]))
    assert taken not in {page.person for page in night.case.pages}
    assert dial_next(night)
    the_right_people_are_paged(night)
    the_journal_says_why(night, set())
    assert any(f"{taken} came on duty for {TIER}" in str(recorded.entry) for recorded in night.entries)
