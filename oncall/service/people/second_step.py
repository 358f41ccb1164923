"""The second step of signing in: a code of half a minute from somebody's own telephone (TOTP, RFC 6238).

A code works once, also within its half minute, and the codes for a lost telephone work once each. It stands before
the internal pages alone: taking a case needs neither a first nor a second step. Deliberately not here: who may try,
and how often (`sign_in`), and how any of it is kept.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyotp

HALF_MINUTE = 30
EITHER_SIDE = 1  # half minutes by which a telephone's clock may be off
RECOVERY_CODES = 8


@dataclass(frozen=True, slots=True)
class Second:
    """`confirmed_at` None: it was set up and no code has been shown yet, so nothing is asked. `step` is the newest
    half minute whose code was used; `recovery` are hashes."""

    secret: str = field(repr=False)
    confirmed_at: datetime | None = None
    step: int = 0
    recovery: tuple[str, ...] = ()

    @property
    def is_on(self) -> bool:
        return self.confirmed_at is not None


def fresh(new_token: Callable[[], str]) -> Second:
    """A new secret of 160 bits, as RFC 4226 wants it, not in force yet."""
    return Second(b32encode(hashlib.sha256(new_token().encode()).digest()[:20]).decode())


def address_of(second: Second, person: str, issuer: str) -> str:
    """What the telephone's program reads from the picture."""
    return pyotp.TOTP(second.secret).provisioning_uri(name=person, issuer_name=issuer)


def code_at(second: Second, at: datetime) -> str:
    return pyotp.TOTP(second.secret).generate_otp(_step(at))


def confirmed(second: Second, code: str, at: datetime, recovery: tuple[str, ...]) -> Second | None:
    """In force from now on, with these codes for a lost telephone; None for a wrong code."""
    used = _used(second, _plain(code), at)
    return replace(used, confirmed_at=at, recovery=tuple(map(hash_of, recovery))) if used else None


def spent(second: Second, code: str, at: datetime) -> Second | None:
    """What is left after this code opened the door; None when it does not."""
    told = _plain(code)
    if not second.is_on:
        return None
    if used := _used(second, told, at):
        return used
    known = hash_of(told)
    left = tuple(kept for kept in second.recovery if not hmac.compare_digest(kept, known))
    return replace(second, recovery=left) if len(left) < len(second.recovery) else None


def in_fours(recovery: str) -> str:
    """As people copy it by hand."""
    return "-".join(recovery[place : place + 4] for place in range(0, len(recovery), 4))


def hash_of(recovery: str) -> str:
    """They are drawn from 78 bits, so a plain hash cannot be guessed backwards."""
    return hashlib.sha256(_plain(recovery).encode()).hexdigest()


def _used(second: Second, code: str, at: datetime) -> Second | None:
    """The newest step first; a step that was used, or one before it, opens nothing any more. A secret that could not be
    read is empty, and no code of it is right."""
    if not second.secret:
        return None
    now, known = _step(at), pyotp.TOTP(second.secret)
    for step in range(now + EITHER_SIDE, now - EITHER_SIDE - 1, -1):
        if step > second.step and hmac.compare_digest(known.generate_otp(step), code):
            return replace(second, step=step)
    return None


def _step(at: datetime) -> int:
    return int(at.timestamp()) // HALF_MINUTE


def _plain(code: str) -> str:
    return "".join(code.lower().replace("-", "").split()).encode("ascii", "ignore").decode()[:40]
