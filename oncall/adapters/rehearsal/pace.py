"""How long things take on the training ground: speech, a text on its way, a voicemail greeting.

Visitors need human speed; tests need none. Both are the same carrier with other numbers here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """`words_a_minute=None` speaks in no time; the other spans are in seconds."""

    words_a_minute: int | None = None
    text_s: float = 0.0  # from accepted to on the handset
    ring_s: float = 0.0  # from queued to ringing
    detection_s: float = 4.0  # answering machine detection
    voicemail_after_s: float = 20.0
    unreachable_after_s: float = 600.0  # a switched off phone's text is given up

    def speech(self, words: str) -> timedelta:
        if self.words_a_minute is None:
            return timedelta(0)
        return timedelta(minutes=max(len(words.split()), 1) / self.words_a_minute)


HUMAN = Pace(words_a_minute=150, text_s=0.8, ring_s=0.6)
INSTANT = Pace()
