"""Everything that may be set from outside, read once from the environment (ZHIBEN_...) and passed down."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
#: Bytes of the key under which the keys of the vault are kept.
MASTER_KEY_BYTES = 32


class Settings(BaseSettings):
    """One frozen record; nothing else reads the environment."""

    model_config = SettingsConfigDict(env_prefix="ZHIBEN_", frozen=True, extra="ignore")

    #: the database of the embedded default, evidence files and keys
    data: Path = Path("var")
    #: "" = a SQLite file in the data folder; else a URL as SQLAlchemy writes it
    database: str = ""
    #: the definitions
    workflows: Path = ROOT / "workflows"
    #: which place of the definitions this installation serves
    place: str = "sample"
    #: which working calendar counts where a procedure does not say
    calendar: str = "cn"
    #: person as whom the command line acts, unless it is told with --as
    person: str = "system"

    #: file of the key under which the keys of the vault are kept, outside the database; None = in the data folder
    master_key: Path | None = None

    host: str = "127.0.0.1"
    port: int = Field(default=8600, ge=0, le=65535)

    smtp_host: str = ""
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_sender: str = ""
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"

    #: bytes of one uploaded file
    evidence_bytes: int = Field(default=20_000_000, ge=1)
    #: bytes of one request to the API, without files
    request_bytes: int = Field(default=1_000_000, ge=1)
    #: items that a bulk operation hands to the one door at once
    bulk_batch: int = Field(default=100, ge=1, le=1000)
    #: seconds between two looks for due work when nothing wakes the worker
    poll_seconds: float = Field(default=5.0, gt=0)

    #: whether pages are reached by https only, as they must be in earnest; without it cookies cross networks bare
    secure_cookies: bool = True
    #: the address people know, "https://zhiben.example"; "" = whatever host a request names
    origin: str = ""
    #: addresses of reverse proxies whose X-Forwarded-For is believed, separated by commas; "" = none
    proxies: str = ""
    #: gb = GB/T 22239: several kinds of characters, a change every so often; asvs = OWASP: length and lists alone
    password_profile: Literal["gb", "asvs"] = "gb"  # noqa: S105 - the name of a set of rules
    password_length: int = Field(default=12, ge=8, le=64)
    #: days after which a password must be changed, under gb
    password_days: int = Field(default=90, ge=1)
    #: how slow a hash of a password is: aim at 100 to 500 ms on the machine
    argon_memory_kib: int = Field(default=65_536, ge=8)
    argon_passes: int = Field(default=3, ge=1)
    argon_lanes: int = Field(default=2, ge=1)
    #: a session ends after so long without a request, and in all
    session_idle_minutes: int = Field(default=30, ge=1)
    session_hours: int = Field(default=12, ge=1)
    #: attempts to sign in from one address, as the `limits` library writes it
    sign_in_rate: str = "30/minute"

    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def database_url(self) -> str:
        """Where the record is kept."""
        return self.database or f"sqlite:///{(self.data / 'zhiben.sqlite').resolve()}"

    @property
    def embedded(self) -> bool:
        """Whether one process alone may write."""
        return self.database_url.startswith("sqlite")

    @property
    def evidence(self) -> Path:
        """Folder of the stored files."""
        return self.data / "evidence"

    @property
    def master_key_file(self) -> Path:
        """File of the master key."""
        return self.master_key or self.data / "keys" / "master.key"


def keep_master_key(path: Path, fresh: bytes) -> None:
    """Write `fresh` as the key of that file, for its owner alone, unless there is one.

    Two processes that start at once agree: the file is linked into place complete, and only one can be first.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(fresh.hex())
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
