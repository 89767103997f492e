"""A run that is killed and started again, in processes of its own, against one that nothing disturbed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError, safe_open

from python_udfs.encoder_location import WEIGHTS
from training import checkpoint
from training.__main__ import main

from .conftest import PROJECT
from .tiny import drawn_shop, run_options

# 40 products in batches of 8: 5 steps an epoch.
SETTINGS = ["run.batch_size=8", "run.epochs=16"]
STEPS = 80


def command(shop: Path, house: Path, checkpoint_seconds: int) -> list[str]:
    options = run_options(shop, *SETTINGS, f"run.checkpoint_seconds={checkpoint_seconds}")
    return [*options, "--warehouse", str(house), "--name", "tiny"]


def steps_done(house: Path) -> int:
    for state in house.glob(f"encoders/.runs/*/{checkpoint.STATE}"):
        try:
            with safe_open(state, framework="pt") as file:
                return len(json.loads(file.metadata()["plain"])["history"]["loss"])
        except (OSError, SafetensorError):
            return 0
    return 0


def test_killed_and_resumed_is_the_same_checkpoint(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    drawn_shop(tmp_path)
    disturbed, undisturbed = tmp_path / "disturbed", tmp_path / "undisturbed"
    process = subprocess.Popen(
        [sys.executable, "-m", "training", *command(tmp_path, disturbed, 0)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stderr=subprocess.DEVNULL,
    )
    stop_at = random.randrange(2, STEPS // 2)
    while process.poll() is None and steps_done(disturbed) < stop_at:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (disturbed / "encoders" / "tiny").exists()
    done = steps_done(disturbed)
    assert stop_at <= done < STEPS

    capfd.readouterr()
    assert main(command(tmp_path, disturbed, 0)) == 0
    said = capfd.readouterr().err
    assert f"going on after step {done} " in said
    assert "recall@10=" in said and "loss=" in said
    assert not (disturbed / "encoders" / ".runs").exists()
    assert main(command(tmp_path, undisturbed, 1000)) == 0

    one, two = (house / "encoders" / "tiny" for house in (disturbed, undisturbed))
    assert (one / WEIGHTS).read_bytes() == (two / WEIGHTS).read_bytes()
    first, second = (json.loads((folder / "model_card.json").read_text()) for folder in (one, two))
    assert len(first["loss"]) == STEPS
    assert [first[part] for part in ("loss", "validation", "metrics")] == [
        second[part] for part in ("loss", "validation", "metrics")
    ]


def test_a_torn_checkpoint_is_refused_in_one_line(tmp_path: Path) -> None:
    assert checkpoint.read(tmp_path) is None
    checkpoint.write(tmp_path, {"a": torch.ones(2, 3).T}, {"history": [1.5]})
    tensors, plain = checkpoint.read(tmp_path) or ({}, {})
    assert tensors["a"].shape == (3, 2) and plain == {"history": [1.5]}
    whole = (tmp_path / checkpoint.STATE).read_bytes()
    (tmp_path / checkpoint.STATE).write_bytes(whole[:-3])
    with pytest.raises(checkpoint.CheckpointError, match="to start over") as refused:
        checkpoint.read(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_second_run_with_the_same_data_and_settings_keeps_out(tmp_path: Path) -> None:
    folder = tmp_path / ".runs" / "same"
    with (
        checkpoint.held(folder),
        pytest.raises(checkpoint.CheckpointError, match="going on"),
        checkpoint.held(folder),
    ):
        pass
    with checkpoint.held(folder):
        assert folder.is_dir()
