"""What the house keeps: the hospital's own facts, its journal, its register and the edition in force.

Commands that ring nobody open these alone, and a start opens them first. Deliberately not here: the rest of the house,
which would cost every command half a second of loading.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, closing
from dataclasses import replace
from pathlib import Path

from oncall.adapters.before_migrating import keep_before_migrating
from oncall.adapters.clock import new_secret
from oncall.adapters.enclosures.sqlite import SCHEMA as ENCLOSURES
from oncall.adapters.handbook.store import PublishedHandbook, handbook_in_force
from oncall.adapters.journal.memory import MemoryJournal
from oncall.adapters.journal.sqlite import SCHEMA as JOURNAL
from oncall.adapters.journal.sqlite import SqliteJournal
from oncall.adapters.migrations import open_for_reading as connection_for_reading
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.register.memory import MemoryRegister
from oncall.adapters.register.reading import read_proven, reads_for
from oncall.adapters.register.sqlite import SCHEMA as REGISTER
from oncall.adapters.register.sqlite import SqliteRegister
from oncall.config import Config
from oncall.core.people import Hospital
from oncall.service.ports.journal import Journal
from oncall.service.ports.timepiece import Timepiece

COMPONENTS = {"register": REGISTER, "journal": JOURNAL, "enclosures": ENCLOSURES}  # each with its migrations


def hospital_of(config: Config) -> Hospital:
    """The hospital's own facts, with the secret that page links are made of."""
    secret = _kept_secret(config.var / "secret.key") if config.database_path else new_secret()
    return replace(hospital_without_secret(config), secret=secret)


def hospital_without_secret(config: Config) -> Hospital:
    """The same for whoever makes no links; nothing is written."""
    return Hospital(
        name=config.hospital.name,
        zone=config.hospital.zone,
        emergency_number=config.hospital.emergency_number,
        operator=config.hospital.operator,
        interpreter=config.hospital.interpreter,
        line=config.telephony.line,
        public_url=config.public.url,
    )


async def open_stores(
    config: Config, clock: Timepiece, stack: AsyncExitStack
) -> tuple[Journal, KeptRegister, PublishedHandbook]:
    """The stores alone, for commands that ring nobody."""
    journal, register = open_journal_and_register(config, clock, stack)
    handbooks = await handbook_in_force(journal, config.handbook.rules, config.handbook.rotations)
    return journal, register, handbooks


def open_journal_and_register(config: Config, clock: Timepiece, stack: AsyncExitStack) -> tuple[Journal, KeptRegister]:
    """The stores without a handbook, so that one that cannot be read any more can be replaced."""
    journal, register = _stores(config, hospital_of(config), clock)
    stack.push_async_callback(register.close)
    stack.push_async_callback(journal.close)
    return journal, register


def open_for_reading(config: Config, clock: Timepiece, stack: AsyncExitStack) -> Journal:
    """The journal alone, beside a process that may be writing it; the database must exist."""
    if config.database_path is None:
        raise ValueError("a journal in memory belongs to its own process")
    journal = SqliteJournal(config.database_path, reads_for(hospital_of(config)), clock.now, reading_only=True)
    stack.push_async_callback(journal.close)
    return journal


def proven_in(config: Config) -> frozenset[str]:
    """Who has a proven telephone, read beside a process that may be writing; nobody in a database without people."""
    assert config.database_path is not None, "a register in memory belongs to its own process"
    with closing(connection_for_reading(config.database_path)) as connection:
        return read_proven(connection, hospital_without_secret(config))


def _stores(config: Config, hospital: Hospital, clock: Timepiece) -> tuple[Journal, KeptRegister]:
    if config.database_path is None:
        register = MemoryRegister(hospital, clock)
        return MemoryJournal(register.view, clock.now), register
    keep_before_migrating(config.database_path, COMPONENTS)
    kept = SqliteRegister(config.database_path, hospital, clock)  # it makes the tables the journal reads
    return SqliteJournal(config.database_path, reads_for(hospital), clock.now), kept


def _kept_secret(path: Path) -> bytes:
    """The key of page links: made once, readable by this account alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(new_secret())
    return path.read_bytes()
