"""What is wrong with a route's number at its carrier right now: preflight's own question, asked by the running line.

Account, number, what it can do and where it leads, read once; no number and no address stands in the sentence.
Deliberately not here: when it is asked (`service.line.own_numbers`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from aiohttp import ClientError
from twilio.base.exceptions import TwilioException, TwilioRestException

from oncall.config import RoutePart
from oncall.preflight.line import INSTEAD, NAMES, Line, differing, number_check, wanted_addresses
from oncall.preflight.provider import Provider
from oncall.service.line.own_numbers import NumberUnread

LIMIT = 20.0  # seconds for both questions
REFUSED = "the carrier refuses our account and token. Set them anew from its console."
NOT_ACTIVE = "its account is not active. Ask the carrier why, and have it made active."
NOT_OURS = "it is no number of our account any more. Ask the carrier where it went, and get it back."
LACKING = "it cannot do both voice and texts any more. Ask the carrier why."
ELSEWHERE = "{what}, so families do not reach us. Take that off the number."
TURNED = "another address than ours stands under “{what}”. Run `oncall preflight --configure`."


async def wrong_with_number(part: RoutePart, public_url: str, now: Callable[[], datetime]) -> str | None:
    """A sentence with what to do, or None. Raises NumberUnread."""
    provider = Provider(part, now)
    try:
        async with asyncio.timeout(LIMIT):
            return await _asked(provider, part, public_url.rstrip("/"))
    except TwilioRestException as refused:
        if refused.status == 401 or refused.code == 20003:
            return REFUSED
        raise NumberUnread(f"the carrier answered {refused.status}") from None
    except (TwilioException, ClientError, TimeoutError, OSError) as trouble:
        raise NumberUnread(type(trouble).__name__) from None
    finally:
        await provider.close()


async def _asked(provider: Provider, part: RoutePart, public_url: str) -> str | None:
    account = await provider.client.api.accounts(part.account).fetch_async()
    if account.status != "active":
        return NOT_ACTIVE
    wanted = wanted_addresses(public_url)
    found = await Line(provider.client, part.line, wanted).found()
    if found is None:
        return NOT_OURS
    if number_check(part.line, found).todo:
        return LACKING
    instead = next((told for name, told in INSTEAD.items() if found.get(name)), None)
    if instead is not None:
        return ELSEWHERE.format(what=instead)
    turned = next(iter(differing(found, wanted)), None)
    return TURNED.format(what=NAMES[turned]) if turned else None
