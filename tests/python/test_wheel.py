"""The package as pip installs it from a folder or from git: it must bring every file that its code looks for."""

import subprocess
import sys
from pathlib import Path

import pytest

from dashboards.rendering import FOLDER as DASHBOARDS
from training.config import DEFAULTS

from .conftest import PROJECT, environment
from .wheel import install

DATA = {
    *(path for folder in ("assets", "boards", "templates") for path in (DASHBOARDS / folder).iterdir()),
    *(PROJECT / "python_udfs" / "model_calls" / "prompts").iterdir(),
    *(PROJECT / "training" / "encoders" / "sample").iterdir(),
    *(PROJECT / "profiles").iterdir(),
    *DEFAULTS.parent.glob("*.toml"),
}
ASKS = """
import shlex
from pathlib import Path
from dashboards.boards import load_boards
from dashboards.rendering import templates
from dbt_pinlanding import server, session, settings
from python_udfs.encoder_location import check_folder, local_folder
from python_udfs.model_calls.prompt import load_prompt
from training.config import load_settings

settled = settings.resolve()
assert settings.home() == Path.cwd() != settings.PROJECT
assert settled["PINLANDING_WAREHOUSE"] == str(Path.cwd() / "warehouse")
assert settings.code_version() == "0.1.0"
assert len(load_boards()) > 5 and templates().get_template("board.html")
assert load_prompt("title_collection") and load_settings(None, [])
with local_folder("sample") as encoder:
    check_folder(encoder)
*_, option = shlex.split(session.session_paths("/warehouse", "")["spark.driver.extraJavaOptions"])
assert Path(option.removeprefix("-Dlog4j2.configurationFile=file://")).is_file()
assert server.server_conf("127.0.0.1", 10000)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("wheel"))


def test_every_file_that_code_looks_for_is_installed(installed: Path) -> None:
    files = {path.relative_to(PROJECT) for path in DATA}
    assert len(files) > 30 and {str(file) for file in files if not (installed / file).is_file()} == set()


def test_the_installed_code_finds_them_and_works_where_it_is_called(installed: Path, tmp_path: Path) -> None:
    env = environment(tmp_path, PYTHONPATH=str(installed), PINLANDING_TABLE_FORMAT="parquet")
    del env["PINLANDING_WAREHOUSE"]
    subprocess.run([sys.executable, "-c", ASKS], env=env, cwd=tmp_path, check=True)
