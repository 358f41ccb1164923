"""The two web applications of the house: one for the world outside, one for the hospital.

Each is made of what it is given and can be made as often as a test likes. The public one serves pages to clinicians'
phones and takes the doors that the house adds (webhooks); the internal one serves the board, the API and health.
Deliberately not here: sockets, and which address they listen on (the composition root).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiohttp import web

from oncall.adapters.web.cases.alarm_body import LIMIT
from oncall.adapters.web.cases.events import STREAMS, Streams
from oncall.adapters.web.cases.page_link import TRIES_KEY, Tries
from oncall.adapters.web.given import GIVEN, Given
from oncall.adapters.web.headers import add_headers, only_our_own_forms, only_our_own_names
from oncall.adapters.web.patience import GUARD, USUAL, Guard, in_time
from oncall.adapters.web.problems import Handler, answer_problems
from oncall.adapters.web.routes import OUTSIDE, internal_routes, public_routes
from oncall.adapters.web.who_may import SIGNS_IN, add_guarded, needs, only_who_may

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def public_app(given: Given, more_routes: Iterable[web.AbstractRouteDef] = ()) -> web.Application:
    """For the world outside, where nobody signs in; `more_routes` are the carrier's webhooks and the calendars."""
    app = _app(given, [*public_routes(), *needs(OUTSIDE, *more_routes)])
    app.middlewares.append(only_who_may)
    app[SIGNS_IN] = False
    app[TRIES_KEY] = Tries()
    return app


def internal_app(given: Given, more_routes: Iterable[web.AbstractRouteDef] = ()) -> web.Application:
    """For the hospital's own network."""
    app = _app(given, [*internal_routes(), *more_routes])
    app.middlewares.extend([only_our_own_names, only_who_may])
    app[SIGNS_IN] = True
    app[STREAMS] = streams = Streams()
    given.desk.listeners += [given.metrics.count_entries, streams.tell, given.proofs.hear, given.heard.hear]
    given.sign_in.listeners.append(streams.look_again)
    app.on_shutdown.append(streams.close)
    app.on_shutdown.append(_end_proofs)
    return app


async def _end_proofs(app: web.Application) -> None:
    await app[GIVEN].proposals.close()


def _app(given: Given, routes: Iterable[web.AbstractRouteDef]) -> web.Application:
    each = [in_time, count_answers, answer_problems, only_our_own_forms]
    app = web.Application(client_max_size=LIMIT, middlewares=each)
    app[GUARD] = Guard(USUAL)
    app[GIVEN] = given
    app.on_response_prepare.append(add_headers)
    add_guarded(app, routes)
    return app


@web.middleware
async def count_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Counted by the route's template, so that no label ever holds a case or a token."""
    metrics, loop = request.app[GIVEN].metrics, asyncio.get_running_loop()
    resource = request.match_info.route.resource
    route, started = resource.canonical if resource else "unknown", loop.time()
    answer = await handler(request)
    method = request.method if request.method in METHODS else "other"
    metrics.answers.labels(route, method, str(answer.status)).inc()
    metrics.seconds.labels(route, method).observe(loop.time() - started)
    return answer
