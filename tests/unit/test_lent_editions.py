"""An edition from before the graph of a call starts a house and answers a call; a folder like it is a fault.

Old editions are made here from the shipped files by taking out what they did not have yet. Deliberately not here:
editions as they were published and come back (test_published_handbook).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from oncall.adapters.handbook.files import edition_of, handbook_faults, load_texts, read_files, write_files
from oncall.adapters.handbook.lending import CHECKLISTS, PHRASES, lent_to
from oncall.adapters.handbook.lending_fields import completed
from oncall.adapters.handbook.publishing import difference_between, readings_of
from oncall.adapters.handbook.rules_shapes import QuestionsShape, RedFlagsShape
from oncall.adapters.handbook.store import handbook_in_force
from oncall.core.case.case import Status
from oncall.service.ports.journal import Edition
from tests.support.ward import ROOT, open_ward, shipped

SIGNED = "signed: {by: Ada Grant, on: 2026-01-05}"


def without(text: str, *names: str) -> str:
    """The text without these entries of a mapping, and the lines that belong to them."""
    for name in names:
        text, found = re.subn(rf"(?m)^(  {name}:.*\n(?:    .*\n)*)", "", text)
        assert found == 1, name
    return text


def old_edition() -> dict[str, str]:
    """The shipped files as they were before the graph of a call, signed."""
    files = read_files(ROOT / "rules", ROOT / "rotations")
    del files["rules/calls.yaml"]
    advice, clocks, findings = "rules/advice.yaml", "rules/escalation.yaml", "rules/findings.yaml"
    files[advice] = without(files[advice], "voice_tell", "voice_called", "voice_number", "next_doctor")
    files[clocks] = without(files[clocks], "redial", "call_back")
    files[findings] = without(files[findings], "called_911", "cannot_call_911")
    return {name: text.replace("signed: none yet", SIGNED) for name, text in files.items()}


@pytest.mark.parametrize("with_readings", [True, False], ids=["with readings", "texts alone"])
def test_an_edition_from_before_the_graph_loads_with_what_the_program_lends(with_readings: bool) -> None:
    files = old_edition()
    book = load_texts({**files, **readings_of(files)} if with_readings else files)
    assert book.calls == shipped().calls
    assert book.table.waits == shipped().table.waits
    assert book.advice.texts.keys() == shipped().advice.texts.keys()
    assert {"called_911", "cannot_call_911"} <= book.rulebook.vocabulary.keys()


def test_the_edition_keeps_its_name_and_its_signatures_and_tells_what_is_lent() -> None:
    files = old_edition()
    book = load_texts(files)
    assert book.edition == edition_of(files)
    assert book.unsigned == ()
    assert book.lent == ("rules/advice.yaml", "rules/calls.yaml", "rules/escalation.yaml", "rules/findings.yaml")


def test_an_edition_that_lacks_nothing_is_lent_nothing() -> None:
    files = read_files(ROOT / "rules", ROOT / "rotations")
    assert lent_to(files) == {}
    assert load_texts(files).lent == ()


def test_an_edition_from_before_phrases_and_first_steps_is_lent_both() -> None:
    files = read_files(ROOT / "rules", ROOT / "rotations")
    kept = {name: text for name, text in files.items() if name not in (PHRASES, CHECKLISTS)}
    book = load_texts(kept)
    assert book.at_hand == shipped().at_hand
    assert book.lent == (CHECKLISTS, PHRASES)
    assert not {"phrases", "checklists"} & set(book.unsigned), "the ribbon of what is lent says so"
    assert book.edition == edition_of(kept)


def test_what_the_edition_says_is_never_replaced() -> None:
    files = old_edition()
    files["rules/advice.yaml"] = files["rules/advice.yaml"].replace("Press star to hear it again.", "Star: again.")
    assert load_texts(files).advice.texts["voice_again"]["en"] == "Star: again."


def test_a_question_that_the_edition_lacks_is_passed_over_in_the_lent_graph() -> None:
    files = old_edition()
    questions = files["rules/questions.yaml"]
    beep = re.search(r"(?m)^  - code: beep\n(?:    .*\n)*", questions)
    assert beep is not None
    files["rules/questions.yaml"] = questions.replace(beep.group(), "")
    graph = load_texts(files).calls
    assert "tones" not in graph.nodes
    assert graph.nodes["which"].keys["1"].to == "tell"


async def test_a_house_with_an_old_edition_starts_and_answers_a_call() -> None:
    async with open_ward() as ward:
        files = old_edition()
        edition = Edition(edition_of(files), ward.clock.now(), "maria")
        await ward.house.journal.save_edition(edition, {**files, **readings_of(files)})
        book = (await handbook_in_force(ward.house.journal, Path("nowhere"), Path("nowhere"))).current()
    async with open_ward(handbook=book) as ward:
        mum = ward.phone("mum of Leo")
        await mum.calls()
        await mum.presses("1")
        await mum.presses("1")
        case = await ward.only_case()
        assert case.status is Status.PAGING
        assert case.has_said("called_911")
        assert case.calls[-1].node == "stay"


def test_a_folder_without_the_graph_is_a_fault(tmp_path: Path) -> None:
    write_files(without_graph(), tmp_path)
    [fault] = handbook_faults(tmp_path / "rules", tmp_path / "rotations")
    assert fault.file.endswith("calls.yaml")


def without_graph() -> Mapping[str, str]:
    files = read_files(ROOT / "rules", ROOT / "rotations")
    return {name: text for name, text in files.items() if name != "rules/calls.yaml"}


def test_an_old_edition_is_compared_as_it_is_read() -> None:
    difference = difference_between(old_edition(), read_files(ROOT / "rules", ROOT / "rotations"))
    assert "rules/calls.yaml" in {change.name for change in difference.files}
    assert difference.note == ""


# --- fields inside a file --------------------------------------------------------------------------------------------

GOLDEN = ROOT / "tests" / "golden" / "questions-0.1.0.yaml"  # as it was published before questions could be spoken
QUESTIONS = "rules/questions.yaml"


def with_old_questions(change: tuple[str, str] = ("", "")) -> dict[str, str]:
    text = GOLDEN.read_text(encoding="utf-8").replace(*change, 1)
    return {**read_files(ROOT / "rules", ROOT / "rotations"), QUESTIONS: text}


def test_questions_from_before_they_were_spoken_are_lent_the_words_of_the_same_question() -> None:
    book = load_texts(with_old_questions())
    assert book.lent == (QUESTIONS,)
    spoken = {question.code: question.spoken for question in shipped().rulebook.questions}
    assert {question.code: question.spoken for question in book.rulebook.questions} == spoken


def test_what_the_old_questions_say_themselves_stays() -> None:
    own = "Are they awake and do they breathe as always?"
    text = GOLDEN.read_text(encoding="utf-8")
    asked = re.search(r'(?m)^  - code: waking_breathing\n(?:    .*\n)*?      en: "?([^"\n]*)', text)
    assert asked is not None
    book = load_texts(with_old_questions((asked[1], own)))
    question = next(q for q in book.rulebook.questions if q.code == "waking_breathing")
    assert question.text["en"] == own


def test_a_field_is_lent_from_the_item_of_the_same_name_wherever_it_stands() -> None:
    old = {"signed": "x", "source": "y", "questions": [{"code": "b", "text": {}, "keys": {}}], "anybodys_menu": {}}
    shipped_items = [{"code": "a", "spoken": {"en": "A"}}, {"code": "b", "spoken": {"en": "B"}}]
    whole = completed(old, QuestionsShape, {"questions": shipped_items, "anybodys_menu": {"riddle": "r"}})
    assert whole["questions"][0]["spoken"] == {"en": "B"}
    assert whole["anybodys_menu"]["riddle"] == "r"
    assert old["questions"] == [{"code": "b", "text": {}, "keys": {}}], "the edition's own data is not touched"


def test_an_item_of_the_hospitals_own_is_lent_an_empty_field_and_no_words_of_another() -> None:
    old = {"signed": "x", "source": "y", "questions": [{"code": "own", "text": {}, "keys": {}}], "anybodys_menu": {}}
    whole = completed(old, QuestionsShape, {"questions": [{"code": "a", "spoken": {"en": "A"}}]})
    assert whole["questions"][0]["spoken"] == {}


def test_a_file_that_lacks_nothing_comes_back_as_it_is() -> None:
    old = {"signed": "x", "source": "y", "red_flags": []}
    assert completed(old, RedFlagsShape, {}) is old
