"""The row of a coordinator's draft, one of schema/0003_rota_drafts.sql. Deliberately not here: what an edit is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaDraftRow:
    """One draft; `edits` is JSON, `[]` once it was published or discarded."""

    table: ClassVar[str] = "rota_drafts"
    key: ClassVar[tuple[str, ...]] = ("author",)
    author: str
    base: str = ""
    name: str = ""
    edits: str = "[]"
    changed_at: datetime | None = None
