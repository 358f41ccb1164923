"""The `oncall` command: what an operator, a coordinator or a clinician types.

Exit codes are 0 for success, 1 for a finding, 2 for wrong usage; an error is one sentence that says what to do.
A command's own module is loaded when it is asked for, so that `serve` starts without the others. Deliberately not here:
any command.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

import click

from oncall import __version__

WHERE = {
    "serve": "serve",
    **dict.fromkeys(("demo", "token", "check", "triage", "who", "story"), "asking"),
    **dict.fromkeys(("publish", "editions", "export"), "publish"),
    "rules": "rules",
    **dict.fromkeys(("cards", "fallback", "preflight"), "live"),
    "paper": "paper",
    "calendar": "calendars",
    "drill": "drill",
    "purge": "purge",
    "rehearse": "rehearse",
    "import": "importing",
    **dict.fromkeys(("init", "account"), "accounts"),
    **dict.fromkeys(("audit", "backup", "emergency", "restore"), "backup"),
}  # command -> its module beside this one
OTHERWISE_NAMED = {"import": "import_"}


class WhenAsked(Mapping[str, click.Command]):
    """The commands by name, each loaded when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        module = import_module(f"oncall.cli.{WHERE[name]}")
        found: click.Command = getattr(module, OTHERWISE_NAMED.get(name, name))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(WHERE)

    def __len__(self) -> int:
        return len(WHERE)


@click.group(commands=WhenAsked(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="oncall")
def main() -> None:
    """The pump line: alarms, calls and texts become pages that a clinician takes."""
