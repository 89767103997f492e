"""Runs of which only the model card is kept, where encoder_runs and encoder_metrics find it."""

import argparse
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import fsspec

from python_udfs.encoder_location import MODEL_CARD
from training.__main__ import remove_working_folder
from training.command_line import working_folder
from training.config import Settings
from training.evaluate import Metric
from training.export import write_card
from training.hardware import hardware
from training.run import Made, Source, run


def train_for_figures(options: argparse.Namespace, source: Source, settings: Settings, kind: str, choice: str) -> Made:
    """Train one setting in one process and keep its card. Raises what `training.run.run` does."""
    print(f"{kind}: {choice}", flush=True)
    with hardware(settings) as here, tempfile.TemporaryDirectory() as scratch:
        made = run(source, settings, Path(scratch), partial(working_folder, options), here, choice)
        assert made is not None, "check_one_process"
    keep_card(options, kind, choice, made.card)
    remove_working_folder(made.working)
    return made


def keep_card(options: argparse.Namespace, kind: str, choice: str, card: dict[str, Any]) -> None:
    """Write a card under `<warehouse>/encoders/<kind>/<choice>` (`--out`: under that folder); show its headlines."""
    parent = str(options.out) if options.out is not None else f"{options.warehouse.rstrip('/')}/encoders/{kind}"
    with tempfile.TemporaryDirectory() as scratch:
        write_card(Path(scratch), {**card, "name": f"{kind}/{choice}"})
        with (
            (Path(scratch) / MODEL_CARD).open("rb") as made,
            fsspec.open(f"{parent}/{choice}/{MODEL_CARD}", "wb", auto_mkdir=True) as kept,
        ):
            shutil.copyfileobj(made, kept)
    print(f"  {choice}: {', '.join(_headlines(card['metrics']))}", flush=True)


def _headlines(metrics: list[Metric]) -> list[str]:
    return [
        f"{row['modality']} {row['metric'] if row['k'] is None else 'recall@10'} {row['value']:.3f}"
        for row in metrics
        if row["facet"] == "all" and row["k"] in (None, 10)
    ]
