"""The account at the carrier, as its console shows it: money, standing, and what the line is registered for.

On the real carrier these change outside the house: a card expires, a registration is refused, a number is moved.
Tests and the training ground set them by hand. Deliberately not here: HTTP (rest_account.py) and the line's addresses
(settings.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oncall.adapters.rehearsal.records import VERSION

SERVICE_SID = "MG" + "0" * 32


@dataclass(slots=True)
class Account:
    """`campaign` and `toll_free` are the standing of the sender's registration; None where there is none.

    `owns_line=False` is a line that belongs to somebody else; `service_takes_texts` is a messaging service that keeps
    inbound texts for an address of its own.
    """

    status: str = "active"
    type: str = "Full"
    balance: str | None = "84.20"
    currency: str = "USD"
    owns_line: bool = True
    campaign: str | None = "VERIFIED"
    toll_free: str | None = "TWILIO_APPROVED"
    service_takes_texts: str = ""
    clock_runs_ahead_s: float = 0

    def published(self, sid: str) -> dict[str, Any]:
        return {
            "auth_token": None,
            "date_created": None,
            "date_updated": None,
            "friendly_name": "training ground",
            "owner_account_sid": sid,
            "sid": sid,
            "status": self.status,
            "subresource_uris": {},
            "type": self.type,
            "uri": f"/{VERSION}/Accounts/{sid}.json",
        }

    def published_service(self, account_sid: str) -> dict[str, Any]:
        return {
            "sid": SERVICE_SID,
            "account_sid": account_sid,
            "friendly_name": "pump line",
            "inbound_request_url": self.service_takes_texts or None,
            "inbound_method": "POST",
            "use_inbound_webhook_on_number": not self.service_takes_texts,
            "us_app_to_person_registered": self.campaign == "VERIFIED",
        }
