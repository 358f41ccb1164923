"""Runs the mutants of the rules or of the words and says which were noticed.

usage: python -m tests.mutation rules|words [--list]
"""

from __future__ import annotations

import sys
from pathlib import Path

from oncall.adapters.handbook.reading import read_shape, read_sheet
from oncall.adapters.handbook.rules_shapes import WordsShape
from tests.examples.shipped_rules import RULES, shipped
from tests.mutation import rule_mutants, word_mutants
from tests.mutation.saved_cases import heard_cases, judged_cases


def main() -> None:
    kind = sys.argv[1] if len(sys.argv) > 1 else ""
    if kind not in ("rules", "words"):
        raise SystemExit(__doc__)
    count, unnoticed = _rules() if kind == "rules" else _words()
    if "--list" in sys.argv:
        print("\n".join(unnoticed))
    caught = count - len(unnoticed)
    print(f"mutants of the {kind}: {caught} of {count} noticed, {100 * caught / count:.1f} %")


def _rules() -> tuple[int, list[str]]:
    judged = [(case, case.findings(shipped())) for case in judged_cases()]
    return rule_mutants.survivors(shipped().rules, judged)


def _words() -> tuple[int, list[str]]:
    rulebook = shipped()
    texts = word_mutants.SavedTexts((*judged_cases(), *heard_cases()), rulebook)
    return word_mutants.survivors(rulebook, _word_files(RULES), texts)


def _word_files(directory: Path) -> list[WordsShape]:
    found = []
    for path in sorted(directory.glob("words-*.yaml")):
        sheet, _ = read_sheet(path)
        shape = read_shape(sheet, WordsShape)[0] if sheet else None
        assert shape is not None, path
        found.append(shape)
    return found


if __name__ == "__main__":
    main()
