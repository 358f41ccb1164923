"""Editions by command: published, proposed to a second person, or a schedule from elsewhere taken into the rota."""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oncall.adapters.clock import new_id
from oncall.adapters.handbook.files import edition_of, load_texts
from oncall.adapters.handbook.publishing import OVERTAKEN
from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.handbook.store import PublishedHandbook
from oncall.adapters.side_door.handing_in import Declined
from oncall.core.as_json import read
from oncall.core.rota.edits import EditRefused
from oncall.errands.stores import Stores, handbooks_of
from oncall.fitness import Refused, refuse_unfit
from oncall.house import rota_desk_over
from oncall.service.ports.journal import Edition, EditionOvertaken
from oncall.service.rota.desk import PublishRefused
from oncall.service.rules.proposals import Brought, Proposal, Shown
from oncall.taking_in import Said, as_edit, schedule_plan

EDITED = re.compile(r"(rules|rotations)/[\w-]+(/[\w-]+)*\.yaml(\.json)?")


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


async def rota(stores: Stores, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take a schedule from elsewhere into the rota: planned anew on the edition in force, then published as covers."""
    handbooks = await handbooks_of(stores)
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
