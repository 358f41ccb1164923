"""One rota file under the reader's eyes: its lines, the zone it speaks of, and the faults found so far.

Reading goes on after a fault, so that a coordinator sees all of them at once.
Deliberately not here: what any file says (`rotation_patterns`, `rotation_changes`, `rotation_files`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from pydantic import BaseModel

from oncall.adapters.handbook.reading import Fault, Location, Sheet, read_shape, read_sheet
from oncall.adapters.handbook.rotation_words import Unclear
from oncall.core.rota.on_call import Rota

_Value = TypeVar("_Value")
_Rest = ParamSpec("_Rest")


@dataclass(slots=True)
class Desk:
    """One sheet being read, and the faults found so far."""

    sheet: Sheet
    faults: list[Fault]
    rota: Rota
    zone: str = field(default="UTC")

    def fault(self, location: Location, found: object, wanted: str) -> None:
        self.faults.append(self.sheet.fault(location, found, wanted))

    def word(
        self, location: Location, read: Callable[_Rest, _Value], *args: _Rest.args, **more: _Rest.kwargs
    ) -> _Value | None:
        """What stands there as `read` understands its first argument, or None and a fault."""
        try:
            return read(*args, **more)
        except Unclear as unclear:
            self.fault(location, repr(args[0]) if isinstance(args[0], str) else args[0], str(unclear))
            return None


_Shaped = TypeVar("_Shaped", bound=BaseModel)


def opened(path: Path, shape: type[_Shaped], rota: Rota, faults: list[Fault]) -> tuple[Desk, _Shaped] | None:
    sheet, broken = read_sheet(path)
    faults.extend(broken)
    if sheet is None:
        return None
    shaped, misfits = read_shape(sheet, shape)
    faults.extend(misfits)
    return None if shaped is None else (Desk(sheet, faults, rota, rota.zone), shaped)
