"""A fit as it is asked for, checked at the door, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.domain.records import Faults
from engine.errors import Fault, InvalidInput, did_you_mean, near_matches

from ..instants import from_us
from ..model_kinds import new_tracer, tracer_names
from ..store import FitRow

__all__ = ["Fit", "FitRequest", "ModelMade"]


@dataclass(frozen=True, slots=True)
class FitRequest:
    """Which model is to be fitted to the evidence so far.

    Parameters
    ----------
    model : str
        ``"bkt"``, ``"dynamic-irt"`` or ``"steps"``.
    options : mapping
        Of that model; those left out are as they always are.
    activate : bool, default False
        Whether the model is to answer as soon as it is there.
    request_key : str, optional
        The sender's, by which a retry is known.

    Examples
    --------
    >>> FitRequest("bkt", {"restart": 0, "noise": "loud"}).check()
    Traceback (most recent call last):
    engine.errors.InvalidInput: invalid fit: 2 faults
      - options.restart: is no option of bkt; did you mean 'restarts'?
      - options.noise: is 'loud', expected 'skill' or 'item' or 'kind'
    """

    model: str
    options: Mapping[str, Any] = field(default_factory=dict)
    activate: bool = False
    request_key: str = ""

    def check(self) -> None:
        """Raise :class:`InvalidInput` with everything that is wrong.

        What was asked of an older Attain may be wrong now, and is on record all the same.
        """
        faults = Faults()
        if self.request_key:
            faults.check_id("request_key", self.request_key)
        if self.model not in tracer_names():
            expected = " or ".join(map(repr, tracer_names()))
            near = did_you_mean(near_matches(self.model, tracer_names()))
            faults.add("model", f"is {self.model!r}, expected {expected}{near}")
        else:
            for one in _faults_of(self.model, self.options):
                faults.add(f"options.{one.where}", one.problem, one.remedy)
        faults.raise_if_any("fit")


def _faults_of(model: str, options: Mapping[str, Any]) -> Iterator[Fault]:
    known: Any = new_tracer(model, {})
    names = {name for name in known.get_params() if name != "curriculum"}
    for name in options:
        if name not in names:
            near = did_you_mean(near_matches(name, names))
            yield Fault(name, f"is no option of {model}{near}")
    try:
        new_tracer(model, {name: value for name, value in options.items() if name in names})
    except InvalidInput as error:
        yield from error.faults


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit that was asked for; it tells of no learner.

    Parameters
    ----------
    fit_id : str
    request : FitRequest
    status : str
        ``"queued"``, ``"running"``, ``"succeeded"`` or ``"failed"``.
    asked_at : datetime
    started_at, ended_at : datetime or None
    responses : int or None
        How many it was fitted to.
    model_version : str or None
        The model that it made.
    problem : str
        What went wrong, in a sentence.
    """

    fit_id: str
    request: FitRequest
    status: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    responses: int | None
    model_version: str | None
    problem: str

    @classmethod
    def of(cls, row: FitRow) -> Fit:
        """Return what a row keeps."""
        options = json.loads(row.options)
        return cls(
            row.fit_id,
            FitRequest(row.model, options, row.activate, row.request_key or ""),
            row.status,
            from_us(row.asked_at_us),
            None if row.started_at_us is None else from_us(row.started_at_us),
            None if row.ended_at_us is None else from_us(row.ended_at_us),
            row.responses,
            row.model_version,
            row.problem,
        )


@dataclass(frozen=True, slots=True)
class ModelMade:
    """A fitted model, ready to be installed.

    Parameters
    ----------
    version, content : str
        The content as its ``to_json`` wrote it.
    report : mapping
        As :func:`.reporting.report_of` makes it.
    """

    version: str
    content: str
    report: Mapping[str, Any]
