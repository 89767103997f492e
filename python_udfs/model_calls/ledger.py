"""The columns that every function which calls a model returns beside its answer.

The plain ones sum up the row. `calls` has one entry for every request the row needed, a repair attempt its own.
"""

_FIELDS = {
    "key": "string",
    "model": "string",
    "prompt_version": "string",
    "tokens_in": "bigint",
    "tokens_out": "bigint",
    "usd": "double",
    "latency_ms": "bigint",
    "attempts": "int",
    "cache_hit": "boolean",
}
_CALL = ", ".join(f"{name} {kind}" for name, kind in (_FIELDS | {"error": "string"}).items())

# Field name → SQL type.
LEDGER = _FIELDS | {"calls": f"array<struct<{_CALL}>>", "error": "string"}

# The columns of every function that says what a question would take: field name → SQL type. Tokens are a rule of thumb;
# the most it can take counts an answer that has to be repaired.
ESTIMATE = {
    "key": "string",
    "cached": "boolean",
    "tokens_in": "bigint",
    "tokens_out": "bigint",
    "most_tokens_in": "bigint",
    "most_tokens_out": "bigint",
    "error": "string",
}
