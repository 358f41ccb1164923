"""The in-memory twin of the store of sounds and pictures: the same contract without a disk."""

from __future__ import annotations

from datetime import datetime

from oncall.service.ports.enclosures import KeptEnclosure


class MemoryEnclosures:
    """See the module."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[KeptEnclosure, datetime]] = {}

    async def keep(self, enclosure: KeptEnclosure, at: datetime) -> None:
        self._kept[enclosure.name] = (enclosure, at)

    async def get(self, name: str) -> KeptEnclosure | None:
        known = self._kept.get(name)
        return known[0] if known else None

    async def older_than(self, at: datetime) -> list[tuple[str, str]]:
        return [(kept.case, kept.name) for kept, since in self._kept.values() if since < at]

    async def forget(self, name: str) -> None:
        self._kept.pop(name, None)

    async def close(self) -> None:
        """Nothing to close."""
