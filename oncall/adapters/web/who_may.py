"""Who may come to which address: each route of both listeners declares it, and one middleware enforces it.

A route that declares nothing cannot be added. On the internal listener a person comes by a session, a program by its
token; the forms of a session carry a word that only our own pages know. Every look at patients' data is kept. On the
public one nobody signs in: what stands before each address there is said in words (law 4: the link of a page takes a
case without any sign-in). Deliberately not here: which route needs what (`routes`), how sessions are made.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

import structlog
from aiohttp import web

from oncall.adapters.web.asker import ASKER, FIELD, LOOKED_AT, LOOKER, SENDER, signed_in
from oncall.adapters.web.forms import read_form
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.kept_form import is_a_page_form, kept_of
from oncall.adapters.web.people.login_page import ENDED, login_page
from oncall.adapters.web.problems import Handler, Problem
from oncall.adapters.web.rendering import see_other
from oncall.adapters.web.tokens import sender_by_token
from oncall.service.people.accounts import ROLE_WORDS, ROLES, SignedIn
from oncall.service.ports.register import Sender

HEADER = "X-CSRF"  # for scripts of our own that send no form
STREAM = "/events"

log = structlog.get_logger("who may")


@dataclass(frozen=True, slots=True)
class Need:
    """`roles`: a signed-in person with one of them. `token`: a program's token; `persons`: only a person's; `scope`:
    only one that was made for this. Without all of them, `instead` says what stands before the address. `greets`: it is
    open, and still wants to know who is signed in. `shows`: patients' data."""

    roles: frozenset[str] = frozenset()
    token: bool = False
    persons: bool = False
    scope: str = ""
    instead: str = ""
    shows: bool = False
    greets: bool = False

    @property
    def is_open(self) -> bool:
        return not self.roles and not self.token

    def showing_patients(self) -> Need:
        return replace(self, shows=True)

    def words(self) -> str:
        """As the table of addresses says it."""
        everybody = len(self.roles) == len(ROLES)
        people = "any role" if everybody else ", ".join(ROLE_WORDS[role] for role in ROLES if role in self.roles)
        tokens = self._tokens() if self.token else ""
        return " or ".join(part for part in (people, tokens) if part) or self.instead

    def _tokens(self) -> str:
        return f"a token for {self.scope}" if self.scope else "a person's token" if self.persons else "any token"


def roles(*names: str) -> Need:
    """A signed-in person with one of these."""
    unknown = set(names) - set(ROLES)
    if unknown or not names:
        raise ValueError(f"no such role: {', '.join(sorted(unknown)) or 'none named'}")
    return Need(roles=frozenset(names))


def open_because(instead: str) -> Need:
    """Nobody signs in here; `instead` says what stands before it, in a few words."""
    return Need(instead=instead)


EVERYBODY = roles(*ROLES)
OPEN = open_because("open")
GREETING = replace(OPEN, greets=True)
TOKEN = Need(token=True)
PATIENTS_TOKEN = Need(token=True, scope="patients")
PERSONS_TOKEN = Need(token=True, persons=True)
EVERYBODY_OR_TOKEN = replace(EVERYBODY, token=True)


@dataclass(frozen=True, slots=True)
class Guarded(web.AbstractRouteDef):
    """A route with what it needs."""

    route: web.AbstractRouteDef
    need: Need

    def register(self, router: web.UrlDispatcher) -> list[web.AbstractRoute]:
        return self.route.register(router)


def needs(need: Need, *routes: web.AbstractRouteDef) -> list[Guarded]:
    return [Guarded(route, need) for route in routes]


Needs = dict[tuple[web.AbstractResource | None, str], Need]
NEEDS: web.AppKey[Needs] = web.AppKey("needs", dict)
SIGNS_IN = web.AppKey("signs_in", bool)  # whether people have sessions on this listener


def add_guarded(app: web.Application, routes: Iterable[web.AbstractRouteDef]) -> None:
    """Raises TypeError for a route that does not say who may come: the house does not open with it."""
    app[NEEDS] = known = Needs()
    for route in routes:
        if not isinstance(route, Guarded):
            raise TypeError(f"{route!r} does not say who may come: write needs(...) round it in routes.py")
        known |= {(made.resource, made.method): route.need for made in route.register(app.router)}


@web.middleware
async def only_who_may(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Raises Problem 401 and 403; a person's browser is sent to the sign-in page instead."""
    if request.match_info.http_exception is not None:  # nothing is there, or not with this method
        await _recognise(request)
        return await handler(request)
    resource, method = request.match_info.route.resource, "GET" if request.method == "HEAD" else request.method
    need = request.app[NEEDS].get((resource, method)) or request.app[NEEDS][resource, "*"]
    if need.roles or need.greets:
        await _recognise(request)
    if need.token and (not need.roles or "Authorization" in request.headers or ASKER not in request):
        await _by_token(request, need)
    elif need.roles:
        if ASKER not in request:
            return await _to_sign_in(request)
        await _by_role(request, need)
    answer = await handler(request)
    if need.shows and _shows(request, answer) and (LOOKED_AT in request or not need.is_open):
        await _note(request)
    return answer


def _shows(request: web.Request, answer: web.StreamResponse) -> bool:
    """A form that comes back with faults shows what it is about, too."""
    return answer.status == 200 or (LOOKED_AT in request and answer.status in (409, 422))


async def _recognise(request: web.Request) -> None:
    asker = await who_asks(request)
    if asker is not None:
        request[ASKER] = asker


async def who_asks(request: web.Request) -> SignedIn | None:
    """Whose session the cookie is, now. Nobody signs in on the public listener."""
    given = request.app[GIVEN]
    token = request.cookies.get(cookie_name(given), "")
    return await given.sign_in.who(token) if token and request.app[SIGNS_IN] else None


def cookie_name(given: Given) -> str:
    """Behind https the browser itself keeps the cookie from other hosts and paths."""
    return "__Host-session" if given.is_https else "session"


async def _by_token(request: web.Request, need: Need) -> None:
    request[SENDER] = sender = await sender_by_token(request)
    if need.persons and sender.person is None:
        raise Problem(403, "device-token", "This token belongs to a device; only a person's token may do this.")
    if need.scope and need.scope != sender.scope:
        told = f"This token is not for {need.scope}: ask for one that is (oncall token NAME --{need.scope})."
        raise Problem(403, "not-in-scope", told)


async def _by_role(request: web.Request, need: Need) -> None:
    asker = signed_in(request)
    if need.roles.isdisjoint(asker.roles):
        told = f"Only for: {need.words()}. You are signed in as {asker.name}.{_lacks(asker)}"
        raise Problem(403, "not-your-role", told)
    if request.method not in ("GET", "HEAD"):
        await _own_form(request, asker)
    if need.token:
        request[SENDER] = Sender(asker.name, asker.person)


def _lacks(asker: SignedIn) -> str:
    return " Administrators need a second step: set it up on your account page." if asker.lacks_second else ""


async def _own_form(request: web.Request, asker: SignedIn) -> None:
    told = request.headers.get(HEADER) or (await read_form(request)).get(FIELD, "")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode("utf-8", "replace"), asker.csrf.encode()):
        raise Problem(403, "old-form", "This form is from before you signed in. Nothing was done: open it again.")


async def _to_sign_in(request: web.Request) -> web.Response:
    """A page is asked for again after signing in, and a page's form comes back then; what scripts send is refused."""
    is_page = request.method in ("GET", "HEAD") and "part" not in request.query and request.path != STREAM
    if is_page:
        return see_other(f"/login?next={quote(request.path_qs, safe='/')}")
    if is_a_page_form(request) and (kept := await kept_of(request)):
        return login_page(request, "/", ENDED, kept=kept, status=401)
    raise Problem(401, "not-signed-in", "You are not signed in, or not any more. Nothing was done: sign in first.")


async def _note(request: web.Request) -> None:
    """A list that cannot be written must not hide a case from whoever is about to act on it."""
    asker, sender = request.get(ASKER), request.get(SENDER)
    program = (sender.person or f"program {sender.name}") if sender else request.get(LOOKER, "")
    who = asker.person if asker else program
    resource = request.match_info.route.resource
    address = resource.canonical if resource else ""
    try:
        session = asker.session if asker else ""
        await request.app[GIVEN].sign_in.note_look(who, address, request.get(LOOKED_AT, ""), session)
    except Exception as problem:  # around one look
        log.error("a look could not be kept", address=address, reason=type(problem).__name__)
