"""Peers in environments of their own, made from the pins in benchmarks/pinned.

    python benchmarks/environments.py [pybkt pybkt-compiled hmmlearn]

Each ``pinned/NAME.txt`` becomes ``.venv-peers/NAME``. Where there is a ``pinned/NAME.build.txt``,
that is installed first, and the rest is built without isolation. One that is in place is left alone
until its pins change.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["PINNED", "installed", "names", "python_of"]

PINNED = Path(__file__).parent / "pinned"
PLACE = Path(__file__).parents[1] / ".venv-peers"
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet", "install")
COMPILED = "import pyBKT.fit.E_step"  # only the C++ build has it


def names() -> tuple[str, ...]:
    """Return the names of the environments that there are pins for."""
    return tuple(sorted(one.stem for one in PINNED.glob("*.txt") if "." not in one.stem))


def python_of(name: str) -> Path:
    """Return the interpreter of an environment, whether it is there or not."""
    return PLACE / name / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def installed(name: str) -> bool:
    """Return whether an environment is in place, from the pins as they are now."""
    stamp = PLACE / name / "pins.txt"
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _pins(name)


def install(name: str) -> None:
    """Make an environment from its pins.

    Raises
    ------
    subprocess.CalledProcessError
        Something could not be installed, or what should be compiled is not.
    """
    venv.create(PLACE / name, clear=True, with_pip=True)
    run = [str(python_of(name))]
    build = PINNED / f"{name}.build.txt"
    if build.is_file():
        subprocess.run([*run, *PIP, "--requirement", str(build)], check=True)
    isolation = ["--no-build-isolation"] if build.is_file() else []
    pins = str(PINNED / f"{name}.txt")
    subprocess.run([*run, *PIP, *isolation, "--requirement", pins], check=True)
    if name == "pybkt-compiled":
        subprocess.run([*run, "-c", COMPILED], check=True)
    (PLACE / name / "pins.txt").write_text(_pins(name), encoding="utf-8")


def _pins(name: str) -> str:
    files = (PINNED / f"{name}.build.txt", PINNED / f"{name}.txt")
    return "".join(one.read_text(encoding="utf-8") for one in files if one.is_file())


def main() -> int:
    """Install what is asked for, and go on where one fails: a compiler may be missing."""
    asked = sys.argv[1:] or names()
    if unknown := set(asked) - set(names()):
        print(f"no pins for {', '.join(sorted(unknown))}; there are {', '.join(names())}")
        return 2
    failed = []
    for name in asked:
        if installed(name):
            print(f"{name}: in place")
            continue
        print(f"{name}: installing …", flush=True)
        try:
            install(name)
        except subprocess.CalledProcessError:
            failed.append(name)
    if failed:
        print(f"could not be installed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
