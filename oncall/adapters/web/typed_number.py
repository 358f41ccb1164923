"""A telephone number as somebody types it, read twice, and what speaks against it.

It is typed twice, because a slip sends pages to a stranger, and shown as people write it: "+1 617-555-0142". Refused
are emergency numbers, our own, and numbers that cost the caller; a family's number and a landline are told. Whose it is
besides is asked where it is kept (`number_proofs`). Deliberately not here: any row.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

from oncall.core.emergency_numbers import is_emergency_number

REGION = "US"
COSTLY = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN})
NOBODY = frozenset({PhoneNumberType.VOICEMAIL, PhoneNumberType.TOLL_FREE})
NOT_WHOLE = "Type a whole telephone number without extension, like +1 617-555-0142."


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """`number` is E.164, empty with a fault; `rings_only`: by its kind it takes no texts."""

    number: str = ""
    rings_only: bool = False
    fault: str = ""


def typed_number(first: str, again: str, ours: Collection[str]) -> TypedNumber:
    """`ours`: the line itself and every number that we send from."""
    one, two = _e164(first), _e164(again)
    if is_emergency_number(first) or is_emergency_number(again):
        return TypedNumber(fault="An emergency number is never dialled by the line.")
    if one is None:
        return TypedNumber(fault=NOT_WHOLE)
    if one != two:
        return TypedNumber(fault="The two numbers are not the same. Type the number twice.")
    if one in ours:
        return TypedNumber(fault="This is a number of the pump line itself: it would ring us.")
    kind = phonenumbers.number_type(phonenumbers.parse(one))
    if kind in COSTLY:
        return TypedNumber(fault="This number costs whoever rings it: choose another.")
    if kind in NOBODY:
        return TypedNumber(fault="This is nobody's own telephone: choose another number.")
    return TypedNumber(one, rings_only=kind == PhoneNumberType.FIXED_LINE)


def as_written(number: str) -> str:
    """As people write it; as it stands where it cannot be read."""
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def _e164(told: str) -> str | None:
    try:
        number = phonenumbers.parse(told, REGION)
    except NumberParseException:
        return None
    kind = phonenumbers.is_possible_number_with_reason(number)
    if number.extension or kind != ValidationResult.IS_POSSIBLE:  # seven digits are possible, but only next door
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
