"""`python -m training`: train an encoder on product-attribute pairs.

Plain, it builds and reads the pairs of the warehouse that the variables name, and the run lands there, for the next
build to use. `--pairs` and `--products` name tables instead; `--out` a folder for the encoder instead.

The sample's encoder, from a sample that the default one does not hold:
  python -m sample --folder F --products 8000 --seed 1000
  python -m training --pairs F/labels.parquet --products F/catalog.parquet --roots F \\
      --set data.unnamed=1 --out training/encoders/sample --name sample
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from dbt_pinlanding.settings import PROJECT, SettingError, resolve
from python_udfs.encoder import load_folder
from python_udfs.encoder_location import WEIGHTS, EncoderError
from training.checkpoint import CheckpointError
from training.config import Settings, SettingsError, load_settings
from training.curves import CURVES, draw_curves
from training.data import DataError, attributes_of, fingerprint, load_products, read_pairs, read_table
from training.export import export, new_folder, publish, write_card
from training.loop import kept_step, progress, seconds_of, seed_everything, train
from training.losses import LOSSES
from training.modalities import modality_figures
from training.model import create_encoder

SOURCES = {"pairs": "training_pairs", "labels": "stg_labels"}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code. A wrong input ends with one line on stderr and code 2."""
    options = _options(arguments)
    try:
        settings = load_settings(options.config, options.set)
        if settings["loss"]["name"] not in LOSSES:
            raise SettingsError(f"unknown loss '{settings['loss']['name']}': possible are {', '.join(LOSSES)}")
        if not any(float(settings["loss"][modality]) for modality in ("image", "text", "fused")):
            raise SettingsError("loss.image, loss.text and loss.fused are all 0: give one of them a weight")
        find_tables(options)
        with tempfile.TemporaryDirectory() as scratch:
            location, card = run(options, settings, Path(scratch))
    except (SettingsError, SettingError, DataError, EncoderError, CheckpointError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 2
    print(f"encoder: {location}")
    for row in card["metrics"]:
        if (row["metric"], row["k"], row["facet"]) == ("recall", 10, "all"):
            print(f"validation recall@10, {row['modality'].replace('_', ' ')}: {row['value']:.3f}")
    print(f"curves: {location}/{CURVES}")
    print(f"processor seconds: {card['cpu_seconds']}")
    return 0


def find_tables(options: argparse.Namespace) -> None:
    """Fill in the options that were not given from the settings, and build the warehouse's tables they then name.

    Raises SettingError, DataError.
    """
    if bool(options.pairs) != bool(options.products):
        raise DataError("--pairs and --products go together")
    if options.pairs and (options.warehouse or options.out):
        return
    settings = resolve()
    if options.out is None:
        options.warehouse = options.warehouse or settings["PINLANDING_WAREHOUSE"]
    if options.pairs:
        return
    source = os.environ.get("PAIRS") or "pairs"
    if source not in SOURCES:
        raise DataError(f"PAIRS is '{source}': possible are {', '.join(SOURCES)}")
    options.roots = options.roots or settings["PINLANDING_IMAGE_ROOTS"]
    dbt = str(Path(sys.executable).with_name("dbt"))
    selected = ["--select", f"+{SOURCES[source]}", "+products", "--exclude-resource-type", "test", "unit_test"]
    command = [dbt, "build", *selected]
    if subprocess.run(command, cwd=PROJECT, check=False).returncode:
        raise DataError("the tables to train from could not be built: dbt says why above")
    tables = f"{settings['PINLANDING_WAREHOUSE']}/pinlanding.db"
    options.pairs, options.products = f"{tables}/{SOURCES[source]}", f"{tables}/products"


def run(options: argparse.Namespace, settings: Settings, scratch: Path) -> tuple[str, dict[str, Any]]:
    """Train and write the encoder; returns its location and model card. `scratch` is an empty folder to work in.

    Raises SettingsError, DataError, EncoderError, CheckpointError.
    """
    began, processor = time.time(), time.process_time()
    seed_everything(int(settings["run"]["seed"]), int(settings["run"]["threads"]))
    pairs = read_pairs(options.pairs)
    attributes = attributes_of(pairs)
    start = scratch / "start"
    start.mkdir()
    encoder = create_encoder(settings, start, options.warehouse or "")
    table = read_table(options.products)
    if not options.roots and "image_uri" in table and table["image_uri"].notna().any():
        raise DataError("the products have images: name the folders they may come from with --roots")
    products = load_products(
        pairs, attributes, table, options.roots or "", encoder.prepare, settings, progress("read images")
    )
    if not len(products.rows("train")):
        raise DataError("no product of the split `train` has a pair")
    data = fingerprint(pairs, products)
    versions = _versions()
    with (start / WEIGHTS).open("rb") as weights:
        learned_from = [data, json.dumps(settings), hashlib.file_digest(weights, "sha256").hexdigest()]
    name = options.name or f"run-{_digest(learned_from)[:8]}"
    # Another version of the code may step differently: it starts over rather than going on.
    working = working_folder(options, _digest([*learned_from, json.dumps(versions)]))
    model, history = train(encoder, attributes, products, settings, working)
    made = scratch / name
    made.mkdir()
    export(model, start, made)
    # The figures are those of the file, fp16 rounding included.
    exported = load_folder(made, name)
    figures = modality_figures(exported, attributes, products, "validation")
    metrics = [row for modality, found in figures.items() for row in found.to_rows("validation", modality)]
    card = {
        "name": name,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {
            "fingerprint": data,
            "products": {split: len(products.rows(split)) for split in ("train", "validation", "test")},
            "images": int(products.has_image.sum()),
            "pairs": len(pairs),
            "attributes": len(attributes.ids),
        },
        "settings": settings,
        # The test split is left to the evaluation.
        "metrics": metrics,
        "loss": [round(value, 5) for value in history.loss],
        "validation": history.validation,
        "kept_step": kept_step(history, settings),
        "curves": CURVES,
        "cpu_seconds": round(seconds_of(processor) + history.cpu_seconds),
        "seconds": round(time.time() - began + history.seconds),
        "versions": versions,
    }
    write_card(made, card)
    draw_curves(history.loss, history.validation, made / CURVES)
    if options.out is None:
        location = publish(made, options.warehouse, name)
    else:
        with new_folder(options.out) as target:
            shutil.copytree(made, target, dirs_exist_ok=True)
        location = str(options.out)
    shutil.rmtree(working, ignore_errors=True)
    with suppress(OSError):
        # Another run's folder may lie there.
        working.parent.rmdir()
    return location, card


def working_folder(options: argparse.Namespace, fingerprint: str) -> Path:
    """Where a run keeps its checkpoint: beside the encoder it makes, or in the user's cache when that is a URL."""
    if options.out is not None:
        beside = Path(options.out).parent
    elif "://" in options.warehouse:
        beside = Path.home() / ".cache" / "pinlanding"
    else:
        beside = Path(options.warehouse) / "encoders"
    return beside / ".runs" / fingerprint[:16]


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", help="table of product_id, facet, value (split, weight, prompt)")
    parser.add_argument("--products", help="table of product_id, title (description, image_uri, split)")
    parser.add_argument("--roots", help="folders and URL prefixes images may come from, one a line")
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--warehouse", help="the run lands in <warehouse>/encoders/<name> and becomes the current one")
    target.add_argument("--out", type=Path, help="the encoder's folder, when it is not for a warehouse")
    parser.add_argument("--name", help="the run's name; default: made of data and settings")
    parser.add_argument("--config", type=Path, help="settings file; default: training/config.toml")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="change one setting")
    return parser.parse_args(arguments)


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _versions() -> dict[str, str]:
    packages = ("torch", "open_clip_torch", "numpy", "pillow")
    found = {package: metadata.version(package) for package in packages}
    return {"code": _code_version(), "python": platform.python_version(), **found}


def _code_version() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return metadata.version("pinlanding") if _installed("pinlanding") else "unknown"


def _installed(package: str) -> bool:
    return package in {distribution.name for distribution in metadata.distributions()}


if __name__ == "__main__":
    sys.exit(main())
