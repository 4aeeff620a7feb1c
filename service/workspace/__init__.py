"""The one application object; its use cases by subject, a module each."""

from __future__ import annotations

from ..records import LearnerProfile
from .cataloguing import Cataloguing
from .checking import Checking
from .erasing import Erasing
from .experimenting import Experimenting
from .fitting import Fitting
from .keyholding import Keyholding
from .linting import Linting
from .merging import Merging
from .modelling import Modelling
from .preferring import Preferring
from .teams import Teams
from .voiding import Voiding

__all__ = ["LearnerProfile", "Workspace"]


class Workspace(
    Cataloguing,
    Linting,
    Voiding,
    Erasing,
    Merging,
    Experimenting,
    Teams,
    Modelling,
    Fitting,
    Preferring,
    Checking,
    Keyholding,
):
    """Everything the service does, one method per use; safe to share among threads.

    The evidence log is the truth; mastery is its replay under the current model and catalogue.
    Every method that names a learner raises :class:`UnknownId` where nothing is known of them,
    every one that takes a role :class:`UnknownId` or :class:`NoRole`, every one that needs a
    catalogue :class:`NoCatalog`, and all of them :class:`StoreUnavailable`.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Returns the present instant, aware.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from engine import Curriculum
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}], items=[{"item_id": "q1", "skills": ["sql"]}]
    ... )
    >>> with TemporaryDirectory() as folder, Workspace.open(f"{folder}/attain.db") as workspace:
    ...     workspace.put_catalog(curriculum)
    1
    """
