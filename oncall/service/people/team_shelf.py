"""How the team is kept, as a contract: members with their numbers, in audited rows; nothing is ever deleted.

Deliberately not here: what may be done (`number_proofs`, `leaving`), and the rows (the register).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from oncall.core.staff_numbers import Member, Number


class TeamShelf(Protocol):
    """See the module. `who` stands in the audit."""

    async def members(self) -> list[Member]:
        """Everybody, also who has left; by name."""
        ...

    async def member(self, person: str) -> Member | None: ...

    async def owner_of(self, number: str) -> str | None:
        """Whose number this is now: a member who has not left, and the number is not retired."""
        ...

    async def is_a_familys(self, number: str) -> bool: ...

    async def calendar_links(self, person: str) -> int:
        """How many secret links to this person's shifts are in use."""
        ...

    async def add_number(self, number: Number, who: str) -> bool:
        """At the end of the person's numbers, in place of a retired row; False if it is somebody's."""
        ...

    async def change_number(
        self, person: str, number: str, change: Callable[[Number], Number], who: str
    ) -> Number | None:
        """Read, change and keep in one commit; None when this person has no such number (any more)."""
        ...

    async def order_numbers(self, person: str, first: str, who: str) -> None:
        """This number becomes the first; the others keep their order."""
        ...

    async def bring_back(self, person: str, who: str) -> None:
        """Somebody who left is of the team again, with the numbers that nobody else has taken since."""
        ...

    async def tasks_of(self, person: str) -> Sequence[tuple[str, str, datetime]]:
        """Open ones: id, title, due."""
        ...

    async def give_tasks(self, person: str, to: str, who: str) -> int:
        """Every open task of one person becomes another's; how many."""
        ...
