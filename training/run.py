"""One run from tables to an encoder's folder: read, train, export, measure, describe in a model card."""

import hashlib
import json
import platform
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from dbt_pinlanding.settings import code_version, tables_folder
from python_udfs.encoder import Encoder, load_folder
from python_udfs.encoder_location import WEIGHTS
from training.checkpoint import held
from training.config import Settings, SettingsError
from training.curves import CURVES, draw_curves
from training.data import (
    Attributes,
    DataError,
    Products,
    attributes_of,
    fingerprint,
    load_products,
    read_pairs,
    read_table,
    with_splits,
    without_test,
)
from training.export import export, write_card
from training.hardware import Hardware
from training.loop import kept_step, progress, seconds_of, seed_everything, train
from training.losses import LOSSES
from training.modalities import modality_figures
from training.model import create_encoder
from training.state import History
from training.thresholds import statistics_of_training


@dataclass(frozen=True)
class Source:
    """The tables to learn from, where their images may come from, and the warehouse that names earlier runs.

    kind is `pairs` or `labels`: builds with an encoder that learned from labels read those labels too. vars are the
    dbt vars that the tables were built with.
    """

    kind: str
    pairs: str
    products: str
    roots: str
    warehouse: str
    vars: str = ""


@dataclass(frozen=True)
class Made:
    """What a run made: the encoder's folder and card, the encoder as it is exported, and what it was trained on."""

    folder: Path
    card: dict[str, Any]
    encoder: Encoder
    attributes: Attributes
    products: Products
    working: Path


def run(
    source: Source,
    settings: Settings,
    scratch: Path,
    working_folder: Callable[[str], Path],
    hardware: Hardware,
    name: str | None = None,
) -> Made | None:
    """Train an encoder and lay it into a folder of `scratch`, an empty folder; None in the processes that only help.

    `working_folder` gives, for the run's fingerprint, where its checkpoint lies; it is left there for the caller to
    remove once the encoder is safe. Raises SettingsError, DataError, EncoderError, CheckpointError.
    """
    began, processor = time.time(), time.process_time()
    _check_loss(settings["loss"])
    seed_everything(int(settings["run"]["seed"]), int(settings["run"]["threads"]))
    start = scratch / "start"
    start.mkdir()
    encoder = create_encoder(settings, start, source.warehouse)
    pairs, attributes, products = read_source(source, encoder, settings)
    if not len(products.rows("train")):
        raise DataError("no product of the split `train` has a pair")
    data, versions = fingerprint(pairs, products), _versions()
    with (start / WEIGHTS).open("rb") as weights:
        learned_from = [data, json.dumps(settings), hashlib.file_digest(weights, "sha256").hexdigest()]
    name = name or f"run-{_digest(learned_from)[:8]}"
    # Another version of the code may step differently: it starts over rather than going on.
    working = working_folder(_digest([*learned_from, json.dumps(versions)])[:16])
    with held(working) if hardware.is_first else nullcontext():
        model, history = train(encoder, attributes, products, settings, working, hardware)
    if not hardware.is_first:
        return None
    folder = scratch / name
    folder.mkdir(parents=True)
    export(model, start, folder)
    # The figures are those of the file, fp16 rounding included.
    exported = load_folder(folder, name)
    figures = modality_figures(exported, attributes, products, "validation")
    card = {
        "name": name,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {"source": source.kind, **_described(data, attributes, products)},
        "vars": source.vars,
        "settings": settings,
        "metrics": [row for modality, found in figures.items() for row in found.to_rows("validation", modality)],
        "thresholds": statistics_of_training(exported, attributes, products),
        **_told(history, settings),
        "cpu_seconds": round(seconds_of(processor) + history.cpu_seconds),
        "seconds": round(time.time() - began + history.seconds),
        "versions": versions,
    }
    write_card(folder, card)
    draw_curves(history.loss, history.validation, folder / CURVES)
    return Made(folder, card, exported, attributes, products, working)


def read_source(source: Source, encoder: Encoder, settings: Settings) -> tuple[pd.DataFrame, Attributes, Products]:
    """The source's pairs, their attributes, and the products that have a pair, images as the encoder reads them.

    Nothing of the test split: it is the evaluation's alone. Raises DataError.
    """
    table, pairs = read_table(source.products), read_pairs(source.pairs)
    if source.warehouse and "product_id" in table:
        table = with_splits(table, pairs, f"{tables_folder(source.warehouse)}/products")
    pairs = without_test(pairs, table)
    attributes = attributes_of(pairs)
    if not source.roots and "image_uri" in table and table["image_uri"].notna().any():
        raise DataError("the products have images: name the folders they may come from with --roots")
    return (
        pairs,
        attributes,
        load_products(pairs, attributes, table, source.roots, encoder.prepare, settings, progress("read images")),
    )


def _check_loss(loss: dict[str, Any]) -> None:
    if loss["name"] not in LOSSES:
        raise SettingsError(f"unknown loss '{loss['name']}': possible are {', '.join(LOSSES)}")
    if not any(float(loss[modality]) for modality in ("image", "text", "fused")):
        raise SettingsError("loss.image, loss.text and loss.fused are all 0: give one of them a weight")


def _described(data: str, attributes: Attributes, products: Products) -> dict[str, Any]:
    return {
        "fingerprint": data,
        "products": {split: len(products.rows(split)) for split in ("train", "validation")},
        "images": int(products.has_image.sum()),
        "pairs": int((products.weights > 0).sum()),
        "attributes": len(attributes.ids),
    }


def _told(history: History, settings: Settings) -> dict[str, Any]:
    return {
        "loss": [round(value, 5) for value in history.loss],
        "validation": history.validation,
        "kept_step": kept_step(history, settings),
        "curves": CURVES,
    }


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _versions() -> dict[str, str]:
    packages = ("torch", "open_clip_torch", "numpy", "pillow")
    found = {package: metadata.version(package) for package in packages}
    return {"code": code_version(), "python": platform.python_version(), **found}
