"""What the bytes of a recording or picture are, by their beginning; what a sender says they are is not believed.

A browser is shown pictures and played sounds of kinds it knows; anything else is kept and can only be saved to a file.
"""

from __future__ import annotations

UNKNOWN = "application/octet-stream"
_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"#!AMR", "audio/amr"),
)
_CONTAINERS = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}  # after RIFF and four bytes of length
SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
PLAYED = frozenset({"audio/mpeg", "audio/ogg", "audio/wav"})


def type_of(body: bytes) -> str:
    """A media type, UNKNOWN for what is none of ours."""
    if body.startswith(b"RIFF"):
        return _CONTAINERS.get(body[8:12], UNKNOWN)
    return next((kind for beginning, kind in _BEGINNINGS if body.startswith(beginning)), UNKNOWN)
