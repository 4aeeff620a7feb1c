"""The log of the service: a line of JSON per event, or plain lines on a terminal."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

import structlog

__all__ = ["keep_journal"]

_TOLD = (
    *("method", "route", "status", "tenant_id", "key_id", "seconds"),
    *("fit_id", "outcome", "model_version"),
)


def keep_journal(level: str = "info") -> None:
    """Send what this process logs to stderr; each line has its time, level and request id.

    Parameters
    ----------
    level : str
        The least that is logged: ``"debug"``, ``"info"``, ``"warning"``, ``"error"``.
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=_TOLD),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Plain tracebacks: rich ones show the values of variables, secrets and learners among them.
    on_terminal = sys.stderr.isatty()
    last: list[structlog.types.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if on_terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    requests = logging.getLogger("attain.requests")
    if on_terminal:  # somebody is watching, who wants to see what goes wrong
        requests.setLevel(logging.WARNING)
    else:
        of_requests = logging.StreamHandler()
        of_requests.setFormatter(_RequestLines())
        requests.handlers, requests.propagate = [of_requests], False


class _RequestLines(logging.Formatter):
    """Lines as structlog makes them, in a quarter of the time: there is one for each request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a request."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        told = {
            "event": record.getMessage(),
            **structlog.contextvars.get_contextvars(),
            "level": record.levelname.lower(),
            "logger": record.name,
            **{name: vars(record)[name] for name in _TOLD if name in vars(record)},
            "timestamp": at.replace("+00:00", "Z"),
        }
        return json.dumps(told)
