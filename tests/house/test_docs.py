"""The documents and the house say the same: commands run, keys and addresses exist, links and references resolve."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from aiohttp import web
from pydantic import BaseModel

from oncall.adapters.web.routes import internal_routes, public_routes
from oncall.cli.main import main
from oncall.config import Config
from tests.support.ward import open_ward

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCS = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
PICTURE = ROOT / "docs" / "pictures" / "phones.png"
KEPT_IN = re.compile(r"`((?:[\w-]+/)*[\w-]+\.py)(?:::([\w.]+))?`")
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
CSV = {
    "people.csv": "id,full_name,role,phone_1\nada,Ada Grant,clinician,617-555-0131\n",
    "patients.csv": "id,name\nleo,Leo Marsh\n",
    "families.csv": "number,relation,patients\n617-555-0142,mother,leo\n",
}


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text(path), re.MULTILINE | re.DOTALL)


def told(path: Path, pattern: str) -> set[str]:
    """What stands between backticks and matches."""
    return set(re.findall(rf"`({pattern})`", text(path)))


# --- commands --------------------------------------------------------------------------------------------------------


@pytest.fixture
def hospital(tmp_path) -> Path:
    """A folder with everything that the examples name, and no database."""
    for name in ("rules", "rotations", "config.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name, content in CSV.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def _shown() -> Iterator[str]:
    """Every line of a shell block that is a command of ours."""
    for path in DOCS:
        for block in blocks(path, "sh"):
            joined = block.replace("\\\n", " ")
            yield from (line.strip() for line in joined.splitlines() if re.search(r"(^|\| *)oncall ", line))


@pytest.mark.parametrize("line", sorted(set(_shown())))
def test_every_shown_command_runs(line, hospital):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=hospital,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert not (hospital / "var").exists(), "an example must leave nothing behind"


def test_every_make_target_that_is_told_exists():
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    named = {word for path in DOCS for word in re.findall(r"(?:`|^)make ([a-z]+)", text(path), re.MULTILINE)}
    assert {"run", "test"} <= named <= targets


def test_the_readme_has_every_command_and_no_other():
    assert {name.split()[1] for name in told(README, r"oncall [a-z]+")} == set(main.commands)
    named = {word for path in DOCS for word in re.findall(r"`oncall ([a-z]+)[` ]", text(path))}
    assert named <= set(main.commands)


def test_every_option_that_is_told_exists():
    known = {
        option
        for command in _every_command(main)
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    assert told(README, r"--[a-z]+") - {"--help"} <= known


def _every_command(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from _every_command(command)


async def test_the_alarm_of_the_readme_becomes_a_case():
    [block] = [block for block in blocks(README, "sh") if block.startswith("curl")]
    words = shlex.split(block.replace("\\\n", " "))
    header, body, address = words[words.index("-H") + 1], words[words.index("-d") + 1], words[-1]
    name, _, value = header.partition(": ")
    async with open_ward(internal=True) as ward, ward.client() as client:
        url = ward.internal_url + address.removeprefix("http://127.0.0.1:8081")
        async with client.post(url, data=body, headers={name: value}) as answer:
            assert answer.status == 201
            assert (await answer.json())["urgency"] == "urgent"
        await ward.settle()  # its pages are on their way; the house is not closed under them


# --- configuration ---------------------------------------------------------------------------------------------------


def _keys(model: type[BaseModel], before: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(field.annotation, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def test_every_key_of_the_configuration_is_explained_and_no_other():
    rows = [line.split("|")[1] for line in text(README).splitlines() if line.startswith("| `")]
    tops = "|".join(Config.model_fields)
    explained = {key for row in rows for key in re.findall(rf"`((?:{tops})(?:\.[a-z_]+)?)`", row)}
    assert explained == set(_keys(Config))


# --- addresses -------------------------------------------------------------------------------------------------------


async def test_every_address_of_the_two_listeners_is_told_and_no_other():
    async with open_ward() as ward:
        public = [*(guarded.route for guarded in public_routes()), *ward.house.outside_routes()]
    page = text(ROOT / "docs" / "addresses.md")
    outside, _, inside = page.partition("## Internal")
    assert _addresses(outside) == _served(public)
    assert _addresses(inside) == _served([guarded.route for guarded in internal_routes()])
    who = {address: guarded.need.words() for guarded in internal_routes() for address in _served([guarded.route])}
    for line in inside.splitlines():
        for address in re.findall(r"`((?:GET|POST|PUT) /[^`]*)`", line.split("|")[1] if line.startswith("|") else ""):
            assert line.split("|")[2].strip() == who[address], address


def _served(routes: list[web.AbstractRouteDef]) -> set[str]:
    static = {f"GET {route.prefix}/..." for route in routes if isinstance(route, web.StaticDef)}
    return static | {f"{route.method} {route.path}" for route in routes if isinstance(route, web.RouteDef)}


def _addresses(page: str) -> set[str]:
    return set(re.findall(r"`((?:GET|POST|PUT) /[^`]*)`", page))


# --- links and references --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_resolve(path):
    broken = [link for link in LINK.findall(text(path)) if not _resolves(path, link)]
    assert broken == []


def _resolves(path: Path, link: str) -> bool:
    if re.match(r"https?://", link):
        return True
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in {
        _anchor(heading) for heading in re.findall(r"^#+ (.*)$", text(target), re.MULTILINE)
    }


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_references_into_the_code_resolve(path):
    broken = [
        f"{name}::{inside}" for name, inside in KEPT_IN.findall(text(path)) if not _stands(name, inside.split("."))
    ]
    assert broken == []


def _stands(name: str, inside: list[str]) -> bool:
    """Whether the file is there and holds the function, class, method or constant."""
    found = [base / name for base in (ROOT, ROOT / "oncall") if (base / name).exists()]
    if "/" not in name:  # a module of the package, or one named in passing
        found += [next(ROOT.glob(f"oncall/**/{name}"), None)]
    found = [path for path in found if path is not None]
    return bool(found) and (inside == [""] or _holds(ast.parse(text(found[0])).body, inside))


def _holds(body: list[ast.stmt], inside: list[str]) -> bool:
    first, rest = inside[0], inside[1:]
    for node in body:
        if getattr(node, "name", None) == first:
            return not rest or _holds(getattr(node, "body", []), rest)
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        if any(getattr(target, "id", None) == first for target in targets):
            return True
    return False


def test_every_law_has_its_place_and_its_proof():
    laws = re.split(r"^## (\d)\. ", text(ROOT / "docs" / "laws.md"), flags=re.MULTILINE)[1:]
    assert laws[::2] == list("1234567")
    for number, law in zip(laws[::2], laws[1::2], strict=True):
        kept, _, shown = law.partition("- Shown:")
        assert KEPT_IN.search(kept), f"law {number} is kept nowhere"
        assert "::test_" in shown, f"law {number} is shown by no test"


def test_every_law_that_the_code_cites_exists():
    cited = {number for path in (ROOT / "oncall").rglob("*.py") for number in re.findall(r"\blaws? (\d+)", text(path))}
    assert cited <= set("1234567")
    assert cited == set("1234567"), "each law is cited where it is kept"


def test_every_decision_is_listed_and_whole():
    index = text(ROOT / "docs" / "decisions" / "README.md")
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    for path in DECISIONS:
        assert f"({path.name})" in index
        assert text(path).startswith(f"# {path.name[:4]} ")
        for part in ("**Context.**", "**Choice.**", "**Cost.**"):
            assert part in text(path), f"{path.name} has no {part}"


def test_every_decision_that_is_cited_exists():
    known = {path.name[:4] for path in DECISIONS}
    sources = [*(ROOT / "oncall").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *DOCS]
    cited = {number for path in sources for number in re.findall(r"decisions/(\d{4})", text(path))}
    assert cited <= known


# --- the first thing a reader sees -----------------------------------------------------------------------------------


def test_the_readme_begins_with_the_two_commands_and_a_picture_in_use():
    page = text(README)
    assert page.index("make run") < page.index("make test") < page.index(str(PICTURE.relative_to(ROOT)))
    assert page.index(str(PICTURE.relative_to(ROOT))) < page.index("## ")
    assert PICTURE.read_bytes().startswith(b"\x89PNG")
    assert PICTURE.stat().st_size < 300_000


def test_the_readme_says_what_the_line_is_not():
    page = text(README)
    for sentence in ("adds to 911 and never replaces it", "no dose advice", "`signed: none yet`"):
        assert sentence in page


def test_the_changelog_names_this_version_and_speaks_to_the_person_on_call_first():
    page = text(ROOT / "CHANGELOG.md")
    version = re.search(r'^__version__ = "(.+)"', text(ROOT / "oncall" / "__init__.py"), re.MULTILINE)
    assert version
    assert f"## [{version[1]}]" in page
    release = page.partition(f"## [{version[1]}]")[2]
    assert re.findall(r"^### (.*)$", release, re.MULTILINE)[0] == "For the person on call"
