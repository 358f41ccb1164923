"""A file that only the holder of the backup key can read, sealed in pieces so that a whole one never lies in memory.

AES-256-GCM; the key comes by scrypt from the secret and a salt of the file's own, so counting nonces never repeat. The
number of a piece and whether it is the last are in its nonce: a file that was cut off, or whose pieces were moved, does
not open. Deliberately not here: what is in the file.
"""

from __future__ import annotations

import io
import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

SEALED, OPEN = b"oncall backup 1 sealed\n", b"oncall backup 1 open\n"
PIECE = 2**20
SALT, TAG = 16, 16


class NotOurs(Exception):
    """The file is no whole backup, or this key does not open it; the sentence says which."""


def _cipher(key: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(key.encode()))


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


class Sealer(io.RawIOBase):
    """Write here, then `finish`; without a key it passes everything through."""

    def __init__(self, file: BinaryIO, key: str | None) -> None:
        self._file, self._number, self._waiting = file, 0, bytearray()
        salt = os.urandom(SALT)
        self._cipher = _cipher(key, salt) if key else None
        file.write(SEALED + salt if key else OPEN)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self._cipher is None:
            return self._file.write(data)
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), is_last=False)
            del self._waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        """The last piece; a file without it does not open."""
        if self._cipher is not None:
            self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, piece: bytes, is_last: bool) -> None:
        assert self._cipher is not None
        self._file.write(self._cipher.encrypt(_nonce(self._number, is_last), piece, SEALED))
        self._number += 1


class Opener(io.RawIOBase):
    """Read here what a Sealer has written. Raises NotOurs."""

    def __init__(self, file: BinaryIO, key: str | None) -> None:
        self._file, self._number, self._ready = file, 0, b""
        head = file.readline(64)
        if head not in (SEALED, OPEN):
            raise NotOurs("This file is not a backup of the pump line.")
        if head == SEALED and not key:
            raise NotOurs("This backup is sealed: name its key with --key-file, or as backup.key in config.yaml.")
        self._cipher = _cipher(key or "", file.read(SALT)) if head == SEALED else None
        self._next = file.read(PIECE + TAG) if self._cipher else b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._cipher is None:
            return self._file.readinto(buffer)  # type: ignore[attr-defined,no-any-return]
        if not self._ready:
            self._ready = self._opened()
        taken = min(len(buffer), len(self._ready))
        buffer[:taken], self._ready = self._ready[:taken], self._ready[taken:]
        return taken

    def _opened(self) -> bytes:
        assert self._cipher is not None
        piece, self._next = self._next, self._file.read(PIECE + TAG)
        if not piece:
            return b""
        try:
            opened = self._cipher.decrypt(_nonce(self._number, is_last=not self._next), piece, SEALED)
        except InvalidTag:
            raise NotOurs("This key does not open the backup, or the file was cut off or changed.") from None
        self._number += 1
        return opened
