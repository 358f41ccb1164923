"""What becomes of the sound or picture beside a report: kept here, deleted at the carrier, or not to be had.

A recording or a picture never holds up a page: the report that brought it has paged already, and everything here only
writes down where the bytes are now. Deliberately not here: the bytes, and fetching them
(`service.telephone.enclosures`).
"""

from __future__ import annotations

from oncall.core.case import entries as e
from oncall.core.case.commands import ClearEnclosure, KeepEnclosure, LoseEnclosure
from oncall.core.case.draft import Draft


def keep(draft: Draft, command: KeepEnclosure) -> None:
    known = draft.case.enclosure(command.enclosure)
    if known is not None and not known.is_kept:
        draft.write(e.EnclosureKept(command.enclosure, command.media_type, command.size, command.sha256))


def clear(draft: Draft, command: ClearEnclosure) -> None:
    known = draft.case.enclosure(command.enclosure)
    if known is not None and not known.cleared:
        draft.write(e.EnclosureCleared(command.enclosure))


def lose(draft: Draft, command: LoseEnclosure) -> None:
    """Not to be had, or forgotten when its time is over; the report and its words stay."""
    known = draft.case.enclosure(command.enclosure)
    if known is not None and not known.gone:
        draft.write(e.EnclosureGone(command.enclosure, command.why))
