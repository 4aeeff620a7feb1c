"""Which scopes each operation takes: the one declaration, which guards, documents and is tested."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, NamedTuple

from ..scopes import Scope

__all__ = [
    "ACCESS",
    "Needs",
    "is_open",
    "is_swallowed",
    "methods_at",
    "needs_of",
    "route_pattern",
    "say_who_may",
]

Subject = Literal["", "learner", "team"]

_OWN, _TEAM, _ALL = Scope.READ_OWN, Scope.READ_TEAM, Scope.READ_ALL
_ADMINISTER, _WRITE = Scope.ADMINISTER, Scope.WRITE_EVIDENCE


class Needs(NamedTuple):
    """What an operation takes.

    Parameters
    ----------
    scopes : frozenset of Scope
        Any one of them will do; none where the operation is open to everybody.
    about : str
        Whom it is about: what a key that is somebody's has to reach.
    """

    scopes: frozenset[Scope]
    about: Subject = ""

    @property
    def open(self) -> bool:
        """Whether no key is asked for."""
        return not self.scopes


def _to(*scopes: Scope) -> Needs:
    return Needs(frozenset(scopes))


_OPEN = _to()
_ANY_KEY = _to(*set(Scope) - {Scope.READ_METRICS})
_READ_LEARNER = Needs(frozenset({_OWN, _TEAM, _ALL}), "learner")
_READ_TEAM = Needs(frozenset({_TEAM, _ALL}), "team")
_ABOUT = "/v1/learners/{learner_id}"

ACCESS: Mapping[str, Needs] = {
    # What can be learned and what is wanted tells of nobody.
    "GET /v1/catalog": _ANY_KEY,
    "GET /v1/catalog/skills": _ANY_KEY,
    "GET /v1/catalog/prerequisites": _ANY_KEY,
    "GET /v1/catalog/items": _ANY_KEY,
    "GET /v1/catalog/modules": _ANY_KEY,
    "GET /v1/roles": _ANY_KEY,
    "GET /v1/roles/{role_id}": _ANY_KEY,
    "GET /v1/roles/{role_id}/versions": _ANY_KEY,
    "GET /v1/roles/{role_id}/versions/{role_version}": _ANY_KEY,
    "GET /v1/catalogs": _ANY_KEY,
    "GET /v1/catalogs/{catalog_version}": _ANY_KEY,
    # Told from the evidence of many, as a model is.
    "GET /v1/catalog/findings": _to(_ALL, _ADMINISTER),
    "PUT /v1/catalog": _to(_ADMINISTER),
    "PATCH /v1/modules/{module_id}": _to(_ADMINISTER),
    "PUT /v1/roles/{role_id}": _to(_ADMINISTER),
    # A profile says who is in which team, and with it who may read whom.
    f"PUT {_ABOUT}": _to(_ADMINISTER),
    "POST /v1/learners": _to(_ADMINISTER),
    f"POST {_ABOUT}/merges": _to(_ADMINISTER),
    "GET /v1/learners": _to(_TEAM, _ALL),  # which lists the key's teams alone
    f"GET {_ABOUT}": _READ_LEARNER,
    "POST /v1/responses": _to(_WRITE),
    "POST /v1/completions": _to(_WRITE),
    "POST /v1/voids": _to(_WRITE),
    f"GET {_ABOUT}/evidence": _READ_LEARNER,
    f"GET {_ABOUT}/mastery": _READ_LEARNER,
    f"GET {_ABOUT}/mastery/history": _READ_LEARNER,
    f"GET {_ABOUT}/gaps": _READ_LEARNER,
    f"GET {_ABOUT}/ladder": _READ_LEARNER,
    f"GET {_ABOUT}/recommendations": _READ_LEARNER,
    f"POST {_ABOUT}/recommendations": _READ_LEARNER,
    f"GET {_ABOUT}/path": _READ_LEARNER,
    f"GET {_ABOUT}/forecast": _READ_LEARNER,
    f"GET {_ABOUT}/probe": _READ_LEARNER,
    f"GET {_ABOUT}/decisions": _READ_LEARNER,
    f"POST {_ABOUT}/decisions": _READ_LEARNER,  # which is logged, and changes nothing
    f"GET {_ABOUT}/decisions/{{decision_id}}": _READ_LEARNER,
    f"POST {_ABOUT}/decisions/{{decision_id}}/overrides": _to(_WRITE),
    "GET /v1/decisions": _to(_ALL),
    "POST /v1/decisions/estimates": _to(_ALL),
    f"GET {_ABOUT}/export": Needs(frozenset({_OWN, _ADMINISTER}), "learner"),
    f"DELETE {_ABOUT}": _to(_ADMINISTER),
    "GET /v1/teams": _to(_TEAM, _ALL),  # which lists the key's teams alone
    "GET /v1/teams/{team_id}/coaching": _READ_TEAM,
    "GET /v1/teams/{team_id}/gaps": _READ_TEAM,
    "GET /v1/teams/{team_id}/ready": _READ_TEAM,
    "GET /v1/teams/{team_id}/recommendations": _READ_TEAM,
    "GET /v1/models": _to(_ALL, _ADMINISTER),
    "GET /v1/models/{model_version}": _to(_ALL, _ADMINISTER),
    "PUT /v1/models/active": _to(_ADMINISTER),
    "POST /v1/models": _to(_ADMINISTER),
    "GET /v1/fits": _to(_ALL, _ADMINISTER),
    "GET /v1/fits/{fit_id}": _to(_ALL, _ADMINISTER),
    # The operator's: metrics are of all tenants together.
    "GET /healthz": _OPEN,
    "GET /readyz": _OPEN,
    "GET /metrics": _to(Scope.READ_METRICS),
    # The pages; whoever reads one learner is led from the first to the second.
    "GET /": _to(_OWN, _TEAM, _ALL),
    "GET /learner": _READ_LEARNER,
    "GET /teams": _to(_TEAM, _ALL),  # which lists the key's teams alone
    "GET /team": _READ_TEAM,
    "POST /logout": _to(_OWN, _TEAM, _ALL),
    "GET /login": _OPEN,
    "GET /assets/{name}": _OPEN,
    "GET /docs": _OPEN,
}
"""What each operation takes. One that is not here is refused to everybody."""

_OPEN_PATHS = frozenset(
    {"/openapi.json", *(one.partition(" ")[2] for one, needs in ACCESS.items() if needs.open)}
)
_OPEN_FOLDER = "/assets/"
_METHODS: dict[str, list[str]] = {}
for _method, _, _path in sorted(one.partition(" ") for one in ACCESS):
    _METHODS.setdefault(_path, []).append(_method)
# Ids may have slashes in them.
_NAME = re.compile(r"\{\w+\}")
_SHAPES = {one: re.compile(_NAME.sub(".+", one), re.DOTALL) for one in _METHODS}


def needs_of(method: str, pattern: str) -> Needs | None:
    """Return what an operation takes, or None where nobody has said.

    Examples
    --------
    >>> sorted(needs_of("POST", "/v1/responses").scopes)
    [<Scope.WRITE_EVIDENCE: 'write-evidence'>]
    """
    return ACCESS.get(f"{method} {pattern}")


def is_open(path: str) -> bool:
    """Whether no key is asked for at an address.

    Examples
    --------
    >>> is_open("/healthz"), is_open("/v1/catalog")
    (True, False)
    """
    return path in _OPEN_PATHS or path.startswith(_OPEN_FOLDER)


def methods_at(path: str) -> list[str]:
    """Return the methods that an address takes.

    Examples
    --------
    >>> methods_at("/v1/catalog"), methods_at("/v1/learners/ada/gaps"), methods_at("/v1/nothing")
    (['GET', 'PUT'], ['GET'], [])
    """
    return _METHODS.get(_closest(path), [])


def is_swallowed(path: str, pattern: str) -> bool:
    """Whether an id at the end of a pattern has swallowed what names something else.

    Examples
    --------
    >>> is_swallowed("/v1/learners/ada/gaps", "/v1/learners/{learner_id}")
    True
    """
    return pattern.endswith("}") and _closest(path) != pattern


def _closest(path: str) -> str:
    """Return the pattern that says most of an address, or nothing where none fits."""
    fitting = (one for one, shape in _SHAPES.items() if shape.fullmatch(path))
    return max(fitting, key=lambda one: len(_NAME.sub("", one)), default="")


def route_pattern(scope: MutableMapping[str, Any]) -> str:
    """Return the pattern of a request's address: names in place of what they stand for."""
    pattern = getattr(scope.get("route"), "path", None)
    if not isinstance(pattern, str):
        return "unknown"
    pattern = pattern.replace(":path}", "}")
    prefix = "/v1"  # which the routes of a router know of in some versions of FastAPI only
    if scope["path"].startswith(f"{prefix}/") and not pattern.startswith(f"{prefix}/"):
        return f"{prefix}{pattern}"
    return pattern


def say_who_may(described: dict[str, Any]) -> None:
    """Add to a description of the interface which scopes each operation takes."""
    bearer = {"type": "http", "scheme": "bearer", "description": "What `attain keys create` shows"}
    described["components"]["securitySchemes"] = {"key": bearer}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            needs = needs_of(method.upper(), path) or _OPEN
            # One alternative per scope, any of which will do.
            operation["security"] = [{"key": [scope]} for scope in sorted(needs.scopes)]
