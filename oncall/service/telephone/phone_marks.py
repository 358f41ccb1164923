"""What an error number of the carrier says about a phone reaches the register; what it says about us, the log.

Called wherever the carrier's answer has just been written, so a mark that a crash loses is set at the next failure.
Deliberately not here: the table of numbers (`core.case.refusals`) and what the register does with a mark.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from oncall.core.case.refusals import Told, refusal_of
from oncall.service.ports.register import Register

log = structlog.get_logger("carrier")


async def note_refusal(register: Register, number: str, code: int | None, at: datetime) -> None:
    """Nothing for a message that went well (`code` None)."""
    if code is None:
        return
    row = refusal_of(code)
    if row.told is Told.KEEPER:
        log.error("the carrier refuses for a reason of ours", code=code, reason=row.sentence)
    if row.mark is None:
        return
    try:
        await register.mark_phone(number, row.mark, at)
    except Exception as problem:  # around one mark: the paging goes on, and the next failure marks again
        log.error("a phone could not be marked", code=code, exc_info=problem)
