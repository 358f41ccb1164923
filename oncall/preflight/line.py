"""The line's number at the provider: that it is ours, and that every address on it is exactly ours.

A wrong letter in one address is a line that is dead and looks alive, so each is compared and the wanted value is told
in full. `configure` is the only thing here that changes the account. Deliberately not here: whether the addresses
answer (door.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urldefrag, urlsplit
from xml.etree import ElementTree

from aiohttp import ClientError, ClientSession
from twilio.rest import Client

from oncall.preflight.check import Check, cannot_tell, ok, problem

NAMES = {
    "voice_url": "a call comes in",
    "voice_method": "a call comes in, method",
    "status_callback": "call status changes",
    "status_callback_method": "call status, method",
    "sms_url": "a message comes in",
    "sms_method": "a message, method",
    "voice_fallback_url": "voice fallback",
    "voice_fallback_method": "voice fallback, method",
    "sms_fallback_url": "messaging fallback",
    "sms_fallback_method": "text fallback, method",
}
INSTEAD = {
    "trunk_sid": "a SIP trunk takes its calls",
    "voice_application_sid": "a TwiML app takes its calls",
    "sms_application_sid": "a TwiML app takes its messages",
}
FALLBACKS = {"voice_fallback_url": "voice.xml", "sms_fallback_url": "text.xml"}
WORDS_OF = {"voice_fallback_url": "voice fallback's words", "sms_fallback_url": "text fallback's words"}
_LARGEST = 65_536


def wanted_addresses(public_url: str, fallback: str | None = None) -> dict[str, str]:
    """What must stand on the number; `fallback` is the address under which `oncall fallback`'s files are served."""
    ours = {
        "voice_url": f"{public_url}/twilio/voice",
        "voice_method": "POST",
        "status_callback": f"{public_url}/twilio/status",
        "status_callback_method": "POST",
        "sms_url": f"{public_url}/twilio/text",
        "sms_method": "POST",
    }
    if fallback is None:
        return ours
    base = fallback.rstrip("/")
    theirs = {"voice_fallback_url": f"{base}/voice.xml", "sms_fallback_url": f"{base}/text.xml"}
    return ours | theirs | {"voice_fallback_method": "GET", "sms_fallback_method": "GET"}


def differing(found: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Setting: what stands there, and what should. Connection overrides after `#` are the operator's own."""
    told = {name: urldefrag(str(found.get(name) or ""))[0] for name in wanted}
    return {name: (told[name], value) for name, value in wanted.items() if told[name] != value}


def address_checks(found: Mapping[str, Any], wanted: Mapping[str, str]) -> list[Check]:
    wrong = differing(found, wanted)
    right = [ok(NAMES[name], value) for name, value in wanted.items() if name not in wrong]
    false = [
        problem(NAMES[name], f"is {was or 'empty'}", f"Set it to {value} (or run this with --configure).")
        for name, (was, value) in wrong.items()
    ]
    elsewhere = [
        problem("the number", told, f"Take its {name} off the number; addresses of ours are ignored meanwhile.")
        for name, told in INSTEAD.items()
        if found.get(name)
    ]
    return [*elsewhere, *false, *right]


def number_check(number: str, found: Mapping[str, Any] | None) -> Check:
    if found is None:
        todo = "Buy or move it there, or correct telephony.line in config.yaml."
        return problem("the number", f"{number} is not a number of this account", todo)
    lacking = [what for what in ("voice", "sms") if not (found.get("capabilities") or {}).get(what)]
    if lacking:
        return problem("the number", f"{number} cannot do {' and '.join(lacking)}", "Take a number that can do both.")
    return ok("the number", f"{number} is ours and does voice and texts")


class Line:
    """The number as it stands at the provider."""

    def __init__(self, client: Client, number: str, wanted: Mapping[str, str]) -> None:
        self._client, self._number, self.wanted = client, number, wanted

    async def found(self) -> dict[str, Any] | None:
        """Its settings by name; None when this account has no such number."""
        numbers = await self._client.incoming_phone_numbers.list_async(phone_number=self._number, limit=5)
        same = [one for one in numbers if one.phone_number == self._number]
        return {name: getattr(same[0], name, None) for name in _READ} if same else None

    async def configure(self, tell: Callable[[str], object]) -> dict[str, tuple[str, str]]:
        """Tell each difference, then set it; nothing at all for a number that is not ours."""
        found = await self.found()
        changed = differing(found, self.wanted) if found else {}
        for name, (was, becomes) in changed.items():
            tell(f"{name}: {was or 'empty'} -> {becomes}")
        if found and changed:
            values = {name: value for name, (_, value) in changed.items()}
            await self._client.incoming_phone_numbers(found["sid"]).update_async(**values)
        return changed


_READ = ("sid", "phone_number", "capabilities", *NAMES, *INSTEAD)


# --- the fallback ----------------------------------------------------------------------------------------------------


async def fallback_checks(
    session: ClientSession, found: Mapping[str, Any], public_url: str, files: Mapping[str, str]
) -> list[Check]:
    """Each fallback address: there, not ours, and saying what `oncall fallback` writes."""
    checks = []
    for name, file in FALLBACKS.items():
        url = urldefrag(str(found.get(name) or ""))[0]
        early = misplaced_fallback(name, url, public_url)
        checks.append(early or judged_fallback(name, url, await _document(session, url), files[file]))
    return checks


def misplaced_fallback(name: str, url: str, public_url: str) -> Check | None:
    file = FALLBACKS[name]
    if not url:
        todo = f"Run `oncall fallback DIR`, put {file} on another machine, and set its address here."
        return problem(NAMES[name], "is empty: when we are down, families hear an error", todo)
    if urlsplit(url).netloc == urlsplit(public_url).netloc:
        todo = f"Put {file} on a machine that stands when this one has fallen."
        return problem(NAMES[name], "lies on the very machine that it stands in for", todo)
    return None


def judged_fallback(name: str, url: str, document: str | None, wanted: str) -> Check:
    """`document` is None when it could not be had without the provider's help, as with a TwiML Bin."""
    file = FALLBACKS[name]
    if document is None:
        return cannot_tell(
            WORDS_OF[name], f"{url} cannot be read from here", f"Compare it with {file} of `oncall fallback`."
        )
    if not same_document(document, wanted):
        todo = f"Write {file} anew with `oncall fallback` and put it there."
        return problem(WORDS_OF[name], f"{url} does not say what is in force", todo)
    return ok(WORDS_OF[name], f"{url} says what is in force")


def same_document(one: str, other: str) -> bool:
    """Whether two XML documents say the same, whatever their spaces."""
    try:
        first, second = (ElementTree.canonicalize(told, strip_text=True) for told in (one, other))
    except ElementTree.ParseError:
        return False
    return first == second


async def _document(session: ClientSession, url: str) -> str | None:
    try:
        async with session.get(url) as answer:
            body = await answer.content.read(_LARGEST)
            return body.decode("utf-8", "replace") if answer.status == 200 else None
    except (ClientError, OSError, TimeoutError, ValueError):
        return None
