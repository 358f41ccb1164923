"""What people do on the pages of a rehearsed night, while others answer by text and telephone.

As the commands that the pages give: a press comes without knowing what the case has become meanwhile. Deliberately not
here: the pages, who may press what (tests/contract), and what the line makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from oncall.core.case import commands as c
from oncall.core.case.case import Case

HOW = "on the board"
Press = Callable[[Case, str, Case], c.Command]

PRESSES: Mapping[str, Press] = {
    "take": lambda case, who, other: c.Acknowledge(case.id, who, HOW),
    "take and call": lambda case, who, other: c.Acknowledge(case.id, who, HOW, connect=True),
    "take from the holder": lambda case, who, other: c.TakeFrom(case.id, who, _holder(case), HOW),
    "call": lambda case, who, other: c.CallFamily(case.id, who, HOW),
    "pass on": lambda case, who, other: c.PassOn(case.id, who, HOW),
    "hand over to ben": lambda case, who, other: c.HandOverTo(case.id, who, "ben", HOW),
    "say back": lambda case, who, other: c.SayBack(case.id, who, "rigid, pump checked, I ring the family", HOW),
    "add neurosurgery": lambda case, who, other: c.AddService(case.id, who, "neurosurgery", HOW),
    "undo": lambda case, who, other: c.Undo(case.id, who, HOW),
    "reached": lambda case, who, other: c.ReachFamily(case.id, who, HOW),
    "note": lambda case, who, other: c.AddNote(case.id, who, "seen"),
    "link": lambda case, who, other: c.LinkCase(case.id, who, other.id, other.code, HOW),
    "unlink": lambda case, who, other: c.LinkCase(case.id, who, other.id, other.code, HOW, linked=False),
    "close": lambda case, who, other: c.Resolve(case.id, who, "phone advice"),
}
TAKES = frozenset({"take", "take and call", "take from the holder", "call", "say back", "reached"})


def pressed(what: str, who: str, cases: Sequence[Case]) -> c.Command | None:
    """The command of this button on the newest case; None while there is none, or no other to link it with."""
    if not cases or (what in ("link", "unlink") and len(cases) < 2):
        return None
    return PRESSES[what](cases[-1], who, cases[0])


def _holder(case: Case) -> str:
    return case.holder.person if case.holder is not None else ""
