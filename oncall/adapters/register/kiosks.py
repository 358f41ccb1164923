"""Links of screens over whichever store holds the register's rows; the contract is `kiosks.KioskBook`.

Deliberately not here: what such a screen shows.
"""

from __future__ import annotations

from dataclasses import replace

from oncall.adapters.register.keeping import hashed, keep
from oncall.adapters.register.kiosk_rows import KioskLinkRow
from oncall.adapters.register.rows import Rows
from oncall.adapters.register.store import Store
from oncall.service.people.kiosks import Kiosk
from oncall.service.ports.timepiece import Timepiece


class KeptKiosks:
    """See the module."""

    def __init__(self, store: Store, clock: Timepiece) -> None:
        self._store, self._clock = store, clock

    async def in_use(self) -> list[Kiosk]:
        found = await self._store.read(lambda rows: rows.find(KioskLinkRow, revoked_at=None))
        return [_kiosk(row) for row in sorted(found, key=lambda row: (row.made_at, row.id))]

    async def by_token(self, token: str) -> Kiosk | None:
        found = await self._store.read(lambda rows: rows.find(KioskLinkRow, token_sha256=hashed(token)))
        return next((_kiosk(row) for row in found if row.revoked_at is None), None)

    async def add(self, id: str, name: str, token: str, who: str) -> None:
        at = self._clock.now()
        row = KioskLinkRow(id=id, name=name, token_sha256=hashed(token), made_at=at, made_by=who)
        await self._store.write(lambda rows: keep(rows, row, who, at))

    async def revoke(self, id: str, who: str) -> bool:
        at = self._clock.now()

        def work(rows: Rows) -> bool:
            found = [row for row in rows.find(KioskLinkRow, id=id) if row.revoked_at is None]
            return any([keep(rows, replace(row, revoked_at=at), who, at) for row in found])

        return await self._store.write(work)


def _kiosk(row: KioskLinkRow) -> Kiosk:
    return Kiosk(row.id, row.name, row.made_at, row.made_by)
