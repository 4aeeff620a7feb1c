"""How well tracers and baselines predict learners whom they have not seen.

Each log is split by learner: fitted on all folds but 0, scored on fold 0, one prediction per
response before its answer is seen. Intervals are 95% over learners drawn anew; differences are to
Best-LR, on the same draws. Without ``--data`` only the onboarding sample is measured; with it,
every ``*.parquet`` in the folder that has the columns of a response log and ``fold``.

    python benchmarks/quality_prediction.py --data FOLDER --peers
    python benchmarks/quality_prediction.py --small

``--peers`` adds pyBKT from its own environment (``make peers``), on the same split and through the
same scores: its usual five fits, the C++ build where that is installed (`compiled`). It sees a
response with several skills as one of each, and predicts the mean over them; see
:class:`peering.PyBKT`. Its seconds to fit include the start of its process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from peering import PyBKT
from reporting import Limit, options, print_rows, write_results

from engine import BKT, ResponseLog, StepTracing, evaluate
from engine.knowledge_tracing import DynamicIRT
from engine.knowledge_tracing.baselines import AFM, IRT, PFA, BestLR, Elo, ItemMean
from engine.knowledge_tracing.scores import Estimate
from service.tables import read_log, sample_folder

MODELS: Mapping[str, Callable[[], Any]] = {
    "best-lr": BestLR,
    "dynamic-irt": DynamicIRT,
    "bkt": BKT,
    "bkt forget=opportunity": lambda: BKT(forget="opportunity"),
    "bkt forget=opportunity noise=item": lambda: BKT(forget="opportunity", noise="item"),
    "bkt forget=opportunity noise=item individual=both": lambda: BKT(
        forget="opportunity", noise="item", individual="both"
    ),
    "steps": StepTracing,
    "item-mean": ItemMean,
    "irt": IRT,
    "irt kind=rasch": lambda: IRT(kind="rasch"),
    "afm": AFM,
    "pfa": PFA,
    "pfa items=true": lambda: PFA(items=True),
    "elo": Elo,
}
PEERS: Mapping[str, Callable[[], Any]] = {
    "pybkt": PyBKT,
    "pybkt forgets": lambda: PyBKT(forgets=True),
    "pybkt multigs": lambda: PyBKT(multigs=True),
    "pybkt forgets multigs": lambda: PyBKT(forgets=True, multigs=True),
}
SMALL = (
    "best-lr",
    "dynamic-irt",
    "bkt",
    "bkt forget=opportunity noise=item",
    "steps",
    "item-mean",
    "irt",
    "pfa",
    "elo",
)
CURVES = ("calibration_curve", "opportunities")
COLUMNS = ("auc", "less best-lr", "rmse", "log_loss", "accuracy", "calibration_error")
COMPARED = ("auc", "rmse", "log_loss")
LIMITS = {
    "auc": Limit("higher", by=0.002),
    "rmse": Limit("lower", by=0.001),
    "log_loss": Limit("lower", by=0.002),
    "calibration_error": Limit("lower", by=0.005),
}


def logs(folder: Path | None) -> dict[str, ResponseLog]:
    found = {"onboarding": read_log(sample_folder() / "responses.csv")}
    for path in sorted(folder.glob("*.parquet")) if folder else ():
        found[path.stem] = read_log(path)
    return found


def measured(name: str, log: ResponseLog, models: tuple[str, ...]) -> list[dict[str, Any]]:
    if log.fold is None:
        raise SystemExit(f"{name} has no column fold")
    few = log.select(range(min(len(log), 20)))
    for one in set(models) & set(MODELS):
        MODELS[one]().fit(few)  # compiles the kernels, or reads them from their cache
    print(f"{name} …", file=sys.stderr)
    made = {one: {**MODELS, **PEERS}[one]() for one in models}
    found = evaluate(
        made, log, train=log.fold != 0, test=log.fold == 0, clock=perf_counter, against="best-lr"
    )
    differences = {one.name: one.to_dict()["measures"] for one in found.differences}
    return [
        trimmed(
            {
                "log": name,
                "learners": found.n_learners,
                **score.to_dict(),
                "against best-lr": differences.get(score.name),
            }
        )
        | ({"compiled": made[score.name].compiled} if score.name in PEERS else {})
        for score in found.scores
    ]


def trimmed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row without curves; of parts only the AUC, of differences what is compared."""
    kept = {key: value for key, value in row.items() if key not in CURVES}
    kept["parts"] = {name: part["auc"] for name, part in row["parts"].items()}
    differences = row["against best-lr"]
    kept["against best-lr"] = differences and {one: differences[one] for one in COMPARED}
    return kept


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row as the table has it: intervals in brackets, a word on the difference."""
    cells = dict(row)
    for name, (low, high) in row["intervals"].items():
        cells[name] = f"{row[name]:.4f} [{low:.4f}, {high:.4f}]"
    difference = row["against best-lr"]
    if difference is None:
        return {**cells, "less best-lr": "–"}
    verdict, interval = (
        difference["auc"]["verdict"],
        Estimate(*(difference["auc"][key] for key in Estimate._fields)),
    )
    told = f"{interval.value:+.4f} [{interval.low:+.4f}, {interval.high:+.4f}] {verdict}"
    return {**cells, "less best-lr": told}


def main() -> None:
    parser = options(__doc__, "the sample and the quick models only")
    parser.add_argument("--data", type=Path, help="a folder of response logs in Parquet")
    parser.add_argument("--models", help=f"joined by commas, of: {', '.join(MODELS)}")
    parser.add_argument("--peers", action="store_true", help=f"also {', '.join(PEERS)}")
    asked = parser.parse_args()
    models = tuple(asked.models.split(",")) if asked.models else tuple(MODELS)
    if asked.small:
        models = SMALL
    if not set(models) <= set(MODELS) or "best-lr" not in models:
        parser.error(f"--models takes best-lr and some of {', '.join(MODELS)}")
    if asked.peers:
        models += tuple(PEERS)
    found = logs(None if asked.small else asked.data)
    rows = [row for name, log in found.items() for row in measured(name, log, models)]
    print_rows([shown(row) for row in rows], ("log", "name", *COLUMNS, "fit_seconds", "n"))
    write_results("quality_prediction", rows, small=asked.small, key=("log", "name"), limits=LIMITS)


if __name__ == "__main__":
    main()
