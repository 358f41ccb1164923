"""What a command asks of the stores: publish, tokens, calendar links, tables and schedules, who signs in, a drill.

The running service does it, so that it holds at once and the line never stops; without one the command does it itself,
under the same lock. Either way it is the same function. Deliberately not here: what is asked before (`cli.publish`).
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from oncall.adapters.clock import SystemClock, new_id, new_token
from oncall.adapters.handbook.files import edition_of, load_texts
from oncall.adapters.handbook.publishing import OVERTAKEN
from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.handbook.store import PublishedHandbook, handbook_in_force
from oncall.adapters.register.csv_rows import read_sheet
from oncall.adapters.register.importing import Plan, apply_plan, plan_of
from oncall.adapters.register.kept import KeptRegister
from oncall.adapters.side_door.handing_in import Declined, hand_in
from oncall.adapters.side_door.opening import SOCKET, open_door
from oncall.config import Config
from oncall.core.as_json import plain, read
from oncall.core.rota.edits import EditRefused
from oncall.fitness import Refused, refuse_unfit
from oncall.house import House, enclosures_over, retention_over, rota_desk_over, sign_in_of
from oncall.one_process import hold_lock
from oncall.service.cases.retention import NotPurged, Retention
from oncall.service.people.accounts import ROLES, Account
from oncall.service.people.inviting import NotDone, Wish, is_admin
from oncall.service.people.inviting import invite as invite_them
from oncall.service.people.second_steps import SecondSteps
from oncall.service.ports import Edition, EditionOvertaken, Journal, Timepiece
from oncall.service.rota.calendars import CalendarLink
from oncall.service.rota.desk import PublishRefused
from oncall.service.rota.drills import Drills, NobodyToRing
from oncall.service.rules.proposals import Brought, Proposal, Shown
from oncall.stores import open_journal_and_register
from oncall.taking_in import Said, as_edit, schedule_plan

log = structlog.get_logger("side door")

EDITED = re.compile(r"(rules|rotations)/[\w-]+(/[\w-]+)*\.yaml(\.json)?")


@dataclass(frozen=True, slots=True)
class Stores:
    """Where an errand is done. `handbooks` is the running service's, None where no service runs."""

    config: Config
    clock: Timepiece
    journal: Journal
    register: KeptRegister
    handbooks: PublishedHandbook | None = None
    drills: Drills | None = None  # only a running service can ring
    retention: Retention | None = None  # the running service's


async def run_errand(config: Config, name: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the service that runs on this database, else here. Raises Declined, Refused."""
    if (answer := await hand_in(config.var / SOCKET, name, told)) is not None:
        return answer
    async with AsyncExitStack() as stack:
        hold_lock(config.var, stack)
        clock = SystemClock()
        journal, register = open_journal_and_register(config, clock, stack)
        return await ERRANDS[name](Stores(config, clock, journal, register), told)


async def open_side_door(house: House, stack: AsyncExitStack) -> None:
    """From here on commands reach this house; without the door they are refused while it runs."""
    stores = Stores(
        house.config, house.clock, house.journal, house.register, house.handbooks, house.drills, house.retention
    )
    errands = {name: partial(errand, stores) for name, errand in ERRANDS.items()}
    try:
        await open_door(house.config.var, errands, stack)
    except OSError as problem:
        log.warning("no side door: publish, token, calendar and import need the service stopped", problem=str(problem))


async def publish(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Store an edition and put it in force; open cases keep their pinned clocks."""
    files: Mapping[str, str] = told["files"]
    edition = replace(read(Edition, told["edition"]), at=stores.clock.now())
    try:
        handbook = await asyncio.to_thread(load_texts, files)  # the line goes on meanwhile
        if stores.handbooks is not None:
            await refuse_unfit(stores.config, stores.register, handbook)
        edition, handbooks = replace(edition, name=handbook.edition), stores.handbooks or PublishedHandbook(handbook)
        await handbooks.publish(stores.journal, edition, files, told["base"], handbook)
    except EditionOvertaken:
        raise Declined(OVERTAKEN) from None
    except (HandbookFaults, Refused) as problem:
        raise Declined(str(problem)) from None
    return {"edition": handbook.edition}


async def propose(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Files for a second person to read and approve on the rules page; nothing of it is in force."""
    author, brought = await stores.register.accounts.account(told["by"]), read(Brought, told["brought"])
    if author is None or author.ended:
        raise Declined(f"Nobody signs in as {told['by']}: with --propose, --by is a short name (oncall account list).")
    if not all(EDITED.fullmatch(name) for name in brought.files):
        raise Declined("An edition has files in rules/ and rotations/ alone.")
    editions = await stores.journal.editions()
    if not editions or editions[0].name != told["base"]:
        raise Declined(OVERTAKEN if editions else "Nothing is in force yet: publish the first edition, with --second.")
    shown, name = read(Shown, told["shown"]), edition_of(brought.texts)
    new = Proposal(new_id(), author.person, author.name, stores.clock.now(), told["base"], name, shown, told["reason"])
    await stores.register.proposals.add_proposal(new, brought)
    return {"id": new.id}


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
    handbooks = stores.handbooks or await handbook_in_force(stores.journal, *_folders(stores.config))
    rota, link = handbooks.current().rota, CalendarLink(new_id(), told["person"], told["rotation"])
    if link.person is not None and link.person not in rota.people:
        raise Declined(f"Nobody on the rota is called {link.person}; there are {', '.join(sorted(rota.people))}.")
    if link.rotation is not None and link.rotation not in rota.rotations:
        raise Declined(f"No rotation {link.rotation}; there are {', '.join(sorted(rota.rotations))}.")
    token = new_token()
    await stores.register.add_calendar_link(link, token, told["by"])
    return {"id": link.id, "address": f"{stores.config.public.url}/calendar/{token}.ics"}


def _folders(config: Config) -> tuple[Path, Path]:
    return config.handbook.rules, config.handbook.rotations


async def rota(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a schedule from elsewhere into the rota: planned anew on the edition in force, then published as covers."""
    handbooks = stores.handbooks or await handbook_in_force(stores.journal, *_folders(stores.config))
    desk = rota_desk_over(stores.config, stores.journal, stores.register, handbooks, stores.clock)
    rota, by = handbooks.current().rota, told["by"]
    said = read(Said, told["said"])
    plan = await schedule_plan(b64decode(told["content"]), said, rota, stores.clock.now())
    if not plan.can_be_applied or not plan.covers:
        raise Declined("The rota has changed meanwhile: look at the difference again.")
    draft = f"{by}, importing {told['source']}"  # a draft of its own: her own half-made one is not published with it
    try:
        await desk.discard(draft, by)
        await desk.add(draft, as_edit(plan, rota, told["source"]), by)
        edition = await desk.publish(draft, told["reason"], told["second"], by)
    except (PublishRefused, EditRefused) as problem:
        await desk.discard(draft, by)
        raise Declined(str(problem)) from None
    return {"edition": edition.name, "covers": len(plan.covers)}


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


async def drill(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Order the test calls; the running service rings them. Its name is what `drilled` asks for."""
    if stores.drills is None:
        raise Declined("The service does not run, so nobody can be rung; start `oncall serve` first.")
    name = new_id()
    try:
        calls = await stores.drills.begin(name, told["person"], told["rotation"], "oncall drill")
    except NobodyToRing as problem:
        raise Declined(str(problem)) from None
    return {"drill": name, "calls": calls}


async def drilled(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """How the calls of a drill stand."""
    rows = await stores.drills.rows(told["drill"]) if stores.drills else []
    return {"rows": [asdict(row) for row in rows]}


async def plan_sheets(
    register: KeptRegister, sheets: Mapping[str, bytes], columns: Mapping[str, str] | None = None
) -> Plan:
    """What these files, by their names, would change; `columns` says for a heading which of our columns it is."""
    read_in = [read_sheet(name, content, columns) for name, content in sheets.items()]
    return await asyncio.to_thread(plan_of, read_in, await register.existing())  # the line goes on meanwhile


async def purge_export(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write what would be purged, and its hash; nothing is purged."""
    async with _retention(stores) as retention:
        try:
            done = await retention.export(told["file"], told["by"], datetime.fromisoformat(told["before"]))
        except NotPurged as problem:
            raise Declined(str(problem)) from None
    return asdict(done)


async def purge(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take out what stands in the export whose hash was shown."""
    async with _retention(stores) as retention:
        before = datetime.fromisoformat(told["before"])
        try:
            stones = await retention.purge(told["file"], told["sha256"], told["by"], before)
        except NotPurged as problem:
            raise Declined(str(problem)) from None
    return {"purged": len(stones)}


@asynccontextmanager
async def _retention(stores: Stores) -> AsyncIterator[Retention]:
    if stores.retention is not None:
        yield stores.retention
        return
    kept = enclosures_over(stores.config, stores.clock)
    try:
        yield retention_over(stores.config, stores.journal, stores.register, kept, stores.clock)
    finally:
        await kept.close()


async def invite(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """A link that works once, for a new account or for one that is there (then name and roles may be left out)."""
    sign_in = sign_in_of(stores.register, stores.clock)
    if told["is_first"] and (admins := [known for known in await sign_in.accounts.accounts() if is_admin(known)]):
        raise Declined(f"There is an administrator already ({admins[0].person}); use oncall account invite.")
    wish = Wish(told["person"], told["name"] or "", frozenset(told["roles"]))
    who = "oncall init" if told["is_first"] else "oncall account"
    try:
        link, name = await invite_them(sign_in, await stores.register.directory(), wish, who)
    except NotDone as problem:
        raise Declined(str(problem)) from None
    return {"link": link, "name": name}


async def end_sessions(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sign somebody out everywhere; with `whole` the account ends too."""
    person, sign_in = told["person"], sign_in_of(stores.register, stores.clock)
    if await sign_in.accounts.account(person) is None:
        raise Declined(f"Nobody signs in as {person}.")
    if told["whole"]:
        at = stores.clock.now()
        await sign_in.accounts.change_account(person, lambda known: replace(known, ended=True), "oncall account", at)
    return {"ended": await sign_in.end_all(person, "oncall account")}


async def second_off(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """For a lost telephone where no other administrator can help."""
    person, sign_in = told["person"], sign_in_of(stores.register, stores.clock)
    if await sign_in.accounts.account(person) is None:
        raise Declined(f"Nobody signs in as {person}.")
    await SecondSteps(sign_in, stores.clock, new_token, new_id).reset(person, "oncall account")
    return {}


async def list_accounts(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    accounts = await stores.register.accounts.accounts()
    return {"lines": [_account_line(account) for account in accounts] or ["Nobody yet: run oncall init."]}


def _account_line(account: Account) -> str:
    state = "ended" if account.ended else "" if account.password else "has not signed in yet"
    roles = ", ".join(role for role in ROLES if role in account.roles)
    return f"{account.person:<16} {account.name:<24} {roles}" + (f"  ({state})" if state else "")


ERRANDS = {
    "propose": propose,
    "publish": publish,
    "token": make_token,
    "import": import_sheets,
    "invite": invite,
    "end-sessions": end_sessions,
    "second-off": second_off,
    "accounts": list_accounts,
    "drill": drill,
    "drilled": drilled,
    "purge-export": purge_export,
    "purge": purge,
    "calendar": calendar,
    "rota": rota,
}
