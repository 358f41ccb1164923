"""The runbook has a heading for every alarm, and the unit file says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from oncall.adapters.loop_watch import PATIENCE
from tests.support.ward import open_ward

ROOT = Path(__file__).parents[2]


async def test_every_alarm_of_the_line_has_its_heading_in_the_runbook() -> None:
    headings = set(re.findall(r"^## (.+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE))
    async with open_ward() as ward:
        assert {one.advice for one in ward.house.vigil.standing} - headings == set()


def test_systemd_waits_longer_than_the_thread_that_ends_a_standstill() -> None:
    unit = (ROOT / "deploy/oncall.service").read_text()
    assert int(re.search(r"^WatchdogSec=(\d+)$", unit, re.MULTILINE)[1]) > PATIENCE
    assert "Type=notify" in unit
    assert "Restart=always" in unit
