"""Published editions: which handbook is in force, and the only ways to change it.

At the first start the shipped or edited folders become the first edition; after that only publishing does
(RULINGS 8). A new edition is loaded before it is stored, and stored before it is in force. Deliberately not here:
the difference a coordinator sees before publishing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from oncall.adapters.handbook.files import load_handbook, load_texts, read_files
from oncall.adapters.handbook.reading import reading_of
from oncall.core.handbook import Handbook
from oncall.service.ports.journal import Edition, Journal
from oncall.service.ports.timepiece import Timepiece


class PublishedHandbook:
    """The edition in force; a HandbookSource."""

    def __init__(self, handbook: Handbook) -> None:
        self._handbook = handbook
        self._one_at_a_time = asyncio.Lock()

    def current(self) -> Handbook:
        return self._handbook

    def put_in_force(self, handbook: Handbook) -> None:
        """From the next decision on; open cases keep their pinned clocks."""
        self._handbook = handbook

    async def publish(
        self, journal: Journal, edition: Edition, files: Mapping[str, str], base: str, handbook: Handbook
    ) -> None:
        """Stored and in force, in the same order for all who publish; its words are compiled before, beside the loop.
        Raises EditionOvertaken."""
        await asyncio.to_thread(compile_words, handbook)
        async with self._one_at_a_time:
            await journal.save_edition(edition, files, base)
            self.put_in_force(handbook)


def compile_words(handbook: Handbook) -> None:
    """Takes a third of a second: whoever reads the first text should not wait for it."""
    len(handbook.rulebook.lexicon.tongues)


def texts_of(files: Mapping[str, str]) -> dict[str, str]:
    """The files of an edition as somebody wrote them, without the readings that lie beside them."""
    return {name: text for name, text in files.items() if not name.endswith(".json")}


async def handbook_in_force(journal: Journal, rules: Path, rotations: Path) -> PublishedHandbook:
    """The newest published edition; the folders while nothing has been published. Raises HandbookFaults."""
    editions = await journal.editions()
    if editions and (files := await journal.edition_files(editions[0].name)) is not None:
        return PublishedHandbook(load_texts(files))
    return PublishedHandbook(load_handbook(rules, rotations))


async def publish_folders(
    journal: Journal, clock: Timepiece, rules: Path, rotations: Path, author: str
) -> tuple[Handbook, tuple[str, ...]]:
    """Store the folders as an edition unless they are the newest already; the edition, and the files that changed.

    Raises HandbookFaults: what cannot be loaded is never stored.
    """
    handbook, files = load_handbook(rules, rotations), read_files(rules, rotations)
    editions = await journal.editions()
    before = texts_of((await journal.edition_files(editions[0].name) if editions else None) or {})
    changed = tuple(sorted(name for name in {*files, *before} if files.get(name) != before.get(name)))
    if changed:
        readings = {f"{name}.json": reading_of(text) for name, text in files.items()}
        await journal.save_edition(Edition(handbook.edition, clock.now(), author), {**files, **readings})
    return handbook, changed
