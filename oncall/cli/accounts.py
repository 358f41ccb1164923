"""Commands for who may sign in: the first configuration and administrator, and accounts after that.

A link that works once is printed here and stored nowhere in the clear. Changes go through the running service.
Deliberately not here: what a role may do, and passwords (a person chooses one behind the link).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import click

from oncall.adapters.handbook.files import SHIPPED
from oncall.cli.options import CONFIG, config_at, must_exist, run
from oncall.config import Config
from oncall.errands.door import run_errand
from oncall.service.people.accounts import LINK_LIVES, ROLES

ROLE = click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be given several times.")
NAME = click.option("--name", help="As pages show it; not needed for somebody in the register.")
FIRST_CONTENT = {
    "rules": "proposals that your clinicians read and sign",
    "rotations": "a made-up team: put in your own before oncall serve",
}
HOURS = int(LINK_LIVES.total_seconds() // 3600)


@click.command()
@click.option(
    "--id", "person", prompt="Short name to sign in with (such as mortiz)", help="Of the first administrator."
)
@click.option("--name", prompt="Full name", help="As pages show it.")
@CONFIG
def init(person: str, name: str, config_path: Path) -> None:
    """A first config.yaml, rules/ and rotations/ where there are none, the database, and a link for the first
    administrator."""
    if not config_path.exists():
        config_path.write_text((_shipped() / "config.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        click.echo(f"written:   {config_path}; put in your hospital's values before oncall serve")
    config = config_at(config_path, ringing=False)
    for folder, kind in ((config.handbook.rules, "rules"), (config.handbook.rotations, "rotations")):
        if not folder.exists():
            shutil.copytree(_shipped() / kind, folder)
            click.echo(f"written:   {folder}/, {FIRST_CONTENT[kind]}")
    told = {"person": person, "name": name, "roles": ["admin", "coordinator"], "is_first": True}
    _tell_link(config, run(run_errand(config, "invite", told)))


@click.group()
def account() -> None:
    """Who may sign in on the internal pages."""


@account.command()
@click.argument("person")
@NAME
@ROLE
@CONFIG
def invite(person: str, name: str | None, roles: tuple[str, ...], config_path: Path) -> None:
    """A link for PERSON to choose a password, once: a new account, other roles, or a forgotten password."""
    config = config_at(config_path, ringing=False)
    told = {"person": person, "name": name, "roles": list(roles), "is_first": False}
    _tell_link(config, run(run_errand(config, "invite", told)))


@account.command("end")
@click.argument("person")
@click.option("--account", "whole", is_flag=True, help="The account too: no more signing in until invited again.")
@CONFIG
def end(person: str, whole: bool, config_path: Path) -> None:
    """Sign PERSON out everywhere."""
    config = config_at(config_path, ringing=False)
    told = run(run_errand(config, "end-sessions", {"person": person, "whole": whole}))
    click.echo(f"{told['ended']} sessions of {person} ended." + (" The account has ended." if whole else ""))


@account.command("second-off")
@click.argument("person")
@CONFIG
def second_off(person: str, config_path: Path) -> None:
    """Take PERSON's second step away: a lost telephone, also the only administrator's."""
    config = config_at(config_path, ringing=False)
    run(run_errand(config, "second-off", {"person": person}))
    click.echo(f"The second step of {person} is off; every session of theirs has ended.")


@account.command("list")
@CONFIG
def list_(config_path: Path) -> None:
    """Everybody who may sign in."""
    config = config_at(config_path, ringing=False)
    must_exist(config)
    for line in run(run_errand(config, "accounts", {}))["lines"]:
        click.echo(line)


def _tell_link(config: Config, told: Any) -> None:
    click.echo(f"{config.internal.url}/first/{told['link']}")
    click.echo(
        f"Give this link to {told['name']} alone: it works once, within {HOURS} hours, while oncall serve runs.",
        err=True,
    )


def _shipped() -> Path:
    """What comes with the program, comments and all."""
    return SHIPPED if SHIPPED.is_dir() else Path(__file__).parents[2]
