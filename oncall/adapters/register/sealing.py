"""The secret of somebody's second step, as it lies in the database: sealed with the house's own key file.

Codes must be computed from it, so a hash will not do; but whoever reads a backup of the database alone has nothing.
Sealed text belongs to one person and cannot be laid into another's row. The same words seal the same way, so that a
row that did not change is not written anew. A key that was lost opens nothing: the codes for a lost telephone and an
administrator still do. Deliberately not here: where the key lies (`house`), and what the secret is for.
"""

from __future__ import annotations

import sqlite3
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from oncall.adapters.migrations import transaction

SEALED = "sealed:"


class Seal:
    """See the module. `key` is the house's; what seals here is derived from it and opens nothing else (RFC 5869)."""

    def __init__(self, key: bytes) -> None:
        derived = HKDF(SHA256(), 64, salt=None, info=b"oncall second step").derive(key)
        self._cipher = AESSIV(derived)  # RFC 5297: no nonce that could be used twice

    def close(self, words: str, person: str) -> str:
        closed = self._cipher.encrypt(words.encode(), [person.encode()])
        return SEALED + urlsafe_b64encode(closed).decode()

    def open(self, told: str, person: str) -> str:
        """The words; empty for what this key did not seal for this person."""
        try:
            closed = urlsafe_b64decode(told.removeprefix(SEALED))
            return self._cipher.decrypt(closed, [person.encode()]).decode()
        except (InvalidTag, ValueError):
            return ""


def seal_what_is_open(connection: sqlite3.Connection, seal: Seal) -> int:
    """Rows from before there was a seal, in one commit and without leaving the words in the file; how many."""
    connection.execute("PRAGMA secure_delete=ON")
    with transaction(connection):
        found = connection.execute(
            "SELECT person, totp_secret FROM accounts WHERE totp_secret IS NOT NULL AND totp_secret NOT LIKE ?",
            (f"{SEALED}%",),
        ).fetchall()
        closed = [(seal.close(words, person), person) for person, words in found]
        connection.executemany("UPDATE accounts SET totp_secret = ? WHERE person = ?", closed)
    if closed:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(closed)
