"""How a command's errand reaches the stores: by the side door of the running service, else here, under the same lock.

Either way it is the same function, so that what a command changes holds at once and the line never stops.
Deliberately not here: what is asked before (`cli`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import structlog

from oncall.adapters.clock import SystemClock
from oncall.adapters.side_door.handing_in import hand_in
from oncall.adapters.side_door.opening import SOCKET, open_door
from oncall.config import Config
from oncall.errands import accounts, drills, editions, purging, registers
from oncall.errands.stores import Stores
from oncall.house import House
from oncall.one_process import hold_lock
from oncall.stores import open_journal_and_register

log = structlog.get_logger("side door")

ERRANDS: Mapping[str, Callable[[Stores, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]] = {
    "propose": editions.propose,
    "publish": editions.publish,
    "token": registers.make_token,
    "import": registers.import_sheets,
    "invite": accounts.invite,
    "end-sessions": accounts.end_sessions,
    "second-off": accounts.second_off,
    "accounts": accounts.list_accounts,
    "drill": drills.drill,
    "drilled": drills.drilled,
    "purge-export": purging.purge_export,
    "purge": purging.purge,
    "calendar": registers.calendar,
    "rota": editions.rota,
}


async def run_errand(config: Config, name: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the service that runs on this database, else here. Raises Declined, Refused."""
    if (answer := await hand_in(config.var / SOCKET, name, told)) is not None:
        return answer
    async with AsyncExitStack() as stack:
        hold_lock(config.var, stack)
        clock = SystemClock()
        journal, register = open_journal_and_register(config, clock, stack)
        return await ERRANDS[name](Stores(config, clock, journal, register), told)


async def open_side_door(house: House, stack: AsyncExitStack) -> None:
    """From here on commands reach this house; without the door they are refused while it runs."""
    stores = Stores(
        house.config, house.clock, house.journal, house.register, house.handbooks, house.drills, house.retention
    )
    errands = {name: partial(errand, stores) for name, errand in ERRANDS.items()}
    try:
        await open_door(house.config.var, errands, stack)
    except OSError as problem:
        log.warning("no side door: publish, token, calendar and import need the service stopped", problem=str(problem))
