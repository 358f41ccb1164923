"""Every form of every page as a browser would send it, with anything in one or two of its fields: never a 500.

The forms are read from the pages themselves, so that a new one is tried without a word here. What they change stays,
and the next examples meet it. Deliberately not here: forms made of nothing but noise (`test_nothing_breaks_a_door`).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, DummyCookieJar
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.service.people.accounts import csrf_of
from tests.property.test_nothing_breaks_a_door import Doors, is_sound, tried, words
from tests.support.ward import open_ward

BUDGET = int(os.environ.get("ONCALL_FUZZ", "60"))
PAGES = (
    "/", "/new-call", "/cases/{case}", "/handover", "/rota", "/rota/requests", "/rota/requests/new", "/rota/import",
    "/rota/drills", "/rota/history", "/rota/preview", "/rota/print/month", "/team", "/team/ana", "/team/maria",
    "/team/ana/leave", "/patients", "/patients/new", "/patients/leo", "/patients/leo/edit", "/patients/import",
    "/patients/due", "/patients/due/year", "/patients/sweep", "/tasks", "/reports", "/reports/retention", "/rules",
    "/rules/bench", "/rules/proposals", "/account", "/account/second", "/accounts", "/views", "/search", "/p/{token}",
    *(f"/rota/edit/{form}" for form in ("cover", "swap", "leave", "holiday", "pattern", "turn", "member")),
)  # fmt: skip
LEFT_ALONE = ("/logout", "/account/password", "/accounts/maria", "/account/sessions", "/team/maria/leave")
TIMES = (
    "0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00:00+14:00", "1900-01-01",
    "9999-12-31T23:59:59-14:00", "2026-02-30", "2026-11-01T01:30", "2027-03-14T02:30", "24:00", "0001-01", "9999-12",
    "2026-W01", "20261123", "99999999999999999999", "-1", "0", "1e999", "²", "１２", "P1D",
    "0001-01-01|9999-12-31T23:59",
)  # fmt: skip
odd = st.one_of(st.sampled_from(TIMES), words)


@dataclass
class Form:
    """As it stands in a page: where it goes, and what each field may hold; the first is what it holds unasked."""

    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class Reader(HTMLParser):
    """The forms of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(told.get("method", "get").upper(), told.get("action", "")))
        if tag == "select":
            self.select = told.get("name", "")
        if self.forms and tag in ("input", "select", "textarea", "button", "option"):
            name = self.select if tag == "option" else told.get("name", "")
            values = self.forms[-1].fields.setdefault(name, []) if name and name != "csrf" else []
            values += [told.get("value", "")] if tag in ("input", "button", "option") else []


@dataclass
class Desk:
    """An open house, and every form of its pages."""

    doors: Doors
    forms: list[Form]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    async def opened(stack: AsyncExitStack) -> Desk:
        ward = await stack.enter_async_context(open_ward(internal=True))
        client = await stack.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
        await ward.phone("mum of Leo").texts("he is stiff")
        doors = Doors(runner, ward, client)
        return Desk(doors, await forms_of(doors))

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        yield runner.run(opened(stack))
        runner.run(stack.aclose())


async def forms_of(doors: Doors) -> list[Form]:
    case = await doors.ward.only_case()
    found = {}
    for who in ("maria", "ana"):
        for page in PAGES:
            path = page.format(case=case.id, token=case.pages[0].token)
            _, told, _ = await doors._ask("GET", base_of(doors, path) + path, headers=await signed(doors, who))
            read = Reader()
            read.feed(told)
            for form in read.forms:
                form.action = form.action or path
                found[form.method, form.action, tuple(form.fields)] = form
    kept = [form for form in found.values() if form.fields and not form.action.startswith(LEFT_ALONE)]
    return sorted(kept, key=lambda form: (form.action, form.method, tuple(form.fields)))


def base_of(doors: Doors, path: str) -> str:
    return doors.ward.house.hospital.public_url if path.startswith("/p/") else doors.ward.internal_url


async def signed(doors: Doors, who: str) -> dict[str, str]:
    token = await doors.ward.house.sign_in.open_session(who)
    return {"Cookie": f"session={token}", "X-CSRF": csrf_of(token)}


@settings(tried, max_examples=BUDGET)
@given(place=st.integers(0, 10_000), chosen=st.data(), who=st.sampled_from(["maria", "maria", "ana"]))
def test_every_form_takes_anything_in_any_field(desk: Desk, place: int, chosen: st.DataObject, who: str) -> None:
    form = desk.forms[place % len(desk.forms)]
    names = sorted(form.fields)
    filled = {name: chosen.draw(st.sampled_from(values)) for name, values in sorted(form.fields.items()) if values}
    for name in chosen.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2)):
        filled[name] = chosen.draw(odd)
    path, _, query = form.action.partition("?")
    told = urlencode(filled, errors="replace")
    address, headers = base_of(desk.doors, path) + path, desk.doors.runner.run(signed(desk.doors, who))
    if form.method == "GET":
        is_sound(desk.doors.ask("GET", f"{address}?{told}"[:6000], headers=headers))
        return
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    is_sound(desk.doors.ask("POST", f"{address}?{query}" if query else address, data=told.encode(), headers=headers))


def test_the_pages_have_the_forms_that_are_tried(desk: Desk) -> None:
    assert len(desk.forms) > 30
