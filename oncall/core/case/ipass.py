"""The form of a hand-over, in the order of I-PASS: illness, patient, actions, situation; the synthesis is said back.

I-PASS is the bundle of Starmer and others (N Engl J Med 2014;371:1803): fewer harmful errors where the receiver says
it back. The words are the outgoing clinician's; they stand in the journal and in no text. Deliberately not here:
filling it in beforehand (`service.cases.hand_over_forms`) and changing hands (`handover`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

READ = "read and understood"  # may be said back where there is a form to be read


class Illness(Enum):
    """How ill the person is, as the outgoing clinician says it. No machine ever proposes STABLE (law 7)."""

    UNSTABLE = "unstable"
    WATCHER = "watcher"
    STABLE = "stable"


@dataclass(frozen=True, slots=True)
class Ipass:
    illness: Illness
    patient: str
    actions: str
    situation: str
