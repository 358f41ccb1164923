"""The carrier: what we hand to it, its own lists of what was said and sent, and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from oncall.core.case.messages import Channel, Message, Outcome, Progress
from oncall.core.reports import Enclosed


class Pager(Protocol):
    """The way out to telephones. No retries of its own: the outbox retries."""

    async def turn(self, message: Message) -> None:
        """Wait until the carrier may be given this message: emergencies first, then families."""
        ...

    def waiting(self) -> int:
        """How many turns only the clock will bring."""
        ...

    async def send(self, message: Message, attempt: int) -> Outcome: ...

    async def find(self, message: Message, since: datetime) -> Outcome | None:
        """After a crash: did this text go out since its first attempt? Calls cannot be found and answer None."""
        ...

    async def stop(self, sid: str) -> Outcome:
        """Cancel what is queued, end what rings. An answered call is left alone; `sid` None: not a call of ours."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A text or call in the carrier's own list. `number` is the far end's, None when withheld."""

    sid: str
    channel: Channel
    inbound: bool
    number: str | None
    at: datetime
    progress: Progress
    code: int | None = None
    body: str = ""
    media: int = 0
    opt_out: str | None = None
    enclosed: tuple[Enclosed, ...] = ()


class Ledger(Protocol):
    """What a carrier says has passed over one of our numbers, whether or not it told us then."""

    @property
    def name(self) -> str: ...

    async def since(self, at: datetime) -> Sequence[Seen]:
        """Texts and calls from then on. Raises LedgerUnread when it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class CarrierState:
    """How it stands with the carrier by our own results: lists read until, what only they told us, routes in doubt."""

    reconciled_at: datetime | None = None
    recovered: Mapping[str, int] = field(default_factory=dict)
    in_doubt: Mapping[str, bool] = field(default_factory=dict)


class LedgerUnread(Exception):
    """The carrier did not answer, or had more than we read at once; the sentence says which."""


class NotToBeHad(Exception):
    """The carrier gives no such file, or more than we take; the sentence says which. `for_now`: perhaps later."""

    def __init__(self, why: str, for_now: bool = True) -> None:
        self.why, self.for_now = why, for_now
        super().__init__(why)


class CarrierFiles(Protocol):
    """Recordings and pictures of one carrier account."""

    def has(self, source: str) -> bool:
        """Whether this path is one of this account's recordings or pictures."""
        ...

    async def fetch(self, source: str) -> bytes:
        """Raises NotToBeHad."""
        ...

    async def delete(self, source: str) -> bool:
        """Whether it is gone there; also when it was never there."""
        ...

    async def close(self) -> None: ...
