"""Entries to JSON and back, one version per kind.

Kinds live for ever: a journal written by any release must replay. When a kind changes its shape, its VERSION goes up
and an upcaster turns the old body into the new one. Deliberately not here: how a value becomes JSON (`as_json`),
storage, hashing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, get_args

from oncall.core.as_json import read, tell_once, to_json
from oncall.core.case.entries import Entry
from oncall.core.case.escalation import EscalationTable

KINDS: Mapping[str, Any] = {kind.__name__: kind for kind in get_args(Entry)}
VERSIONS: Mapping[str, int] = dict.fromkeys(KINDS, 1)
UPCASTERS: Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
tell_once(EscalationTable)  # every case that opens pins the same one


class UnknownEntry(Exception):
    """A journal holds a kind or version that this release does not know: it was written by a newer one."""


def encode(entry: Entry) -> tuple[str, int, str]:
    """Kind, version and JSON body of an entry."""
    kind = type(entry).__name__
    return kind, VERSIONS[kind], to_json(entry)


def decode(kind: str, version: int, body: str) -> Entry:
    """The entry of a stored row. Raises UnknownEntry."""
    if kind not in KINDS or version > VERSIONS[kind]:
        raise UnknownEntry(f"entry kind {kind} version {version}")
    data = json.loads(body)
    for old in range(version, VERSIONS[kind]):
        data = UPCASTERS[kind, old](data)
    entry: Entry = read(KINDS[kind], data)
    return entry
