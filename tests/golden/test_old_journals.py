"""Journals written by each release replay for ever.

A release adds a file by `python -m tests.golden.write_journals VERSION`; no file is ever rewritten. Replaying an old
one must give the same end, and its hash chain must still hold.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from oncall.adapters.journal.shelf import GENESIS, entry_hash
from oncall.core.case.case import Case
from oncall.core.case.codec import KINDS, decode
from oncall.core.case.entries import Recorded
from oncall.core.case.evolve import replay

JOURNALS = sorted(Path(__file__).parent.glob("journals-*.json"))


def stories() -> list[Any]:
    return [
        pytest.param(story, id=f"{path.stem} {story['name']}")
        for path in JOURNALS
        for story in json.loads(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("story", stories())
def test_an_old_journal_replays_to_the_end_it_had(story: dict[str, Any]) -> None:
    case = replay(
        (
            Recorded(r["seq"], datetime.fromisoformat(r["at"]), decode(r["kind"], r["v"], r["body"]))
            for r in story["rows"]
        ),
        Case(story["case"]),
    )
    assert ends_as(case) == story["end"]


@pytest.mark.parametrize("story", stories())
def test_an_old_journal_keeps_its_chain(story: dict[str, Any]) -> None:
    last = GENESIS
    for r in story["rows"]:
        last = entry_hash(last, story["case"], r["seq"], datetime.fromisoformat(r["at"]), r["kind"], r["v"], r["body"])
    assert last == story["hash"]


def test_every_kind_of_entry_stands_in_some_old_journal() -> None:
    told = {row["kind"] for path in JOURNALS for story in json.loads(path.read_text()) for row in story["rows"]}
    rare = {
        "Informed",
        "RulesFailed",
        "TextsBlocked",
        "LanguageChosen",
        "RoundMoved",
        "MessageHeldBack",
        "NoteAdded",
        "PageResumed",
        "MessagePutOff",
        "MachineAnswered",
        "BridgeAsked",
        "BridgeEnded",
        "LegJoined",
        "LegEnded",
        "LegRedialled",
        "HandOverAsked",
        "HandOverEnded",
        "SaidBack",
        "WrongPerson",
        "DeliveryMissed",
        "CallReached",
        "NumberGiven",
        "TextsOpened",
        "ReplyWithheld",
        "PersonTold",
        "EnclosureAdded",
        "EnclosureKept",
        "EnclosureCleared",
        "EnclosureGone",
        "ReportShown",
        "CasesLinked",
        "CasesUnlinked",
        "PhraseSent",
    }
    assert set(KINDS) - told <= rare


def ends_as(case: Case) -> dict[str, Any]:
    """What must come out of a replay, in plain values."""
    return {
        "version": case.version,
        "status": case.status.value,
        "pace": case.pace.word if case.pace is not None else None,
        "holder": case.holder.person if case.holder else None,
        "pages": [page.person for page in case.pages],
        "clocks": sorted(clock.kind.value for clock in case.clocks),
        "reports": len(case.reports),
        "outcome": case.closed.outcome if case.closed else None,
    }
