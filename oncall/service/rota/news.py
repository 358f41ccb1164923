"""Whoever gets or loses a span of the rota is told so: what the preview calls "Notifies".

One text each, or an e-mail, with their own spans and who published them. What begins within twelve hours is told at
once, anything later by day. A text changes nobody's duty and asks nothing; swaps and replacements that wait for a yes
have questions of their own. Deliberately not here: sending (`messenger`), and which spans changed (the preview).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from oncall.core.case.escalation import Hours
from oncall.core.case.facts import Directory
from oncall.core.notices import About, Notice
from oncall.core.rota.difference import Move, move_in_words
from oncall.service.cases.board import name_of
from oncall.service.messenger import Messenger
from oncall.service.ports.journal import Edition, HandbookSource
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.preview import Preview
from oncall.service.telling import by_day, written_to

KIND, BY = "rota-news", "the rota"
AT_ONCE = timedelta(hours=12)
SAID = 2  # spans in one text


class RotaNews:
    """See the module."""

    def __init__(self, messenger: Messenger, register: Register, handbooks: HandbookSource, clock: Timepiece) -> None:
        self._messenger, self._register, self._handbooks, self._clock = messenger, register, handbooks, clock

    async def tell(self, found: Preview, edition: Edition) -> None:
        """After it was published; again is nothing."""
        directory, hours = await self._register.directory(), self._handbooks.current().table.hours
        await self._messenger.order(*news_of(found, edition, directory, hours, self._clock.now()))


def news_of(found: Preview, edition: Edition, directory: Directory, hours: Hours, now: datetime) -> Iterator[Notice]:
    """A notice for each person who gets or loses something and can be written to."""
    about = About(KIND, f"{edition.name[:16]} {edition.at.isoformat()}")
    for person in found.tells:
        own = [move for move in found.moves if (person in move.before) != (person in move.after)]
        clinician = directory.clinicians.get(person)
        if clinician is None or not own:
            continue
        is_soon = min(move.starts_at for move in own) < now + AT_ONCE
        when = now if is_soon else by_day(now, hours, found.after.zone)
        words = _words(found, own, name_of(edition.author, directory))
        notice = written_to(clinician, about, words, BY, subject="The rota has changed", not_before=when)
        if notice is not None:
            yield notice


def _words(found: Preview, own: Sequence[Move], author: str) -> str:
    told = " ".join(move_in_words(found.before, found.after, move) for move in own[:SAID])
    rest = f" And {len(own) - SAID} more." if len(own) > SAID else ""
    return f"The rota has changed. {told}{rest} Published by {author}; the rota page shows it all."
