"""Logs for operators: one JSON line per event, keyed by case.

Names, numbers and words of families never reach a log (invariant I8), so an exception is told as its kind and the
places it passed, never as its message or its variables. The journal, not the log, is the record.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, TextIO

import structlog


def log_to(stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send our own logs and those of libraries to `stream` as JSON lines."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            tell_where_not_what,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OfALibrary())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def log_crashes() -> None:
    """From here on an error that nobody caught is told in the same way, and not as Python prints it."""
    log = structlog.get_logger("crash")

    def ended(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
        log.critical("the program ended by an error of ours", exc_info=problem)

    def thread_ended(told: threading.ExceptHookArgs) -> None:
        log.critical("a thread ended by an error of ours", exc_info=told.exc_value)

    def not_raised(told: sys.UnraisableHookArgs) -> None:
        log.error("an error of ours could not be raised", exc_info=told.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = ended, thread_ended, not_raised


class OfALibrary(logging.Formatter):
    """A library's own sentence may hold anything that somebody sent: its name and the places are told, no word."""

    def format(self, record: logging.LogRecord) -> str:
        told = {"library": record.name, "level": record.levelname, "at": f"{record.filename}:{record.lineno}"}
        problem = record.exc_info[1] if record.exc_info else None
        return json.dumps(tell_where_not_what(None, "", {**told, **({"exc_info": problem} if problem else {})}))


def tell_where_not_what(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace an exception by its kind and its path through our files."""
    problem = event.pop("exc_info", None)
    if isinstance(problem, BaseException):
        frames = traceback.extract_tb(problem.__traceback__)
        event["exception"] = type(problem).__name__
        event["where"] = [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    return event
