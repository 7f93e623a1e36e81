"""Settings: the only reader of the environment. Every setting is LIVING_* or a key of living.toml."""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from living.errors import EnvironmentFault, UserError

NCBI_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
CTGOV_URL = "https://clinicaltrials.gov/api/v2"
EUROPEPMC_URL = "https://www.ebi.ac.uk/europepmc/webservices/rest"
ISRCTN_URL = "https://www.isrctn.com/api"
PREFIX = "LIVING_"


class Settings(BaseSettings):
    """All settings with their defaults; README.md lists them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(Path("var"), description="the folder that holds all state")
    topics: Path | None = Field(
        None, description="a folder with one folder per topic; default: the shipped topics"
    )
    host: str = Field("127.0.0.1", description="address the site listens on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8080, description="port the site listens on; 0 picks one"
    )
    public_url: str = Field(
        "", description="address readers use, for links in letters; default: host and port"
    )
    contact: str = Field(
        "", description="e-mail address told to the registries as contact (NCBI asks for one)"
    )
    ncbi_url: str = Field(NCBI_URL, description="base address of PubMed's E-utilities")
    ncbi_api_key: SecretStr = Field(SecretStr(""), description="NCBI API key; raises the allowed pace")
    ctgov_url: str = Field(CTGOV_URL, description="base address of the ClinicalTrials.gov API v2")
    europepmc_url: str = Field(EUROPEPMC_URL, description="base address of Europe PMC's web services")
    isrctn_url: str = Field(ISRCTN_URL, description="base address of the ISRCTN registry's interface")
    smtp_host: str = Field("", description="mail server; empty: letters wait in the outbox")
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = Field(587, description="port of the mail server")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="how the connection is secured"
    )
    smtp_user: str = Field("", description="user name at the mail server")
    smtp_password: SecretStr = Field(SecretStr(""), description="password at the mail server")
    mail_from: str = Field("", description="sender address of letters; default: the contact address")
    team: str = Field(
        "", description="e-mail addresses, with commas, of those told at once that a report was retracted"
    )
    bounces: Annotated[int, Field(ge=1, le=100)] = Field(
        3, description="so many letters in a row that came back stop an address"
    )
    mail_paused: bool = Field(False, description="true: no letter leaves (set it after restoring a backup)")
    tick_seconds: Annotated[int, Field(ge=1, le=3600)] = Field(
        60, description="how often the daemon asks what is due"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="least level that is logged"
    )

    @field_validator("ncbi_url", "ctgov_url", "europepmc_url", "isrctn_url", "public_url")
    @classmethod
    def _web_address(cls, address: str) -> str:
        parts = urlsplit(address)
        if address and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must be a web address that begins with https:// or http://")
        return address

    @field_validator("contact", "mail_from")
    @classmethod
    def _mail_address(cls, address: str) -> str:
        local, _, host = address.rpartition("@")
        if address and (not local or not host or any(c.isspace() or c in "<>,;" for c in address)):
            raise ValueError("must be a plain e-mail address such as review@example.org")
        return address

    @field_validator("team")
    @classmethod
    def _mail_addresses(cls, addresses: str) -> str:
        for address in addresses.split(",") if addresses.strip() else ():
            if not cls._mail_address(address.strip()):
                raise ValueError("must be plain e-mail addresses with commas between them")
        return addresses

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then living.toml."""
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, _config_file(init_settings)),
        )

    def base_url(self, kind: str) -> str:
        """Return the base address of the registry of this kind."""
        return {
            "pubmed": self.ncbi_url,
            "ctgov": self.ctgov_url,
            "europepmc": self.europepmc_url,
            "isrctn": self.isrctn_url,
        }[kind]

    @property
    def database(self) -> Path:
        return self.home / "living.db"

    @property
    def site(self) -> Path:
        return self.home / "site"

    @property
    def topics_folder(self) -> Path:
        return self.topics or shipped("db") / "topics"

    @property
    def address(self) -> str:
        """The address in letters and pages, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def team_addresses(self) -> tuple[str, ...]:
        """The review team's addresses, each once."""
        return tuple(dict.fromkeys(item.strip() for item in self.team.split(",") if item.strip()))

    @property
    def public_address(self) -> str:
        """The address that readers use, where one is configured; without a trailing slash."""
        return self.public_url.rstrip("/")

    @property
    def sender(self) -> str:
        return self.mail_from or self.contact


def load_settings(**given: Any) -> Settings:
    """Read the settings. Raises UserError naming the setting, what is wrong and where it was read."""
    _refuse_misspelt()
    try:
        return Settings(**given)
    except ValidationError as fault:
        first = fault.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        hint = "" if name in Settings.model_fields else _nearest(name, Settings.model_fields)
        told = first["msg"].removeprefix("Value error, ")
        what = f"setting '{name}': {told[0].lower()}{told[1:]}"
        raise UserError(what, where="settings (LIVING_* or living.toml)", fix=hint) from fault
    except tomllib.TOMLDecodeError as fault:
        raise UserError(f"not readable as TOML: {fault}", where="living.toml") from fault
    except (OSError, UnicodeDecodeError) as fault:
        raise UserError(f"cannot be read: {fault}", where="living.toml") from fault


def shipped(name: str) -> Path:
    """Return the folder `templates` or `db`, in a checkout or inside an installed package."""
    package = Path(__file__).resolve().parent
    for folder in (package.parent / name, package / "_shipped" / name):
        if folder.is_dir():
            return folder
    raise EnvironmentFault(f"the folder {name} is not in this installation", fix="Install the package again")


def notify_socket() -> str:
    """Return where systemd listens for signs of life; empty when it does not."""
    return os.environ.get("NOTIFY_SOCKET", "")


def _config_file(init: PydanticBaseSettingsSource) -> Path:
    home = init().get("home") or os.environ.get(f"{PREFIX}HOME") or "var"
    return Path(home) / "living.toml"


def _refuse_misspelt() -> None:
    """A variable that almost has the name of a setting is a typo, and silence would hide it."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known and (hint := _nearest(name, known)):
            raise UserError(f"{name} is not a setting", where="environment", fix=hint)


def _nearest(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.85)
    return f"Did you mean {near[0]}?" if near else ""
