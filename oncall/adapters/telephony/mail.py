"""A page by e-mail, when no telephone route takes its text: the same words, which name no patient.

It is a cry for help beside the page, not in place of it: the text stays owed and is tried on, and nothing about a
mail counts as delivered. The standard library's client in a thread, with TLS where the server offers it. Deliberately
not here: when (`routes`) and reading mail.
"""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Awaitable, Callable
from email.message import EmailMessage

import structlog

from oncall.core.case.messages import Message

SECONDS = 4
SUBJECT = "Pump call: please open the link"

log = structlog.get_logger("mail")


class Mail:
    """`address_of` knows a person's address, if any."""

    def __init__(self, server: str, sender: str, address_of: Callable[[str], Awaitable[str | None]]) -> None:
        host, _, port = server.rpartition(":")
        self._host, self._port, self._sender, self._address_of = host, int(port), sender, address_of

    async def send(self, message: Message) -> bool:
        """Whether a server has taken it; never raises."""
        address = await self._address_of(message.person or "")
        return address is not None and await self._mailed(message, address, SUBJECT, message.body)

    async def send_notice(self, message: Message) -> bool:
        """The same for a notice, which has an address; its first line is the subject."""
        subject, _, body = message.body.partition("\n")
        return await self._mailed(message, message.to, subject, body.strip() or subject)

    async def _mailed(self, message: Message, address: str, subject: str, body: str) -> bool:
        try:
            async with asyncio.timeout(SECONDS):
                await asyncio.to_thread(self._hand_over, address, subject, body)
        except Exception as trouble:  # around one letter: the library stumbles over odd addresses in ways of its own
            log.warning("mail not taken", message=message.id, trouble=type(trouble).__name__)
            return False
        return True

    def _hand_over(self, address: str, subject: str, body: str) -> None:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, address, subject
        letter.set_content(body)
        with smtplib.SMTP(self._host, self._port, timeout=SECONDS) as server:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls()
            server.send_message(letter)
