"""The file beside the database for what the database refused: one line a contact, on the disk before anything is said.

Each line begins with a hash of itself, so that one torn by a power cut is seen and never taken for a whole one. The
room is taken when the file is made, while there is some: on a full disk the lines go where nothing has to grow. It
holds families' words, so only the account of the service may read it. Deliberately not here: what the lines mean.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOM = 2**20  # bytes taken in advance: some thousand contacts
NAME = "emergency.jsonl"
_MARK = 16  # characters of the hash


class SideFile:
    """See the module. Every method raises OSError when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def prepare(self) -> None:
        """Make it, with its room; a disk that has none left gives what it has."""
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
            self._take_room()
            _synced(self._path.parent)

    def append(self, told: str) -> None:
        """On the disk when it returns. `told` has no line end."""
        line = f"{_mark(told)} {told}\n".encode()
        end, is_torn = self._end()
        with self._path.open("r+b") as file:
            file.seek(end)
            file.write(b"\n" + line if is_torn else line)
            file.flush()
            os.fsync(file.fileno())

    def lines(self) -> tuple[list[str], list[str]]:
        """The whole lines, and what is left of torn ones."""
        whole, torn = [], []
        for line in self._content().decode("utf-8", "replace").split("\n"):
            mark, _, told = line.partition(" ")
            (whole if mark == _mark(told) else torn).append(told if mark == _mark(told) else line)
        return whole, [line for line in torn if line]

    def empty(self) -> None:
        """All of it has been dealt with."""
        with self._path.open("r+b") as file:
            file.truncate(0)
            os.fsync(file.fileno())
        self._take_room()

    def _take_room(self) -> None:
        with self._path.open("r+b") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, ROOM)
            except OSError:
                return  # the lines then grow the file as any other
            os.fsync(file.fileno())

    def _content(self) -> bytes:
        return self._path.read_bytes().rstrip(b"\0") if self._path.exists() else b""

    def _end(self) -> tuple[int, bool]:
        """Where the next line goes, and whether the last one has no end."""
        self.prepare()
        content = self._content()
        return len(content), bool(content) and not content.endswith(b"\n")


class NoFile:
    """For a house in memory: its contacts wait as long as it lives."""

    def append(self, told: str) -> None:
        raise OSError("a house in memory has no file")

    def lines(self) -> tuple[list[str], list[str]]:
        return [], []

    def empty(self) -> None:
        return None


def _mark(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()[:_MARK]


def _synced(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
