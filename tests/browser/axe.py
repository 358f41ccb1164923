"""A page judged by axe-core, an accessibility checker by somebody else: nothing serious, nothing critical.

`make axe` fetches it from the npm registry into var/; it is never committed. Without it a test is skipped by name.
Use: mark the test with `needs_axe` and call `await assert_accessible(page)` on a Playwright page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "var/peers/axe/node_modules/axe-core/axe.min.js"
WORST = ("serious", "critical")
needs_axe = pytest.mark.skipif(not SCRIPT.exists(), reason="not on this machine: axe-core (make axe)")


async def findings(page: Any, worst: tuple[str, ...] = WORST) -> list[str]:
    """One line for each finding of that weight, with the first places where it stands.

    The script comes in past the page's own policy, which would refuse it: what is judged is the page, not the policy.
    """
    await page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(told => told.violations)")
    return [_line(one) for one in found if one["impact"] in worst]


def _line(found: dict[str, Any]) -> str:
    places = "; ".join(str(node["target"]) for node in found["nodes"][:3])
    return f"{found['impact']} {found['id']}: {found['help']} ({len(found['nodes'])}: {places})"


async def assert_accessible(page: Any) -> None:
    """Nothing serious and nothing critical on the page as it stands now."""
    assert await findings(page) == []
