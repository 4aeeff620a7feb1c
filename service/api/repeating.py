"""What happens when a request is sent again: said in the description, and held by a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["SENT_AGAIN", "say_what_repeats"]

_ABOUT = "/v1/learners/{learner_id}"
_BY_ID = "is known by its id and changes nothing: it counts as `repeated`. Other content under an"
_IN_PLACE = "changes nothing: it says what is already so"

SENT_AGAIN: Mapping[str, str] = {
    "PUT /v1/catalog": "changes nothing: the same content has the version that it had",
    "PATCH /v1/modules/{module_id}": "changes nothing: the catalogue has the version that it had",
    "PUT /v1/roles/{role_id}": "changes nothing: the same content has the version that it had",
    f"PUT {_ABOUT}": _IN_PLACE,
    "POST /v1/learners": _IN_PLACE,
    f"POST {_ABOUT}/merges": "changes nothing, and moves nothing: they are one already",
    "POST /v1/responses": f"{_BY_ID} id used before is a 409, and nothing of the batch is kept",
    "POST /v1/completions": f"{_BY_ID} id used before is a 409, and nothing of the batch is kept",
    "POST /v1/voids": f"{_BY_ID} id used before is a 409, and nothing of the batch is done",
    f"POST {_ABOUT}/recommendations": (
        "gets the same answer under the same `decision_id`, unless what it stands on has changed"
    ),
    f"POST {_ABOUT}/decisions": (
        "gets the same decision, drawn once, unless what it stands on has changed; another"
        " `request_key` gets another"
    ),
    f"POST {_ABOUT}/decisions/{{decision_id}}/overrides": (
        "is known by its `override_id` and changes nothing; another override under it is a 409"
    ),
    "POST /v1/decisions/estimates": "gets the same answer: it changes nothing",
    f"DELETE {_ABOUT}": "is a 404: nobody is left; it finishes an erasure that was cut short",
    "POST /v1/models": (
        "gets the fit that its `request_key` has had; without one it is another fit, or a 409 while"
        " the first is under way"
    ),
    "PUT /v1/models/active": _IN_PLACE,
}
"""What each operation that writes does with a request that it has had before."""

_TAG = {
    "description": "Changes when the answer does, and with nothing else",
    "required": True,
    "schema": {"type": "string"},
    "example": 'W/"0f343b0931126a20f133d67c"',
}
_KNOWN_TAG = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an answer that is there already; a 304 says that it still holds",
    "schema": {"type": "string"},
}


def say_what_repeats(described: dict[str, Any]) -> None:
    """Add to a description of the interface what happens to requests that are sent again."""
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if said := SENT_AGAIN.get(f"{method.upper()} {path}"):
                operation["description"] += f"\n\nSent again, it {said}."
            elif method == "get" and path.startswith("/v1/"):
                operation["responses"]["200"]["headers"] = {"ETag": _TAG}
                operation["responses"]["304"] = {
                    "description": "Not Modified",
                    "headers": {"ETag": _TAG},
                }
                operation.setdefault("parameters", []).append(_KNOWN_TAG)
