"""The next telephone of somebody whose first one was not answered, for test calls as for pages.

Deliberately not here: ringing the same number again (a notice's own `rings`), and what an answer leads to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from oncall.core.case.messages import Channel
from oncall.core.notices import Notice, Standing, readdressed
from oncall.core.people import Clinician


def at_the_next_number(asked: Iterable[Notice], person: Clinician, until: datetime) -> Notice | None:
    """The same call to the next number, once the last one was rung in vain; None while one runs or none is left."""
    calls = [one for one in asked if one.person == person.id and one.channel is Channel.VOICE]
    rung = {call.to for call in calls}
    to = next((phone.number for phone in person.phones if phone.number not in rung), None)
    if to is None or not calls or not all(_in_vain(call) for call in calls):
        return None
    return replace(readdressed(calls[-1], to), expires_at=until)


def _in_vain(call: Notice) -> bool:
    """One that never rang, because pages went first, shows nothing about the telephone."""
    return call.standing in (Standing.EXPIRED, Standing.FAILED) and call.attempts > 0
