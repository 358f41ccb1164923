"""Two cases that are about one patient: a named person links them and takes it back; nothing is merged."""

from __future__ import annotations

from oncall.adapters.rehearsal.sample_ward import ANA_TOKEN, BRIDGE_TOKEN
from tests.support.ward import Ward, open_ward

STRANGER = "+16175550199"


async def two_cases(ward: Ward) -> tuple[str, str]:
    await ward.phone("mum of Leo").texts("his legs are stiffer than usual today")
    await ward.phone(STRANGER).texts("leo is very stiff, this is his grandmother")
    first, second = sorted(await ward.open_cases(), key=lambda case: case.key, reverse=True)
    return first.id, second.id


async def codes(ward: Ward) -> list[list[str]]:
    return [[link.code for link in case.links] for case in await ward.open_cases()]


async def test_the_page_says_possibly_the_same_person_and_a_named_person_links() -> None:
    async with open_ward(internal=True) as ward, await ward.browser("ana") as client:
        first, second = await two_cases(ward)
        async with client.get(f"{ward.internal_url}/cases/{second}") as page:
            assert "Possibly the same person" in await page.text()
        form = {"other": first, "act": "link"}
        async with client.post(f"{ward.internal_url}/cases/{second}/links", data=form) as page:
            said = await page.text()
        assert "Said to be about the same patient" in said
        assert "Dr Lee says that" in said
        assert len(await ward.open_cases()) == 2, "never merged"
        assert all(await codes(ward))
        async with client.post(f"{ward.internal_url}/cases/{second}/links", data={**form, "act": "unlink"}) as page:
            assert page.status == 200
        assert not any(await codes(ward))
        await ward.is_sound()


async def test_nobody_links_without_a_name() -> None:
    """Not signed in, somebody who only looks, and one whom a form names: only the signed-in person counts."""
    async with open_ward(internal=True) as ward, ward.client() as nobody, await ward.browser("viewer") as viewer:
        first, second = await two_cases(ward)
        form, address = {"other": first, "person": "ana", "act": "link"}, f"{ward.internal_url}/cases/{second}/links"
        async with nobody.post(address, data=form) as page:
            assert page.status == 401
        async with viewer.post(address, data=form) as page:
            assert page.status == 403
        async with viewer.get(f"{ward.internal_url}/cases/{second}") as page:
            assert "It is the same patient" not in await page.text()
        assert not any(await codes(ward))


async def test_the_api_links_and_unlinks_by_a_persons_token_alone() -> None:
    async with open_ward(internal=True) as ward, ward.client() as client:
        first, second = await two_cases(ward)
        address, body = f"{ward.internal_url}/v1/cases/{second}", {"other": first}
        device = {"Authorization": f"Bearer {BRIDGE_TOKEN}"}
        ana = {"Authorization": f"Bearer {ANA_TOKEN}"}
        async with client.post(f"{address}/link", json=body, headers=device) as answer:
            assert answer.status == 403
        async with client.post(f"{address}/link", json=body, headers=ana) as answer:
            assert answer.status == 200
            assert len((await answer.json())["case"]["links"]) == 1
        async with client.post(f"{address}/link", json={"other": second}, headers=ana) as answer:
            assert answer.status == 422
        async with client.post(f"{address}/link", json={"other": "Z99"}, headers=ana) as answer:
            assert answer.status == 404
        async with client.post(f"{address}/link", json={"othr": first}, headers=ana) as answer:
            assert answer.status == 422
        async with client.post(f"{address}/unlink", json=body, headers=ana) as answer:
            assert (await answer.json())["case"]["links"] == []


async def test_two_known_patients_are_never_said_to_be_possibly_the_same() -> None:
    async with open_ward(internal=True) as ward, await ward.browser() as client:
        await ward.phone("mum of Leo").texts("he is stiff")
        await ward.phone("mum of Noa").texts("she is stiff")
        [case, _] = await ward.open_cases()
        async with client.get(f"{ward.internal_url}/cases/{case.id}") as page:
            assert "Possibly the same person" not in await page.text()
