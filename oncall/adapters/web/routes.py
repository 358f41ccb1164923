"""Every address of the two listeners with who may come there, in one list each.

Public: what a clinician's phone opens from a page, and whatever doors the house adds there (the carrier's webhooks).
Internal: the board, the API, the health of the line. An address that does not stand in a `needs(...)` keeps the house
from opening. Deliberately not here: what any of them does, and how a need is enforced (`who_may`).
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from oncall.adapters.web import contact_card, enclosures, openapi, search_pages, tasks_pages
from oncall.adapters.web.cases import acts as case_acts
from oncall.adapters.web.cases import (
    alarm_api,
    board_pages,
    events,
    handover_pages,
    kiosk_pages,
    number_marks,
    page_link,
)
from oncall.adapters.web.cases import api as cases_api
from oncall.adapters.web.cases import links as case_links
from oncall.adapters.web.cases import pages as case_pages
from oncall.adapters.web.cases import record_pages as case_record_pages
from oncall.adapters.web.line import health
from oncall.adapters.web.line import page as health_page
from oncall.adapters.web.patients import api as patients_api
from oncall.adapters.web.patients import due_pages, sweep_pages
from oncall.adapters.web.patients import forms as patient_forms
from oncall.adapters.web.patients import pages as patients_pages
from oncall.adapters.web.patients import sheets_pages as patient_sheets_pages
from oncall.adapters.web.people import (
    accounts_pages,
    second_step_pages,
    sign_in_pages,
    single_sign_on_pages,
    team_leaving,
    team_pages,
)
from oncall.adapters.web.reports import pages as report_pages
from oncall.adapters.web.rota import api as rota_api
from oncall.adapters.web.rota import drill_pages, request_pages
from oncall.adapters.web.rota import edit_pages as rota_edit_pages
from oncall.adapters.web.rota import import_pages as rota_import_pages
from oncall.adapters.web.rota import pages as rota_pages
from oncall.adapters.web.rota import preview_pages as rota_preview_pages
from oncall.adapters.web.rota import prints as rota_prints
from oncall.adapters.web.rules import proposals_pages, rules_pages
from oncall.adapters.web.who_may import (
    EVERYBODY,
    EVERYBODY_OR_TOKEN,
    GREETING,
    OPEN,
    PATIENTS_TOKEN,
    PERSONS_TOKEN,
    TOKEN,
    Guarded,
    needs,
    open_because,
    roles,
)

STATIC = Path(__file__).parent / "static"
PAGE_LINK = open_because("the page's own link; the last four digits for what the family said")
OUTSIDE = open_because("the carrier's signature, or a calendar's own link")
SCREEN_LINK = open_because("the screen's own link")
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
            web.get("/cases/{case}", case_pages.case_page),
            web.get("/cases/{case}/picture.svg", case_pages.picture),
            web.get("/cases/{case}/enclosures/{name}", enclosures.on_case_page),
        ),
        *needs(
            roles(*board_pages.LINKERS),
            web.post("/cases/{case}/links", case_links.link_on_page),
            web.post("/cases/{case}/number", number_marks.mark_on_page),
        ),
        *needs(
            roles(*case_record_pages.MAY_TAKE_OUT).showing_patients(),
            web.get("/cases/{case}/record.txt", case_record_pages.text),
            web.get("/cases/{case}/record.pdf", case_record_pages.paper),
            web.get("/cases/{case}/record.csv", case_record_pages.table),
            web.get("/cases/{case}/record.json", case_record_pages.data),
        ),
        *needs(roles(*case_acts.MAY_ACT), web.post("/cases/{case}/acts/{act}", case_acts.act)),
        *needs(roles(*case_acts.MAY_ACT).showing_patients(), web.get("/handover", handover_pages.handover)),
        *needs(roles(*case_acts.MAY_ACT), web.post("/handover/{case}", handover_pages.act)),
        *needs(
            roles("coordinator").showing_patients(),
            web.get("/patients/import", patient_sheets_pages.form),
            web.post("/patients/import", patient_sheets_pages.read_in),
            web.get("/patients/export/{subject}", patient_sheets_pages.export),
        ),
        *needs(
            roles(*patients_pages.MAY_CHANGE).showing_patients(),
            web.get("/patients/new", patient_forms.new_form),
            web.post("/patients", patient_forms.add),
            web.get("/patients/{patient}/edit", patient_forms.change_form),
            web.post("/patients/{patient}", patient_forms.change),
            web.post("/patients/{patient}/leave", patient_forms.leave),
            web.post("/patients/{patient}/return", patient_forms.bring_back),
            web.post("/patients/{patient}/phones", patient_forms.phones),
        ),
        *needs(
            EVERYBODY.showing_patients(),
            web.get("/patients", patients_pages.listed),
            web.get("/patients/{patient}", patients_pages.one),
            web.post("/search", search_pages.search),
        ),
        *needs(
            EVERYBODY,
            web.get("/search", search_pages.nothing_asked),
            web.get("/board/kiosk", kiosk_pages.kiosk),
            web.get("/new-call", board_pages.new_call_form),
            web.post("/new-call", board_pages.new_call),
            web.get("/rota", rota_pages.rota),
            web.get("/rota/history", rota_pages.history),
            web.get("/rota/requests", request_pages.listed),
            web.get("/rota/drills", drill_pages.listed),
            web.get("/rota/drills/{drill}", drill_pages.one),
            web.get("/rota/print/drills", drill_pages.certificate),
            web.get("/rota/print/month", rota_prints.month),
            web.get("/rota/print/operator", rota_prints.operator),
            web.get("/rota/print/card/{person}", rota_prints.card),
            web.get("/reports", report_pages.reports),
            web.get("/reports.csv", report_pages.sheet),
            web.get("/reports.pdf", report_pages.paper),
            web.get("/health", health_page.health),
            web.get("/rules", rules_pages.rules),
            web.get("/rules/chapter/{name}", rules_pages.chapter),
            web.get("/rules/rule/{rule}", rules_pages.one_rule),
            web.get("/rules/bench", rules_pages.bench),
            web.post("/rules/bench", rules_pages.try_on_bench),
            web.post("/rules/examples", rules_pages.run_all_examples),
            web.get("/events", events.events, allow_head=False),
            web.post("/logout", sign_in_pages.logout),
            web.get("/account", sign_in_pages.account),
            web.post("/account/password", sign_in_pages.change_password),
            web.post("/account/sessions/{session}/end", sign_in_pages.end_session),
            web.get("/account/second", second_step_pages.second),
            web.post("/account/second", second_step_pages.begin),
            web.post("/account/second/confirm", second_step_pages.confirm),
            web.post("/account/second/end", second_step_pages.end),
        ),
        *needs(
            EVERYBODY,
            web.get("/team", team_pages.team),
            web.get("/team/{person}", team_pages.person),
        ),
        *needs(
            EVERYBODY.showing_patients(),
            web.get("/patients/due", due_pages.due),
            web.get("/tasks", tasks_pages.tasks),
        ),
        *needs(EVERYBODY, web.get("/patients/due/year", due_pages.year)),
        *needs(
            roles(*due_pages.MAY_ACT).showing_patients(),
            web.post("/patients/due", due_pages.act),
            web.post("/patients/due/undo", due_pages.undo),
            web.post("/tasks/cases/{case}/done", tasks_pages.case_done),
            web.post("/tasks/{task}/{act}", tasks_pages.act),
        ),
        *needs(
            roles("coordinator").showing_patients(),
            web.get("/patients/sweep", sweep_pages.sweep),
            web.post("/patients/sweep", sweep_pages.send),
            web.post("/patients/sweep/stop", sweep_pages.stop),
        ),
        *needs(
            roles(*team_pages.MAY_CHANGE),
            web.post("/team/{person}/numbers", team_pages.numbers),
            web.post("/team/{person}/test", team_pages.test_page),
            web.post("/team/{person}/calendars", team_pages.calendars),
        ),
        *needs(
            roles("coordinator"),
            web.get("/team/{person}/leave", team_leaving.leaving),
            web.post("/team/{person}/leave", team_leaving.leave),
            web.post("/team/{person}/return", team_leaving.bring_back),
        ),
        *needs(
            roles("coordinator"),
            web.post("/rota/drills", drill_pages.begin),
            web.get("/rota/edit/{form}", rota_edit_pages.edit_form),
            web.post("/rota/edit/{form}", rota_edit_pages.send_form),
            web.get("/rota/import", rota_import_pages.import_form),
            web.post("/rota/import", rota_import_pages.look),
            web.get("/rota/preview", rota_preview_pages.preview),
            web.post("/rota/publish", rota_preview_pages.publish),
            web.post("/rota/publish/when-proven", rota_preview_pages.publish_when_proven),
            web.post("/rota/waiting/{waiting}/cancel", rota_preview_pages.cancel_waiting),
            web.post("/rota/draft", rota_preview_pages.change_draft),
            web.post("/rota/undo", rota_preview_pages.undo),
            web.get("/rota/restore/{edition}", rota_preview_pages.restore_form),
            web.post("/rota/restore/{edition}", rota_preview_pages.restore),
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
            web.get("/accounts", accounts_pages.accounts),
            web.post("/accounts", accounts_pages.invite_somebody),
            web.post("/accounts/kiosks", accounts_pages.make_kiosk),
            web.post("/accounts/kiosks/{kiosk}/end", accounts_pages.end_kiosk),
            web.post("/accounts/{person}/roles", accounts_pages.set_roles),
            web.post("/accounts/{person}/end", accounts_pages.end),
            web.post("/accounts/{person}/second/end", accounts_pages.reset_second),
            web.get("/views", accounts_pages.views),
            web.get("/reports/retention", report_pages.retention),
            web.post("/reports/retention", report_pages.act_on_retention),
        ),
        *needs(EVERYBODY.showing_patients(), web.get("/rules/proposals/{proposal}", proposals_pages.proposal)),
        *needs(
            EVERYBODY,
            web.get("/rules/proposals", proposals_pages.proposals),
            web.post("/rules/proposals/{proposal}/withdraw", proposals_pages.withdraw),
        ),
        *needs(
            roles("rules_owner"),
            web.post("/rules/proposals/{proposal}/approve", proposals_pages.approve),
            web.post("/rules/proposals/{proposal}/reject", proposals_pages.reject),
            web.post("/rules/proposals/{proposal}/proof", proposals_pages.prove),
        ),
        *needs(
            TOKEN,
            web.post("/v1/alarms", alarm_api.post_alarms),
        ),
        *needs(
            PATIENTS_TOKEN.showing_patients(),
            web.get("/v1/patients", patients_api.changed),
            web.get("/v1/patients/{patient}", patients_api.one),
            web.put("/v1/patients/{patient}", patients_api.put),
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
            SCREEN_LINK,
            web.get("/kiosk/{token}", kiosk_pages.screen),
            web.get("/kiosk/{token}/events", kiosk_pages.screen_events, allow_head=False),
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
            web.post("/login/code", second_step_pages.code),
            web.get("/login/single-sign-on", single_sign_on_pages.begin, allow_head=False),
            web.get("/login/back", single_sign_on_pages.back, allow_head=False),
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
