"""What a clinician is told back: one sentence for every act, by text, with the digits that act next.

Deliberately not here: the sentences themselves (rules/advice.yaml) and what the voice says (`staff_calls`).
"""

from __future__ import annotations

from oncall.core.case.draft import Draft
from oncall.core.case.wording import clock_time


def echo(draft: Draft, person: str, key: str, **blanks: str) -> None:
    """Say back to a clinician what was understood, by text."""
    draft.tell_person(person, key, slot=slot_of(draft, person), **blanks)


def slot_of(draft: Draft, person: str) -> str:
    page = draft.case.page_of(person)
    return str(page.slot) if page and page.slot is not None else ""


def not_yours(draft: Draft, person: str) -> None:
    """Somebody acts on a case that he does not hold: nothing changes, and he hears why."""
    holder = draft.case.holder
    if holder is None:
        echo(draft, person, "echo_nobody_has_it")
    else:
        echo(draft, person, "echo_not_yours", name=draft.facts.name_of(holder.person))
    draft.answer["refused"] = True


def taken_at(draft: Draft) -> str:
    """When the holder took it, in the hospital's time."""
    holder = draft.case.holder
    return clock_time(holder.at if holder else draft.at, draft.facts.hospital)
