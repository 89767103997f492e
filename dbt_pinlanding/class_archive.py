"""An archive of the classes that Spark loads, made by the environment's first build: later JVMs start and plan faster.

The JVM calls this class data sharing (JEP 350). DECISIONLOG.md has what it gains.
"""

import atexit
import hashlib
import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

import pyspark
from pyspark.sql import SparkSession

# A shorter session has not loaded enough to be worth keeping.
SECONDS_OF_A_BUILD = 45
DUMP_SECONDS = 120
QUIET = "-Xshare:auto -Xlog:disable -Xlog:all=error:stderr"


def archive_path() -> Path:
    """Where this environment's archive is or will be: one for each Java and Spark, since it serves no other."""
    java = Path(os.environ.get("JAVA_HOME", ""), "bin", "java")
    java = (java if java.is_file() else Path(shutil.which("java") or "java")).resolve()
    changed = java.stat().st_mtime_ns if java.exists() else 0
    key = hashlib.sha256(f"{pyspark.__version__} {java} {changed}".encode()).hexdigest()[:12]
    return Path(sys.prefix) / "share" / "pinlanding" / f"spark_classes_{key}.jsa"


def _recording(archive: Path) -> Path:
    return archive.with_suffix(f".{os.getpid()}")


def jvm_options() -> str:
    """Options that use the archive, or make one where there is none and its folder can be written; else none."""
    archive = archive_path()
    if archive.is_file():
        return f'{QUIET} "-XX:SharedArchiveFile={archive}"'
    with suppress(OSError):
        archive.parent.mkdir(parents=True, exist_ok=True)
        if os.access(archive.parent, os.W_OK):
            return f'{QUIET} "-XX:ArchiveClassesAtExit={_recording(archive)}"'
    return ""


def keep_at_exit(spark: SparkSession) -> None:
    """When this process ends after a whole build, wait for the archive and put it in place; else drop it."""
    archive = archive_path()
    if archive.is_file():
        return
    opened = time.monotonic()
    java = spark.sparkContext._gateway.proc  # type: ignore[union-attr]

    def keep() -> None:
        long_enough = time.monotonic() - opened > SECONDS_OF_A_BUILD
        if long_enough:
            print("Keeping Spark's classes for faster starts (once in this environment) …", file=sys.stderr)
        spark.stop()
        java.stdin.close()
        with suppress(Exception):
            java.wait(timeout=DUMP_SECONDS)
            if long_enough:
                _recording(archive).replace(archive)
        _recording(archive).unlink(missing_ok=True)

    atexit.register(keep)
