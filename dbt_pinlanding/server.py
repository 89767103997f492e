"""`make serve`: a Thrift server with the functions registered, for dbt (target `thrift`) and BI clients at once.

One Spark session serves every client, so that all see the functions. It runs until it is told to stop.
"""

import os
import secrets
import signal
import socket
import sys
import threading
import time
from typing import Any

import pandas as pd
import yaml
from pyspark.sql import SparkSession

from dbt_pinlanding import delta, session, settings
from dbt_pinlanding.closed_commands import closed_session
from dbt_pinlanding.grant_proxy import GrantProxy, hide_memory
from dbt_pinlanding.session import DATABASE
from python_udfs.model_calls.grant import KEY_VARIABLE, PROXY_VARIABLE
from python_udfs.register import register
from python_udfs.warehouse import clear_orphan_folders

START_SECONDS = 60


def address() -> tuple[str, int]:
    """Host and port to listen on. Raises SettingError."""
    host = os.environ.get("PINLANDING_SERVE_HOST") or "127.0.0.1"
    port = os.environ.get("PINLANDING_SERVE_PORT") or "10000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise settings.SettingError(f"PINLANDING_SERVE_PORT is {port!r}: it must be a port, 1 to 65535.")
    return host, int(port)


def server_conf(host: str, port: int) -> dict[str, str]:
    """The session's conf: the profile `local`'s, Delta unless the format says otherwise, and the listener's."""
    profiles = yaml.safe_load((settings.PROJECT / "profiles" / "profiles.yml").read_text())
    conf: dict[str, str] = dict(profiles["pinlanding"]["outputs"]["local"]["server_side_parameters"])
    if master := os.environ.get("PINLANDING_SPARK_MASTER"):
        conf["spark.master"] = master
        for name in ("spark.driver.host", "spark.driver.bindAddress"):
            del conf[name]
    conf |= {
        "spark.app.name": "pinlanding serve",
        # As dbt-spark has it for every other target.
        "spark.sql.ansi.enabled": "false",
        "spark.sql.hive.thriftServer.singleSession": "true",
        "spark.hadoop.hive.server2.thrift.bind.host": host,
        "spark.hadoop.hive.server2.thrift.port": str(port),
        # All as the server's user, whom nobody else's name would keep from anything: see _keep_metastore_open.
        "spark.hadoop.hive.server2.enable.doAs": "false",
        # Derby, which Hive brings, runs any static method of Java's that its SQL names. All are closed but for two that
        # need a login of Kerberos's: an empty list would mean all of them.
        "spark.sql.sources.disabledJdbcConnProviderList": "basic,db2,mariadb,mssql,oracle,postgres",
    }
    if os.environ["PINLANDING_TABLE_FORMAT"] == "delta":
        # From Spark's own loader of a session's jars, classes that were not used yet are gone once a client leaves.
        conf["spark.driver.extraClassPath"] = os.pathsep.join(str(jar) for jar in delta.jars())
    return conf


def serve() -> None:
    """Listen until SIGINT or SIGTERM. Raises SettingError."""
    hide_memory()
    # Before anything starts that could inherit them.
    api_key, grant_key = (os.environ.pop(name, "").strip() for name in ("OPENAI_API_KEY", KEY_VARIABLE))
    host, port = address()
    os.environ["PINLANDING_TABLE_FORMAT"] = os.environ.get("PINLANDING_TABLE_FORMAT") or "delta"
    warehouse = settings.resolve()["PINLANDING_WAREHOUSE"]
    settings.check_warehouse(warehouse)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise settings.SettingError(
                f"Cannot listen on {host}:{port} ({error.strerror}). Set PINLANDING_SERVE_PORT to a free port."
            ) from error
    if api_key:
        _start_proxy(host, api_key, grant_key)
    opened = session.open_session(tuple(sorted(server_conf(host, port).items())))
    _tidy(opened, warehouse)
    spark = closed_session(opened)
    register(spark)
    _mark_functions_registered(spark)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    java = _jvm(spark).org.apache.spark.sql.hive.thriftserver.HiveThriftServer2
    _keep_metastore_open(spark, java.startWithContext(spark._jsparkSession.sqlContext()))
    _wait_for(host, port)
    print(f"Serving {warehouse} on {host}:{port} (jdbc:hive2://{host}:{port}/{DATABASE}).", flush=True)
    if not host.startswith("127.") and host not in ("localhost", "::1"):
        print("Anyone who reaches this address can run SQL as this user: trusted networks only.", flush=True)
    stop.wait()
    spark.stop()


def _start_proxy(host: str, api_key: str, grant_key: str) -> None:
    """Send the functions' calls through a proxy in this process. Raises SettingError."""
    try:
        seconds = float(os.environ.get("PINLANDING_TIMEOUT") or 60)
    except ValueError:
        raise settings.SettingError("PINLANDING_TIMEOUT must be a number of seconds.") from None
    # Executors on other machines reach the address that the operator named for this one.
    on_this_machine = (os.environ.get("PINLANDING_SPARK_MASTER") or "local").startswith("local")
    # Without a key of the operator's, one that nobody has: no model is asked for anybody.
    proxy = GrantProxy(
        "127.0.0.1" if on_this_machine else host,
        os.environ.get("OPENAI_BASE_URL", "").strip(),
        api_key,
        grant_key or secrets.token_hex(),
        seconds,
    )
    proxy.start()
    os.environ[PROXY_VARIABLE] = proxy.url


def _tidy(spark: SparkSession, warehouse: str) -> None:
    """Remove what a killed server left: nobody else writes yet. Raises SettingError."""
    spark.sql(f"create database if not exists {DATABASE}")
    known = ",".join(row.tableName for row in spark.sql(f"show tables in {DATABASE}").collect())
    result = clear_orphan_folders(pd.Series([warehouse]), pd.Series([DATABASE]), pd.Series([known]))
    if result.error[0]:
        raise settings.SettingError(result.error[0])
    if result.removed[0]:
        print(f"Removed what a killed run left behind: {result.removed[0]}", flush=True)


def _jvm(spark: SparkSession) -> Any:
    return spark.sparkContext._jvm


def _mark_functions_registered(spark: SparkSession) -> None:
    """Tell Hive that its own functions are registered, which Spark does not use.

    The first session to close registers them otherwise. Where that ends in a Java Error, the mark stays at `pending`,
    and every later close waits for ever.
    """
    jvm = _jvm(spark)
    hive = jvm.java.lang.Class.forName("org.apache.hadoop.hive.ql.metadata.Hive")
    mark, done = (hive.getDeclaredField(name) for name in ("didRegisterAllFuncs", "REG_FUNCS_DONE"))
    for field in (mark, done):
        field.setAccessible(True)
    # py4j turns the mark, an AtomicInteger, into a number: it is set by a handle that never leaves Java.
    handles = jvm.java.lang.invoke.MethodHandles
    lookup, counter = handles.lookup(), mark.getType()
    kind = jvm.java.lang.invoke.MethodType.methodType(jvm.java.lang.Void.TYPE, jvm.java.lang.Integer.TYPE)
    setter = lookup.findVirtual(counter, "set", kind)
    arguments = jvm.java.util.ArrayList()
    arguments.add(done.get(None))
    handles.collectArguments(setter, 0, lookup.unreflectGetter(mark)).invokeWithArguments(arguments)
    if mark.get(None) != done.get(None):
        raise settings.SettingError("This Hive keeps its functions in another way: the server has to be adapted.")


def _keep_metastore_open(spark: SparkSession, server: Any) -> None:
    """Let no client that leaves close the metastore's client, which queries of others use.

    Such a query ends in a NullPointerException. Queries leave the metastore's client with the thread that served them,
    and a session that ends there closes it: when its conf names another metastore, as that of Spark's server does, and
    when the thread forgets it. Raises SettingError.
    """
    jvm = _jvm(spark)
    used = spark._jsparkSession.sharedState().externalCatalog().unwrapped().client().conf()
    given = server.getHiveConf()
    for variable in jvm.org.apache.hadoop.hive.conf.HiveConf.metaVars:
        name = variable.toString()
        if (value := used.get(name)) is None:
            given.unset(name)
        else:
            given.set(name, value)
    of_thread = jvm.java.lang.Class.forName("org.apache.hadoop.hive.ql.metadata.Hive").getDeclaredField("hiveDB")
    of_thread.setAccessible(True)
    unsafe = jvm.java.lang.Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe")
    unsafe.setAccessible(True)
    unsafe = unsafe.get(None)
    # The field is final, and what it holds closes what is forgotten.
    forgets = jvm.java.lang.ThreadLocal()
    unsafe.putObject(unsafe.staticFieldBase(of_thread), unsafe.staticFieldOffset(of_thread), forgets)
    if not of_thread.get(None).equals(forgets):
        raise settings.SettingError("This Java lets nobody keep the metastore open: run the server on Java 17 or 21.")


def _wait_for(host: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise settings.SettingError(f"The server did not listen on {host}:{port}: {error}.") from error
            time.sleep(0.2)


if __name__ == "__main__":
    try:
        serve()
    except settings.SettingError as error:
        sys.exit(str(error))
