"""The runbook has a heading for every alarm, and the unit file says what the program does."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from oncall.adapters.loop_watch import PATIENCE
from oncall.service.line import after_restore
from oncall.service.rota import alarms as rota_alarms
from tests.house.test_no_words_in_logs import log_calls
from tests.support.ward import open_ward

ROOT = Path(__file__).parents[2]


RUNBOOK = (ROOT / "docs/runbook.md").read_text()
ROTA = "The rota has a hole"
TOLD_ELSEWHERE = {  # alarms that no proof of the vigil raises, by their code
    after_restore.KIND: "The database was restored",
    rota_alarms.HOLE: ROTA,
    rota_alarms.RUNS_OUT: ROTA,
    rota_alarms.STALE: ROTA,
    rota_alarms.OLD_FEED: "A watched calendar is old",
    after_restore.LOST: "What was acknowledged is missing",
}
OF_THE_LOG = {
    "Our public address does not answer",  # its proof needs an address of https
    "Somebody knocks without the carrier's signature",
    "The line would have rung an emergency number",
    "The line fell silent",  # said by the outside
    "A certificate is about to end",  # said by the health page alone
    "The line does not start: the database was exchanged, is gone or is damaged",  # a sentence of the start
}


async def test_every_alarm_of_the_line_has_its_page_in_the_runbook_and_every_page_its_alarm() -> None:
    pages = dict(re.findall(r"^## (.+)\n\n(.+)$", RUNBOOK, re.MULTILINE))
    async with open_ward() as ward:
        proofs = {one.advice for one in ward.house.vigil.standing}
    assert proofs | set(TOLD_ELSEWHERE.values()) | OF_THE_LOG == set(pages)
    assert set(rota_alarms.KINDS) < TOLD_ELSEWHERE.keys()
    assert [name for name, page in pages.items() if "*You see*" not in page or "*Do:*" not in page] == []


def test_whatever_the_log_calls_critical_stands_in_the_runbook() -> None:
    said = [str(call.args[0].value) for _, call in log_calls() if call.func.attr == "critical"]
    assert len(said) > 10
    assert [words for words in said if f"`{words}`" not in RUNBOOK] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    """With another program in it, because ours is not installed here."""
    unit = re.sub(r"(?m)^(ExecStart=)\S+", r"\g<1>/bin/true", (ROOT / "deploy/oncall.service").read_text())
    (tmp_path / "oncall.service").write_text(unit)
    asked = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "oncall.service")]
    told = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert [line for line in told.stderr.splitlines() if "oncall.service" in line] == []


def test_systemd_waits_longer_than_the_thread_that_ends_a_standstill() -> None:
    unit = (ROOT / "deploy/oncall.service").read_text()
    assert int(re.search(r"^WatchdogSec=(\d+)$", unit, re.MULTILINE)[1]) > PATIENCE
    assert "Type=notify" in unit
    assert "Restart=always" in unit
