"""The shipped folders as the ground of rehearsed nights, for every test here."""

from __future__ import annotations

from pathlib import Path

from oncall.nights.running import Ground

ROOT = Path(__file__).parents[2]
GROUND = Ground(ROOT / "rules", ROOT / "rotations")
