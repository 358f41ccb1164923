"""Who asks, as every handler may rely on it: the signed-in person, or the program whose token the request carries.

Set by the one middleware (`who_may`) before a handler runs. Deliberately not here: who may do what.
"""

from __future__ import annotations

from aiohttp import web
from markupsafe import Markup

from oncall.service.people.accounts import SignedIn
from oncall.service.ports.register import Sender

ASKER = web.RequestKey("asker", SignedIn)
SENDER = web.RequestKey("sender", Sender)
LOOKED_AT = web.RequestKey("looked_at", str)
LOOKER = web.RequestKey("looker", str)
FIELD = "csrf"


def signed_in(request: web.Request) -> SignedIn:
    """The person; only on addresses that a role opens (`routes`)."""
    return request[ASKER]


def looking_at(request: web.Request, subject: str, who: str = "") -> None:
    """Name the case or patient whose data this answer shows, for the list of looks; `who` where nobody signs in."""
    request[LOOKED_AT], request[LOOKER] = subject, who


def csrf_field(request: web.Request) -> Markup:
    """What every form of a signed-in person carries, written `{{ csrf }}` in a template."""
    asker = request.get(ASKER)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, asker.csrf) if asker else Markup("")
