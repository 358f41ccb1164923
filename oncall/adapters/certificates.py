"""When the certificate of an address ends, by a TLS handshake and nothing else: no request is sent.

It is read, not judged: one that ran out, or that this machine has no authority for, still says until when it holds.
Deliberately not here: when to look and what follows (`service.line.certificates`).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from datetime import datetime

from cryptography.x509 import load_der_x509_certificate

from oncall.service.line.certificates import CertificateUnread

PATIENCE = 10  # seconds


async def certificate_ends_at(host: str, port: int) -> datetime:
    """Raises CertificateUnread."""
    try:
        async with asyncio.timeout(PATIENCE):
            shown = await _shown_by(host, port)
    except TimeoutError:
        raise CertificateUnread(f"no answer within {PATIENCE} s") from None
    except (OSError, ssl.SSLError) as problem:
        raise CertificateUnread(f"no handshake ({type(problem).__name__})") from None
    try:
        return load_der_x509_certificate(shown).not_valid_after_utc
    except ValueError:
        raise CertificateUnread("what it shows is no certificate") from None


async def _shown_by(host: str, port: int) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    try:
        shown: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()
    return shown or b""
