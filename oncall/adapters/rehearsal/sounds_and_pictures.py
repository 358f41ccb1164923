"""Sounds and pictures of the training ground: small, real, and made here.

What a caller says is kept as words; the sound of a recording is a quiet tone as long as it was. The picture that a
phone can send is drawn: no file of anybody's. Deliberately not here: who sends them.
"""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib

RATE, PITCH, LOUD = 8000, 330, 40  # samples a second, hertz, of 127
SIDE = 96  # of the picture, in points


def tone(seconds: int) -> bytes:
    """A WAV file of this length."""
    wave_of_one = bytes(128 + round(LOUD * math.sin(2 * math.pi * PITCH * n / RATE)) for n in range(RATE))
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(RATE)
        sound.writeframes(wave_of_one * seconds)
    return target.getvalue()


def picture() -> bytes:
    """A PNG file: a red spot on skin, as a family might send."""
    rows = b"".join(b"\x00" + b"".join(_point(x, y) for x in range(SIDE)) for y in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    parts = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _point(x: int, y: int) -> bytes:
    """Redder towards the middle."""
    away = min(math.hypot(x - SIDE / 2, y - SIDE / 2) / (SIDE / 2), 1.0)
    return bytes((224, round(90 + 100 * away), round(80 + 80 * away)))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
