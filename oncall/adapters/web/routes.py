"""Every address of the two listeners with who may come there, in one list each.

Public: what a clinician's phone opens from a page, and whatever doors the house adds there (the carrier's webhooks).
Internal: the board, the API, the health of the line. An address that does not stand in a `needs(...)` keeps the house
from opening. Deliberately not here: what any of them does, and how a need is enforced (`who_may`).
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from oncall.adapters.web import (
    alarm_api,
    board_pages,
    case_links,
    cases_api,
    contact_card,
    enclosures,
    events,
    health,
    openapi,
    page_link,
    request_pages,
    rota_api,
    rota_pages,
    rota_prints,
    rules_pages,
    sign_in_pages,
)
from oncall.adapters.web.who_may import (
    EVERYBODY,
    EVERYBODY_OR_TOKEN,
    GREETING,
    OPEN,
    PERSONS_TOKEN,
    TOKEN,
    Guarded,
    needs,
    open_because,
    roles,
)

STATIC = Path(__file__).parent / "static"
PAGE_LINK = open_because("the page's own link; the last four digits for what the family said")
CARRIER = open_because("the carrier's signature")
ONE_TIME_LINK = open_because("the link itself, once")


def public_routes() -> list[Guarded]:
    return [
        *needs(PAGE_LINK.showing_patients(), web.get("/p/{token}", page_link.show_page)),
        *needs(PAGE_LINK, web.post("/p/{token}", page_link.act_on_page)),
        *needs(PAGE_LINK.showing_patients(), web.get("/p/{token}/enclosures/{name}", enclosures.on_page_link)),
        *needs(
            OPEN,
            web.get("/contact.vcf", contact_card.show_contact),
            web.get("/healthz", health.healthz),
            web.static("/static", STATIC),
        ),
    ]


def internal_routes() -> list[Guarded]:
    return [
        *needs(
            EVERYBODY.showing_patients(),
            web.get("/", board_pages.board),
            web.get("/cases/{case}", board_pages.case_page),
            web.get("/cases/{case}/enclosures/{name}", enclosures.on_case_page),
        ),
        *needs(
            roles(*board_pages.LINKERS),
            web.post("/cases/{case}/links", case_links.link_on_page),
        ),
        *needs(
            EVERYBODY,
            web.get("/new-call", board_pages.new_call_form),
            web.post("/new-call", board_pages.new_call),
            web.get("/rota", rota_pages.rota),
            web.get("/rota/history", rota_pages.history),
            web.get("/rota/requests", request_pages.listed),
            web.get("/rota/print/month", rota_prints.month),
            web.get("/rota/print/operator", rota_prints.operator),
            web.get("/rota/print/card/{person}", rota_prints.card),
            web.get("/rules", rules_pages.rules),
            web.get("/rules/bench", rules_pages.bench),
            web.post("/rules/bench", rules_pages.try_on_bench),
            web.post("/rules/examples", rules_pages.run_all_examples),
            web.get("/events", events.events, allow_head=False),
            web.post("/logout", sign_in_pages.logout),
            web.get("/account", sign_in_pages.account),
            web.post("/account/password", sign_in_pages.change_password),
            web.post("/account/sessions/{session}/end", sign_in_pages.end_session),
        ),
        *needs(
            roles(*request_pages.ASKERS),
            web.get("/rota/requests/new", request_pages.form),
            web.post("/rota/requests", request_pages.ask),
            web.post("/rota/requests/{request}/{act}", request_pages.act),
        ),
        *needs(EVERYBODY, web.get("/rota/requests/{request}", request_pages.one)),
        *needs(
            roles("admin"),
            web.get("/accounts", sign_in_pages.accounts),
            web.get("/views", sign_in_pages.views),
        ),
        *needs(
            TOKEN,
            web.post("/v1/alarms", alarm_api.post_alarms),
        ),
        *needs(
            EVERYBODY_OR_TOKEN.showing_patients(),
            web.get("/v1/cases", cases_api.list_cases),
            web.get("/v1/cases/{case}", cases_api.show_case),
        ),
        *needs(
            PERSONS_TOKEN,
            *(web.post(f"/v1/cases/{{case}}/{name}", act) for name, act in cases_api.ACTS.items()),
            web.post("/v1/cases/{case}/link", case_links.link),
            web.post("/v1/cases/{case}/unlink", case_links.unlink),
        ),
        *needs(
            EVERYBODY_OR_TOKEN,
            web.get("/v1/on-call", rota_api.on_call),
            web.get("/v1/rotations/{name}/shifts", rota_api.shifts),
        ),
        *needs(
            ONE_TIME_LINK,
            web.get("/first/{token}", sign_in_pages.link_form),
            web.post("/first/{token}", sign_in_pages.use_link),
        ),
        *needs(
            GREETING,
            web.get("/login", sign_in_pages.login_form),
            web.post("/login", sign_in_pages.login),
        ),
        *needs(
            OPEN,
            web.get("/openapi.json", openapi.openapi),
            web.get("/healthz", health.healthz),
            web.get("/readyz", health.readyz),
            web.get("/metrics", health.metrics),
            web.static("/static", STATIC),
        ),
    ]
