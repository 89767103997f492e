"""A Thrift server over one warehouse, as `make serve` starts it, and the dbt that builds through it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pyhive import hive

from tests.python.conftest import PROJECT, environment, free_port


class Server:
    """Started by `start`, again where it was killed. `settings` are those of the server, and of dbt but for the key."""

    def __init__(self, warehouse: Path, project: Path = PROJECT, catalog: Path | None = None, **settings: str) -> None:
        self.warehouse, self.project = warehouse, project
        self.port = free_port()
        self.env = environment(warehouse, catalog, PINLANDING_SERVE_PORT=str(self.port), **settings)
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "dbt_pinlanding.server"]
        self.process = subprocess.Popen(
            command, cwd=PROJECT, env=self.env, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout
        lines = iter(self.process.stdout.readline, "")
        assert any(line.startswith("Serving") for line in lines), "the server ended"

    def kill(self) -> None:
        """SIGKILL to the server and all below it; nothing where it is gone."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def below(self) -> Iterator[Path]:
        """The JVM and its Python workers, as folders of /proc."""
        for path in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                if os.getsid(int(path.name)) == self.process.pid != int(path.name):
                    yield path

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with hive.connect("127.0.0.1", self.port) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def dbt(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = ["dbt", *arguments, "--target", "thrift", "--project-dir", self.project, "--profiles-dir", PROJECT]
        without_key = {name: value for name, value in self.env.items() if name != "OPENAI_API_KEY"}
        return subprocess.run(command, env=without_key | settings, capture_output=True, text=True)
