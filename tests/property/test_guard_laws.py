"""Laws of the guards, over random edits of a small hospital: red exactly where a new hole lies, never for mending.

Who is on is asked instant by instant, every quarter of an hour, and not of the guards' own arithmetic.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.core.rota.guards import FIRST_TIERS, Severity, guards
from oncall.core.rota.on_call import Change, Rota, cover, leave, shifts_between
from tests.support.rotas import EVERYBODY, NAMES, at, hospital

NOW = at("2026-10-26 09:00")  # the clocks go back within the fourteen days
QUARTER = timedelta(minutes=15)
TIERS = (*FIRST_TIERS, "pain/primary")
SOON = [NOW + n * QUARTER for n in range(14 * 24 * 4)]


def empty_at(rota: Rota, tier: str, instants: list[datetime]) -> set[datetime]:
    name, _, layer = tier.partition("/")
    shifts = shifts_between(rota.rotations[name], layer, instants[0], instants[-1] + QUARTER)
    return {at for at in instants if not any(shift.starts_at <= at < shift.ends_at for shift in shifts)}


@st.composite
def some_changes(draw: st.DrawFn, kinds: str) -> list[Change]:
    made = []
    for n in range(draw(st.integers(0, 3))):
        starts_at = NOW + draw(st.integers(-8, 60)) * timedelta(hours=6)
        ends_at = starts_at + draw(st.integers(1, 10)) * timedelta(hours=3)
        person = draw(st.sampled_from(sorted(NAMES)))
        if draw(st.sampled_from(kinds)) == "c":
            made.append(cover(f"C{n}", draw(st.sampled_from(TIERS)), person, starts_at, ends_at))
        else:
            made.append(leave(f"L{n}", person, starts_at, ends_at))
    return made


def holes_said(before: Rota, after: Rota) -> list[tuple[str, datetime, datetime]]:
    red = [guard for guard in guards(before, after, NOW, EVERYBODY) if guard.severity is Severity.RED]
    return [
        (f"{guard.rotation}/{guard.layer}", guard.starts_at, guard.ends_at)
        for guard in red
        if guard.sentence.startswith("Nobody is on")
    ]


@settings(max_examples=25, deadline=None)
@given(some_changes("lc"), some_changes("lc"))
def test_a_hole_on_the_first_two_tiers_is_red_exactly_where_it_is_new_and_soon(old, more):
    before, after = hospital(*old), hospital(*old, *more)
    said = holes_said(before, after)
    for tier in FIRST_TIERS:
        new = empty_at(after, tier, SOON) - empty_at(before, tier, SOON)
        covered = {at for at in SOON if any(t == tier and start <= at < end for t, start, end in said)}
        assert covered == new


@settings(max_examples=25, deadline=None)
@given(some_changes("l"), st.data())
def test_an_edit_that_only_takes_holes_away_is_never_red(old, data):
    before = hospital(*old)
    mends = []
    for tier in FIRST_TIERS:
        holes = sorted(empty_at(before, tier, SOON))
        for n in range(data.draw(st.integers(0, 3)) if holes else 0):
            hole = data.draw(st.sampled_from(holes))
            mends.append(cover(f"M{tier}{n}", tier, data.draw(st.sampled_from(sorted(NAMES))), hole, hole + QUARTER))
    useful = list({(mend.tier, mend.starts_at): mend for mend in mends}.values())
    reds = [g for g in guards(before, hospital(*old, *useful), NOW, EVERYBODY) if g.severity is Severity.RED]
    assert reds == []


@settings(max_examples=15, deadline=None)
@given(some_changes("lc"))
def test_a_rota_beside_itself_has_nothing_said_of_it(old):
    assert guards(hospital(*old), hospital(*old), NOW, frozenset()) == ()


@settings(max_examples=15, deadline=None)
@given(some_changes("lc"), some_changes("l"))
def test_leave_alone_never_tires_anybody(old, away):
    """Leave takes people out: whatever it does to the tiers, nobody has more to do for it."""
    found = guards(hospital(*old), hospital(*old, *away), NOW, EVERYBODY)
    assert not [guard.sentence for guard in found if not guard.sentence.startswith("Nobody is on")]
