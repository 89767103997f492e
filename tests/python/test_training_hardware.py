"""Number formats and several processes, on the CPU."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from python_udfs.encoder_location import MODEL_CARD, WEIGHTS
from training.__main__ import main

from .conftest import PROJECT
from .tiny import drawn_shop, run_options, validation_figure


def arguments(shop: Path, name: str, *changes: str) -> list[str]:
    return [*run_options(shop, *changes), "--warehouse", str(shop / "house"), "--name", name]


def card(shop: Path, name: str) -> dict[str, object]:
    return dict(json.loads((shop / "house" / "encoders" / name / MODEL_CARD).read_text()))


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_learns_as_well(tmp_path: Path, precision: str) -> None:
    drawn_shop(tmp_path)
    assert main(arguments(tmp_path, precision, f"run.precision={precision}")) == 0
    made = card(tmp_path, precision)
    assert made["loss"][-1] < 0.3 * made["loss"][0]
    assert validation_figure(made, "image") > 0.9


def test_an_unknown_precision_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn_shop(tmp_path)
    assert main(arguments(tmp_path, "none", "run.precision=int3")) == 2
    assert "unknown run.precision 'int3': possible are fp32, bf16, fp16" in capsys.readouterr().err


def test_two_processes_make_one_encoder(tmp_path: Path) -> None:
    drawn_shop(tmp_path)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launcher, "-m", "training", *arguments(tmp_path, "both")]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("encoder: ") == 1
    made = card(tmp_path, "both")
    # 40 products in batches of 16, each split over the two.
    assert len(made["loss"]) == 20 * 3
    assert validation_figure(made, "image") > 0.9
    assert (tmp_path / "house" / "encoders" / "both" / WEIGHTS).exists()
    assert not (tmp_path / "house" / "encoders" / ".runs").exists()
