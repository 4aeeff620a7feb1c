"""The page that goes beside a fitted model, with how well it predicts other learners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .console import working
from .modelling import fit_timed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from engine import ResponseLog
    from engine.domain.summary import LogSummary
    from engine.knowledge_tracing import Evaluation

    from .catalogue import Beside

__all__ = ["card_path", "measured", "write_card"]


def card_path(out: Path) -> Path:
    """Return where the card of a model lies: ``model.card.md`` beside ``model.json``."""
    return out.with_name(f"{out.stem}.card.md")


def write_card(
    out: Path, tracer: Any, log: ResponseLog | LogSummary, found: tuple[Evaluation, str] | None
) -> Path:
    """Write the card of a tracer that was fitted to a log; return where it lies."""
    from engine.knowledge_tracing import model_card

    evaluation, on = found or (None, "")
    path = card_path(out)
    text = model_card(tracer, log, evaluation=evaluation, measured_on=on)
    path.write_text(text, encoding="utf-8")
    return path


def measured(
    tracer: Any,
    log: ResponseLog,
    train: NDArray[np.bool_],
    *,
    model: str,
    options: Mapping[str, Any],
    beside: Beside,
) -> tuple[Evaluation, str] | None:
    """Return how well a model predicts learners whom it has not seen, and who they are.

    Those whom `--train-folds` left out are predicted by the model itself. Where nobody was left
    out, a model like it is fitted to four fifths of the learners and predicts the others; None
    where there are too few.
    """
    from service.fitting.reporting import MEASURED_ON, four_fifths
    from service.fitting.reporting import measured as on_the_others

    on = "On the learners of the folds that were left out"
    if train.all():
        others = four_fifths(log)
        if others is None:
            return None
        on, train = MEASURED_ON, others
        tracer, _ = fit_timed(
            model,
            options,
            log.select(train),
            doing="fitting to four fifths of the learners, to measure on the others",
            beside=beside,
        )
    with working("predicting the others"):
        return on_the_others(tracer, log, train, model=model, completions=beside.completions), on
