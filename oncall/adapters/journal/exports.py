"""Files of exported cases: one line of JSON a case, readable by this account alone, and known by their SHA-256.

A file is on disk before its hash is told. Deliberately not here: what is exported, and when it may be purged.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path


class ExportFolder:
    """A name is a file in this folder; a whole path is that path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def write(self, name: str, lines: Sequence[str]) -> str:
        return await asyncio.to_thread(_write, self._folder / name, lines)

    async def read(self, name: str) -> tuple[str, list[str]]:
        return await asyncio.to_thread(_read, self._folder / name)


class MemoryExports:
    """The same without a disk."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    async def write(self, name: str, lines: Sequence[str]) -> str:
        if name in self._files:
            raise FileExistsError(name)
        self._files[name] = _body(lines)
        return hashlib.sha256(self._files[name]).hexdigest()

    async def read(self, name: str) -> tuple[str, list[str]]:
        if name not in self._files:
            raise FileNotFoundError(name)
        return _told(self._files[name])


def _write(path: Path, lines: Sequence[str]) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    body = _body(lines)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(body).hexdigest()


def _read(path: Path) -> tuple[str, list[str]]:
    return _told(path.read_bytes())


def _body(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")


def _told(body: bytes) -> tuple[str, list[str]]:
    """Cut at our own line ends alone: families' words may hold other signs that end a line."""
    return hashlib.sha256(body).hexdigest(), body.decode("utf-8", "surrogatepass").split("\n")[:-1]
