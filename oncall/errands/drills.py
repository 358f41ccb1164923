"""Test calls by command: only the running service can ring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from oncall.adapters.clock import new_id
from oncall.adapters.side_door.handing_in import Declined
from oncall.errands.stores import Stores
from oncall.service.rota.drills import NobodyToRing


async def drill(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Order the test calls; the running service rings them. Its name is what `drilled` asks for."""
    if stores.drills is None:
        raise Declined("The service does not run, so nobody can be rung; start `oncall serve` first.")
    name = new_id()
    try:
        calls = await stores.drills.begin(name, told["person"], told["rotation"], "oncall drill")
    except NobodyToRing as problem:
        raise Declined(str(problem)) from None
    return {"drill": name, "calls": calls}


async def drilled(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """How the calls of a drill stand."""
    rows = await stores.drills.rows(told["drill"]) if stores.drills else []
    return {"rows": [asdict(row) for row in rows]}
