"""No page sends a browser more than 100 kB: pages are not compressed, because their forms carry the session's word."""

from __future__ import annotations

import re

from oncall.service.ports.journal import Edition
from tests.contract.test_who_may import INTERNAL
from tests.support.web_house import MUM, NIGHT, shipped_files, shipped_handbook, web_house

MOST = 100_000  # bytes
NO_PAGES = ("/v1/", "/events", "/static/", "/logout", "/login", "/metrics")


async def test_no_page_of_the_shipped_house_is_over_a_hundred_kilobytes() -> None:
    house = await web_house()
    await house.journal.save_edition(Edition(shipped_handbook().edition, NIGHT, "Dr Lee"), shipped_files())
    case = await house.text(MUM, "she is stiff")
    client = await house.api()
    paths = [address.removeprefix("GET ") for address in INTERNAL if address.startswith("GET /")]
    waiting = [path for path in paths if "{" not in path and not path.startswith(NO_PAGES)]
    waiting += [f"/cases/{case.id}", "/rules?q=a", "/rules?q=i"]
    seen: dict[str, int] = {}
    while waiting:
        path = waiting.pop()
        async with client.get(path, allow_redirects=False) as answer:
            page = await answer.read()
            seen[path] = len(page)
        if path.startswith("/rules") and "?q=" not in path:
            links = re.findall(rf'href="({re.escape("/rules/chapter/")}[\w-]+(?:\?part=\d+)?)"', page.decode())
            waiting += [link for link in dict.fromkeys(links) if link not in seen and link not in waiting]
    assert {path: size for path, size in seen.items() if size >= MOST} == {}
    assert len([path for path in seen if path.startswith("/rules/chapter/")]) > 25
    await house.close()
