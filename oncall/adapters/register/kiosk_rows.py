"""The row of a screen's link; its token is kept only as a hash, and a revoked link stays as a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskLinkRow:
    """`name` says where the screen hangs."""

    table: ClassVar[str] = "kiosk_links"
    key: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    name: str
    token_sha256: str
    made_at: datetime
    made_by: str
    revoked_at: datetime | None = None
