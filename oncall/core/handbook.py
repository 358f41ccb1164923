"""Everything the hospital has declared, in one frozen edition: rules, wording, clocks and rotas.

A reader who knows a ward knows what a handbook is. Each assessment and page names the edition it came from.
Deliberately not here: people's phones (the register's) and ports or secrets (the configuration's).
"""

from __future__ import annotations

from dataclasses import dataclass

from oncall.core.case.call_graph import CallGraph
from oncall.core.case.escalation import EscalationTable
from oncall.core.dangers import Limits
from oncall.core.rota.on_call import Rota
from oncall.core.triage.advice import Advice
from oncall.core.triage.at_hand import NOTHING_AT_HAND, AtHand
from oncall.core.triage.rulebook import Rulebook


@dataclass(frozen=True, slots=True, repr=False)
class Handbook:
    """One edition. `edition` is the hash of all its files; `unsigned` names the parts no clinician has signed, `lent`
    the files to which the program lends what the edition is too old to have."""

    rulebook: Rulebook
    table: EscalationTable
    advice: Advice
    calls: CallGraph
    dangers: Limits
    rota: Rota
    edition: str
    unsigned: tuple[str, ...] = ()
    lent: tuple[str, ...] = ()
    at_hand: AtHand = NOTHING_AT_HAND
