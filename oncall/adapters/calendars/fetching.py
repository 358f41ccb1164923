"""Fetches one outside calendar: https only, so many seconds, so many bytes, and never deeper into our own network.

The configured address may lie in the hospital; where it redirects to another name, that name must lead out to the
world, or a stranger's calendar could make this machine ask its neighbours. Behind the hospital's proxy it is the proxy
that looks names up; a name that it is led on to is judged here first, and one that cannot be looked up here is not
followed. An address is a secret: no sentence holds it. Deliberately not here: whether it is believed (`watching`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from socket import AF_INET, AF_UNSPEC, AddressFamily
from urllib.request import getproxies, proxy_bypass

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from oncall.adapters.calendars.imported import LARGEST

# Of IPv6 only what is given out to the world (RFC 4291), without what carries an IPv4 address inside, which a router
# may unpack into our own network: 6to4, Teredo. The translators' 64:ff9b::/96 and the old forms lie outside of it.
_WORLD = ip_network("2000::/3")
_CARRYING = (ip_network("2002::/16"), ip_network("2001::/23"), ip_network("3fff::/20"))
_MOVED = (301, 302, 303, 307, 308)
_ASK = {"Accept": "text/calendar, text/csv;q=0.9, */*;q=0.1", "Accept-Encoding": "identity", "User-Agent": "oncall"}


class NotFetched(Exception):
    """Nothing came, or not what was asked for; the sentence says which."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost, and which addresses it may use."""

    seconds: float = 20
    size: int = LARGEST
    redirects: int = 3
    schemes: tuple[str, ...] = ("https",)


USUAL = Limits()


async def fetch(address: str, limits: Limits = USUAL) -> bytes:
    """The bytes behind the address. Raises NotFetched."""
    try:
        first = URL(address)
        resolver = _OutsideOnly(first.host or "")
        connector = TCPConnector(resolver=resolver)
        async with (
            asyncio.timeout(limits.seconds),
            ClientSession(connector=connector, auto_decompress=False) as session,
        ):
            return await _followed(session, first, resolver, limits)
    except TimeoutError:
        raise NotFetched(f"It did not answer within {limits.seconds:g} seconds.") from None
    except (ClientError, OSError, ValueError):
        raise NotFetched("It could not be reached: the address, its certificate or the network is wrong.") from None


async def _followed(session: ClientSession, at: URL, resolver: _OutsideOnly, limits: Limits) -> bytes:
    for _ in range(limits.redirects + 1):
        if at.scheme not in limits.schemes:
            raise NotFetched("It is not reached by https.")
        proxy = _proxy_for(at)
        await resolver.judge(at.host or "", proxy)
        async with session.get(
            at, headers=_ASK, allow_redirects=False, timeout=ClientTimeout(total=limits.seconds), proxy=proxy
        ) as answer:
            if answer.status not in _MOVED:
                return await _body(answer, limits)
            at = at.join(URL(answer.headers.get("Location", "")))
    raise NotFetched("It sends us on and on.")


def _proxy_for(at: URL) -> URL | None:
    """The configured way out (HTTPS_PROXY, without what NO_PROXY names)."""
    told = getproxies().get(at.scheme) if at.scheme == "https" else None
    return URL(told) if told and not proxy_bypass(at.host or "") else None


async def _body(answer: ClientResponse, limits: Limits) -> bytes:
    if answer.status != 200:
        raise NotFetched(f"It answered {answer.status}.")
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotFetched("It answered packed, although it was asked not to.")
    body = b""
    async for piece in answer.content.iter_chunked(1 << 16):
        body += piece
        if len(body) > limits.size:
            raise NotFetched(f"It is larger than {limits.size >> 20} MB.")
    return body


class _OutsideOnly(AbstractResolver):
    """The configured name may be anywhere; any other leads to a public address, in the very look-up that is used."""

    def __init__(self, configured: str) -> None:
        self._configured = configured
        self._proxy: str | None = None
        self._resolver = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if host == self._proxy:
            return found
        if host != self._configured and not all(_leads_out(one["host"]) for one in found):
            raise NotFetched("It sends us to an address inside our own network.")
        return found

    async def judge(self, host: str, proxy: URL | None) -> None:
        """Before each question. A number is not looked up, so it is judged here, with its odd spellings ("127.1",
        "2130706433"); so is a name that the proxy, and not this machine, will look up. The proxy itself may be inside.
        """
        self._proxy = None
        is_number = ":" in host or host.replace(".", "").isdigit()
        if is_number and host != self._configured and not _leads_out(host):
            raise NotFetched("It sends us to an address inside our own network.")
        if proxy is not None and not is_number and host != self._configured:
            await self.resolve(host, 443, AF_UNSPEC)
        self._proxy = proxy.host if proxy else None

    async def close(self) -> None:
        await self._resolver.close()


def _leads_out(number: str) -> bool:
    try:
        address = ip_address(number)
    except ValueError:  # spelled oddly: nobody honest does that
        return False
    outside = address.is_global and not address.is_multicast
    return outside and (address.version == 4 or (address in _WORLD and not any(address in net for net in _CARRYING)))
