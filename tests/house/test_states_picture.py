"""The picture of the states is drawn from the code, so the committed one must be today's."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from oncall.core.case.case import Status
from tests.house.draw_states import PICTURE, arrows, drawing


def test_the_committed_picture_is_current():
    assert PICTURE.read_text(encoding="utf-8") == drawing(), "draw it anew: python -m tests.house.draw_states"


def test_the_picture_is_a_whole_document():
    root = ElementTree.fromstring(PICTURE.read_text(encoding="utf-8"))
    assert root.tag.endswith("svg")


def test_every_status_but_the_first_can_be_reached_and_closed_is_the_end():
    found = arrows()
    assert {after for _, after in found} == set(Status) - {Status.NEW}
    assert all(before is not Status.CLOSED for before, _ in found)


def test_only_taking_makes_a_case_held():
    """Law 4: neither a report, nor time, nor the carrier's word does."""
    commands = {name for (_, after), names in arrows().items() if after is Status.HELD for name in names}
    assert commands == {"Acknowledge", "ReachFamily", "SayBack", "TakeFrom"}


def test_only_a_person_closes_a_case():
    """Law 7."""
    commands = {name for (_, after), names in arrows().items() if after is Status.CLOSED for name in names}
    assert commands == {"Resolve"}
