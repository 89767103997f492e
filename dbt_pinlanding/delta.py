"""Delta Lake for a Spark session: its jars, fetched once in an environment, and the conf that goes with them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from dbt_pinlanding.settings import SettingError

PACKAGE = "io.delta:delta-spark_4.2_2.13:4.4.0"
# What Spark does not bring itself; the rest of what the package names, Spark has in its own versions.
GROUPS = ("io.delta_", "io.unitycatalog_")
CONF = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # Else a replace that changes a column's type is logged as an error of the metastore's.
    "spark.hadoop.hive.metastore.disallow.incompatible.col.type.changes": "false",
    # A merge reads its rows twice, and they come from functions that are expensive.
    "spark.databricks.delta.merge.materializeSource": "all",
}


def is_used(master: str) -> bool:
    """Whether a session on this master gets Delta: as `PINLANDING_TABLE_FORMAT` says, else everywhere but locally."""
    named = os.environ.get("PINLANDING_TABLE_FORMAT", "")
    return named == "delta" if named else not master.startswith("local")


def conf(master: str) -> dict[str, str]:
    """Conf of a session that reads and writes Delta tables. Raises SettingError when the jars cannot be had."""
    found = CONF | {"spark.jars": ",".join(str(jar) for jar in jars())}
    # The state of a table's log is kept in so many partitions: 50 by default, for tables of a thousand times these.
    return found | {"spark.databricks.delta.snapshotPartitions": "1"} if master.startswith("local") else found


def jars() -> list[Path]:
    """Delta's jars, fetched through Spark's own package resolver when this environment has none yet.

    Raises SettingError.
    """
    folder = Path(sys.prefix) / "share" / "pinlanding" / PACKAGE.replace(":", "_")
    if not folder.is_dir():
        _fetch(folder)
    return sorted(folder.glob("*.jar"))


def _fetch(folder: Path) -> None:
    print(f"Fetching Delta Lake ({PACKAGE}, 90 MB, once in this environment) …", file=sys.stderr)
    with TemporaryDirectory(prefix="pinlanding-") as scratch:
        # In a process of its own: the resolver's long report would reach this one's console.
        command = (
            "import sys; from pyspark import SparkConf; from pyspark.java_gateway import launch_gateway; "
            "conf = SparkConf(False).set('spark.jars.packages', sys.argv[1]).set('spark.jars.ivy', sys.argv[2]); "
            "launch_gateway(conf)"
        )
        environment = {name: value for name, value in os.environ.items() if name != "SPARK_REMOTE"}
        done = subprocess.run(
            [sys.executable, "-c", command, PACKAGE, scratch], capture_output=True, text=True, env=environment
        )
        found = [jar for jar in Path(scratch, "jars").glob("*.jar") if jar.name.startswith(GROUPS)]
        if done.returncode or not found:
            raise SettingError(
                f"Delta Lake's jars ({PACKAGE}) could not be fetched. Where Maven Central is not reached, name a "
                "mirror (spark.jars.ivySettings in Spark's conf) or put the jars of the groups io.delta and "
                f"io.unitycatalog into {folder}; or set PINLANDING_TABLE_FORMAT=parquet. {_reason(done.stderr)}"
            )
        part = folder.with_name(f"{folder.name}.{os.getpid()}")
        part.mkdir(parents=True)
        for jar in found:
            shutil.copy(jar, part)
        if folder.is_dir():
            shutil.rmtree(part)
        else:
            part.rename(folder)


def _reason(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if "unresolved dependency" in line or "Exception" in line]
    return f"Spark said: {lines[0][:200]}" if lines else ""
