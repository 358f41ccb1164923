"""`oncall calendar`: secret links to feeds of the rota, for calendar programs.

A link is shown once; later only its id is known, by which it is revoked. Deliberately not here: what a feed shows
(`adapters/calendars`), and schedules from elsewhere (`importing`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from oncall.cli.options import AS_JSON, CONFIG, config_at, run
from oncall.errands.door import run_errand


@click.command()
@click.option("--person", help="Make a link to this person's own shifts.")
@click.option("--rotation", help="Make a link to a rotation, with its holes.")
@click.option("--revoke", metavar="ID", help="End a link at once.")
@click.option("--accept", metavar="FEED", help="Believe the next copy of a watched feed, however little it holds.")
@click.option("--by", default="oncall calendar", show_default=True, help="Who does it; stands in the audit.")
@AS_JSON
@CONFIG
def calendar(
    person: str | None,
    rotation: str | None,
    revoke: str | None,
    accept: str | None,
    by: str,
    as_json: bool,
    config_path: Path,
) -> None:
    """Secret calendar links: make one, revoke one, or (without an option) list them."""
    wishes = [wish for wish in (person, rotation, revoke, accept) if wish is not None]
    if len(wishes) > 1:
        raise click.UsageError("One of --person, --rotation, --revoke, --accept at a time.")
    told = {"do": _deed(person or rotation, revoke, accept), "person": person, "rotation": rotation, "by": by}
    config = config_at(config_path, ringing=False)
    answer = run(run_errand(config, "calendar", {**told, "id": revoke, "feed": accept}))
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(answer, wishes)))


def _deed(shown: str | None, revoke: str | None, accept: str | None) -> str:
    if shown is not None:
        return "make"
    return "revoke" if revoke is not None else "accept" if accept is not None else "list"


def _lines(answer: Mapping[str, Any], wishes: list[str]) -> list[str]:
    if "address" in answer:
        return [answer["address"], f"Shown once; end it with: oncall calendar --revoke {answer['id']}"]
    if "revoked" in answer:
        return ["Revoked." if answer["revoked"] else f"There is no link {wishes[0]} in use."]
    if "links" in answer:
        return [_line(link) for link in answer["links"]] or ["No links yet."]
    return [f"The next copy of {wishes[0]} is believed."]


def _line(link: Mapping[str, Any]) -> str:
    shows = f"person {link['person']}" if link["person"] else f"rotation {link['rotation']}"
    state = f"revoked {link['revoked_at'][:16]}" if link["revoked_at"] else "in use"
    return f"{link['id']}  {shows:<28}  {state}  made {link['made_at'][:16]} by {link['made_by']}"
