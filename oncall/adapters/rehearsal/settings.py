"""What is configured at the carrier for the hospital's line: where texts and calls are announced.

On the real carrier a person enters this in the console; here it follows from the house's public address.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from oncall.adapters.rehearsal.records import NOWHERE, VERSION, Callback


@dataclass(slots=True)
class LineSettings:
    """The line's number and its addresses; the fallbacks are empty unless somebody sets them."""

    account_sid: str
    number: str
    text: Callback
    voice: Callback
    status: Callback  # told at the end of every inbound call
    text_fallback: Callback = NOWHERE
    voice_fallback: Callback = NOWHERE
    advanced_opt_out: bool = True

    @classmethod
    def at(cls, account_sid: str, number: str, public_url: str) -> LineSettings:
        """The house's own addresses below its public URL."""
        base = public_url.rstrip("/")
        return cls(
            account_sid,
            number,
            text=Callback(f"{base}/twilio/text"),
            voice=Callback(f"{base}/twilio/voice"),
            status=Callback(f"{base}/twilio/status"),
        )

    def published(self) -> dict[str, Any]:
        """The line as the REST interface lists it, so that `oncall preflight` can compare addresses."""
        sid = "PN" + hashlib.sha256(self.number.encode()).hexdigest()[:32]
        return {
            "account_sid": self.account_sid,
            "address_requirements": "none",
            "address_sid": None,
            "api_version": VERSION,
            "beta": False,
            "bundle_sid": None,
            "capabilities": {"mms": True, "sms": True, "voice": True, "fax": False},
            "date_created": None,
            "date_updated": None,
            "emergency_address_sid": None,
            "emergency_address_status": "unregistered",
            "emergency_status": "Inactive",
            "friendly_name": self.number,
            "identity_sid": None,
            "origin": "twilio",
            "phone_number": self.number,
            "sid": sid,
            "sms_application_sid": None,
            **_addresses("sms", self.text, self.text_fallback),
            **_addresses("voice", self.voice, self.voice_fallback),
            "status": "in-use",
            "status_callback": self.status.url,
            "status_callback_method": self.status.method,
            "trunk_sid": None,
            "type": "local",
            "uri": f"/{VERSION}/Accounts/{self.account_sid}/IncomingPhoneNumbers/{sid}.json",
            "voice_application_sid": None,
            "voice_caller_id_lookup": False,
            "voice_receive_mode": "voice",
        }


def _addresses(kind: str, main: Callback, fallback: Callback) -> dict[str, str]:
    return {
        f"{kind}_url": main.url,
        f"{kind}_method": main.method,
        f"{kind}_fallback_url": fallback.url,
        f"{kind}_fallback_method": fallback.method,
    }
