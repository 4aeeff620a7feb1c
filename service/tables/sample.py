"""Where the onboarding sample is, in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

from engine import AttainError

__all__ = ["sample_folder"]


def sample_folder(package: Path | None = None) -> Path:
    """Return the folder of the onboarding sample.

    Parameters
    ----------
    package : Path, optional
        The folder of the package ``service``; that of this module by default.

    Raises
    ------
    AttainError
        The sample is in neither place.

    Examples
    --------
    >>> (sample_folder() / "skills.csv").is_file()
    True
    """
    service = package or Path(__file__).resolve().parents[1]
    places = (service / "sample", service.parent / "datasets" / "onboarding")
    for place in places:
        if (place / "skills.csv").is_file():
            return place
    told = " nor in ".join(str(place) for place in places)
    raise AttainError(f"the onboarding sample is neither in {told}; install Attain again")
