"""The phones of the made-up ward, one per number in its register.

What the register knows of a phone decides how its handset behaves: a landline takes no texts. Deliberately not here:
who these people are (`sample_ward`).
"""

from __future__ import annotations

from datetime import datetime

from oncall.adapters.rehearsal.phones import HandsetSpec, Side
from oncall.adapters.rehearsal.sample_ward import INTERPRETERS, STOPPED, sample_rows


def sample_handsets(at: datetime) -> list[HandsetSpec]:
    """Families first, then everybody who is paged (a second phone says so), then the interpreters' line."""
    rows = sample_rows(at)
    people = {person["id"]: person for person in rows["people"]}
    families = [
        HandsetSpec(
            phone["number"],
            phone["name"],
            "family",
            phone["language"],
            _mode(phone["takes_texts"]),
            stopped=phone["number"] == STOPPED,
        )
        for phone in rows["family_phones"]
    ]
    staff = [
        HandsetSpec(phone["number"], _owner(people[phone["person"]], phone["position"]), _side(people[phone["person"]]))
        for phone in rows["person_phones"]
    ]
    return [*families, *staff, HandsetSpec(INTERPRETERS, "Interpreters", "operator")]


def _owner(person: dict[str, str], position: int) -> str:
    return person["name"] if position == 1 else f"{person['name']}, second phone"


def _side(person: dict[str, str]) -> Side:
    return "operator" if person["role"] == "shared" else "clinician"


def _mode(takes_texts: bool) -> str:
    return "normal" if takes_texts else "landline"
