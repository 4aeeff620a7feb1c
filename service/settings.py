"""What can be set: by keyword, or in the environment as ATTAIN_DATABASE, ATTAIN_PORT, …"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Settings"]


class Settings(BaseSettings):
    """The settings of the service.

    Parameters
    ----------
    database : path or str, default "attain.db"
        The file that everything is kept in, or the URL of a PostgreSQL database.
    host : str, default "127.0.0.1"
        The address listened on; the default is reached from this machine alone.
    port : int, default 8000
    body_limit_bytes : int, default 8 MiB
        The largest request body that is read.
    body_seconds : float, default 30
        How long a request body may take to come in.
    requests_per_second : float, default 1000
        How much each key may ask, in the long run.
    burst : int, default 2000
        How much each key may ask at once, after it has asked little for a while.
    session_hours : float, default 12
        How long the pages stay open after a login.
    fits_at_once : int, default 1
        How many models this process may have fitted at a time, for all tenants together; each is
        a process of its own. None with 0.
    fit_seconds : float, default 3600
        How long such a fit may take.
    log_level : str, default "info"
        The least that is logged.

    Examples
    --------
    >>> Settings(port=8080).port
    8080
    """

    model_config = SettingsConfigDict(env_prefix="ATTAIN_", extra="forbid")

    database: Path | str = Path("attain.db")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    body_limit_bytes: Annotated[int, Field(ge=1024)] = 8 * 1024 * 1024
    body_seconds: Annotated[float, Field(gt=0.0)] = 30.0
    requests_per_second: Annotated[float, Field(gt=0.0)] = 1000.0
    burst: Annotated[int, Field(ge=1)] = 2000
    session_hours: Annotated[float, Field(gt=0.0, le=24.0 * 365.0)] = 12.0
    fits_at_once: Annotated[int, Field(ge=0, le=64)] = 1
    fit_seconds: Annotated[float, Field(gt=0.0)] = 3600.0
