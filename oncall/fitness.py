"""Whether a house may open, or an edition be in force, as configured: the sentence says what to do.

With a real carrier nobody made-up, nobody without a telephone and nothing unsigned may stand between a family and the
line (RULINGS 8). Deliberately not here: what is asked of the carrier itself (`preflight`).
"""

from __future__ import annotations

from oncall.adapters.register.kept import KeptRegister
from oncall.config import Config
from oncall.core.handbook import Handbook
from oncall.core.rota.leavers import still_named

REAL_CARRIER = "https://api.twilio.com"


class Refused(Exception):
    """The house may not open as configured; the sentence says what to do."""


async def refuse_unfit(config: Config, register: KeptRegister, handbook: Handbook) -> None:
    """With a real carrier: no sample people, nobody on the rota without a phone, nothing unsigned without a named
    person who answers for it (RULINGS 8)."""
    if all(part.api.rstrip("/") != REAL_CARRIER for _, part in config.telephony.routes):
        return
    if await register.has_sample_people():
        raise Refused("The register holds sample people; import your own team into a fresh database first.")
    known = (await register.directory()).clinicians
    left = {member.id: member.left_at for member in await register.team.members() if member.left_at is not None}
    strangers = sorted(
        person.id
        for person in handbook.rota.people.values()
        if person.role != "coordinator" and not (person.id in known and known[person.id].phones)
        if person.id not in left or still_named(handbook.rota, person.id, left[person.id])
    )
    if strangers:
        raise Refused(
            f"On the rota but without a phone in the register: {', '.join(strangers)}. Import people.csv "
            "with their numbers (oncall import), or take them out of rotations/."
        )
    if handbook.unsigned and not config.unsigned_accepted_by:
        raise Refused(
            f"No clinician has signed the {', '.join(handbook.unsigned)}. Let them sign in rules/*.yaml "
            "(signed: by, on), or name the person who accepts this as unsigned_accepted_by in config.yaml."
        )


async def why_unfit(config: Config, register: KeptRegister, handbook: Handbook) -> str:
    """The same as a sentence; empty for one that may be in force."""
    try:
        await refuse_unfit(config, register, handbook)
    except Refused as problem:
        return str(problem)
    return ""
