"""Where an errand is done: the stores of the running service, or those that a command has opened itself."""

from __future__ import annotations

from dataclasses import dataclass

from oncall.adapters.handbook.store import PublishedHandbook, handbook_in_force
from oncall.adapters.register.kept import KeptRegister
from oncall.config import Config
from oncall.service.cases.retention import Retention
from oncall.service.ports.journal import Journal
from oncall.service.ports.timepiece import Timepiece
from oncall.service.rota.drills import Drills


@dataclass(frozen=True, slots=True)
class Stores:
    """Where an errand is done. `handbooks` is the running service's, None where no service runs."""

    config: Config
    clock: Timepiece
    journal: Journal
    register: KeptRegister
    handbooks: PublishedHandbook | None = None
    drills: Drills | None = None  # only a running service can ring
    retention: Retention | None = None  # the running service's


async def handbooks_of(stores: Stores) -> PublishedHandbook:
    """The running service's, else the edition in force as the store has it."""
    folders = stores.config.handbook
    return stores.handbooks or await handbook_in_force(stores.journal, folders.rules, folders.rotations)
