"""Until when the certificates of our own addresses hold, looked at once a day.

Most certificates that run out do so because the program that renews them has stopped weeks before. A date that was
seen stays true, so a look that fails takes nothing away. Deliberately not here: the handshake
(`adapters/certificates.py`), whether a carrier would believe the certificate (the vigil's own door), and sentences
(`health`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from oncall.service.ports.timepiece import Timepiece

EVERY = timedelta(hours=24)
AFTER_A_FAILURE = timedelta(hours=1)


class CertificateUnread(Exception):
    """Nobody answered there, or not with a certificate; the sentence is for the page."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is known of one. `ends_at` None: it was never seen; `problem` is why the last look failed."""

    host: str
    ends_at: datetime | None = None
    looked_at: datetime | None = None
    problem: str = ""

    def is_due(self, now: datetime) -> bool:
        wait = AFTER_A_FAILURE if self.problem else EVERY
        return self.looked_at is None or not timedelta(0) <= now - self.looked_at < wait


class Certificates:
    """See the module. `ends_at` asks one address; addresses without TLS are none of its business."""

    def __init__(
        self, urls: tuple[str, ...], ends_at: Callable[[str, int], Awaitable[datetime]], clock: Timepiece
    ) -> None:
        asked = dict.fromkeys(place for url in urls if (place := _place(url)))
        self._known: Mapping[tuple[str, int], Certificate] = {place: Certificate(place[0]) for place in asked}
        self._ends_at, self._clock = ends_at, clock

    def known(self) -> tuple[Certificate, ...]:
        return tuple(self._known.values())

    async def look(self) -> None:
        now = self._clock.now()
        for place, known in self._known.items():
            if known.is_due(now):
                self._known = {**self._known, place: await self._asked(place, known, now)}

    async def _asked(self, place: tuple[str, int], known: Certificate, now: datetime) -> Certificate:
        try:
            return Certificate(known.host, await self._ends_at(*place), now)
        except CertificateUnread as problem:
            return replace(known, looked_at=now, problem=str(problem))


def _place(url: str) -> tuple[str, int] | None:
    parts = urlsplit(url)
    return (parts.hostname, parts.port or 443) if parts.scheme == "https" and parts.hostname else None
