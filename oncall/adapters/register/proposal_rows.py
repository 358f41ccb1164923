"""The rows of proposed rules, one class for each table of schema/0009_rule_proposals.sql.

Deliberately not here: what is proposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """One proposal; `shown` is JSON."""

    table: ClassVar[str] = "rule_proposals"
    key: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    author: str
    author_name: str
    at: datetime
    base: str
    edition: str
    shown: str
    reason: str = ""
    state: str = "open"
    decided_by: str | None = None
    decided_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFilesRow:
    """Its files and their comparison, which weigh a megabyte and stand in no list."""

    table: ClassVar[str] = "rule_proposal_files"
    key: ClassVar[tuple[str, ...]] = ("proposal",)
    proposal: str
    brought: str
