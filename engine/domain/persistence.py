"""Models as JSON text: versioned, readable, exact to the last bit, and free of code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..errors import AttainError, ModelFormatError

__all__ = ["PRIOR", "TRACER", "VERSION", "model_text", "read_model", "reading"]

TRACER, PRIOR = "attain-tracer", "attain-prior"
VERSION = 1


def model_text(model: str, content: Mapping[str, Any], *, format: str = TRACER) -> str:
    """Return the text of a model file.

    Examples
    --------
    >>> model_text("bkt", {"options": {}})
    '{"format": "attain-tracer", "version": 1, "model": "bkt", "options": {}}'
    """
    head = {"format": format, "version": VERSION, "model": model}
    return json.dumps({**head, **content}, allow_nan=False, ensure_ascii=False)


def read_model(
    text: str, *, expected: str | None = None, format: str = TRACER
) -> tuple[str, dict[str, Any]]:
    """Return the model name and the content of a model file.

    Parameters
    ----------
    text : str
    expected : str, optional
        The only model name that will do.
    format : str, optional
        The kind of model that will do.

    Raises
    ------
    ModelFormatError
        The text is no JSON, no model of Attain's, of a newer version or of another model.
    """
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, TypeError, RecursionError) as error:
        raise ModelFormatError(
            f"found text that is not JSON ({error}), expected a model written by to_json; "
            "the file may be cut short: fit or copy the model again"
        ) from error
    if not isinstance(content, dict) or content.get("format") != format:
        found = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise ModelFormatError(
            f"found {found!r} as its format, expected {format!r}; "
            "this is no such model of Attain's: give the file that its to_json wrote"
        )
    _check_version(content.get("version"))
    model = content.get("model")
    if not isinstance(model, str) or (expected is not None and model != expected):
        raise ModelFormatError(
            f"found the model {model!r}, expected {expected or 'a name'!r}; "
            "read it with tracer_from_json, which takes every kind"
        )
    return model, content


@contextmanager
def reading(model: str) -> Iterator[None]:
    """Turn whatever goes wrong while a model's content is read into a ModelFormatError."""
    try:
        yield
    except ModelFormatError:
        raise
    except (AttainError, LookupError, TypeError, ValueError, AttributeError) as error:
        kind = type(error).__name__
        raise ModelFormatError(
            f"found a {model} model with missing or malformed content ({kind}: {error}), "
            f"expected what version {VERSION} writes; fit the model again"
        ) from error


def _check_version(version: object) -> None:
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ModelFormatError(
            f"found version {version!r}, expected a whole number from 1 to {VERSION}; "
            "the file is damaged: fit the model again"
        )
    if version > VERSION:
        raise ModelFormatError(
            f"found version {version}, expected at most {VERSION}; "
            "it was written by a newer Attain: upgrade, or fit the model again with this one"
        )


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON's")
