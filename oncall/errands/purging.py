"""Old cases leave by command: exported and shown first, then purged by the hash of what was shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from oncall.adapters.side_door.handing_in import Declined
from oncall.errands.stores import Stores
from oncall.house import enclosures_over, retention_over
from oncall.service.cases.retention import NotPurged, Retention


async def purge_export(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write what would be purged, and its hash; nothing is purged."""
    async with _retention(stores) as retention:
        try:
            done = await retention.export(told["file"], told["by"], datetime.fromisoformat(told["before"]))
        except NotPurged as problem:
            raise Declined(str(problem)) from None
    return asdict(done)


async def purge(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take out what stands in the export whose hash was shown."""
    async with _retention(stores) as retention:
        before = datetime.fromisoformat(told["before"])
        try:
            stones = await retention.purge(told["file"], told["sha256"], told["by"], before)
        except NotPurged as problem:
            raise Declined(str(problem)) from None
    return {"purged": len(stones)}


@asynccontextmanager
async def _retention(stores: Stores) -> AsyncIterator[Retention]:
    if stores.retention is not None:
        yield stores.retention
        return
    kept = enclosures_over(stores.config, stores.clock)
    try:
        yield retention_over(stores.config, stores.journal, stores.register, kept, stores.clock)
    finally:
        await kept.close()
