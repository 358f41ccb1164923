"""A named person has said that a number is no patient's: for 30 days its idle words leave a task and wake nobody.

A robot that dials, a wrong number, somebody who texts for fun: each contact of theirs would wake a doctor, for what is
not understood pages. The mark is a person's word and lowers one thing only: words that were read to the last one and
hold neither a sign nor a doubt. `0`, a sign, an alarm, silence, a picture, a word that nobody here knows: as before
(RULINGS 3). A case that somebody is paged for or holds goes on as it is. Deliberately not here: whether such a mark
stands (the register, read inside the write) and which words are idle (`triage.rulebook`).
"""

from __future__ import annotations

from datetime import timedelta

from oncall.core.case.case import Case, ClockKind, Status
from oncall.core.case.commands import TakeReport
from oncall.core.case.draft import Draft
from oncall.core.triage.assessment import Assessment, Leaning, Reason, Urgency
from oncall.core.triage.rulebook import NOT_UNDERSTOOD

MARKED_FOR = timedelta(days=30)
BECAUSE = Reason("marked", "A named person marked this number as no patient's, and these words hold no sign.", ())
_SAYS_NOTHING = frozenset({NOT_UNDERSTOOD, "repeat_contact_24h", "supply_unknown"})  # of a number that has no record


def wakes_nobody(draft: Draft, command: TakeReport) -> bool:
    """Whether this report, and everything else in its case, is idle talk of a marked number."""
    case, signs = draft.case, draft.handbook.rulebook.vocabulary
    if not (command.idle and draft.facts.not_a_patient) or command.reading_failed or command.digits:
        return False
    if case.status not in (Status.LISTENING, Status.WAITING) or case.rules_failed or case.patient is not None:
        return False
    if case.clock(ClockKind.HANG_UP):
        return False  # somebody hung up early, and only "wrong number" ends that
    others = (f for f in case.findings if f.code not in _SAYS_NOTHING)
    is_idle = all(finding.code in signs and signs[finding.code].group == "office" for finding in others)
    return is_idle and case.pace in (None, Urgency.ROUTINE)


def no_patients(draft: Draft) -> Assessment:
    """The verdict on such a case."""
    return Assessment(
        urgency=Urgency.ROUTINE,
        leanings=(Leaning.NONE,),
        advice="office",
        because=(BECAUSE,),
        would_raise=(),
        edition=draft.handbook.rulebook.rules.edition,
        needs_human=False,
    )


def is_left_alone(case: Case) -> bool:
    """Whether the last verdict was that of the mark."""
    return case.assessment is not None and BECAUSE in case.assessment.because
