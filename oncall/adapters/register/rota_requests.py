"""Requests for swaps, leave and cover, over whichever store holds the register's rows.

The contract is `rota_requests.RequestShelf`. Each move is read, made and kept in one write with its line in the audit,
so that of two answers at once the first holds. Deliberately not here: what a move means (`core.rota.requests`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from oncall.adapters.register.keeping import keep
from oncall.adapters.register.request_rows import RequestRow, request_of, row_of
from oncall.adapters.register.rows import Rows
from oncall.core.rota.requests import Request
from oncall.service.ports.timepiece import Timepiece

if TYPE_CHECKING:
    from oncall.adapters.register.store import Store


class KeptRequests:
    """See the module."""

    def __init__(self, store: Store, clock: Timepiece) -> None:
        self._store, self._clock = store, clock

    async def add_request(self, make: Callable[[str], Request], who: str) -> Request:
        at = self._clock.now()

        def work(rows: Rows) -> Request:
            request = make(f"R{len(rows.find(RequestRow)) + 1}")
            keep(rows, row_of(request), who, at)
            return request

        return await self._store.write(work)

    async def change_request(self, request_id: str, move: Callable[[Request], Request], who: str) -> Request | None:
        at = self._clock.now()

        def work(rows: Rows) -> Request | None:
            for row in rows.find(RequestRow, id=request_id):
                after = move(request_of(row))
                keep(rows, row_of(after), who, at)
                return after
            return None

        return await self._store.write(work)

    async def request(self, request_id: str) -> Request | None:
        found = await self._store.read(lambda rows: rows.find(RequestRow, id=request_id))
        return request_of(found[0]) if found else None

    async def open_requests(self) -> list[Request]:
        found = await self._store.read(lambda rows: rows.find(RequestRow, is_open=True))
        return sorted((request_of(row) for row in found), key=lambda request: request.made_at)

    async def requests(self, limit: int = 200) -> list[Request]:
        found = await self._store.read(lambda rows: rows.newest(RequestRow, "made_at", limit))
        return [request_of(row) for row in found]
