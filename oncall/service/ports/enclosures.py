"""Where recordings and pictures are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KeptEnclosure:
    """The bytes of a recording or picture, and what their beginning says they are."""

    case: str
    name: str
    media_type: str
    body: bytes


class EnclosureStore(Protocol):
    """Sounds and pictures in our own hands: what a family sent, beside the journal and like it never outside."""

    async def keep(self, enclosure: KeptEnclosure, at: datetime) -> None:
        """Again under the same name: the newest stands."""
        ...

    async def get(self, name: str) -> KeptEnclosure | None: ...

    async def older_than(self, at: datetime) -> list[tuple[str, str]]:
        """Case and name of what was kept before `at`."""
        ...

    async def forget(self, name: str) -> None: ...

    async def close(self) -> None: ...
