"""How the doors say no: one sentence about what happened and what to do.

Programs get RFC 9457 problem details, people get a page. An unexpected error of our own is logged and answered
without its insides. When the store refuses, the answer says so and asks to try again: nothing was taken (law 2).
Deliberately not here: what counts as a problem (each door knows).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.adapters.web.rendering import show_error
from oncall.service.ports.journal import JournalRefused

log = structlog.get_logger("web")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RETRY_AFTER = "5"


class Problem(Exception):
    """An answer that is not yes. `kind` names it for programs; `more` are further members, such as `case`."""

    def __init__(
        self, status: int, kind: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    def body(self) -> dict[str, Any]:
        return {
            "type": f"urn:oncall:problem:{self.kind}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }

    def response(self) -> web.Response:
        return web.Response(
            status=self.status,
            text=json.dumps(self.body(), ensure_ascii=False),
            content_type="application/problem+json",
            headers=self.headers,
        )


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Around one request: every error leaves as one sentence in the form that the asker reads."""
    try:
        return await handler(request)
    except Problem as problem:
        return _answer(request, problem)
    except web.HTTPException as known:
        if known.status < 400:
            raise
        return _answer(request, _of_http(request, known))
    except JournalRefused as refused:
        log.error("the store refused", route=_route(request), reason=str(refused))
        return _answer(request, _store_refused(request))
    except ConnectionError:
        raise  # the asker hung up: there is nobody to answer
    except Exception as problem:  # around one request
        log.error("request failed", route=_route(request), exc_info=problem)
        return _answer(request, Problem(500, "our-fault", f"This is our fault. {_call_operator(request)}"))


def _answer(request: web.Request, problem: Problem) -> web.Response:
    if request.path.startswith("/v1"):
        return problem.response()
    return show_error(request, problem.status, problem.detail, problem.headers)


def _of_http(request: web.Request, known: web.HTTPException) -> Problem:
    allowed = known.headers.get("Allow")
    sentences = {
        404: "There is nothing at this address.",
        405: f"This address takes {allowed or 'another method'} only.",
        413: "This is more than we take: 1 MiB at most.",
    }
    detail = sentences.get(known.status, known.text or known.reason)
    headers = {"Allow": allowed} if allowed else {}
    return Problem(known.status, HTTPStatus(known.status).phrase.lower().replace(" ", "-"), detail, headers=headers)


def _store_refused(request: web.Request) -> Problem:
    return Problem(
        503,
        "store-refused",
        f"Nothing was taken: our store cannot write now. Send it again. {_call_operator(request)}",
        headers={"Retry-After": RETRY_AFTER},
    )


def _call_operator(request: web.Request) -> str:
    return f"If it matters now, call the hospital operator, {request.app[GIVEN].hospital.operator}."


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
