"""The rota before and after a draft in one picture: what the preview, the forms and the rota page draw of a change.

Deliberately not here: the words of a change (the preview has them), and how blocks are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from oncall.adapters.web.rota.drawing import bands_of
from oncall.adapters.web.rota.query import Asked
from oncall.core.rota.fillers import Filler, fillers
from oncall.core.rota.guards import Guard
from oncall.core.rota.on_call import Rota, gaps_between
from oncall.core.wall_time import wall
from oncall.service.rota.picture import Caution, Look, Picture, picture_of
from oncall.service.rota.prefill import LONGEST_FILLED, typed_at
from oncall.service.rota.preview import Preview
from oncall.service.rota.sheets import day_sheets

FILLERS_SHOWN = 3


def shown_tried(tried: Preview | None, called: Mapping[str, str], now: datetime, longest: timedelta) -> dict[str, Any]:
    """The strip of what changes, from the week of its beginning on; nothing where nobody moves."""
    if tried is None or not tried.moves:
        return {"tried": tried, "bands": (), "sheets": (), "picture": None, "asked": None}
    zone = tried.after.zone
    begins = min(move.starts_at for move in tried.moves)
    ends = min(max(move.ends_at for move in tried.moves), begins + longest)
    first = wall(begins, zone).date()
    monday = first - timedelta(days=first.weekday())
    weeks = max(1, -(-(wall(ends, zone).date() - monday).days // 7))
    layers = frozenset(move.tier for move in tried.moves)
    look = Look(monday, monday + timedelta(weeks=weeks), layers)
    before = tried.before if layers <= _layers(tried.before) else tried.after  # a new tier has no before
    picture = picture_of(before, look, now, draft=tried.after, cautions=cautions_of(tried), names=called)
    asked = Asked("6w", monday, layers, "")
    return {
        "tried": tried,
        "picture": picture,
        "bands": bands_of(picture),
        "sheets": day_sheets(picture),
        "asked": asked,
        "edition": tried.newest,
    }


def _layers(rota: Rota) -> frozenset[str]:
    return frozenset(
        f"{rotation.name}/{layer.name}" for rotation in rota.rotations.values() for layer in rotation.layers
    )


def cautions_of(found: Preview) -> tuple[Caution, ...]:
    """The guards that have a place in the picture."""
    return tuple(
        Caution(f"{one.rotation}/{one.layer}", one.starts_at, one.ends_at, one.sentence)
        for one in (*found.red, *found.yellow)
        if one.layer and one.starts_at and one.ends_at
    )


def only_shown(picture: Picture, side: str) -> Picture:
    """`after`: the draft's rows in the place of the published ones; `both`: one above the other."""
    if side != "after":
        return picture
    drafted = {row.tier for row in picture.rows if row.is_draft}
    rows = (row for row in picture.rows if row.is_draft or row.tier not in drafted)
    return replace(picture, rows=tuple(rows))


# --- what speaks against it ------------------------------------------------------------------------------------------

Said = tuple[Guard, str, tuple[Filler, ...]]


def guards_shown(found: Preview | None, proven: frozenset[str]) -> list[Said]:
    """Red first; for a hole also the address of the form that fills it, and who could."""
    return [(one, *_filled(found, one, proven)) for one in (*found.red, *found.yellow)] if found else []


def _filled(found: Preview, guard: Guard, proven: frozenset[str]) -> tuple[str, tuple[Filler, ...]]:
    """Of several holes in one guard the first."""
    rotation = found.after.rotations.get(guard.rotation or "")
    if rotation is None or not (guard.layer and guard.starts_at and guard.ends_at) or guard.person:
        return "", ()
    gap = next(iter(gaps_between(rotation, guard.layer, guard.starts_at, guard.ends_at)), None)
    if gap is None or gap.ends_at - gap.starts_at > LONGEST_FILLED:
        return "", ()
    zone = found.after.zone
    ends = {"starts": typed_at(gap.starts_at, zone), "until": typed_at(gap.ends_at, zone)}
    address = urlencode({"tier": f"{gap.rotation}/{gap.layer}", **ends})
    return f"/rota/edit/cover?{address}", fillers(found.after, gap, proven)[:FILLERS_SHOWN]
