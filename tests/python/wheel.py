"""The project as pip makes a package of it: no editable link back to its folder, nothing from the network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .conftest import PROJECT

# What is in no clone.
LEFT_OUT = (
    ".git", ".venv", "warehouse", "target", "logs", "dbt_packages", "build", "*.egg-info", "__pycache__", ".*_cache",
    ".hypothesis", "metastore_db",
)  # fmt: skip


def clone(folder: Path) -> Path:
    """A copy of the project, as pip leaves build/ in the folder that it is given."""
    return shutil.copytree(PROJECT, folder / "pinlanding", ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)


def pip_settings(target: Path) -> dict[str, str]:
    """What lets a plain `pip install` work here: into a folder, with the requirements that are there."""
    offline = {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    # pip reads it the other way round: 0 is --no-build-isolation.
    return offline | {"PIP_NO_BUILD_ISOLATION": "0", "PIP_TARGET": str(target)}


def install(folder: Path) -> Path:
    """The folder that an installation of the project fills."""
    project, target = clone(folder), folder / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", str(project)]
    subprocess.run(command, env=os.environ | pip_settings(target), check=True)
    return target
