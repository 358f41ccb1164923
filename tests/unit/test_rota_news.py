"""Who gets or loses a span is told in a whole house: once, by day unless it is soon, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from oncall.adapters.web.line.metrics import Metrics
from oncall.core.notices import Notice
from oncall.core.rota.edits import AddCover
from oncall.core.wall_time import wall
from oncall.service.ports.journal import Edition
from oncall.service.rota.news import KIND
from oncall.serving import given_of
from tests.support.ward import TEN_AM, Ward, open_ward, shipped
from tests.support.web_house import shipped_files

TIER = "pump-team/primary"
NIGHT = ("2026-12-02 19:00", "2026-12-03 07:00")
ZONE = "America/New_York"


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    async with open_ward(at=TEN_AM) as ward:
        await ward.house.journal.save_edition(
            Edition(shipped().edition, ward.clock.now(), "first start"), shipped_files()
        )
        await ward.pass_time("1m")
        yield ward


async def news(ward: Ward, edition: Edition) -> list[Notice]:
    reference = f"{edition.name[:16]} {edition.at.isoformat()}"
    return list(await ward.house.register.notices.about(KIND, reference))


async def published(ward: Ward, starts: str, until: str, by: str = "dia") -> list[Notice]:
    given = given_of(ward.house, Metrics(), training=False)
    await given.rota_desk.add("maria", AddCover(TIER, by, starts, until))
    found = await given.rota_desk.preview("maria")
    edition = await given.rota_desk.publish("maria", reason="a course")
    await given.tell_of_rota(found, edition)
    await given.tell_of_rota(found, edition)
    return await news(ward, edition)


async def test_both_are_told_once_who_has_it_now_and_who_published_it(ward: Ward) -> None:
    told = await published(ward, *NIGHT)
    assert len(told) == 2
    assert "dia" in {notice.person for notice in told}
    for notice in told:
        assert "Wed 2 Dec 19:00 to Thu 3 Dec 07:00, pump team primary:" in notice.words
        assert "-> Dr Osei. 1 night. Published by Maria Ortiz" in notice.words
        assert notice.choices == ()


async def test_what_is_far_off_waits_for_the_day_and_what_is_soon_does_not(ward: Ward) -> None:
    await ward.pass_time("14h")
    far = await published(ward, *NIGHT)
    assert all(notice.not_before and wall(notice.not_before, ZONE).hour >= 7 for notice in far)
    now = ward.clock.now()
    begins, ends = (wall(now + timedelta(hours=hours), ZONE) for hours in (3, 4))
    soon = await published(ward, f"{begins:%Y-%m-%d %H:%M}", f"{ends:%Y-%m-%d %H:%M}")
    assert soon
    assert all(notice.not_before == ward.clock.now() for notice in soon)
