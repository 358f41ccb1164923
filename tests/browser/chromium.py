"""Debian's Chromium for the tests of pages: how it is started, and one page of it with everything it complained about.

A module that imports this is skipped by name where Playwright or Chromium is missing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.web_house import WebHouse

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
in_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not on this machine"),
]


@asynccontextmanager
async def launched() -> AsyncIterator[Any]:
    async with playwright.async_playwright() as engine:
        browser = await engine.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        await browser.close()


class Screen:
    """One page of the browser, and everything it complained about."""

    def __init__(self, page: Any, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))

    async def go(self, path: str) -> Screen:
        await self.page.goto(self.base + path)
        return self

    async def keys(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def tab_to(self, name: str) -> None:
        """Press Tab until the focus is on something that says `name`."""
        for _ in range(60):
            await self.page.keyboard.press("Tab")
            said = await self.page.evaluate(
                "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.replace(/\\s+/g, ' ')"
            )
            if name in said:
                return
        raise AssertionError(f"no Tab reaches {name}")

    async def sees(self, words: str) -> None:
        await self.page.get_by_text(words).first.wait_for()

    async def overflow(self) -> int:
        return int(await self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


async def screen(
    browser: Any, house: WebHouse, public: bool = False, width: int = 1440, who: str = "maria", **how: Any
) -> Screen:
    client = await (house.phone() if public else house.api())
    page = await browser.new_page(viewport={"width": width, "height": 740}, **how)
    if not public:
        token = await house.sign_in.open_session(who)
        await page.context.add_cookies([{"name": "session", "value": token, "url": str(client.make_url("/"))}])
    return Screen(page, str(client.make_url("/")).rstrip("/"))


async def opened(browser: Any, house: WebHouse, **how: Any) -> Screen:
    """With patience: several pages are large, and a shared machine may be slow."""
    shown = await screen(browser, house, **how)
    shown.page.set_default_timeout(30_000)
    return shown
