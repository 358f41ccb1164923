"""Draws docs/software.md: the software of others that runs in the service, with versions and known anomalies.

The list of software of unknown provenance that a safety officer asks for. Versions and who brings what along are read
from requirements.lock, purpose and anomalies from docs/software.yml. Run it after a change of either:
`python -m tests.house.draw_software`. Deliberately not here: what only builds or tests the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SOURCE, PAGE, LOCK = ROOT / "docs/software.yml", ROOT / "docs/software.md", ROOT / "requirements.lock"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)[^#]*?((?:^ +#.*\n)+)", re.MULTILINE)
HEAD = """# Software of others

Drawn from [software.yml](software.yml) and the lock by `python -m tests.house.draw_software`; last looked at {day}. \
Everything here runs inside the service. Python itself and Debian's SQLite come with the machine. Each version is \
installed only if its hash is the one in `requirements.lock`.

| package | version | for | known, and what we do |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Pin:
    version: str
    brought_by: frozenset[str]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, Pin]:
    """Every pinned package, and which package or file asks for it."""
    return {
        plain(name): Pin(version, frozenset(plain(one) for one in re.findall(r"[\w.-]+", via) if one != "via"))
        for name, version, via in PINNED.findall(LOCK.read_text())
    }


def direct() -> frozenset[str]:
    """What pyproject.toml asks for at run time, the prover's extra included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["prove"]]
    return frozenset(plain(re.match(r"[\w.-]+", one)[0]) for one in wanted)


def listed() -> dict[str, dict[str, str]]:
    return {plain(name): told for name, told in _source()["packages"].items()}


def brought_along() -> dict[str, frozenset[str]]:
    """What the direct packages bring: each with the running packages that ask for it."""
    pinned, running = pins(), set(direct())
    while more := {name for name, pin in pinned.items() if pin.brought_by & running} - running:
        running |= more
    return {name: pinned[name].brought_by & running for name in sorted(running - direct())}


def page() -> str:
    return HEAD.format(day=_source()["looked_at"]) + "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    pinned = pins()
    for name, told in listed().items():
        yield f"| {name} | {pinned[name].version} | {told['for']} | {told['known']} |"
    for name, askers in brought_along().items():
        yield f"| {name} | {pinned[name].version} | part of {', '.join(sorted(askers))} | |"


def _source() -> dict[str, Any]:
    return YAML(typ="safe").load(SOURCE)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
