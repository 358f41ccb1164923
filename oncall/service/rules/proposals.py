"""Rules that somebody proposes and somebody else approves, on a page instead of by two names in a command.

Nothing is in force before a second person with the rules in their care has approved it, and then by the same way and
with the same refusals as any publishing. The proof runs beside the line's work, one at a time, from the first look
on; a restart proves anew. Deliberately not here: comparing, proving and storing editions (handed in as functions).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from oncall.service.people.accounts import SignedIn
from oncall.service.ports.timepiece import Timepiece

OPEN, PUBLISHED, REJECTED, WITHDRAWN = "open", "published", "rejected", "withdrawn"
GONE = "This proposal is not open any more: somebody decided, or its author withdrew it."
OWN = "You proposed this yourself: somebody else who keeps the rules approves it."
UNPROVED = "The proof is not finished: wait for it, then approve."
NO_WHY = "Say why: the author reads it."
NOT_YOURS = "Only its author withdraws a proposal. To turn it down, reject it with a reason."


@dataclass(frozen=True, slots=True)
class Shown:
    """What the second person reads, in sentences as they were when it was proposed. `lowered` are emergencies that
    would not be emergencies any more, `red` examples that do not hold, `guards` what the rota would make worse."""

    changes: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    lowered: tuple[str, ...] = ()
    red: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal. `author` is the account, `base` the edition it was compared with; `why` is the second person's."""

    id: str
    author: str
    author_name: str
    at: datetime
    base: str
    edition: str
    shown: Shown
    reason: str = ""
    state: str = OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None
    why: str = ""

    @property
    def is_open(self) -> bool:
        return self.state == OPEN


@dataclass(frozen=True, slots=True)
class Brought:
    """The files with their readings, and what comparing them found, for whoever publishes."""

    files: Mapping[str, str]
    compared: str

    @property
    def texts(self) -> dict[str, str]:
        """As somebody wrote them."""
        return {name: text for name, text in self.files.items() if not name.endswith(".json")}


@dataclass(frozen=True, slots=True)
class ProofState:
    """Not `done` while it waits or runs; `refused` is why it may not be published, empty when all is proved."""

    done: bool = False
    refused: str = ""


class Shelf(Protocol):
    """How proposals are kept."""

    async def add_proposal(self, proposal: Proposal, brought: Brought) -> None: ...

    async def proposals(self) -> Sequence[Proposal]:
        """Newest first."""
        ...

    async def proposal(self, id: str) -> Proposal | None: ...

    async def brought(self, id: str) -> Brought: ...

    async def decide(self, id: str, state: str, who: str, why: str, at: datetime) -> bool:
        """False when it is not open any more."""
        ...


Prove = Callable[[Mapping[str, str]], Awaitable[str]]  # why these texts may not be published; empty when proved


@dataclass(frozen=True, slots=True)
class Approval:
    """What is asked to be put in force; `second` is the full name, `proof` what the proof said."""

    proposal: Proposal
    brought: Brought
    second: str
    reason: str
    proof: str


Publish = Callable[[Approval], Awaitable[tuple[str, ...]]]  # the refusals, a sentence each; none when it is in force


class Proposals:
    """See the module."""

    def __init__(self, shelf: Shelf, clock: Timepiece, prove: Prove, publish: Publish) -> None:
        self.shelf = shelf
        self._clock, self._prove, self._publish = clock, prove, publish
        self._proofs: dict[str, asyncio.Task[str]] = {}
        self._one_proof = asyncio.Semaphore(1)
        self._one_decision = asyncio.Lock()

    # --- the proof

    def proof(self, proposal: Proposal) -> ProofState:
        """How far it is; asking for the first time begins it. Only of what is open."""
        task = self._proofs.get(proposal.id) or (self._begin(proposal) if proposal.is_open else None)
        if task is None or not task.done():
            return ProofState()
        if task.cancelled() or task.exception() is not None:
            return ProofState(True, "The proof failed; the log says why. Prove it again.")
        return ProofState(True, task.result())

    def prove_again(self, proposal: Proposal) -> None:
        if self.proof(proposal).done:
            self._begin(proposal)

    def _begin(self, proposal: Proposal) -> asyncio.Task[str]:
        task = asyncio.create_task(self._proved(proposal.id), name=f"proof of {proposal.id}")
        self._proofs[proposal.id] = task
        return task

    async def _proved(self, id: str) -> str:
        async with self._one_proof:
            return await self._prove((await self.shelf.brought(id)).texts)

    async def close(self) -> None:
        """No solver stays behind."""
        for task in self._proofs.values():
            task.cancel()
        await asyncio.gather(*self._proofs.values(), return_exceptions=True)

    # --- decisions: the sentences that speak against it, none when it is done

    async def approve(self, id: str, asker: SignedIn, reason: str) -> tuple[str, ...]:
        async with self._one_decision:
            proposal = await self.shelf.proposal(id)
            if proposal is None or not proposal.is_open:
                return (GONE,)
            if proposal.author == asker.person:
                return (OWN,)
            proof = self.proof(proposal)
            if not proof.done:
                return (UNPROVED,)
            approval = Approval(proposal, await self.shelf.brought(id), asker.name, reason.strip(), proof.refused)
            if refused := await self._publish(approval):
                return refused
            await self._decide(id, PUBLISHED, asker, reason)
            return ()

    async def reject(self, id: str, asker: SignedIn, why: str) -> tuple[str, ...]:
        return await self._decide(id, REJECTED, asker, why) if why.strip() else (NO_WHY,)

    async def withdraw(self, id: str, asker: SignedIn) -> tuple[str, ...]:
        proposal = await self.shelf.proposal(id)
        if proposal is not None and proposal.author != asker.person:
            return (NOT_YOURS,)
        return await self._decide(id, WITHDRAWN, asker, "")

    async def _decide(self, id: str, state: str, asker: SignedIn, why: str) -> tuple[str, ...]:
        done = await self.shelf.decide(id, state, asker.person, why.strip(), self._clock.now())
        if done and (task := self._proofs.pop(id, None)) is not None:
            task.cancel()
        return () if done else (GONE,)
