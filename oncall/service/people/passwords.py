"""Passwords are kept as argon2id and nothing else, and tried beside the line's work.

One trial costs memory and time on purpose, so at most two run at once and a flood of guesses slows only the guessers.
Deliberately not here: who may try, and how often (`sign_in`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

SHORTEST, LONGEST = 12, 200
SALT_BYTES = 16


def fault_of(password: str, person: str) -> str | None:
    """Why this cannot be somebody's password, as a sentence; None when it can."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters: four unrelated words are easy to keep in mind."
    if len(password) > LONGEST:
        return f"Use {LONGEST} characters at most."
    if len(set(password.lower())) < 5 or person.lower() in password.lower():
        return "Use something that is neither your name nor the same few characters again and again."
    return None


class Passwords:
    """`chance` gives the salt's bytes; `cost` is the recommended one everywhere but in tests."""

    def __init__(self, chance: Callable[[], bytes], cost: Parameters = RFC_9106_LOW_MEMORY) -> None:
        self._chance = chance
        self._hasher = PasswordHasher.from_parameters(cost)
        self._two_at_once = asyncio.Semaphore(2)
        self._decoy = ""

    async def hashed(self, password: str) -> str:
        async with self._two_at_once:
            return await asyncio.to_thread(self._hash, password)

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is this one. Without a kept one it takes as long and is never right."""
        async with self._two_at_once:
            return await asyncio.to_thread(self._fits, kept, password)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(password, salt=self._chance()[:SALT_BYTES])

    def _fits(self, kept: str | None, password: str) -> bool:
        if not self._decoy:
            self._decoy = self._hash("nobody's password")
        try:
            return self._hasher.verify(kept or self._decoy, password[: LONGEST + 1]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False
