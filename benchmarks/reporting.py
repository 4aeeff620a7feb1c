"""What benchmarks share: their options, tables on the terminal, JSON in benchmarks/results.

A result states the machine and the command. The small form of a benchmark also states how much
worse each figure may be than in the committed baseline; :mod:`run` compares.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "COMMITTED",
    "Limit",
    "machine",
    "options",
    "print_rows",
    "write_results",
]

COMMITTED = Path(__file__).parent / "results"
_DIGITS = 6


@dataclass(frozen=True)
class Limit:
    """How far a figure may be on the wrong side of its baseline.

    Parameters
    ----------
    better : str
        ``"higher"`` or ``"lower"``; what is better than the baseline always passes.
    by : float
        In the figure's own unit: for what comes out the same on every machine.
    times : float
        A factor, for ratios of times: a busy machine must not fail them.
    """

    better: str
    by: float = 0.0
    times: float = 1.0

    def worst(self, baseline: float) -> float:
        """Return the worst figure that passes."""
        if self.better == "higher":
            return baseline / self.times - self.by
        return baseline * self.times + self.by

    def allows(self, baseline: float, measured: float) -> bool:
        """Return whether a figure passes; one that is no number never does."""
        worst = self.worst(baseline)
        return measured >= worst if self.better == "higher" else measured <= worst


def options(doc: str | None, small: str) -> argparse.ArgumentParser:
    """Return a parser with what every benchmark takes.

    Parameters
    ----------
    doc : str
        The docstring of the script; its first line becomes the description.
    small : str
        What the small form is.
    """
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help=f"for CI: {small}")
    return parser


def machine() -> dict[str, Any]:
    """Return what a reader needs to know of the machine to compare figures."""
    import numpy as np

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }


def write_results(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    small: bool = False,
    key: Sequence[str] = (),
    limits: Mapping[str, Limit] | None = None,
) -> Path:
    """Write rows as JSON, one a line, with the machine and the command that made them.

    Parameters
    ----------
    name : str
        The file is ``results/<name>.json``, of the small form ``<name>_small.json``. Where the
        variable ATTAIN_RESULTS names a folder it goes there.
    rows : sequence of mapping
        Numbers are kept to six significant digits.
    small : bool
    key : sequence of str
        The columns that tell one row from another.
    limits : mapping of str to Limit, optional
        What a small form is held to, by column; a row need not have all of them.
    """
    given = ["FOLDER" if Path(word).is_dir() else word for word in sys.argv[1:]]
    about: dict[str, Any] = {
        "command": shlex.join(["python", os.path.relpath(sys.argv[0]), *given]),
        "machine": machine(),
    }
    if small and limits:
        about["key"] = list(key)
        about["limits"] = {column: asdict(limit) for column, limit in limits.items()}
    folder = Path(os.environ.get("ATTAIN_RESULTS") or COMMITTED)
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}{'_small' if small else ''}.json"
    head = [f"  {json.dumps(k)}: {json.dumps(value)}" for k, value in about.items()]
    lines = ",\n".join(f"    {json.dumps(_rounded(row), allow_nan=False)}" for row in rows)
    head.append(f'  "rows": [\n{lines}\n  ]')
    path.write_text("{\n" + ",\n".join(head) + "\n}\n", encoding="utf-8")
    return path


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print rows as a Markdown table."""
    print("| " + " | ".join(columns) + " |")
    print("|" + "|".join("---" for _ in columns) + "|")
    for row in rows:
        print("| " + " | ".join(_cell(row.get(column)) for column in columns) + " |")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.0f}"
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else str(value)
