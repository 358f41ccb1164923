"""The handbook as a folder of files: rules and rotas in, one frozen edition out, or every fault at once.

Loading is total or nothing; the last good edition keeps serving when a new one is refused. The edition's name is the
hash of all its texts. Deliberately not here: who published which edition when (`store`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from oncall.adapters.handbook.at_hand_file import read_at_hand
from oncall.adapters.handbook.calls_file import read_calls
from oncall.adapters.handbook.dangers_file import read_dangers
from oncall.adapters.handbook.escalation_file import read_advice, read_escalation
from oncall.adapters.handbook.lending import CALLS, CHECKLISTS, DANGERS, PHRASES, lent_to
from oncall.adapters.handbook.reading import Fault, HandbookFaults
from oncall.adapters.handbook.rotation_files import load_rotations
from oncall.adapters.handbook.rules_files import check_rules, load_rulebook
from oncall.core.case.escalation import EscalationTable
from oncall.core.handbook import Handbook
from oncall.core.rota.on_call import Rota

Loaded = TypeVar("Loaded")
SPECIAL_TIERS = ("service", "everyone")
_INSIDE = re.compile(r"(rules|rotations)/[^\x00\\]+\.yaml(\.json)?")
SHIPPED = Path(__file__).parents[2] / "handbook_default"


def load_handbook(rules: Path, rotations: Path) -> Handbook:
    """The edition that these two folders make. Raises HandbookFaults with every fault in them."""
    return _loaded(rules, rotations, edition_of(read_files(rules, rotations)), ())


def _loaded(rules: Path, rotations: Path, edition: str, lent: tuple[str, ...]) -> Handbook:
    table, clocks_signed, clock_faults = read_escalation(rules / "escalation.yaml")
    advice, wording_signed, advice_faults = read_advice(rules / "advice.yaml")
    rulebook, rule_faults = _or_faults(load_rulebook, rules)
    rota, rota_faults = _or_faults(load_rotations, rotations)
    calls, calls_signed, call_faults = read_calls(rules / "calls.yaml", advice, rulebook)
    at_hand, hand_signed, hand_faults = read_at_hand(rules)
    dangers, dangers_signed, danger_faults = read_dangers(rules / "dangers.yaml")
    if not (table and advice and rulebook and rota and calls and at_hand and dangers):
        own = (*clock_faults, *advice_faults, *rule_faults, *rota_faults)
        raise HandbookFaults([*own, *call_faults, *hand_faults, *danger_faults])
    if crossed := _tier_faults(rules, table, rota):
        raise HandbookFaults(crossed)
    parts = {
        "rules": rulebook.signed,
        "clocks": clocks_signed and (dangers_signed or DANGERS in lent),
        "wording": wording_signed and (calls_signed or CALLS in lent),
        "phrases": hand_signed["phrases"] or PHRASES in lent,
        "checklists": hand_signed["checklists"] or CHECKLISTS in lent,
    }
    unsigned = tuple(part for part, signed in parts.items() if not signed)
    return Handbook(rulebook, table, advice, calls, dangers, rota, edition, unsigned, lent, at_hand)


def folders_named(rules: Path | None, rotations: Path | None) -> tuple[Path, Path]:
    """The folders named, those of this directory, or the ones shipped with the program."""
    here = Path("rules").is_dir() and Path("rotations").is_dir()
    base = Path() if here or not SHIPPED.is_dir() else SHIPPED
    return rules or base / "rules", rotations or base / "rotations"


def handbook_faults(rules: Path, rotations: Path) -> tuple[Fault, ...]:
    """Every fault of both folders and of the two together; the rules' own examples are run too."""
    table, _, clock_faults = read_escalation(rules / "escalation.yaml")
    advice, _, advice_faults = read_advice(rules / "advice.yaml")
    rulebook, _ = _or_faults(load_rulebook, rules)
    _, _, call_faults = read_calls(rules / "calls.yaml", advice, rulebook)
    rota, rota_faults = _or_faults(load_rotations, rotations)
    _, _, hand_faults = read_at_hand(rules)
    _, _, danger_faults = read_dangers(rules / "dangers.yaml")
    crossed = _tier_faults(rules, table, rota) if table and rota else ()
    own = (*clock_faults, *advice_faults, *call_faults, *hand_faults, *danger_faults)
    return tuple(sorted((*own, *rota_faults, *check_rules(rules), *crossed)))


def _or_faults(load: Callable[[Path], Loaded], folder: Path) -> tuple[Loaded | None, tuple[Fault, ...]]:
    try:
        return load(folder), ()
    except HandbookFaults as problem:
        return None, problem.faults


def _tier_faults(rules: Path, table: EscalationTable, rota: Rota) -> tuple[Fault, ...]:
    """A tier that no rotation serves would be an empty step for ever."""
    known = {*SPECIAL_TIERS, *rota.rotations}
    known |= {f"{name}/{layer.name}" for name, rotation in rota.rotations.items() for layer in rotation.layers}
    asked = {
        tier
        for policy in (table.emergency, table.urgent, table.same_day)
        for step in policy.steps
        for tier in (*step.tiers, *step.inform)
    }
    path = str(rules / "escalation.yaml")
    return tuple(Fault(path, 1, f"tier {tier}", f"one of {sorted(known)}") for tier in sorted(asked - known))


def read_files(rules: Path, rotations: Path) -> dict[str, str]:
    """The texts of both folders, by "rules/x.yaml" and "rotations/y.yaml", their line ends as they are."""
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes().decode()
        for name, folder in (("rules", rules), ("rotations", rotations))
        for path in sorted(folder.rglob("*.yaml"))
    }


def edition_of(files: Mapping[str, str]) -> str:
    """The edition's name: a hash over all names and texts."""
    told = json.dumps(sorted(files.items()), ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def load_texts(files: Mapping[str, str]) -> Handbook:
    """An edition from its stored texts, with what it lacks because it is older. Raises HandbookFaults."""
    _refuse_odd(files)
    lent = lent_to(files)
    edition = edition_of({name: text for name, text in files.items() if name.endswith(".yaml")})
    with laid_out({**files, **lent}) as folder:
        names = tuple(sorted({name.removesuffix(".json") for name in lent}))
        return _loaded(folder / "rules", folder / "rotations", edition, names)


def _refuse_odd(files: Mapping[str, str]) -> None:
    if odd := tuple(_odd_files(files)):
        raise HandbookFaults(odd)


def _odd_files(files: Mapping[str, str]) -> Iterator[Fault]:
    """A stored edition is laid out as files, and a backup may be of somebody else's making."""
    for name, text in files.items():
        if not _INSIDE.fullmatch(name) or ".." in name:
            yield Fault(name, 1, "a file of this name", "files in rules/ and rotations/ alone")
        try:
            text.encode()
        except UnicodeEncodeError:
            yield Fault(name, 1, "half a character", "a UTF-8 text file")


def with_rotations(handbook: Handbook, rota: Rota, files: Mapping[str, str]) -> Handbook:
    """The edition of `files`, whose rules are those of `handbook`: a cover compiles no rules, which would hold up the
    line. Raises HandbookFaults where the clocks name a tier that is gone."""
    if crossed := _tier_faults(Path("rules"), handbook.table, rota):
        raise HandbookFaults(crossed)
    return replace(handbook, rota=rota, edition=edition_of(files))


@contextmanager
def laid_out(files: Mapping[str, str]) -> Iterator[Path]:
    """Stored texts as files in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="handbook-") as folder:
        write_files(files, Path(folder))
        yield Path(folder)


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """The very bytes that were read. Raises HandbookFaults, before anything is written."""
    _refuse_odd(files)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
