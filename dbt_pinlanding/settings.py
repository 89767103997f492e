"""The settings that paths depend on, made absolute once, so that driver, workers and SQL mean the same files."""

import os
import re
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from python_udfs.model_calls.errors import CallError
from python_udfs.model_calls.grant import KEY_VARIABLE, SECONDS, sign
from python_udfs.model_calls.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
TABLE_FORMATS = ("parquet", "delta")
INPUTS = ("PINLANDING_CATALOG", "PINLANDING_SEARCH_LOG", "PINLANDING_LABELS", "PINLANDING_EXISTING_PAGES")
# Without a host: `file:/folder`, `file:///folder`.
_FILE = re.compile(r"file:/(?!/[^/])")
_TABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*){1,2}")


class SettingError(Exception):
    """A setting that cannot work; the message says what to do next."""


def home() -> Path:
    """Where runs belong: the project's folder, or, where only its Python package is installed, the current one."""
    return PROJECT if (PROJECT / "dbt_project.yml").exists() else Path.cwd()


def absolute(location: str) -> str:
    """The location as an absolute path, one of this machine's `file:///…` too; other URLs (`s3://…`) pass unchanged."""
    location = location.strip()
    if _FILE.match(location):
        location = location.removeprefix("file:")
    if not location or "://" in location:
        return location
    return str(Path(location).expanduser().resolve())


def is_table(location: str) -> bool:
    """Whether an input is a table of the warehouse's catalogue (`schema.table`) and no file."""
    named = _TABLE.fullmatch(location) is not None
    return named and not location.lower().endswith((".csv", ".parquet")) and not Path(location).exists()


def resolve(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The `PINLANDING_*` settings with defaults filled in and paths absolute, by name.

    Raises SettingError for an input file that does not exist, a format that is none, and settings of model calls that
    cannot work.
    """
    given = {name: environment.get(name, "") for name in INPUTS}
    resolved = {name: value if is_table(value) else absolute(value) for name, value in given.items()}
    for name, location in resolved.items():
        if location and not is_table(location) and "://" not in location and not Path(location).exists():
            raise SettingError(
                f"{name}: there is no file {location}. "
                f"Name a Parquet or CSV file or a table (schema.table), or unset {name}."
            )
    try:
        asked = Settings.from_environment(environment)
    except CallError as error:
        raise SettingError(str(error).removeprefix("settings: ")) from None
    table_format = environment.get("PINLANDING_TABLE_FORMAT", "")
    if table_format not in ("", *TABLE_FORMATS):
        raise SettingError(f"PINLANDING_TABLE_FORMAT is {table_format!r}: use {' or '.join(TABLE_FORMATS)}.")
    warehouse = absolute(environment.get("PINLANDING_WAREHOUSE") or str(home() / "warehouse"))
    resolved["PINLANDING_WAREHOUSE"] = warehouse
    # In so many parts questions are asked: unless told, a part is a core of this machine.
    resolved["PINLANDING_ASKING_TASKS"] = str(asked.tasks)
    # What runs at once here, unless PINLANDING_WORKERS says more: dbt reads the environment before a session opens.
    resolved["PINLANDING_CORES"] = str(os.cpu_count() or 1)
    cache = environment.get("PINLANDING_CACHE", "").strip() or f"{warehouse}/answers"
    # As a URL, a folder is one that all machines share.
    resolved["PINLANDING_CACHE"] = cache if cache.startswith("file:") else absolute(cache)
    for name in ("PINLANDING_ENCODER", "PINLANDING_TEXT_ENCODER"):
        encoder = environment.get(name, "")
        resolved[name] = absolute(encoder) if "/" in encoder and ":" not in encoder else encoder
    roots = [absolute(root) for root in environment.get("PINLANDING_IMAGE_ROOTS", "").split(",") if root.strip()]
    catalog = resolved["PINLANDING_CATALOG"]
    if not catalog:
        products = environment.get("PINLANDING_SAMPLE_PRODUCTS") or "2000"
        seed = environment.get("PINLANDING_SEED") or "0"
        for name, value in (("PINLANDING_SAMPLE_PRODUCTS", products), ("PINLANDING_SEED", seed)):
            if not value.isdigit():
                raise SettingError(f"{name} must be a whole number, not {value!r}.")
        folder = f"{warehouse}/sample/{products}-{seed}"
        resolved |= {
            "PINLANDING_SAMPLE_PRODUCTS": products,
            "PINLANDING_SEED": seed,
            "PINLANDING_SAMPLE": folder,
            "PINLANDING_CATALOG": f"{folder}/catalog.parquet",
        }
        resolved["PINLANDING_SEARCH_LOG"] = resolved["PINLANDING_SEARCH_LOG"] or f"{folder}/search_log.parquet"
        resolved["PINLANDING_LABELS"] = resolved["PINLANDING_LABELS"] or f"{folder}/labels.parquet"
        catalog = resolved["PINLANDING_CATALOG"]
    # A table has no folder: relative images count from the first allowed root.
    folder = (roots[0] if roots else warehouse) if is_table(catalog) else catalog.rpartition("/")[0]
    resolved["PINLANDING_CATALOG_FOLDER"] = folder
    resolved["PINLANDING_IMAGE_ROOTS"] = "\n".join(roots) or folder
    return resolved


def tables_folder(warehouse: str, environment: Mapping[str, str] = os.environ) -> str:
    """The folder in which Spark keeps the tables of PINLANDING_SCHEMA."""
    return f"{warehouse.rstrip('/')}/{(environment.get('PINLANDING_SCHEMA') or 'pinlanding').lower()}.db"


def grant(run: str, environment: Mapping[str, str] = os.environ) -> str:
    """What lets this run of dbt spend its budget where a key is asked for; empty without key or budget."""
    key, budget = environment.get(KEY_VARIABLE, "").strip(), environment.get("PINLANDING_BUDGET_USD", "")
    try:
        return sign(key, run, float(budget), int(time.time()) + SECONDS) if key else ""
    except ValueError:
        return ""


def code_version() -> str:
    """The commit of the project; its version where there is no git, or `unknown`."""
    command = ["git", "-C", str(PROJECT), "rev-parse", "--short=12", "HEAD"]
    # An installed package may lie in an environment inside a repository of somebody else's.
    if home() == PROJECT:
        with suppress(OSError, subprocess.CalledProcessError):
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    with suppress(metadata.PackageNotFoundError):
        return metadata.version("pinlanding")
    return "unknown"


def check_warehouse(warehouse: str) -> None:
    """Make the warehouse folder; raises SettingError when tables cannot be written there."""
    if "://" in warehouse:
        return
    folder = Path(warehouse)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise SettingError(
            f"PINLANDING_WAREHOUSE: cannot write to {folder} ({error.strerror}). "
            "Name a folder that you may write to, or change its permissions."
        ) from error
