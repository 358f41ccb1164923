"""`oncall serve` itself, as a program that the crash suite kills and the benchmarks measure.

System clock, SQLite file, both listeners, the official client: nothing is left out and nothing is put in. It stands
here only so that it runs from the tree without being installed. Deliberately not here: any shortcut.

    python -m tests.crash.serve_for_crash config.yaml
"""

from __future__ import annotations

import sys

from oncall.cli.main import main

if __name__ == "__main__":
    main(["serve", "--config", sys.argv[1]])
