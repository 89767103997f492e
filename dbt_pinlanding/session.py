"""The Spark session that dbt uses: its paths, its workers' Python, its functions."""

import os
import sys
import time
import zipfile
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from dbt.adapters.spark import session as dbt_session
from dbt_common.exceptions import DbtRuntimeError
from pyhive import hive
from pyspark.sql import SparkSession

from dbt_pinlanding import class_archive, delta, settings
from python_udfs.model_calls.grant import PROXY_VARIABLE
from python_udfs.register import register

DATABASE = "pinlanding"
LOCK_WAIT_SECONDS = 30
EXECUTOR_SETTINGS = (
    "OPENAI_BASE_URL",
    PROXY_VARIABLE,
    *(f"PINLANDING_{name}" for name in ("CONCURRENCY", "WORKERS", "RPM", "TPM", "TIMEOUT", "IMAGE_LINKS")),
)
# A build is some hundred short queries: planning code runs too seldom for the second compiler to pay before thresholds
# twenty times the usual, and a larger young generation spares hundreds of collections (DECISIONLOG.md has the figures).
JVM_OPTIONS = (
    "-XX:+UseSerialGC -Xmn600m -XX:MetaspaceSize=300m -XX:Tier4InvocationThreshold=100000 "
    "-XX:Tier4MinInvocationThreshold=15000 -XX:Tier4CompileThreshold=300000 -XX:Tier4BackEdgeThreshold=800000"
)


def install() -> None:
    """Wrap dbt-spark's session connection so that opening one opens ours first, and PyHive's; once a process."""
    opened = dbt_session.Connection.__init__
    if getattr(opened, "pinlanding", False):
        return

    def open_with_functions(self: dbt_session.Connection, *, server_side_parameters: dict[str, str] | None) -> None:
        parameters = tuple(sorted((server_side_parameters or {}).items()))
        try:
            settings.check_warehouse(settings.resolve()["PINLANDING_WAREHOUSE"])
            open_session(parameters)
        except settings.SettingError as error:
            raise DbtRuntimeError(str(error)) from None
        # The session has them. dbt-spark would set them again before each statement, over what a run sets for itself.
        opened(self, server_side_parameters={})

    open_with_functions.pinlanding = True  # type: ignore[attr-defined]
    dbt_session.Connection.__init__ = open_with_functions  # type: ignore[method-assign, assignment]
    # dbt-spark names no database: PyHive then switches to `default`, in the session that all clients of a server share.
    hive.connect = partial(hive.connect, database=DATABASE)


@cache
def open_session(parameters: tuple[tuple[str, str], ...]) -> SparkSession:
    """The session for a profile's parameters, with the functions registered.

    Raises SettingError when the warehouse is in use, or the target names no Spark.
    """
    conf = dict(parameters)
    remote = conf.get("spark.remote")
    if remote == "" or conf.get("spark.master") == "":
        variable = "PINLANDING_SPARK_REMOTE" if remote == "" else "PINLANDING_SPARK_MASTER"
        raise settings.SettingError(f"This target needs {variable}: set it to your Spark's address.")
    warehouse = settings.resolve()["PINLANDING_WAREHOUSE"]
    # Workers run this Python; the conf alone does not reach those that Spark starts itself.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if conf.get("spark.master", "").startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        # As many as run at once: of more, adaptive planning may leave an odd number, and one core works alone at last.
        conf = {"spark.sql.shuffle.partitions": str(os.cpu_count() or 1)} | conf
        # Workers share the limit of calls in flight by this count.
        os.environ.setdefault("PINLANDING_WORKERS", str(os.cpu_count() or 1))
    else:
        conf = _executor_environment() | conf
    if remote:
        os.environ["SPARK_REMOTE"] = remote
        builder = SparkSession.builder.remote(remote)
        for key, value in conf.items():
            if key.startswith("spark.sql."):
                builder = builder.config(key, value)
        spark = builder.getOrCreate()
    else:
        builder = SparkSession.builder.enableHiveSupport()
        master = conf.get("spark.master", "")
        lake = delta.conf(master) if delta.is_used(master) else {}
        # The archive knows the classes of Spark's own path only.
        plain = "spark.driver.extraClassPath" not in conf
        paths = session_paths(warehouse, class_archive.jvm_options() if plain else "")
        for key, value in (paths | lake | conf).items():
            builder = builder.config(key, value)
        spark = _open_waiting_for_lock(builder, warehouse)
        if plain:
            class_archive.keep_at_exit(spark)
        spark.sparkContext.setLogLevel("ERROR")
    if not conf.get("spark.master", "").startswith("local"):
        spark.addArtifacts(_package_archive(), pyfile=True)
    register(spark)
    return spark


def session_paths(warehouse: str, jvm_options: str) -> dict[str, str]:
    """Spark conf that puts tables and the embedded metastore under the warehouse, with more options for the JVM."""
    state = warehouse
    if "://" in warehouse:
        # Each has its own, or the tables of one would be taken for those of another.
        name = sha256(warehouse.rstrip("/").encode()).hexdigest()[:12]
        state = str(settings.home() / "warehouse" / f"catalogue-{name}")
    return {
        "spark.sql.warehouse.dir": warehouse,
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={state}/metastore_db;create=true",
        "spark.driver.extraJavaOptions": (
            f'{JVM_OPTIONS} {jvm_options} "-Dderby.stream.error.file={state}/derby.log" '
            f'"-Dlog4j2.configurationFile={(settings.PROJECT / "profiles" / "log4j2.properties").as_uri()}"'
        ),
    }


def _executor_environment() -> dict[str, str]:
    """Conf that gives the settings of model calls to executors; a key never, as conf can be read by who sees the UI."""
    named = {name: os.environ.get(name, "") for name in EXECUTOR_SETTINGS}
    return {f"spark.executorEnv.{name}": value for name, value in named.items() if value}


def _open_waiting_for_lock(builder: SparkSession.Builder, warehouse: str) -> SparkSession:
    """Open the session; a run that was just killed frees Derby's lock a few seconds later."""
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        spark = builder.getOrCreate()
        try:
            spark.sql("show databases").collect()
            return spark
        except Exception as error:
            if "Another instance of Derby" not in str(error) and "metastore" not in str(error).lower():
                raise
            spark.stop()
            if time.monotonic() > deadline:
                raise settings.SettingError(
                    f"The tables under {warehouse} are in use by another process. Wait until it ends: the embedded "
                    "catalogue serves one process at a time."
                ) from error
            time.sleep(2)


def _package_archive() -> str:
    """The functions' code, prompts and the sample's encoder as a zip that Spark sends to its executors."""
    archive = Path(mkdtemp(prefix="pinlanding-")) / "python_udfs.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        for package in ("python_udfs", "sample", "training/encoders"):
            for path in sorted((settings.PROJECT / package).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    bundle.write(path, path.relative_to(settings.PROJECT))
    return str(archive)
