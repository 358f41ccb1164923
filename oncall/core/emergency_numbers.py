"""Numbers that a machine must never dial: emergency services and the crisis line.

Families are told to dial them; the house itself never does, because help would be sent to the address of our carrier
account and not to the family. One question, asked wherever a number comes in or goes out. Deliberately not here:
which number families are told (the hospital's configuration).
"""

from __future__ import annotations

import re
import unicodedata

EMERGENCY = ("911", "112", "999", "000", "988")
NEVER_DIALLED = 21211  # the carrier's own code for a number that cannot be called
_BEFORE_THE_NUMBER = re.compile(r"^\s*(?:tel|sips?|sms|callto):", re.IGNORECASE)
_AFTER_THE_NUMBER = re.compile(r"[,;@*#]|[a-z]", re.IGNORECASE)
_ABROAD = re.compile(r"^(?:011|00)(?=\d)")
_EMERGENCY = re.compile(rf"\d{{0,3}}(?:{'|'.join(EMERGENCY)})")


class NeverDialled(ValueError):
    """Somebody asked for a call or a text to an emergency number."""


def is_emergency_number(told: str) -> bool:
    """Whether this would ring an emergency service, however it is written: 911, +1911, 011 44 999, tel:9-1-1.

    At most three digits stand before it, a country code or the digit for an outside line; no real number is so short.
    """
    number = _AFTER_THE_NUMBER.split(_BEFORE_THE_NUMBER.sub("", told), maxsplit=1)[0]
    return any(
        _EMERGENCY.fullmatch(form)
        for digits in (_digits(number), _digits(told))
        for form in (digits, _ABROAD.sub("", digits))
    )


def _digits(told: str) -> str:
    """The digits in any script, as 0 to 9."""
    return "".join(str(unicodedata.digit(char)) for char in told if unicodedata.digit(char, None) is not None)


def dialable(number: str) -> str:
    """The number unchanged. Raises NeverDialled for an emergency number."""
    if is_emergency_number(number):
        raise NeverDialled("An emergency number is never dialled by the line; people dial it themselves.")
    return number
