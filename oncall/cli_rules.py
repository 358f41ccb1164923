"""`oncall rules ...`: what a rules owner asks of the rules. Commands only read arguments and print."""

from __future__ import annotations

import click


@click.group()
def rules() -> None:
    """What the rules would do, whatever is said."""
