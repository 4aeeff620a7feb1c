"""States that were read or written lately, so that their text need not be read again."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict

from engine.domain import KnowledgeState

__all__ = ["RememberedStates"]


class RememberedStates:
    """States by the text that is kept of them; the ones used longest ago are forgotten first.

    The text says everything about a state, so what is remembered of it is never out of date.

    Parameters
    ----------
    most : int
        How many to remember: those in the middle of a session. Each is a hundred objects or more
        that every full collection of garbage goes through, while all wait.

    Examples
    --------
    >>> states = RememberedStates(2)
    >>> text = states.written(KnowledgeState("ada"))
    >>> states.read(text).learner_id
    'ada'
    """

    def __init__(self, most: int = 500) -> None:
        self._most = most
        self._known: OrderedDict[str, KnowledgeState] = OrderedDict()
        self._gate = threading.Lock()

    def read(self, content: str) -> KnowledgeState:
        """Return the state of a text."""
        with self._gate:
            state = self._known.get(content)
            if state is not None:
                self._known.move_to_end(content)
        if state is None:
            state = KnowledgeState.from_dict(json.loads(content))
            self._remember(content, state)
        return state

    def written(self, state: KnowledgeState) -> str:
        """Return the text to keep of a state."""
        content = json.dumps(state.to_dict(), separators=(",", ":"), allow_nan=False)
        self._remember(content, state)
        return content

    def _remember(self, content: str, state: KnowledgeState) -> None:
        with self._gate:
            self._known[content] = state
            if len(self._known) > self._most:
                self._known.popitem(last=False)
