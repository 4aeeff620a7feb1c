"""`attain bench`: the benchmarks of a checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["bench", "runner_of"]


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help="Which; all by default.")
    ] = None,
    small: Annotated[
        bool, typer.Option("--small", help="The small forms, held to the committed baseline.")
    ] = False,
    renew: Annotated[
        bool, typer.Option("--renew", help="With --small: make what is measured the baseline.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FOLDER", help="Response logs in Parquet to measure too."),
    ] = None,
    peers: Annotated[
        bool, typer.Option("--peers", help="Also the peers that `make peers` has installed.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="Name the benchmarks and stop.")] = False,
) -> None:
    """Measure accuracy and speed: what `make bench` runs, and CI with --small.

    \b
    Example
        attain bench quality_prediction --small

    Benchmarks live in a checkout of Attain, not in what pip installs. The full forms take minutes
    and write benchmarks/results. The small forms compare quality, and ratios of times measured in
    one run, with the committed baseline; exit code 1 if one of them fell below its limit.
    Next: `attain evaluate` measures models on a log of your own.
    """
    given = {"--small": small, "--renew": renew, "--peers": peers, "--list": listed}
    command = [sys.executable, str(runner_of()), *(names or [])]
    command += [option for option, wanted in given.items() if wanted]
    if data is not None:
        command += ["--data", str(data)]
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def runner_of(package: Path | None = None) -> Path:
    """Return the script that runs the benchmarks.

    Parameters
    ----------
    package : Path, optional
        The folder of the package ``service``; that of this module by default.

    Raises
    ------
    AttainError
        There is no checkout around the package.

    Examples
    --------
    >>> runner_of().name
    'run.py'
    """
    from engine import AttainError

    root = (package or Path(__file__).resolve().parents[1]).parent
    script = root / "benchmarks" / "run.py"
    if not script.is_file():
        raise AttainError(
            f"the benchmarks need a checkout of Attain, and {root} is none: clone the repository, "
            "then `make setup` and `.venv/bin/attain bench` there"
        )
    return script
