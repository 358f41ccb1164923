"""The handbook as a folder of files: rules and rotas in, one frozen edition out, or every fault at once.

Loading is total or nothing; the last good edition keeps serving when a new one is refused. The edition's name is the
hash of all its texts. Deliberately not here: who published which edition when (`store`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from oncall.adapters.handbook.escalation_file import read_advice, read_escalation
from oncall.adapters.handbook.reading import Fault, HandbookFaults
from oncall.adapters.handbook.rotation_files import check_rotations, load_rotations
from oncall.adapters.handbook.rules_files import check_rules, load_rulebook
from oncall.core.escalation import EscalationTable
from oncall.core.handbook import Handbook
from oncall.core.rota import Rota

SPECIAL_TIERS = ("service", "everyone")


def load_handbook(rules: Path, rotations: Path) -> Handbook:
    """The edition that these two folders make. Raises HandbookFaults with every fault in them."""
    faults = list(handbook_faults(rules, rotations))
    if faults:
        raise HandbookFaults(faults)
    table, clocks_signed, _ = read_escalation(rules / "escalation.yaml")
    advice, wording_signed, _ = read_advice(rules / "advice.yaml")
    rulebook = load_rulebook(rules)
    if table is None or advice is None:
        raise HandbookFaults(
            [Fault(str(rules), 1, "files that changed while they were read", "a second try")]
        )
    parts = {"rules": rulebook.signed, "clocks": clocks_signed, "wording": wording_signed}
    unsigned = tuple(part for part, signed in parts.items() if not signed)
    return Handbook(
        rulebook, table, advice, load_rotations(rotations), edition_of(read_files(rules, rotations)), unsigned
    )


def handbook_faults(rules: Path, rotations: Path, with_examples: bool = False) -> tuple[Fault, ...]:
    """Every fault of both folders, and of the two together; `with_examples` also runs the rules' own examples."""
    table, _, clock_faults = read_escalation(rules / "escalation.yaml")
    _, _, advice_faults = read_advice(rules / "advice.yaml")
    rota_faults = check_rotations(rotations)
    rule_faults: tuple[Fault, ...] = ()
    if with_examples:
        rule_faults = check_rules(rules)
    else:
        try:
            load_rulebook(rules)
        except HandbookFaults as problem:
            rule_faults = problem.faults
    crossed = () if rota_faults or table is None else _tier_faults(rules, table, load_rotations(rotations))
    return tuple(sorted((*clock_faults, *advice_faults, *rota_faults, *rule_faults, *crossed)))


def _tier_faults(rules: Path, table: EscalationTable, rota: Rota) -> tuple[Fault, ...]:
    """A tier that no rotation serves would be an empty step for ever."""
    known = {*SPECIAL_TIERS, *rota.rotations}
    known |= {
        f"{name}/{layer.name}" for name, rotation in rota.rotations.items() for layer in rotation.layers
    }
    asked = {
        tier
        for policy in (table.emergency, table.urgent, table.same_day)
        for step in policy.steps
        for tier in (*step.tiers, *step.inform)
    }
    path = str(rules / "escalation.yaml")
    return tuple(Fault(path, 1, f"tier {tier}", f"one of {sorted(known)}") for tier in sorted(asked - known))


def read_files(rules: Path, rotations: Path) -> dict[str, str]:
    """The texts of both folders, by "rules/x.yaml" and "rotations/y.yaml"."""
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path.read_text(encoding="utf-8")
        for name, folder in (("rules", rules), ("rotations", rotations))
        for path in sorted(folder.rglob("*.yaml"))
    }


def edition_of(files: Mapping[str, str]) -> str:
    """The edition's name: a hash over all names and texts."""
    told = json.dumps(sorted(files.items()), ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def load_texts(files: Mapping[str, str]) -> Handbook:
    """An edition from its stored texts. Raises HandbookFaults."""
    with TemporaryDirectory(prefix="handbook-") as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load_handbook(Path(folder) / "rules", Path(folder) / "rotations")
