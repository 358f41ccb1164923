"""Whether texts of the line are registered: without it, American networks drop them and say nothing.

A toll-free number needs a verification, any other American number a campaign of a messaging service that holds it.
What the interface does not tell is CANNOT TELL, with what to look for. Deliberately not here: texts themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from twilio.rest import Client

from oncall.preflight.check import Check, cannot_tell, ok, problem

NAME = "sender registration"
TOLL_FREE = re.compile(r"\+1(800|833|844|855|866|877|888)\d{7}")
MOST = 50  # messaging services that are looked through


async def registration(client: Client, number: str, sms_url: str) -> list[Check]:
    if TOLL_FREE.fullmatch(number):
        found = await client.messaging.v1.tollfree_verifications.list_async(limit=MOST)
        mine = [one.status for one in found if one.tollfree_phone_number in (None, number)]
        return [judged_toll_free(mine)]
    if not number.startswith("+1"):
        return [elsewhere(number)]
    service = await _service_with(client, number)
    if service is None:
        return [no_service()]
    campaigns = await client.messaging.v1.services(service.sid).us_app_to_person.list_async(limit=MOST)
    keeps = not service.use_inbound_webhook_on_number
    taken = taken_by_service(service.inbound_request_url, sms_url) if keeps else None
    return [judged_campaigns([one.campaign_status for one in campaigns]), *([taken] if taken else [])]


async def _service_with(client: Client, number: str):  # type: ignore[no-untyped-def]
    for service in await client.messaging.v1.services.list_async(limit=MOST):
        senders = await client.messaging.v1.services(service.sid).phone_numbers.list_async(limit=400)
        if any(sender.phone_number == number for sender in senders):
            return service
    return None


def judged_toll_free(statuses: Sequence[str | None]) -> Check:
    if "TWILIO_APPROVED" in statuses:
        return ok(NAME, "the toll-free verification is approved")
    if not statuses:
        todo = "Start it in the console: Phone Numbers, Regulatory Compliance, Toll-Free Verification."
        return problem(NAME, "this toll-free number was never verified: its texts are blocked", todo)
    return problem(NAME, f"the toll-free verification is {statuses[0]}", "Texts are blocked until it is approved.")


def judged_campaigns(statuses: Sequence[str | None]) -> Check:
    if "VERIFIED" in statuses:
        return ok(NAME, "the A2P campaign of its messaging service is verified")
    if not statuses:
        todo = "Register brand and campaign in the console: Messaging, Regulatory Compliance, A2P 10DLC."
        return problem(NAME, "its messaging service has no A2P campaign: texts are filtered in silence", todo)
    return problem(NAME, f"the A2P campaign is {statuses[0]}", "Texts are filtered in silence until it is VERIFIED.")


def no_service() -> Check:
    todo = "Register brand and campaign (A2P 10DLC) and put the number into the campaign's messaging service."
    return problem(NAME, "no messaging service holds this number: texts are filtered in silence", todo)


def elsewhere(number: str) -> Check:
    todo = "Look in the console for the sender rules of its country (registration, alphanumeric senders, hours)."
    return cannot_tell(NAME, f"{number} is not an American number", todo)


def taken_by_service(inbound: str | None, sms_url: str) -> Check | None:
    """A messaging service may keep inbound texts for itself, and then the number's own address is ignored."""
    if inbound == sms_url:
        return None
    todo = f"Let the service defer to the sender's webhook, or set its request URL to {sms_url}."
    return problem("a message comes in", f"its messaging service takes texts to {inbound or 'nowhere'}", todo)
