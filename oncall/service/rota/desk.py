"""The coordinators' desk: drafts of the rota, their preview, publishing, undo, restoring, and the history.

Publishing is one act: on the newest edition, stored and in force together, or not at all; of two who publish at the
same time one is told what the other did. Undo gives back the rotations of the edition before, restoring those of any
edition, always as a new edition and always with the rules as they are. Who is paged in an open case is resolved when
the telephone is dialled (RULINGS 2), so an edition holds from the next dial on. Deliberately not here: files (the
scribe), sentences and guards (the core), and asking a replacement whether they accept: until they do they are
`AddBeside`, on beside the holder (RULINGS 8), and `EditChange` or a cover follows their yes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from oncall.core.rota.edits import Edit, EditRefused, HolidayWords
from oncall.core.rota.on_call import Rota, called
from oncall.service.ports.journal import Edition, EditionOvertaken, Journal
from oncall.service.ports.register import Register
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.drafts import Draft, Drafted, DraftShelf, Handbooks, Scribe
from oncall.service.rota.preview import Preview, Staff, compared, preview_of, staff_of, written

UNDO = timedelta(minutes=10)
UNDONE = "undone"
FASTER = "Somebody published at the same moment: look at what differs, then publish again."
Files = Mapping[str, str]


class PublishRefused(Exception):
    """It was not published; a sentence for each reason."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = tuple(sentences)


@dataclass(frozen=True, slots=True)
class Published:
    """One edition in the history, number 1 the first; `sentences` say who instead of whom."""

    number: int
    edition: Edition
    sentences: tuple[str, ...]


class RotaDesk:
    """See the module. `unfit` says why a handbook may not be in force here, "" if it may."""

    def __init__(
        self,
        journal: Journal,
        register: Register,
        drafts: DraftShelf,
        handbooks: Handbooks,
        scribe: Scribe,
        clock: Timepiece,
        unfit: Callable[..., Awaitable[str]],
    ) -> None:
        self._journal, self._register, self._drafts = journal, register, drafts
        self._handbooks, self._scribe, self._clock, self._unfit = handbooks, scribe, clock, unfit

    # --- drafts ------------------------------------------------------------------------------------------------------

    async def draft(self, author: str) -> Draft:
        return await self._drafts.rota_draft(author)

    async def drafts(self) -> list[Draft]:
        """Of everybody, so that a colleague's half-made week is seen."""
        return await self._drafts.rota_drafts()

    async def add(self, author: str, edit: Edit, by: str = "", name: str = "") -> Draft:
        """The draft with one more edit; it begins here if there is none. Raises EditRefused for one that does not fit.

        `by` is who adds it, if that is not the author.
        """
        draft, newest, files = await self._draft_and_newest(author)
        seen, names = await self._written(files, draft), (await self._staff()).names
        edit = await asyncio.to_thread(self._scribe.witnessed, seen, edit, self._clock.now())
        await asyncio.to_thread(self._scribe.write, seen, edit, self._clock.now(), names)
        change = partial(_with_edit, edit=edit, by=by or author, base=newest, name=name, at=self._clock.now())
        return await self._drafts.change_rota_draft(author, change, by or author)

    async def take_back(self, author: str, number: int, by: str = "") -> Draft:
        """The draft without one of its edits."""
        at = self._clock.now()
        return await self._drafts.change_rota_draft(author, lambda draft: draft.without(number, at), by or author)

    async def discard(self, author: str, by: str = "") -> None:
        await self._drafts.change_rota_draft(author, lambda _: Draft(author), by or author)

    async def accept_newest(self, author: str, by: str = "") -> Draft:
        """After the merge view: the draft stands on the newest edition now, without the edits that do not fit."""
        found = await self.preview(author)
        gone, at = {one.drafted.number for one in found.refused}, self._clock.now()

        def rebased(draft: Draft) -> Draft:
            kept = tuple(one for one in draft.edits if one.number not in gone)
            return replace(draft, base=found.newest if kept else "", edits=kept, changed_at=at)

        return await self._drafts.change_rota_draft(author, rebased, by or author)

    # --- looking -----------------------------------------------------------------------------------------------------

    async def preview(self, author: str) -> Preview:
        """What publishing the draft now would do."""
        draft, newest, files = await self._draft_and_newest(author)
        base, since = await self._base_of(draft, newest, files)
        staff = await self._staff()
        work = partial(preview_of, self._scribe, draft, base, files, since, newest, staff, self._clock.now())
        return await asyncio.to_thread(work)

    async def try_out(self, author: str, edit: Edit) -> Preview:
        """What the draft would do with one more edit; nothing is stored. Raises EditRefused for one that does not
        fit."""
        draft, newest, files = await self._draft_and_newest(author)
        seen, now = await self._written(files, draft), self._clock.now()
        edit = await asyncio.to_thread(self._scribe.witnessed, seen, edit, now)
        staff = await self._staff()
        after = await asyncio.to_thread(self._scribe.write, seen, edit, now, staff.names)
        tried = draft.with_edit(edit, author, now)
        work = partial(compared, self._scribe, files, after, staff, now, draft=tried, name=newest)
        return await asyncio.to_thread(work)

    async def holiday(self, author: str, name: str) -> HolidayWords:
        """A holiday as it stands, with the draft. Raises EditRefused for one that is not there."""
        draft, _, files = await self._draft_and_newest(author)
        seen = await self._written(files, draft)
        return await asyncio.to_thread(self._scribe.holiday, seen, name, self._clock.now())

    async def preview_restore(self, edition: str) -> Preview:
        """What going back to an edition's rotations would do."""
        newest, files = await self._newest()
        wanted = await self._with_rotations_of(edition, files)
        return await self._compared(newest, files, wanted)

    async def history(self, limit: int = 50) -> tuple[Published, ...]:
        """Newest first."""
        listed = await self._journal.editions()
        numbered = [(len(listed) - place, edition) for place, edition in enumerate(listed[:limit])]
        return tuple(Published(number, edition, self._scribe.sentences(edition)) for number, edition in numbered)

    # --- publishing --------------------------------------------------------------------------------------------------

    async def publish(self, author: str, reason: str = "", second: str = "", by: str = "") -> Edition:
        """The draft as the newest edition, in force at once; the draft is gone. Raises PublishRefused, EditRefused."""
        return await self.publish_seen(await self.preview(author), reason, second, by)

    async def publish_seen(self, found: Preview, reason: str = "", second: str = "", by: str = "") -> Edition:
        """A draft as it was looked at, on the edition that it was laid on; what was added since stays a draft."""
        author, signer = found.draft.author, by or found.draft.author
        if against := found.against(reason, second, signer):
            raise PublishRefused(against)
        edition = await self._put(found, signer, reason, second)
        published = {one.number for one in found.draft.edits}
        await self._drafts.change_rota_draft(author, partial(_left, gone=published, base=edition.name), signer)
        return edition

    # --- without a draft ---------------------------------------------------------------------------------------------

    async def try_all(self, edits: Sequence[Edit], author: str) -> Preview:
        """What these edits alone would do to the newest edition; nothing is stored, no draft is touched."""
        newest, files = await self._newest()
        draft, now = Draft(author, newest), self._clock.now()
        for edit in edits:
            draft = draft.with_edit(edit, author, now)
        staff = await self._staff()
        work = partial(preview_of, self._scribe, draft, files, files, [], newest, staff, now)
        return await asyncio.to_thread(work)

    async def rota_with(self, edits: Sequence[Edit]) -> Rota:
        """The newest rota with what fits of these edits; without any judgement, which takes longer."""
        _, files = await self._newest()
        now = self._clock.now()
        drafted = [Drafted(number, edit, "", now) for number, edit in enumerate(edits, start=1)]
        names = (await self._staff()).names
        rota = await asyncio.to_thread(lambda: self._scribe.rota(written(self._scribe, files, drafted, names, now)[0]))
        return called(rota, names)

    async def publish_tried(self, found: Preview, author: str, reason: str) -> Edition:
        """What `try_all` has shown, all or none, on the edition that it was shown on. Raises PublishRefused."""
        if against := found.against(reason, "", author):
            raise PublishRefused(against)
        return await self._put(found, author, reason, "")

    async def undo(self, edition: str, author: str, knows: bool = False) -> Edition:
        """The rotations of the edition before, within ten minutes and while nobody has published after it.

        What is red against that is said once and never stops it (RULINGS 8): `knows`, the author has read it. Raises
        PublishRefused.
        """
        listed = await self._journal.editions()
        if not listed or listed[0].name != edition:
            raise PublishRefused(["Somebody has published since: there is nothing of yours to undo."])
        if self._clock.now() - listed[0].at > UNDO:
            raise PublishRefused(["The ten minutes for undoing are over: restore the edition before instead."])
        if len(listed) < 2:
            raise PublishRefused(["This is the first edition: there is none before it."])
        found = await self.preview_restore(listed[1].name)
        if found.newest != edition:
            raise PublishRefused([FASTER])
        worse = [guard.sentence for guard in found.red]
        if worse and not knows:
            raise PublishRefused(["Undoing makes it worse:", *worse])
        return await self._put(found, author, f"{UNDONE}, although: {' '.join(worse)}" if worse else UNDONE, "")

    async def restore(self, edition: str, author: str, reason: str = "", second: str = "") -> Edition:
        """The rotations of any edition, as a new one. Raises PublishRefused."""
        found = await self.preview_restore(edition)
        if against := found.against(reason, second, author):
            raise PublishRefused(against)
        return await self._put(found, author, reason or f"restored {edition[:8]}", second)

    async def _put(self, found: Preview, author: str, reason: str, second: str) -> Edition:
        """Stored and in force, on the edition that the preview was made on."""
        current = self._handbooks.current()
        same_rules = current if current.edition == found.newest else None
        handbook = await asyncio.to_thread(self._scribe.handbook, found.files, same_rules)
        if why := await self._unfit(handbook):
            raise PublishRefused([why])
        _, before = await self._newest()
        told = await asyncio.to_thread(self._scribe.difference, before, found.files, found.sentences)
        edition = Edition(handbook.edition, self._clock.now(), author, second, reason.strip(), told)
        sealed = await asyncio.to_thread(self._scribe.sealed, found.files)
        try:
            await self._handbooks.publish(self._journal, edition, sealed, found.newest, handbook)
        except EditionOvertaken:
            raise PublishRefused([FASTER]) from None
        return edition

    # --- reading -----------------------------------------------------------------------------------------------------

    async def _newest(self) -> tuple[str, Files]:
        listed = await self._journal.editions()
        files = await self._journal.edition_files(listed[0].name) if listed else None
        if files is None:
            raise EditRefused("Nothing has been published yet: publish the folders first.")
        return listed[0].name, self._scribe.texts(files)

    async def _draft_and_newest(self, author: str) -> tuple[Draft, str, Files]:
        draft = await self._drafts.rota_draft(author)
        return draft, *await self._newest()

    async def _base_of(self, draft: Draft, newest: str, files: Files) -> tuple[Files, list[Edition]]:
        """What the draft began from, and the editions since, oldest first."""
        if not draft.edits or draft.base == newest:
            return files, []
        listed = await self._journal.editions()
        names = [edition.name for edition in listed]
        behind = names.index(draft.base) if draft.base in names else len(names)
        base = await self._journal.edition_files(draft.base)
        return (self._scribe.texts(base) if base is not None else files), listed[:behind][::-1]

    async def _with_rotations_of(self, edition: str, files: Files) -> Files:
        """The rules of one edition with the rotations of another; both must load together."""
        old = await self._journal.edition_files(edition)
        if old is None:
            raise EditRefused(f"There is no edition {edition[:8]}.")
        rules = {name: text for name, text in files.items() if not name.startswith("rotations/")}
        rotations = {n: text for n, text in self._scribe.texts(old).items() if n.startswith("rotations/")}
        return {**rules, **rotations}

    async def _compared(self, newest: str, before: Files, after: Files) -> Preview:
        """For going back: there is no draft, but there is something to publish if the files differ."""
        staff, now = await self._staff(), self._clock.now()
        if before == after:
            raise PublishRefused(["These rotations are in force already."])
        work = partial(compared, self._scribe, before, after, staff, now, draft=Draft(""), name=newest)
        return await asyncio.to_thread(work)

    async def _written(self, files: Files, draft: Draft) -> Files:
        """The newest texts with what of the draft fits."""
        return await asyncio.to_thread(_fitting, self._scribe, files, draft, self._clock.now())

    async def _staff(self) -> Staff:
        return staff_of(await self._register.directory())


def _fitting(scribe: Scribe, files: Files, draft: Draft, now: datetime) -> Files:
    return written(scribe, files, draft.edits, {}, now)[0]


def _with_edit(draft: Draft, *, edit: Edit, by: str, base: str, name: str, at: datetime) -> Draft:
    begun = draft if draft.edits else Draft(draft.author, base)
    return replace(begun.with_edit(edit, by, at), name=name or begun.name)


def _left(draft: Draft, *, gone: set[int], base: str) -> Draft:
    """What was added while the others were being published stays, on the new edition."""
    kept = tuple(one for one in draft.edits if one.number not in gone)
    return replace(draft, base=base, edits=kept) if kept else Draft(draft.author)
