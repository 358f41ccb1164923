"""A command hands its errand to the running service, if there is one.

Deliberately not here: what a command does when nobody is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, UnixConnector

PATIENCE = ClientTimeout(total=60)
AS_JSON = {"Content-Type": "application/json"}


class Declined(Exception):
    """The errand was not done; the sentence says what to do."""


async def hand_in(socket_path: Path, name: str, told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The service's answer; None when no service listens there. Raises Declined."""
    try:
        async with (
            ClientSession(connector=UnixConnector(str(socket_path)), timeout=PATIENCE) as session,
            session.post(f"http://side-door/{name}", data=_streamed(told), headers=AS_JSON) as answer,
        ):
            if answer.status not in (200, 409):
                raise Declined("The running service failed at this: its log says why; nothing was changed.")
            said: Mapping[str, Any] = await answer.json()
    except ClientConnectorError:
        return None  # no socket, one left behind by a process that was killed, or too long a path
    except (ClientError, TimeoutError):
        raise Declined("The running service did not answer: look whether it was done, then try again.") from None
    if "declined" in said:
        raise Declined(said["declined"])
    return said


def _streamed(told: Mapping[str, Any]) -> BytesIO:
    """An edition weighs more than a megabyte, which is sent in pieces."""
    return BytesIO(json.dumps(told).encode())
