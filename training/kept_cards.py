"""The model card of a run whose weights nobody wants, where encoder_runs and encoder_metrics find it."""

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

import fsspec

from python_udfs.encoder_location import MODEL_CARD
from training.evaluate import Metric
from training.export import write_card


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
