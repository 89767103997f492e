"""`make cluster-test`: whole builds on a real master with two workers, one of which is killed, against a local build.

Once as target `cluster` (the driver in dbt's process) and once as `connect` (the driver in a Spark Connect server), on
Delta tables. The executors' Python has the packages and not the project: code reaches them through Spark alone.
PINLANDING_SAMPLE_PRODUCTS says how large the sample is (300), MODELS which models are built (all).
"""

import os
import re
import signal
import socket
import subprocess
import sysconfig
import time
import venv
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pyspark.find_spark_home import _find_spark_home

from dbt_pinlanding import delta
from dbt_pinlanding.session import JVM_OPTIONS
from tests.python.conftest import PROJECT, SMALL_VARS, environment, free_port

from .conftest import BUILD, public_tables, rows

MODELS = ["--select", *os.environ["MODELS"].split()] if os.environ.get("MODELS") else []
START_SECONDS = 300
# The worker goes when this model starts: behind are images and embeddings, ahead the mining and the join.
KILLED_AT = re.compile(r" START sql \w+ model pinlanding\.product_attributes ")
MEMORY = {"spark.driver.memory": "2g", "spark.executor.memory": "1500m", "spark.sql.shuffle.partitions": "4"}
# Executors live for minutes, on the cores of this machine: what they run is not worth the second compiler.
COMPILERS = {"spark.executor.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"}
SMALL_TABLES = {"spark.databricks.delta.snapshotPartitions": "1"}
QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.host": "127.0.0.1"}


class Cluster:
    """A standalone master and two workers of one core each, and the Connect server on them when it is asked for."""

    def __init__(self, folder: Path, python: Path) -> None:
        self.folder = folder
        self.home = Path(_find_spark_home())
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PINLANDING_")}
        kept.pop("PYTHONPATH", None)
        self.env = kept | {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": str(python)}
        self.started: list[subprocess.Popen[bytes]] = []
        port = free_port()
        self.master = f"spark://127.0.0.1:{port}"
        deploy = "org.apache.spark.deploy"
        self.start("spark-class", f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port), *web_port())
        wait_for(port)
        self.workers = [self.start_worker(number) for number in range(2)]

    def start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{len(self.started)}.log").open("wb")
        command = [str(self.home / "bin" / program), *arguments]
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        self.started.append(process)
        return process

    def start_worker(self, number: int) -> subprocess.Popen[bytes]:
        options = ("--host", "127.0.0.1", "--cores", "1", "--memory", "1700m", *web_port())
        work = ("--work-dir", str(self.folder / f"work-{number}"), self.master)
        return self.start("spark-class", "org.apache.spark.deploy.worker.Worker", *options, *work)

    def start_connect(self, warehouse: Path) -> str:
        """A Spark Connect server on the cluster, over this warehouse; returns its address."""
        port = free_port()
        derby = f"jdbc:derby:;databaseName={warehouse}/metastore_db;create=true"
        conf = delta.conf(self.master) | MEMORY | COMPILERS | SMALL_TABLES | QUIET
        conf |= {
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": str(port),
            "spark.sql.catalogImplementation": "hive",
            "spark.sql.warehouse.dir": str(warehouse),
            "spark.hadoop.javax.jdo.option.ConnectionURL": derby,
            "spark.driver.extraJavaOptions": JVM_OPTIONS,
        }
        options = [option for name, value in conf.items() for option in ("--conf", f"{name}={value}")]
        server = ("--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal")
        self.start("spark-submit", "--master", self.master, *options, *server)
        wait_for(port)
        return f"sc://127.0.0.1:{port}"

    def stop(self) -> None:
        for process in reversed(self.started):
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a process and everything it started: a worker's executor goes with it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def web_port() -> tuple[str, str]:
    return "--webui-port", str(free_port())


def wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens on {port}"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def executor_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with this environment's packages, but not the project."""
    folder = tmp_path_factory.mktemp("python") / "executor"
    venv.create(folder, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    # Packages of a folder that is named so are found; a .pth file in it, such as that of the project, is not read.
    Path(packages, "packages.pth").write_text(sysconfig.get_path("purelib"))
    python = folder / "bin" / "python"
    for module, there in (("pyspark", True), ("python_udfs", False)):
        found = subprocess.run([python, "-c", f"import {module}"], cwd=folder, env={}, capture_output=True)
        assert (found.returncode == 0) == there, module
    return python


@pytest.fixture
def cluster(tmp_path: Path, executor_python: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path, executor_python)
    try:
        yield cluster
    finally:
        cluster.stop()


@pytest.mark.parametrize("target", ["cluster", "connect"])
def test_a_build_that_loses_a_worker_ends_with_the_local_tables(
    target: str, cluster: Cluster, catalog: Path, local: Path, executor_python: Path, tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse"
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text(
        "".join(f"{name} {value}\n" for name, value in (MEMORY | COMPILERS | SMALL_TABLES | QUIET).items())
    )
    address = {"PINLANDING_SPARK_MASTER": cluster.master}
    if target == "connect":
        warehouse.mkdir()
        address = {"PINLANDING_SPARK_REMOTE": cluster.start_connect(warehouse)}
    settings = {
        "PINLANDING_TARGET": target,
        "PYSPARK_PYTHON": str(executor_python),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_CONF_DIR": str(conf),
    }
    env = environment(warehouse, catalog, **settings, **address)
    command = ["dbt", *BUILD, "--vars", SMALL_VARS, *MODELS]
    build = subprocess.Popen(command, env=env, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert build.stdout
    said = []
    for line in build.stdout:
        said.append(line)
        if KILLED_AT.search(line):
            kill(cluster.workers[0])
    assert build.wait() == 0, "".join(said[-60:])
    assert cluster.workers[0].poll() is not None, "no worker was killed"
    names = public_tables(warehouse)
    assert names == public_tables(local) if not MODELS else "collection_products" in names
    assert {name for name in names if rows(local, name) != rows(warehouse, name)} == set()
