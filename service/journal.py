"""The log of the service: a line of JSON per event, or plain lines on a terminal."""

from __future__ import annotations

import logging
import sys

import structlog

__all__ = ["keep_journal"]

_TOLD = ("method", "route", "status", "tenant_id", "key_id", "seconds")


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
    if on_terminal:  # somebody is watching, who wants to see what goes wrong
        logging.getLogger("attain.requests").setLevel(logging.WARNING)
