"""All benchmarks or some, one after the other; the small forms are held to the committed baseline.

    python benchmarks/run.py [NAME …] [--data FOLDER] [--peers]
    python benchmarks/run.py [NAME …] --small [--renew]
    python benchmarks/run.py --list

The full forms write benchmarks/results/NAME.json. With ``--small`` each benchmark with a
baseline NAME_small.json runs its small form, and every figure that the benchmark has a limit for
is compared: quality and ratios of times measured in one run, never times as such. The exit code
is 1 if one fell below its limit. ``--renew`` makes what was measured the new baseline.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from reporting import COMMITTED, Limit, print_rows

HERE = Path(__file__).parent
SUMMARY = ("benchmark", "row", "figure", "baseline", "measured", "limit", "verdict")
Content = Mapping[str, Any]


class Comparison(NamedTuple):
    """One figure held to its baseline; `measured` is None where it is missing."""

    benchmark: str
    row: str
    figure: str
    baseline: float
    measured: float | None
    limit: float
    fell: bool

    @property
    def verdict(self) -> str:
        """What the table says of it."""
        if not self.fell:
            return "holds"
        return "missing" if self.measured is None else "FELL"

    def __str__(self) -> str:
        place = " of ".join(part for part in (self.figure, self.row) if part)
        if self.measured is None:
            return f"{self.benchmark}: {place} is missing, the baseline has {self.baseline:.4g}"
        by = abs(self.measured - self.baseline)
        worse = f"worse by {by:.4g} than the baseline's {self.baseline:.4g}"
        return f"{self.benchmark}: {place} is {self.measured:.4g}, {worse}; limit {self.limit:.4g}"


def names() -> list[str]:
    """Return the names of all benchmarks."""
    return sorted(one.stem for kind in ("quality", "speed") for one in HERE.glob(f"{kind}_*.py"))


def compared(benchmark: str, baseline: Content, measured: Content) -> Iterator[Comparison]:
    """Hold each figure of the baseline that has a limit to it, row by row.

    The limits are those of the benchmark as it is now. A row or figure that is measured for the
    first time has no baseline yet.
    """
    key = measured.get("key", ())
    rows = {_named(row, key): row for row in measured["rows"]}
    for row in baseline["rows"]:
        name = _named(row, key)
        for figure, given in measured.get("limits", {}).items():
            before, after = row.get(figure), rows.get(name, {}).get(figure)
            if before is not None:
                limit = Limit(**given)
                fell = after is None or not limit.allows(before, after)
                yield Comparison(benchmark, name, figure, before, after, limit.worst(before), fell)


def _named(row: Content, key: Sequence[str]) -> str:
    return " · ".join(str(row.get(column)) for column in key)


def run(name: str, *arguments: str, results: Path = COMMITTED) -> bool:
    """Run a benchmark in a process of its own; return whether it came to its end."""
    print(f"\n== {name} {' '.join(arguments)}".rstrip(), flush=True)
    path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    environment = {**os.environ, "ATTAIN_RESULTS": str(results), "PYTHONPATH": path}
    command = [sys.executable, str(HERE / f"{name}.py"), *arguments]
    return subprocess.run(command, env=environment, check=False).returncode == 0


def run_small(chosen: Sequence[str], *, renew: bool) -> int:
    """Run small forms, print how they compare, return the exit code."""
    found: list[Comparison] = []
    failed: list[str] = []
    for name in chosen:
        committed = COMMITTED / f"{name}_small.json"
        if not (committed.is_file() or renew):
            failed.append(f"{name}: has no baseline, --renew makes one")
            continue
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / committed.name
            if not run(name, "--small", results=Path(folder)) or not written.is_file():
                failed.append(f"{name}: did not come to its end")
                continue
            if renew:
                shutil.copy(written, committed)
                print(f"renewed {committed.relative_to(HERE.parent)}")
            else:
                found += compared(name, _read(committed), _read(written))
    if found:
        print()
        print_rows([{**one._asdict(), "verdict": one.verdict} for one in found], SUMMARY)
    fallen = [str(one) for one in found if one.fell]
    print("\n" + "\n".join([*failed, *fallen]))
    if not renew:
        print(f"{len(found)} figures compared, {len(fallen)} fell")
    return int(bool(failed or fallen))


def run_full(chosen: Sequence[str], data: Path | None, *, peers: bool) -> int:
    """Run full forms, each with what it takes; return the exit code."""
    failed = []
    for name in chosen:
        text = (HERE / f"{name}.py").read_text(encoding="utf-8")
        given = ["--data", str(data)] if data and '"--data"' in text else []
        given += ["--peers"] if peers and '"--peers"' in text else []
        if not run(name, *given):
            failed.append(name)
    print("\n" + "\n".join(f"{name}: did not come to its end" for name in failed))
    return int(bool(failed))


def _read(path: Path) -> Content:
    content: Content = json.loads(path.read_text(encoding="utf-8"))
    return content


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="all unless given")
    parser.add_argument("--small", action="store_true", help="small forms, held to the baseline")
    parser.add_argument("--renew", action="store_true", help="with --small: a new baseline")
    parser.add_argument("--data", type=Path, help="a folder of response logs in Parquet")
    parser.add_argument("--peers", action="store_true", help="also the peers that are installed")
    parser.add_argument("--list", action="store_true", help="name the benchmarks and stop")
    asked = parser.parse_args()
    if asked.list:
        print("\n".join(names()))
        return 0
    if unknown := sorted(set(asked.names) - set(names())):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    if asked.renew and not asked.small:
        parser.error("--renew goes with --small")
    if asked.small:
        held = [name for name in names() if (COMMITTED / f"{name}_small.json").is_file()]
        return run_small(asked.names or held, renew=asked.renew)
    return run_full(asked.names or names(), asked.data, peers=asked.peers)


if __name__ == "__main__":
    sys.exit(main())
