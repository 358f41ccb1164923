"""Recordings and pictures of one Twilio account, by its REST interface.

Only paths of this account's own recordings and media are asked for, whatever a webhook said, and always at the
configured address. Pictures may lie elsewhere behind a redirect, which is followed without our password. More bytes
than we take are not read. Deliberately not here: what the bytes are.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import aiohttp

from oncall.core.reports import Enclosed, EnclosureKind
from oncall.service.ports.carrier import NotToBeHad

MOST_BYTES = 6 * 1024 * 1024  # a picture text carries 5 MB; half a minute of sound is half of one
SECONDS = 20.0
_PATH = re.compile(
    r"/2010-04-01/Accounts/(AC[0-9A-Za-z]{32})/(?:Recordings/(RE[0-9a-f]{32})|Messages/\w{34}/Media/(ME[0-9a-f]{32}))"
)


def enclosed(url: str, seconds: str = "") -> Enclosed | None:
    """What a webhook's address names; None for anything that is no recording or picture, or no address at all."""
    try:
        path = urlsplit(url).path
    except ValueError:  # "http://["
        return None
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    kind = EnclosureKind.RECORDING if match[2] else EnclosureKind.MEDIA
    lasts = int(seconds) if re.fullmatch("[0-9]{1,6}", seconds) else None
    return Enclosed(match[2] or match[3], kind, path, lasts)


class TwilioFiles:
    """CarrierFiles of one account. Build it inside the running loop; close it at the end."""

    def __init__(self, account: str, token: str, api: str) -> None:
        self._account, self._api = account, api.rstrip("/")
        limit = aiohttp.ClientTimeout(total=SECONDS)
        self._http = aiohttp.ClientSession(timeout=limit, trust_env=self._api.startswith("https:"))
        self._password = {"Authorization": aiohttp.BasicAuth(account, token).encode()}

    def has(self, source: str) -> bool:
        match = _PATH.fullmatch(source)
        return match is not None and match[1] == self._account

    async def fetch(self, source: str) -> bytes:
        try:
            async with self._http.get(f"{self._api}{source}", headers=self._password) as answer:
                if answer.status != 200:
                    raise NotToBeHad(f"the carrier answered {answer.status}")
                body = await answer.content.read(MOST_BYTES + 1)
                while len(body) <= MOST_BYTES and (more := await answer.content.read(MOST_BYTES + 1 - len(body))):
                    body += more
        except (aiohttp.ClientError, TimeoutError, OSError) as trouble:
            raise NotToBeHad(f"the carrier was not reached: {type(trouble).__name__}") from None
        if len(body) > MOST_BYTES:
            raise NotToBeHad(f"larger than {MOST_BYTES // 1024 // 1024} MB", for_now=False)
        return body

    async def delete(self, source: str) -> bool:
        try:
            async with self._http.delete(f"{self._api}{source}.json", headers=self._password) as answer:
                return answer.status in (204, 404)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def close(self) -> None:
        await self._http.close()
