"""What a form about a block begins with: the slot without its windows, typed as the hospital's clock shows it."""

from __future__ import annotations

from datetime import datetime

import pytest

from oncall.adapters.handbook.rota_times import instant
from oncall.core.rota.on_call import leave
from oncall.service.rota.prefill import Slot, could_fill, slot_at, typed_at
from tests.support.rotas import EVERYBODY, ZONE, at, hospital

TIER = "pump-team/primary"


def test_a_slot_has_no_hand_over_window() -> None:
    slot = slot_at(hospital(), TIER, at("2026-03-03 20:00"))
    assert slot is not None
    assert (slot.starts_at, slot.ends_at) == (at("2026-03-03 19:00"), at("2026-03-04 07:00"))


def test_a_hole_is_a_slot_of_nobody_with_both_its_ends() -> None:
    rota = hospital(leave("L1", "cho", at("2026-03-02 07:00"), at("2026-03-09 07:00")))
    holes = [slot_at(rota, TIER, at(f"2026-03-0{day} {hour}:00")) for day in range(2, 9) for hour in ("10", "22")]
    nobody = [slot for slot in holes if slot and slot.person is None]
    assert len(nobody) == 7
    assert all(slot.starts_at and slot.ends_at and slot.starts_at < slot.ends_at for slot in nobody)


def test_who_is_always_on_has_no_ends_and_an_unknown_tier_no_slot() -> None:
    assert slot_at(hospital(), "operator/primary", at("2026-03-03 20:00")) == Slot(
        "operator/primary", "operator", None, None
    )
    assert slot_at(hospital(), "pump-team/third", at("2026-03-03 20:00")) is None
    assert slot_at(hospital(), "nonsense", at("2026-03-03 20:00")) is None


@pytest.mark.parametrize("fold", [0, 1])
def test_a_doubled_hour_is_typed_with_its_offset_and_read_back_the_same(fold: int) -> None:
    doubled = datetime.fromisoformat("2026-11-01T05:30+00:00").replace(hour=5 + fold)
    typed = typed_at(doubled, ZONE)
    assert typed == ("2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00")[fold]
    assert instant(typed, ZONE, "start") == doubled


def test_any_other_hour_is_typed_as_a_browsers_field_has_it() -> None:
    assert typed_at(at("2026-12-02 19:00"), ZONE) == "2026-12-02T19:00"


def test_nobody_fills_in_for_themselves_and_nobody_unproven() -> None:
    span = ("2026-03-03T07:00", "2026-03-03T19:00")
    slot = slot_at(hospital(), TIER, at("2026-03-03 08:00"))
    assert slot is not None
    found = [one.person for one in could_fill(hospital(), TIER, *span, EVERYBODY)]
    assert found
    assert slot.person not in found
    assert could_fill(hospital(), TIER, *span, frozenset()) == ()


@pytest.mark.parametrize(
    ("tier", "starts", "until"),
    [
        (TIER, "", "2026-03-03T19:00"),
        (TIER, "2026-03-03T19:00", "2026-03-03T07:00"),
        (TIER, "2026-03-03T19:00", "2027-03-03T07:00"),
        ("pump-team/third", "2026-03-03T07:00", "2026-03-03T19:00"),
        ("nonsense", "2026-03-03T07:00", "2026-03-03T19:00"),
    ],
)
def test_what_is_no_span_of_a_tier_has_no_suggestion(tier: str, starts: str, until: str) -> None:
    assert could_fill(hospital(), tier, starts, until, EVERYBODY) == ()
