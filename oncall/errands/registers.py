"""The register by command: tokens for programs, secret calendar links, spreadsheets of people and patients."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from oncall.adapters.clock import new_id, new_token
from oncall.adapters.register.csv_rows import read_sheet
from oncall.adapters.register.importing import Plan, apply_plan, plan_of
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.side_door.handing_in import Declined
from oncall.core.as_json import plain
from oncall.errands.stores import Stores, handbooks_of
from oncall.service.rota.calendars import CalendarLink


async def make_token(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """A token for a program, or for one clinician."""
    person = told["person"]
    if person is not None and person not in (await stores.register.directory()).clinicians:
        raise Declined(f"There is no {person} in the register; import people.csv first.")
    scope = "patients" if told.get("patients") else ""
    made = await stores.register.add_sender(told["name"], person, new_token(), who="oncall token", scope=scope)
    return {"token": made}


async def calendar(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make, revoke or list the secret links to calendar feeds; or let a watched feed's next copy be believed."""
    match told["do"]:
        case "make":
            return await _calendar_link(stores, told)
        case "revoke":
            return {"revoked": await stores.register.revoke_calendar_link(told["id"], told["by"])}
        case "accept":
            await stores.register.take_feed_anyway(told["feed"], told["by"])
            return {}
        case _:
            return {"links": plain(await stores.register.table("calendar_links"))}


async def _calendar_link(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    handbooks = await handbooks_of(stores)
    rota, link = handbooks.current().rota, CalendarLink(new_id(), told["person"], told["rotation"])
    if link.person is not None and link.person not in rota.people:
        raise Declined(f"Nobody on the rota is called {link.person}; there are {', '.join(sorted(rota.people))}.")
    if link.rotation is not None and link.rotation not in rota.rotations:
        raise Declined(f"No rotation {link.rotation}; there are {', '.join(sorted(rota.rotations))}.")
    token = new_token()
    await stores.register.add_calendar_link(link, token, told["by"])
    return {"id": link.id, "address": f"{stores.config.public.url}/calendar/{token}.ics"}


async def import_sheets(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take in the spreadsheets, or say what is wrong with them."""
    sheets = {name: b64decode(sheet) for name, sheet in told["sheets"].items()}
    plan = await plan_sheets(stores.register, sheets, told.get("columns", {}))
    if plan.rows and not plan.row_errors:
        await apply_plan(stores.register, plan, "oncall import")
    return {
        "errors": [str(error) for error in plan.row_errors],
        "warnings": list(plan.warnings),
        "changes": list(plan.changes),
        "written": bool(plan.rows) and not plan.row_errors,
    }


async def plan_sheets(
    register: KeptRegister, sheets: Mapping[str, bytes], columns: Mapping[str, str] | None = None
) -> Plan:
    """What these files, by their names, would change; `columns` says for a heading which of our columns it is."""
    read_in = [read_sheet(name, content, columns) for name, content in sheets.items()]
    return await asyncio.to_thread(plan_of, read_in, await register.existing())  # the line goes on meanwhile
