"""An auto-responder that answers our answers: we stop answering it, and its case and page live on.

"I am driving and will reply later" would be answered for ever. At most five texts an hour that move nothing are
answered to one number, and none after three with the very same words (RULINGS 12). A digit, a sign that is new, a
raise and a first text are always answered. Deliberately not here: blocking anybody, which we never do.
"""

from __future__ import annotations

from datetime import timedelta

from oncall.core.case.case import Arrival, Case
from oncall.core.case.commands import TakeReport
from oncall.core.case.draft import Draft

PASSIVE_REPLIES, SPAN = 5, timedelta(hours=1)
SAME_WORDS = 3


def why_an_echo(draft: Draft, command: TakeReport, before: Case) -> str:
    """Why this further text stays without an answer; empty when it is answered."""
    if command.arrival is not Arrival.TEXT or command.digits or command.number is None:
        return ""
    this = draft.case.reports[-1]
    lately = [n for n in before.reports if n.sender == command.number and draft.at - n.at < SPAN]
    texts = [note for note in lately if note.arrival is Arrival.TEXT]
    if this.moved:
        return ""
    if sum(note.sha256 == this.sha256 for note in texts) >= SAME_WORDS:
        return "the same words again and again"
    if sum(not note.moved for note in texts) >= PASSIVE_REPLIES:
        return "many texts in an hour that change nothing"
    return ""
