"""Every address of the two listeners, in one list each.

Public: what a clinician's phone opens from a page, and whatever doors the house adds there (the carrier's webhooks).
Internal: the board, the API, the health of the line. Deliberately not here: what any of them does.
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
    rota_api,
    rules_pages,
)

STATIC = Path(__file__).parent / "static"


def public_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/p/{token}", page_link.show_page),
        web.post("/p/{token}", page_link.act_on_page),
        web.get("/p/{token}/enclosures/{name}", enclosures.on_page_link),
        web.get("/contact.vcf", contact_card.show_contact),
        web.get("/healthz", health.healthz),
        web.static("/static", STATIC),
    ]


def internal_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/", board_pages.board),
        web.get("/cases/{case}", board_pages.case_page),
        web.get("/cases/{case}/enclosures/{name}", enclosures.on_case_page),
        web.post("/cases/{case}/links", case_links.link_on_page),
        web.get("/new-call", board_pages.new_call_form),
        web.post("/new-call", board_pages.new_call),
        web.get("/rules", rules_pages.rules),
        web.get("/rules/bench", rules_pages.bench),
        web.post("/rules/bench", rules_pages.try_on_bench),
        web.post("/rules/examples", rules_pages.run_all_examples),
        web.get("/events", events.events, allow_head=False),
        web.post("/v1/alarms", alarm_api.post_alarms),
        web.get("/v1/cases", cases_api.list_cases),
        web.get("/v1/cases/{case}", cases_api.show_case),
        *(web.post(f"/v1/cases/{{case}}/{name}", act) for name, act in cases_api.ACTS.items()),
        web.post("/v1/cases/{case}/link", case_links.link),
        web.post("/v1/cases/{case}/unlink", case_links.unlink),
        web.get("/v1/on-call", rota_api.on_call),
        web.get("/v1/rotations/{name}/shifts", rota_api.shifts),
        web.get("/openapi.json", openapi.openapi),
        web.get("/healthz", health.healthz),
        web.get("/readyz", health.readyz),
        web.get("/metrics", health.metrics),
        web.static("/static", STATIC),
    ]
