"""Where the register's rows are, as a contract: a piece of work is run on them at one moment, or in one commit.

Deliberately not here: what the work is (`kept`, `accounts`), and the two stores (`memory`, `sqlite`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from oncall.adapters.register.rows import Rows

Result = TypeVar("Result")
Work = Callable[[Rows], Result]


class Store(Protocol):
    """Where the rows are."""

    async def read(self, work: Work[Result]) -> Result: ...

    async def write(self, work: Work[Result]) -> Result:
        """All of the work is kept, or none of it."""
        ...

    async def close(self) -> None: ...
