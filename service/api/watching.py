"""Every request with an id, a line in the log, and its time in the metrics."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from secrets import token_hex

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from ..errors import StoreError
from ..workspace import Workspace
from .access import route_pattern

__all__ = ["REQUEST_ID", "Metrics", "Watch"]

REQUEST_ID = "X-Request-ID"
_SOUND_ID = re.compile(rb"[A-Za-z0-9_.:-]{1,100}", re.ASCII)
_FIT_BOUNDS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

log = logging.getLogger("attain.requests")


class Metrics:
    """What Prometheus is told: the time of requests by route, the writer's queue, the model.

    Parameters
    ----------
    workspace : Workspace
    """

    def __init__(self, workspace: Workspace) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_StoreCollector(workspace))
        self.seconds = Histogram(
            "attain_request_seconds",
            "How long requests took, by the pattern of their address",
            ("method", "route", "status"),
            registry=self.registry,
            buckets=_BOUNDS,
        )
        self.fit_seconds = Histogram(
            "attain_fit_seconds",
            "How long fits took that this process had done, by what became of them",
            ("outcome",),
            registry=self.registry,
            buckets=_FIT_BOUNDS,
        )
        self.fits_under_way = Gauge(
            "attain_fits_under_way", "Fits that this process is having done", registry=self.registry
        )

    def fit_ended(self, outcome: str, seconds: float) -> None:
        """Count a fit."""
        self.fit_seconds.labels(outcome).observe(seconds)


class _StoreCollector(Collector):
    """Asks the store when it is asked itself, so that nothing has to be kept up to date."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def collect(self) -> Iterator[Metric]:
        writer = self._workspace.writing
        yield GaugeMetricFamily(
            "attain_writer_waiting", "Pieces of work that wait to be written", writer.waiting
        )
        yield CounterMetricFamily(
            "attain_writer_commits", "Transactions that reached the disk", writer.commits
        )
        yield CounterMetricFamily(
            "attain_writer_pieces", "Pieces of work in those transactions", writer.pieces
        )
        yield GaugeMetricFamily(
            "attain_decisions_waiting",
            "Decisions that were served and are not logged yet",
            self._workspace.decisions_waiting(),
        )
        yield CounterMetricFamily(
            "attain_decisions_given_up",
            "Decisions that were served and never logged: too many were waiting",
            self._workspace.decisions_given_up(),
        )
        try:
            version = self._workspace.model_version
        except StoreError:  # a scrape still tells of the rest
            return
        model = GaugeMetricFamily("attain_model_info", "The model", labels=["model_version"])
        model.add_metric([version], 1.0)
        yield model


class Watch:
    """Gives each request an id, or keeps the caller's; logs it and times it when it is answered.

    Neither the log nor the metrics hold the address itself, which names learners, only its
    pattern.

    Parameters
    ----------
    app : ASGI application
    metrics : Metrics
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and note what became of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["attain.request_id"] = request_id
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                named = (REQUEST_ID.lower().encode(), request_id.encode())
                message = {**message, "headers": [*message.get("headers", ()), named]}
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_pattern(scope)
        self.metrics.seconds.labels(scope["method"], route, str(status)).observe(seconds)
        if log.isEnabledFor(logging.INFO):
            key = scope.get("attain.key")
            told = {"method": scope["method"], "route": route, "status": status}
            who = {} if key is None else {"tenant_id": key.tenant_id, "key_id": key.key_id}
            log.info("request", extra={**told, **who, "seconds": round(seconds, 6)})


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SOUND_ID.fullmatch(value):
            return str(value.decode())
    return token_hex(16)
