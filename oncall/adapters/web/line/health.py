"""Whether the line lives: for the supervisor (/healthz), the load balancer (/readyz) and the graphs (/metrics).

Ready means: able to take a report and to page for it. The store is asked through its writer, not its readers, because
a disk that can only be read takes nothing. Deliberately not here: proof that telephones ring (drills), and anything
with a name or a number in it.
"""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web

from oncall.adapters.web.given import GIVEN, Given

PROBE = "readyz"  # no case has this id: the probe goes through the writer and changes no row
PATIENCE = 2  # seconds

log = structlog.get_logger("health")


async def healthz(request: web.Request) -> web.Response:
    """Alive: the process answers."""
    return web.json_response({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    given = request.app[GIVEN]
    checks = {"store": await store_writes(given), "handbook": _handbook_loaded(given), **_loops(given)}
    ready = all(checks.values())
    answer = {"status": "ready" if ready else "not ready", "checks": checks}
    return web.json_response(answer, status=200 if ready else 503)


async def metrics(request: web.Request) -> web.Response:
    given = request.app[GIVEN]
    shown, now = given.metrics, given.clock.now()
    shown.show_cases(await given.journal.open_cases(), now)
    due = await given.journal.next_due()
    shown.due_late.set(max(0.0, (now - due).total_seconds()) if due else 0.0)
    shown.unsigned.set(len(given.handbooks.current().unsigned))
    shown.show_carrier(given.carrier())
    shown.show_feeds(given.feeds())
    shown.show_standing(given.standing())
    for name, turns in _loops(given).items():
        shown.loops.labels(name).set(turns)
    return web.Response(body=shown.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


async def store_writes(given: Given) -> bool:
    """Through the writer, which only a disk that takes something lets through."""
    try:
        async with asyncio.timeout(PATIENCE):
            await given.journal.push_due(PROBE, given.clock.now())
    except Exception as problem:  # around one request: whatever it is, we are not ready
        log.error("the store does not write", reason=type(problem).__name__)
        return False
    return True


def _handbook_loaded(given: Given) -> bool:
    try:
        return bool(given.handbooks.current().rulebook.rules.rules)
    except Exception as problem:  # around one request
        log.error("there is no handbook", reason=type(problem).__name__)
        return False


def _loops(given: Given) -> dict[str, bool]:
    return {name: turns() for name, turns in given.loops.items()}
