"""The command line: `attain`, a module per command."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with its exit code: 0 done, 1 failed, 2 asked wrongly."""
    from .app import app

    app(prog_name="attain")
