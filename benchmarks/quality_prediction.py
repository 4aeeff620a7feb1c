"""How well the tracers predict learners whom they have not seen.

Each log is split by learner: fitted on all folds but 0, scored on fold 0, one prediction per
response before its answer is seen. Without ``--data`` only the onboarding sample is measured;
with it, every ``*.parquet`` in the folder that has the columns of a response log and ``fold``.

    python benchmarks/quality_prediction.py --data FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

from reporting import print_rows, write_results

from engine import BKT, ResponseLog, evaluate
from service.tables import read_log, sample_folder

MEASURES = ("auc", "rmse", "log_loss", "accuracy", "calibration_error", "fit_seconds")


def logs(folder: Path | None) -> dict[str, ResponseLog]:
    found = {"onboarding": read_log(sample_folder() / "responses.csv")}
    for path in sorted(folder.glob("*.parquet")) if folder else ():
        found[path.stem] = read_log(path)
    return found


def measured(name: str, log: ResponseLog) -> list[dict[str, Any]]:
    if log.fold is None:
        raise SystemExit(f"{name} has no column fold")
    tracers = {"bkt": BKT(), "bkt forget=opportunity": BKT(forget="opportunity")}
    BKT(restarts=1).fit(log.select(range(min(len(log), 20))))  # compiles, or reads the cache
    scores = evaluate(tracers, log, train=log.fold != 0, test=log.fold == 0, clock=perf_counter)
    return [{"log": name, **score} for score in scores]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, help="a folder of response logs in Parquet")
    folder = parser.parse_args().data
    rows = [row for name, log in logs(folder).items() for row in measured(name, log)]
    print_rows(rows, ("log", "name", *MEASURES, "n"))
    write_results("quality_prediction", rows)


if __name__ == "__main__":
    main()
