"""Our public door as the provider meets it: reachable, certified, and shut to whoever does not sign.

Everything goes over `public.url` itself, so that proxy, certificate and name are looked at too. The signed request is
a status that belongs to no message: the house answers it and files nothing. Deliberately not here: the provider.
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession
from twilio.request_validator import RequestValidator

from oncall.preflight.check import Check, cannot_tell, ok, problem

NOTHING = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "sent"}  # of no message: answered, and nothing is filed
DAYS_LEFT = 21  # a certificate is renewed 30 days before its end; three weeks say that this has failed


async def reachable(session: ClientSession, public_url: str) -> list[Check]:
    try:
        async with session.get(f"{public_url}/healthz") as answer:
            return [judged_health(public_url, answer.status, await answer.text())]
    except (ClientError, OSError, TimeoutError):
        return [problem("public address", f"{public_url} does not answer from here", _DOOR)]


_DOOR = "Start `oncall serve`, and let the proxy at public.url lead to public.bind."


def judged_health(public_url: str, status: int, body: str) -> Check:
    if status == 200 and '"alive"' in body:
        return ok("public address", f"{public_url}/healthz answers")
    return problem("public address", f"{public_url}/healthz answers {status}, and not as our service would", _DOOR)


async def signatures(session: ClientSession, public_url: str, token: str) -> list[Check]:
    url = f"{public_url}/twilio/status"
    async with session.post(url, data=NOTHING) as answer:
        unsigned = answer.status
    async with session.post(url, data=NOTHING, headers=signature(url, NOTHING, token)) as answer:
        return [judged_signatures(unsigned, answer.status)]


def signature(url: str, form: dict[str, str], token: str) -> dict[str, str]:
    """The header by which the house knows the provider, and this command."""
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, form)}


def judged_signatures(unsigned: int, signed: int) -> Check:
    name = "signatures"
    if unsigned != 403:
        found = f"a request without signature was answered {unsigned} and not 403"
        return problem(name, found, "Let nothing but the service answer below /twilio.")
    if signed == 403:
        todo = "Use the same public.url and token here, in the service and at the provider."
        return problem(name, "a signed request was refused: address or token differ from the service's", todo)
    if signed != 200:
        return problem(name, f"a signed request was answered {signed}", "Look at the service's log.")
    return ok(name, "signed requests are taken, others refused")


# --- the certificate -------------------------------------------------------------------------------------------------


async def certificate(public_url: str, now: datetime, real: bool) -> list[Check]:
    """`real` says that the provider is the real one, which cannot reach a machine under its own inner name."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return [no_certificate(host, real)]
    try:
        until = await _valid_until(host, parts.port or 443)
    except ssl.SSLCertVerificationError as refused:
        found = f"nobody will believe the certificate of {host} ({refused.verify_message})"
        return [problem("certificate", found, "Install one that a public authority has signed, with its whole chain.")]
    return [judged_certificate(host, until, now)]


async def _valid_until(host: str, port: int) -> datetime:
    _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context(), server_hostname=host)
    try:
        shown = writer.get_extra_info("peercert")
    finally:
        writer.close()
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)


def no_certificate(host: str, real: bool) -> Check:
    inside = host == "localhost" or _is_loopback(host)
    if inside and not real:
        todo = "With the real provider public.url must be https and reachable from outside."
        return cannot_tell("certificate", f"{host} is this machine itself, without TLS", todo)
    found = f"{host} is this machine itself, where no provider comes" if inside else "public.url is not https"
    return problem("certificate", found, "Put a proxy with TLS before the service, under a public name.")


def judged_certificate(host: str, until: datetime, now: datetime) -> Check:
    days = (until - now).days
    if days < DAYS_LEFT:
        return problem("certificate", f"{days} days left at {host}", "Renew it, and see why it was not renewed.")
    return ok("certificate", f"{days} days left at {host}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
