"""A clinician sends the family one of the approved phrases: an entry with the name, and a text like any other.

Only the holder writes to the family, so that two clinicians never tell them two things; it is no proof that they were
reached (law 4). Deliberately not here: the phrases (`at_hand`).
"""

from __future__ import annotations

from oncall.core.case import entries as e
from oncall.core.case.commands import SendPhrase
from oncall.core.case.draft import Draft
from oncall.core.case.echoes import not_yours


def send_phrase(draft: Draft, command: SendPhrase) -> None:
    holder, phrase = draft.case.holder, draft.handbook.at_hand.phrase(command.phrase)
    if holder is None or holder.person != command.person:
        not_yours(draft, command.person)
        return
    if phrase is None or not draft.case.phones:
        draft.answer["unsent"] = "no_phrase" if phrase is None else "no_number"
        return
    draft.write(e.PhraseSent(command.person, phrase.code, phrase.title))
    name, emergency = draft.facts.name_of(command.person), draft.facts.hospital.emergency_number
    for told in draft.tell_family_words(phrase.said(draft.case.language, name, emergency)):
        if phrase.must_arrive:
            draft.expect_delivery(told)
