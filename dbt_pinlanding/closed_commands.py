"""Commands that a served session refuses: with them, SQL runs programs and classes as the server's user."""

from typing import Any

from pyspark.sql import SparkSession

# Each calls any static method of Java's or Spark's by name.
FUNCTIONS = ("reflect", "java_method", "try_reflect")
# TRANSFORM; CREATE and DROP FUNCTION, since a function of theirs in the place of ours would be handed the next run's
# grant; ADD JAR, FILE and ARCHIVE.
COMMANDS = (
    "org.apache.spark.sql.catalyst.plans.logical.ScriptTransformation",
    "org.apache.spark.sql.catalyst.plans.logical.CreateFunction",
    "org.apache.spark.sql.execution.command.CreateFunctionCommand",
    "org.apache.spark.sql.catalyst.plans.logical.CreateUserDefinedFunction",
    "org.apache.spark.sql.execution.command.CreateSQLFunctionCommand",
    "org.apache.spark.sql.catalyst.plans.logical.DropFunction",
    "org.apache.spark.sql.execution.command.DropFunctionCommand",
    "org.apache.spark.sql.execution.command.AddJarsCommand",
    "org.apache.spark.sql.execution.command.AddFilesCommand",
    "org.apache.spark.sql.execution.command.AddArchivesCommand",
)
REFUSED = "This server runs no programs: TRANSFORM, CREATE and DROP FUNCTION, ADD JAR, FILE and ARCHIVE are closed."


def closed_session(spark: SparkSession) -> SparkSession:
    """A new session of the same Spark, without our functions, whose analyzer refuses every plan that holds a command.

    As a rule of the analyzer, the check also sees views, subqueries, and statements in strings.
    """
    java = _Java(spark)
    spark._jsparkSession.extensions().injectCheckRule(java.constant(_check(java)))
    session = spark.newSession()
    some = java.jvm.scala.Option.apply
    for name in FUNCTIONS:
        identifier = java.jvm.org.apache.spark.sql.catalyst.FunctionIdentifier(name, some("builtin"), some("system"))
        session._jsparkSession.sessionState().functionRegistry().dropFunction(identifier)
    return session


def _check(java: "_Java") -> Any:
    """plan => if (plan.exists(node => closed.contains(node.getClass))) throw …

    It runs on every plan, so it is put together of Java's own parts: a function of Python's costs a round trip a node.
    """
    plan = java.type("org.apache.spark.sql.catalyst.plans.logical.LogicalPlan")
    closed = java.jvm.java.util.HashSet()
    for name in COMMANDS:
        closed.add(java.type(name))
    class_of = java.method(java.object, "getClass", java.type("java.lang.Class"))
    contains = java.method(java.type("java.util.Set"), "contains", java.truth, java.object).bindTo(closed)
    is_closed = java.function(java.handles.filterReturnValue(java.untyped(class_of), contains))
    exists = java.method(plan, "exists", java.truth, java.type("scala.Function1"))
    has_closed = java.handles.insertArguments(exists, 1, java.array("Object", is_closed))
    error = java.jvm.java.lang.UnsupportedOperationException(REFUSED)
    refuse = java.handles.throwException(java.object, error.getClass()).bindTo(error)
    go_on = java.handles.constant(java.object, None)
    ends = (java.handles.dropArguments(end, 0, java.array("Class", plan)) for end in (refuse, go_on))
    return java.function(java.handles.guardWithTest(has_closed, *ends))


class _Java:
    """Handles of Java's methods, and Scala functions made of them."""

    def __init__(self, spark: SparkSession) -> None:
        gateway: Any = spark.sparkContext._gateway
        self.jvm, self._new_array = gateway.jvm, gateway.new_array
        self.handles = self.jvm.java.lang.invoke.MethodHandles
        self.object, self.truth = self.type("java.lang.Object"), self.jvm.java.lang.Boolean.TYPE

    def type(self, name: str) -> Any:
        return self.jvm.java.lang.Class.forName(
            name, False, self.jvm.java.lang.Thread.currentThread().getContextClassLoader()
        )

    def method(self, owner: Any, name: str, returns: Any, *arguments: Any) -> Any:
        kind = self.jvm.java.lang.invoke.MethodType.methodType(returns, *arguments)
        return self.handles.publicLookup().findVirtual(owner, name, kind)

    def untyped(self, handle: Any) -> Any:
        return handle.asType(self.jvm.java.lang.invoke.MethodType.methodType(self.object, self.object))

    def function(self, handle: Any) -> Any:
        """A handle of one argument as a function of Scala's."""
        proxies = self.jvm.java.lang.invoke.MethodHandleProxies
        return proxies.asInterfaceInstance(self.type("scala.Function1"), self.untyped(handle))

    def constant(self, value: Any) -> Any:
        """_ => value"""
        handle = self.handles.constant(self.object, value)
        return self.function(self.handles.dropArguments(handle, 0, self.array("Class", self.object)))

    def array(self, kind: str, value: Any) -> Any:
        made = self._new_array(getattr(self.jvm.java.lang, kind), 1)
        made[0] = value
        return made
