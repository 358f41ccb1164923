"""One thing that was looked at: what was found, and what to do about it.

Three verdicts, because "could not look" is neither good nor bad news and must never read as good. A check that breaks
or dawdles becomes CANNOT TELL and stops no other. Deliberately not here: any particular check.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from aiohttp import ClientError, ClientResponseError
from twilio.base.exceptions import TwilioRestException


class Verdict(Enum):
    OK = "OK"
    PROBLEM = "PROBLEM"
    CANNOT_TELL = "CANNOT TELL"


@dataclass(frozen=True, slots=True)
class Check:
    """`found` is a sentence without its stop; `todo` says what to do, and is empty only for OK."""

    name: str
    verdict: Verdict
    found: str
    todo: str = ""

    def line(self) -> str:
        told = f"{self.verdict.value:<11}  {self.name:<22}  {self.found}."
        return f"{told} {self.todo}" if self.todo else told

    def plain(self) -> dict[str, Any]:
        return asdict(self) | {"verdict": self.verdict.value}


def ok(name: str, found: str) -> Check:
    return Check(name, Verdict.OK, found)


def problem(name: str, found: str, todo: str) -> Check:
    return Check(name, Verdict.PROBLEM, found, todo)


def cannot_tell(name: str, found: str, todo: str) -> Check:
    return Check(name, Verdict.CANNOT_TELL, found, todo)


async def examined(name: str, look: Callable[[], Awaitable[Iterable[Check]]], limit: float) -> list[Check]:
    """What `look` found within `limit` seconds; whatever breaks it is CANNOT TELL in one plain sentence."""
    try:
        async with asyncio.timeout(limit):
            return list(await look())
    except TimeoutError:
        return [cannot_tell(name, f"no answer within {limit:g} seconds", "Look at the network, then run it again.")]
    except Exception as trouble:  # around one check: the others go on
        return [cannot_tell(name, *_in_words(trouble))]


def _in_words(trouble: Exception) -> tuple[str, str]:
    if isinstance(trouble, TwilioRestException):
        code = f" with its error {trouble.code}" if trouble.code else ""
        return f"the provider answered {trouble.status}{code}", "Run it again; if it stays, look there in the console."
    if isinstance(trouble, ClientResponseError):
        return f"our own service answered {trouble.status}", "Run the same version here and there; look at its log."
    if isinstance(trouble, OSError | ClientError):
        return "the other side could not be reached", "Look at the network and the address, then run it again."
    return f"the check itself failed ({type(trouble).__name__})", "Look at this by hand, and report it to us."
