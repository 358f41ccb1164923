"""The demo's cover and hole are a published edition like any other."""

from __future__ import annotations

from datetime import timedelta

from oncall.adapters.handbook.store import texts_of
from oncall.core.rota.on_call import gaps_between, shifts_between
from oncall.training import publish_sample_rota
from tests.support.ward import TEN_AM, open_ward


async def test_the_demo_publishes_a_cover_tonight_and_a_hole_in_nine_days() -> None:
    async with open_ward(at=TEN_AM) as ward:
        await publish_sample_rota(ward.house, TEN_AM)
        rota = ward.house.handbooks.current().rota
        newest, first = await ward.house.journal.editions()
        assert (newest.author, newest.reason, first.author) == ("maria", "sample changes", "first start")
        assert ward.house.handbooks.current().edition == newest.name
        soon = (TEN_AM + timedelta(hours=30), TEN_AM + timedelta(hours=36))
        covers = [s for s in shifts_between(rota.rotations["pump-team"], "primary", *soon) if "cover" in s.why]
        assert len(covers) == 1
        week = (TEN_AM, TEN_AM + timedelta(days=12))
        (hole,) = gaps_between(rota.rotations["neurosurgery"], "primary", *week)
        assert hole.ends_at - hole.starts_at == timedelta(hours=12)
        files = await ward.house.journal.edition_files(newest.name)
        assert "note: sample cover" in texts_of(files or {})["rotations/overrides.yaml"]
        assert "rotations/overrides.yaml.json" in (files or {})
