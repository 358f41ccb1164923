"""Proposed rules, over whichever store holds the register's rows. The contract is `service.rules.proposals.Shelf`.

Deliberately not here: who may decide.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from oncall.adapters.register.keeping import keep
from oncall.adapters.register.proposal_rows import ProposalFilesRow, ProposalRow
from oncall.adapters.register.rows import Rows
from oncall.adapters.register.store import Store
from oncall.core.as_json import from_json, to_json
from oncall.service.rules.proposals import OPEN, Brought, Proposal, Shown


class KeptProposals:
    """See the module."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add_proposal(self, proposal: Proposal, brought: Brought) -> None:
        def work(rows: Rows) -> None:
            keep(rows, _row(proposal), proposal.author, proposal.at)
            files = ProposalFilesRow(proposal=proposal.id, brought=to_json(brought))
            keep(rows, files, proposal.author, proposal.at)

        await self._store.write(work)

    async def proposals(self) -> list[Proposal]:
        found = await self._store.read(lambda rows: rows.find(ProposalRow))
        return sorted((_of_row(row) for row in found), key=lambda one: one.at, reverse=True)

    async def proposal(self, id: str) -> Proposal | None:
        found = await self._store.read(lambda rows: rows.find(ProposalRow, id=id))
        return _of_row(found[0]) if found else None

    async def brought(self, id: str) -> Brought:
        found = await self._store.read(lambda rows: rows.find(ProposalFilesRow, proposal=id))
        return from_json(Brought, found[0].brought) if found else Brought({}, "")

    async def decide(self, id: str, state: str, who: str, why: str, at: datetime) -> bool:
        def work(rows: Rows) -> bool:
            found = [row for row in rows.find(ProposalRow, id=id) if row.state == OPEN]
            told = {"state": state, "decided_by": who, "decided_at": at, "why": why}
            return any([keep(rows, replace(row, **told), who, at) for row in found])

        return await self._store.write(work)


def _row(proposal: Proposal) -> ProposalRow:
    return ProposalRow(
        id=proposal.id,
        author=proposal.author,
        author_name=proposal.author_name,
        at=proposal.at,
        base=proposal.base,
        edition=proposal.edition,
        shown=to_json(proposal.shown),
        reason=proposal.reason,
    )


def _of_row(row: ProposalRow) -> Proposal:
    return Proposal(
        id=row.id,
        author=row.author,
        author_name=row.author_name,
        at=row.at,
        base=row.base,
        edition=row.edition,
        reason=row.reason,
        shown=from_json(Shown, row.shown),
        state=row.state,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        why=row.why,
    )
