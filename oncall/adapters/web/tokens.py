"""Who asks: the bearer token of an API request, and what it may do.

A device's token may send alarms and ask how things stand; it acts for nobody. An acting token is bound to one person,
and only that person's acts are taken from it (RULINGS 10). Deliberately not here: sign-in of people on pages
(`who_may`), and how tokens are kept (the register).
"""

from __future__ import annotations

from aiohttp import web

from oncall.adapters.web.asker import SENDER
from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.problems import Problem
from oncall.core.people import Clinician
from oncall.service.ports.register import Sender

_ASK = {"WWW-Authenticate": 'Bearer realm="oncall"'}


async def sender_of(request: web.Request) -> Sender:
    """Whoever asks the API: the program whose token it is, or the signed-in person; 401 without either."""
    known = request.get(SENDER)
    return known if known is not None else await sender_by_token(request)


async def sender_by_token(request: web.Request) -> Sender:
    """The sender that holds the request's token; 401 without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Problem(401, "no-token", 'Send your token as "Authorization: Bearer ...".', headers=_ASK)
    sender = await request.app[GIVEN].register.sender_by_token(token) if token.isascii() else None
    if sender is None:
        raise Problem(401, "unknown-token", "This token is not known here: ask for a new one.", headers=_ASK)
    return sender


async def person_of(request: web.Request) -> Clinician:
    """The person for whom this token acts; 403 for a device and for a shared phone (RULINGS 4)."""
    sender = await sender_of(request)
    if sender.person is None:
        raise Problem(403, "device-token", "This token belongs to a device; only a person's token may do this.")
    directory = await request.app[GIVEN].register.directory()
    person = directory.clinicians.get(sender.person)
    if person is None or person.is_shared:
        raise Problem(403, "not-a-person", "This token's person is not on the team any more, or is a shared phone.")
    return person


async def clinician_of(request: web.Request) -> Clinician:
    """A clinician: only a named one may take a case, pass it on or say that the family was reached (law 4)."""
    person = await person_of(request)
    if person.role != "clinician":
        raise Problem(403, "not-a-clinician", "Only a clinician's token may do this.")
    return person
