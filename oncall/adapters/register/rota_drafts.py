"""Coordinators' drafts of the rota, over whichever store holds the register's rows.

The contract is `rota_drafts.DraftShelf`. A draft is read, changed and kept in one write with its line in the audit,
so that two people who add to it at once both keep theirs. Deliberately not here: what a draft means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oncall.adapters.register.keeping import keep
from oncall.adapters.register.rota_draft_rows import RotaDraftRow
from oncall.adapters.register.rows import Rows
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.drafts import Change, Draft, edits_from_json, edits_to_json

if TYPE_CHECKING:
    from oncall.adapters.register.store import Store


class KeptRotaDrafts:
    """See the module."""

    def __init__(self, store: Store, clock: Timepiece) -> None:
        self._store, self._clock = store, clock

    async def rota_draft(self, author: str) -> Draft:
        return await self._store.read(lambda rows: _draft(rows, author))

    async def rota_drafts(self) -> list[Draft]:
        found = await self._store.read(lambda rows: rows.find(RotaDraftRow))
        return [_of_row(row) for row in found if row.edits != "[]"]

    async def change_rota_draft(self, author: str, change: Change, who: str) -> Draft:
        at = self._clock.now()

        def work(rows: Rows) -> Draft:
            draft = change(_draft(rows, author))
            keep(rows, _row(draft), who, at)
            return draft

        return await self._store.write(work)


def _draft(rows: Rows, author: str) -> Draft:
    return next((_of_row(row) for row in rows.find(RotaDraftRow, author=author)), Draft(author))


def _of_row(row: RotaDraftRow) -> Draft:
    return Draft(row.author, row.base, edits_from_json(row.edits), row.name, row.changed_at)


def _row(draft: Draft) -> RotaDraftRow:
    edits = edits_to_json(draft.edits)
    return RotaDraftRow(author=draft.author, base=draft.base, name=draft.name, edits=edits, changed_at=draft.changed_at)
