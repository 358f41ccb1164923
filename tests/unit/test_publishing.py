"""What may be published: every refusal, and what is stored when there is none."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from oncall.adapters.handbook.publishing import (
    Draft,
    Signature,
    draft_of,
    edition_from,
    readings_of,
    refusals,
    with_past,
)
from oncall.adapters.handbook.reading import Fault, HandbookFaults
from oncall.adapters.handbook.rules_difference import CaseChange, Difference, FileChange
from oncall.adapters.handbook.store import texts_of
from oncall.core.as_json import from_json
from oncall.core.triage.assessment import Urgency
from oncall.service.cases.past_cases import PastCase
from oncall.service.ports.journal import EditionOvertaken
from tests.support.ward import ROOT, THREE_AM, open_ward, shipped

RULES_CHANGED = Difference((FileChange("rules/withdrawal.yaml", "changed", 1, 1),))
ROTA_CHANGED = Difference((FileChange("rotations/pump-team.yaml", "changed", 1, 1),))
LOWERED = CaseChange("stiff as a board", "EMERGENCY", "URGENT")
TWO = Signature("Ada Grant", "Jon Reed")


def proved(files: Mapping[str, str]) -> str:
    return ""


def never_asked(files: Mapping[str, str]) -> str:
    raise AssertionError("the solver has been asked in vain")


@cache
def draft(difference: Difference = RULES_CHANGED, red: tuple[Fault, ...] = ()) -> Draft:
    texts = {"rules/withdrawal.yaml": "rules: []\n"}
    return Draft(shipped(), {**texts, **readings_of(texts)}, "base", None, difference, red)


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_two_people_and_a_proof_are_enough() -> None:
    assert refusals(draft(), TWO, proved) == ()


def test_the_proof_is_asked_of_the_texts_alone() -> None:
    asked: list[Mapping[str, str]] = []
    refusals(draft(), TWO, lambda files: asked.append(files) or "")
    assert asked == [{"rules/withdrawal.yaml": "rules: []\n"}]


def test_what_is_not_proved_is_refused_in_the_provers_words() -> None:
    why = "Not decided within 60 seconds."
    assert refusals(draft(), TWO, lambda files: why) == (why,)


def test_rules_need_a_second_name() -> None:
    [sentence] = refusals(draft(), Signature("Ada Grant"), never_asked)
    assert sentence.startswith("Rules change only with a second name:")
    assert "--second" in sentence


@pytest.mark.parametrize("second", ["Ada Grant", "ada grant", " ADA   GRANT "])
def test_the_second_name_is_another_persons(second: str) -> None:
    [sentence] = refusals(draft(), Signature("Ada Grant", second), never_asked)
    assert sentence.startswith("The second name is the author's own:")


def test_somebody_publishes() -> None:
    assert any("--by" in sentence for sentence in refusals(draft(), Signature(" ", "Jon Reed"), never_asked))


def test_rotations_alone_need_neither_a_second_name_nor_a_proof() -> None:
    assert refusals(draft(ROTA_CHANGED), Signature("Ada Grant"), never_asked) == ()


def test_a_red_example_is_refused_with_its_place() -> None:
    fault = Fault("rules/withdrawal.yaml", 12, "an example that does not fire", "W-itch for 'so itchy'")
    [sentence] = refusals(draft(red=(fault,)), TWO, never_asked)
    assert sentence.startswith("1 example does not hold any more: mend")
    assert "rules/withdrawal.yaml:12 found an example that does not fire" in sentence


@pytest.mark.parametrize("where", ["saved_changes", "past_changes"])
def test_a_lowered_emergency_is_refused_until_somebody_signs_why(where: str) -> None:
    lowering = draft(replace(RULES_CHANGED, **{where: (LOWERED,)}))
    [sentence] = refusals(lowering, TWO, never_asked)
    assert sentence.startswith("1 emergency is lowered:")
    assert "--reason" in sentence
    assert refusals(lowering, replace(TWO, reason="  "), never_asked) == (sentence,)
    assert refusals(lowering, replace(TWO, reason="seen in clinic"), proved) == ()


def test_what_is_lowered_below_an_emergency_needs_no_reason() -> None:
    milder = CaseChange("a", "URGENT", "SAME_DAY")
    raised = CaseChange("b", "URGENT", "EMERGENCY")
    assert refusals(draft(replace(RULES_CHANGED, saved_changes=(milder, raised))), TWO, proved) == ()


def test_every_reason_is_told_at_once() -> None:
    fault = Fault("x", 1, "an example that fires", "none")
    found = refusals(draft(replace(RULES_CHANGED, saved_changes=(LOWERED,)), (fault,)), Signature("Ada"), never_asked)
    assert len(found) == 3


def test_past_cases_count_as_replayed() -> None:
    past = [
        PastCase("K7", THREE_AM, Urgency.EMERGENCY, Urgency.URGENT, ("W",), ("X",), ("so stiff",)),
        PastCase("R3", THREE_AM, Urgency.URGENT, Urgency.URGENT, ("X",), ("X",), ("hm",)),
    ]
    told = with_past(draft(), past).difference
    assert told.past == 2
    assert told.past_changes == (CaseChange("K7", "EMERGENCY", "URGENT", ("W",), ("X",)),)


# --- from folders to the store ----------------------------------------------------------------------------------------


async def test_a_draft_is_stored_with_its_people_its_reason_and_its_difference(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    signature = Signature("Ada Grant", "Jon Reed", "clinic audit")
    async with open_ward() as ward:
        journal = ward.house.journal
        for place, wait in enumerate(("3m", "4m")):
            text = (rules / "escalation.yaml").read_text(encoding="utf-8")
            (rules / "escalation.yaml").write_text(text.replace("after: 3m", f"after: {wait}"), encoding="utf-8")
            found = await draft_of(journal, rules, ROOT / "rotations")
            assert (found.in_force is None) == (place == 0)
            edition = edition_from(found, signature, ward.clock.now())
            await ward.house.handbooks.publish(journal, edition, found.files, found.base, found.handbook)
            assert ward.house.handbooks.current() is found.handbook
        newest, first = await journal.editions()
        assert (newest.author, newest.second, newest.reason) == ("Ada Grant", "Jon Reed", "clinic audit")
        told = from_json(Difference, newest.difference)
        assert [change.lines for change in told.changes] == [("pump-team/attending after 3 min -> 4 min",)]
        files = await journal.edition_files(newest.name)
        assert files is not None
        assert "after: 4m" in texts_of(files)["rules/escalation.yaml"]
        assert "rules/escalation.yaml.json" in files, "a start reads the reading"
        with pytest.raises(EditionOvertaken):
            await ward.house.handbooks.publish(journal, newest, files, first.name, shipped())
        assert ward.house.handbooks.current() is found.handbook
        assert await journal.editions() == [newest, first]


async def test_folders_that_do_not_load_make_no_draft(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (tmp_path / "rules" / "alarms.yaml").write_text("rules: [\n", encoding="utf-8")
    with pytest.raises(HandbookFaults, match=r"alarms.yaml"):
        await draft_of(None, tmp_path / "rules", ROOT / "rotations")
