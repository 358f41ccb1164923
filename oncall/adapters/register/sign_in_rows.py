"""The rows of signing in, one class for each table of schema/0003_sign_in.sql and 0008_second_step.sql.

They lie beside the ward's own rows and are audited like them, but no spreadsheet and no directory is made of them.
Deliberately not here: what a role may do (`service.people.sign_in`), and the secrets themselves (only hashes are kept).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """Somebody who may sign in; `roles` in alphabetical order with commas, `password` as argon2id text."""

    table: ClassVar[str] = "accounts"
    key: ClassVar[tuple[str, ...]] = ("person",)
    person: str
    name: str
    roles: str
    added_at: datetime
    password: str | None = None
    totp_secret: str | None = None
    totp_confirmed_at: datetime | None = None
    totp_step: int = 0
    recovery_codes: str = ""
    subject: str | None = None
    failures: int = 0
    locked_until: datetime | None = None
    ended_at: datetime | None = None
    is_sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One browser that is or was signed in; its cookie is kept only as a hash."""

    table: ClassVar[str] = "sessions"
    key: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    token_sha256: str
    person: str
    made_at: datetime
    seen_at: datetime
    agent: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A link that works once, for one person and one purpose."""

    table: ClassVar[str] = "one_time_links"
    key: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    token_sha256: str
    person: str
    purpose: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewRow:
    """Somebody looked at patients' data: `address` is the template, `subject` the case or patient."""

    table: ClassVar[str] = "views"
    key: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    at: datetime
    who: str
    address: str
    subject: str = ""
