"""What a browser's form brings: read once, every word harmless, nothing that is no text.

Deliberately not here: what any field means.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from oncall.adapters.web.problems import Problem
from oncall.adapters.web.rendering import harmless


async def read_form(request: web.Request) -> Mapping[str, object]:
    """The fields as they came. Raises Problem 400 for a form that cannot be read."""
    try:
        return await request.post()
    except (UnicodeDecodeError, ValueError, LookupError):
        raise Problem(400, "unreadable-form", "The form could not be read. Open it again and send it again.") from None


def typed(form: Mapping[str, object], name: str) -> str:
    """The words of one field; empty for a field that is missing or a file."""
    value = form.get(name, "")
    return harmless(value.encode("utf-8", "replace").decode()) if isinstance(value, str) else ""
