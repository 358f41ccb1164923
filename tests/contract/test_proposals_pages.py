"""Rules by two people on a page: proposed by one, read and approved by another, and nothing in force before that.

The house, its journal and its handbook are the shipped ones; the solver's answer is given, because its proof has tests
of its own, and once it is asked in earnest.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from oncall.adapters.handbook.files import edition_of, read_files
from oncall.adapters.handbook.publishing import Draft, readings_of
from oncall.adapters.handbook.reading import Fault
from oncall.adapters.handbook.rules_difference import CaseChange, Change, Difference, FileChange
from oncall.adapters.side_door.handing_in import Declined
from oncall.adapters.web.app import internal_app
from oncall.adapters.web.line.metrics import Metrics
from oncall.core.as_json import plain
from oncall.errands.editions import propose
from oncall.errands.stores import Stores
from oncall.fitness import why_unfit
from oncall.proposing import brought_by, proposals_of, shown_of
from oncall.proving import why_unproved
from oncall.service.people.accounts import Account
from oncall.service.ports.journal import Edition
from oncall.service.rules.proposals import GONE, NOT_YOURS, OWN, UNPROVED
from oncall.serving import given_of
from tests.support.ward import ROOT, Ward, open_ward, shipped
from tests.support.web_house import signed_in_as

TEXTS = read_files(ROOT / "rules", ROOT / "rotations")
BASE = edition_of(TEXTS)
FILES = (FileChange("rules/escalation.yaml", "changed", 1, 1),)
SLOW = Change("clock", "EMERGENCY", "changed", ("pump-team/attending after 3 min -> 4 min",))
LOWERED = CaseChange("stiff as a board", "EMERGENCY", "URGENT")
FAULT = Fault("rules/withdrawal.yaml", 12, "an example that does not fire", "W-itch for 'so itchy'")
SLOWER = Difference(FILES, (SLOW,), saved=900)
LOWERING = Difference(FILES, (SLOW,), saved=900, saved_changes=(LOWERED,))
PEOPLE = (("ana", "Ana Lee", "rules_owner"), ("rosa", "Rosa Vega", "rules_owner"), ("vera", "Vera Nowak", "viewer"))


@cache
def changed() -> dict[str, str]:
    """The edition in force with a slower clock, and its readings."""
    slower = TEXTS["rules/escalation.yaml"].replace("{after: 3m, tiers", "{after: 4m, tiers", 1)
    texts = {**TEXTS, "rules/escalation.yaml": slower}
    return {**texts, **readings_of(texts)}


def handed_in(difference: Difference, *red: Fault) -> dict[str, Any]:
    """What the command would say after comparing; the comparing has tests of its own."""
    draft = Draft(shipped(), changed(), BASE, None, difference, red)
    return {"brought": plain(brought_by(draft)), "shown": plain(shown_of(draft))}


@dataclass
class Desk:
    """The house, and who looks at its rules page."""

    ward: Ward
    proofs: list[asyncio.Future[str]]
    app: web.Application
    clients: dict[str, TestClient[web.Request, web.Application]]

    async def propose(self, *change: Any, by: str = "ana", reason: str = "") -> str:
        """The page of the proposal."""
        house = self.ward.house
        told = {"by": by, "reason": reason, "base": BASE, **handed_in(*change)}
        stores = Stores(house.config, house.clock, house.journal, house.register, house.handbooks)
        return f"/rules/proposals/{(await propose(stores, told))['id']}"

    async def look(self, who: str, path: str, **form: str) -> tuple[int, str]:
        client = self.clients[who]
        async with client.post(path, data=form) if form else client.get(path) as answer:
            return answer.status, re.sub(r"\s+", " ", await answer.text())

    async def proof_says(self, sentence: str) -> None:
        await asyncio.sleep(0)
        self.proofs[-1].set_result(sentence)
        await self.ward.clock.settle()

    async def ready(self, *change: Any, proof: str = "", reason: str = "") -> str:
        page = await self.propose(*change, reason=reason)
        await self.look("rosa", page)
        await self.ward.clock.settle()
        await self.proof_says(proof)
        return page

    async def editions(self) -> int:
        return len(await self.ward.house.journal.editions())


@asynccontextmanager
async def _desk() -> AsyncIterator[Desk]:
    async with open_ward() as ward:
        house = ward.house
        await house.journal.save_edition(Edition(BASE, house.clock.now(), "first start"), TEXTS)
        proofs: list[asyncio.Future[str]] = []

        async def prove(texts: Mapping[str, str]) -> str:
            proofs.append(asyncio.get_running_loop().create_future())
            return await proofs[-1]

        waiting = proposals_of(
            house.journal,
            house.register,
            house.handbooks,
            house.clock,
            partial(why_unfit, house.config, house.register),
            prove,
        )
        app = internal_app(replace(given_of(house, Metrics(), training=True), proposals=waiting))
        server, clients = TestServer(app), {}
        await server.start_server()
        for person, name, role in PEOPLE:
            await house.register.accounts.add_account(
                Account(person, name, frozenset({role})), "test", ward.clock.now()
            )
            clients[person] = TestClient(server, **await signed_in_as(house.sign_in, person))
        try:
            yield Desk(ward, proofs, app, clients)
        finally:
            for client in clients.values():
                await client.session.close()
            await server.close()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with _desk() as made:
        yield made


async def test_what_one_proposes_another_reads_and_puts_in_force(desk: Desk) -> None:
    page = await desk.propose(SLOWER, reason="agreed in clinic")
    assert await desk.editions() == 1, "nothing is in force yet"
    assert f'href="{page}"' in (await desk.look("vera", "/rules/proposals"))[1]
    status, seen = await desk.look("rosa", page)
    assert "pump-team/attending after 3 min -&gt; 4 min" in seen
    assert "agreed in clinic" in seen
    assert "It runs, for a minute at most" in seen
    assert "/approve" not in seen
    status, seen = await desk.look("rosa", f"{page}/approve", reason="")
    assert (status, UNPROVED in seen) == (422, True)
    await desk.ward.clock.settle()
    await desk.proof_says("")
    status, seen = await desk.look("rosa", page)
    assert "<strong>Proved:</strong>" in seen
    status, seen = await desk.look("rosa", f"{page}/approve", reason="read line by line")
    assert (status, "it is in force from the next decision on" in seen) == (200, True)
    newest = (await desk.ward.house.journal.editions())[0]
    assert (newest.author, newest.second) == ("Ana Lee", "Rosa Vega")
    assert newest.reason == "agreed in clinic; read line by line"
    assert newest.name == desk.ward.house.handbooks.current().edition
    assert "rules/escalation.yaml" in newest.difference
    assert GONE in (await desk.look("rosa", f"{page}/approve", reason="again"))[1]
    assert await desk.editions() == 2
    audit = [(line.who, line.what) for line in await desk.ward.house.register.audit(50)]
    assert ("ana", f"rule_proposals {page.rpartition('/')[2]} added") in audit
    assert ("rosa", f"rule_proposals {page.rpartition('/')[2]} changed") in audit
    assert not any("voice_again" in line.row for line in await desk.ward.house.register.audit(50)), "no files"


async def test_nobody_approves_their_own_and_no_other_role_does(desk: Desk) -> None:
    page = await desk.ready(SLOWER)
    assert "/approve" not in (await desk.look("ana", page))[1]
    status, seen = await desk.look("ana", f"{page}/approve", reason="mine")
    assert (status, OWN.split(":")[0] in seen) == (422, True)
    assert (await desk.look("vera", f"{page}/approve", reason="x"))[0] == 403
    assert "/approve" not in (await desk.look("vera", page))[1]
    assert await desk.editions() == 1


async def test_lowered_emergencies_want_the_second_persons_own_reason(desk: Desk) -> None:
    page = await desk.ready(LOWERING, reason="too many pages")
    _, seen = await desk.look("rosa", page)
    assert "Emergencies that would be lowered" in seen
    status, seen = await desk.look("rosa", f"{page}/approve", reason=" ")
    assert (status, "or say below why that is right" in seen) == (422, True)
    assert await desk.editions() == 1
    assert (await desk.look("rosa", f"{page}/approve", reason="seen in clinic"))[0] == 200
    assert await desk.editions() == 2


async def test_what_is_not_proved_is_not_put_in_force_and_may_be_proved_again(desk: Desk) -> None:
    why = "The rules are not proved. Not decided within 60 seconds."
    page = await desk.ready(SLOWER, proof=why)
    assert why in (await desk.look("rosa", page))[1]
    status, seen = await desk.look("rosa", f"{page}/approve", reason="never mind")
    assert (status, why in seen) == (422, True)
    assert await desk.editions() == 1
    assert "It runs" in (await desk.look("rosa", f"{page}/proof", again="1"))[1]
    await desk.ward.clock.settle()
    await desk.proof_says("")
    assert (await desk.look("rosa", f"{page}/approve", reason="now"))[0] == 200


async def test_a_red_example_is_refused_here_too(desk: Desk) -> None:
    page = await desk.ready(SLOWER, FAULT)
    assert "Examples that do not hold" in (await desk.look("rosa", page))[1]
    status, seen = await desk.look("rosa", f"{page}/approve", reason="never mind")
    assert (status, "does not hold any more" in seen) == (422, True)


async def test_another_edition_in_between_means_proposing_again(desk: Desk) -> None:
    first, second = await desk.ready(SLOWER), await desk.ready(LOWERING)
    assert (await desk.look("rosa", f"{first}/approve", reason="yes"))[0] == 200
    assert "Another edition was published since" in (await desk.look("rosa", second))[1]
    status, seen = await desk.look("rosa", f"{second}/approve", reason="yes")
    assert (status, "Another edition was published meanwhile" in seen) == (422, True)
    assert await desk.editions() == 2


async def test_two_who_approve_at_once_make_one_edition(desk: Desk) -> None:
    page = await desk.ready(SLOWER)
    accounts = desk.ward.house.register.accounts
    await accounts.add_account(Account("zed", "Zed Abt", frozenset({"rules_owner"})), "test", desk.ward.clock.now())
    server = desk.clients["rosa"].server
    zed = TestClient(server, **await signed_in_as(desk.ward.house.sign_in, "zed"))
    desk.clients["zed"] = zed
    both = await asyncio.gather(*(desk.look(who, f"{page}/approve", reason="yes") for who in ("rosa", "zed")))
    assert sorted(status for status, _ in both) == [200, 422]
    assert await desk.editions() == 2


async def test_a_no_has_its_reason_and_the_author_may_withdraw(desk: Desk) -> None:
    page = await desk.ready(SLOWER)
    assert (await desk.look("rosa", f"{page}/reject", reason=" "))[0] == 422
    assert NOT_YOURS in (await desk.look("rosa", f"{page}/withdraw", yes="1"))[1]
    assert (await desk.look("rosa", f"{page}/reject", reason="four minutes are too long"))[0] == 200
    assert "four minutes are too long" in (await desk.look("ana", page))[1]
    assert GONE in (await desk.look("ana", f"{page}/withdraw", yes="1"))[1]
    other = await desk.propose(SLOWER)
    assert "Withdrawn" in (await desk.look("ana", f"{other}/withdraw", yes="1"))[1]
    assert GONE in (await desk.look("rosa", f"{other}/approve", reason="yes"))[1]
    assert await desk.editions() == 1


async def test_only_somebody_with_an_account_proposes_and_only_files_of_an_edition(desk: Desk) -> None:
    with pytest.raises(Declined, match="Nobody signs in as stranger"):
        await desk.propose(SLOWER, by="stranger")
    house, told = desk.ward.house, {"by": "ana", "reason": "", "base": BASE, **handed_in(SLOWER)}
    stores = Stores(house.config, house.clock, house.journal, house.register, house.handbooks)
    with pytest.raises(Declined, match="Another edition was published meanwhile"):
        await propose(stores, {**told, "base": "an older one"})
    for name in ("../evil.yaml", "rules/../../evil.yaml", "/etc/evil.yaml", "rules/x.py"):
        with pytest.raises(Declined, match="files in rules/ and rotations/ alone"):
            await propose(stores, {**told, "brought": {"files": {name: "x"}, "compared": ""}})


async def test_a_house_that_closes_leaves_no_proof_behind(desk: Desk) -> None:
    page = await desk.propose(SLOWER)
    await desk.look("rosa", page)
    await desk.ward.clock.settle()
    await desk.app.shutdown()
    assert desk.proofs[-1].cancelled()


async def test_the_solver_itself_is_asked_in_a_process_of_its_own() -> None:
    pytest.importorskip("z3")
    assert await why_unproved(TEXTS) == ""
    assert "alarms.yaml" in await why_unproved({**TEXTS, "rules/alarms.yaml": "rules: [\n"})
