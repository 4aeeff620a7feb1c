"""What commands print: results on stdout, progress on stderr."""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import typer

__all__ = [
    "bar",
    "counting",
    "minutes",
    "percent",
    "print_json",
    "print_table",
    "say",
    "stdout_aside",
    "working",
]

_PIPED_WIDTH = 110
_STDOUT, _STDERR = 1, 2

Part = TypeVar("Part")


def say(text: str = "") -> None:
    """Print a line of the result."""
    typer.echo(text)


def print_json(content: Any) -> None:
    """Print one JSON object."""
    typer.echo(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2))


@contextmanager
def stdout_aside() -> Iterator[None]:
    """Send to stderr what compiled code prints meanwhile, whatever it is asked not to print.

    It is the whole process' stdout that is turned away: for commands, which do one thing at a time.
    """
    sys.stdout.flush()
    _flush_compiled()
    kept = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    try:
        yield
    finally:
        _flush_compiled()
        os.dup2(kept, _STDOUT)
        os.close(kept)


def _flush_compiled() -> None:
    """Have C print what it holds back."""
    ctypes.CDLL("ucrtbase" if os.name == "nt" else None).fflush(None)


@contextmanager
def working(doing: str) -> Iterator[Callable[[str], None]]:
    """Show that something is under way: a spinner on a terminal, else a line at either end.

    The line at the end has the seconds that it took, and comes only after more than one. What is
    told meanwhile is seen on a terminal.
    """
    started = time.perf_counter()
    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status(f"{doing} …") as status:
            yield lambda text: status.update(f"{text} …")
        return
    typer.echo(f"{doing} …", err=True)
    yield lambda _: None
    seconds = time.perf_counter() - started
    if seconds > 1.0:
        typer.echo(f"  {seconds:.1f} s", err=True)


def counting(
    doing: str, parts: Iterable[Part], total: int, size: Callable[[Part], int]
) -> Iterator[Part]:
    """Give the parts of long work on, and show how far it is: a bar on a terminal, else two lines.

    Parameters
    ----------
    doing : str
    parts : iterable
    total : int
        The sum of the sizes to come.
    size : callable
        Returns the size of a part.
    """
    if not sys.stderr.isatty():
        with working(f"{doing}: {total:,}"):
            yield from parts
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(doing, total=total)
        for part in parts:
            progress.advance(task, size(part))
            yield part


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    right: Sequence[str] = (),
) -> None:
    """Print rows under the names of their columns; those named in `right` are set to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(value) for value in row))  # Text: brackets in data are no markup
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    console = Console(file=sys.stdout, width=width, highlight=False)
    if title:
        console.print(Text(title, style="bold"))
    console.print(table)
    console.print()


def percent(p: float) -> str:
    """Return a probability as a whole percentage, 0 and 100 only where it is exactly so.

    Examples
    --------
    >>> percent(0.996), percent(0.123)
    ('>99%', '12%')
    """
    if 0.0 < p < 0.005:
        return "<1%"
    if 0.995 <= p < 1.0:
        return ">99%"
    return f"{p:.0%}"


def bar(p: float, width: int = 10) -> str:
    """Return a probability as a bar of a fixed width.

    Examples
    --------
    >>> bar(0.25, width=8)
    '██░░░░░░'
    """
    full = round(p * width)
    return "█" * full + "░" * (width - full)


def minutes(value: float) -> str:
    """Return minutes as text.

    Examples
    --------
    >>> minutes(7.5)
    '7.5 min'
    """
    return f"{value:g} min"
