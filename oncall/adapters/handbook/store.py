"""Published editions: which handbook is in force, and the only ways to change it.

At the first start the shipped or edited folders become the first edition; after that only publishing does
(RULINGS 8). A new edition is loaded before it is stored, and stored before it is in force. Deliberately not here:
the difference a coordinator sees before publishing.
"""

from __future__ import annotations

from pathlib import Path

from oncall.adapters.handbook.files import edition_of, load_handbook, load_texts, read_files
from oncall.core.handbook import Handbook
from oncall.service.ports import Journal, Timepiece


class PublishedHandbook:
    """The edition in force; a HandbookSource."""

    def __init__(self, handbook: Handbook) -> None:
        self._handbook = handbook

    def current(self) -> Handbook:
        return self._handbook

    def put_in_force(self, handbook: Handbook) -> None:
        """From the next decision on; open cases keep their pinned clocks."""
        self._handbook = handbook


async def published_handbook(
    journal: Journal, clock: Timepiece, rules: Path, rotations: Path
) -> PublishedHandbook:
    """The newest published edition, or the folders as the first one. Raises HandbookFaults."""
    editions = await journal.editions()
    if editions and (files := await journal.edition_files(editions[0][0])) is not None:
        return PublishedHandbook(load_texts(files))
    handbook = load_handbook(rules, rotations)
    files = read_files(rules, rotations)
    await journal.save_edition(edition_of(files), files, "first start", clock.now())
    return PublishedHandbook(handbook)
