"""Which telephone numbers exist on the training ground, and which must never be dialled.

Only numbers kept for fiction (555-01xx) exist. Emergency numbers are refused and raised as an alarm, because
the house tells families to dial 911 themselves and must never do so for them. Deliberately not here: whose
number it is.
"""

from __future__ import annotations

import re

EMERGENCY = frozenset({"911", "112", "999", "988", "000"})
WITHHELD = frozenset({"anonymous", "+266696687", "Anonymous"})
_FICTION = re.compile(r"^\+1([2-9]\d{2})55501\d{2}$")
_PLACES = {
    "617": ("BOSTON", "MA", "02115"),
    "413": ("SPRINGFIELD", "MA", "01103"),
    "212": ("NEW YORK", "NY", "10016"),
}
_NOWHERE = ("", "", "")
_ELSEWHERE = ("SPRINGFIELD", "IL", "62701")


def exists(number: str) -> bool:
    """Is this one of the numbers kept for fiction?"""
    return bool(_FICTION.match(number))


def is_emergency(number: str) -> bool:
    """Is this an emergency service, however it is written?"""
    digits = re.sub(r"\D", "", number)
    return digits in EMERGENCY or digits.removeprefix("1") in EMERGENCY


def formatted(number: str) -> str:
    """As Twilio shows a North American number: (617) 555-0142."""
    found = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", number)
    return "({}) {}-{}".format(*found.groups()) if found else number


def place_fields(role: str, number: str) -> dict[str, str]:
    """FromCity, FromState ... as webhooks carry them; blank for a withheld number."""
    found = _FICTION.match(number)
    place = _PLACES.get(found[1], _ELSEWHERE) if found else _NOWHERE
    city, state, postcode = place
    country = "US" if found else ""
    return {f"{role}City": city, f"{role}State": state, f"{role}Zip": postcode, f"{role}Country": country}
