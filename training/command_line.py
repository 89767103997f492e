"""Which tables a run reads, and where it lands: from the command line, else from the warehouse's settings."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from dbt_pinlanding.settings import home, resolve, tables_folder
from training.config import SettingsError
from training.data import DataError
from training.run import Source

SOURCES = {"pairs": "training_pairs", "labels": "stg_labels"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
# What lies under <warehouse>/encoders beside the runs, and the name of the encoder that the project brings.
TAKEN = ("ablations", "current", "sample", "study")


def find_tables(options: argparse.Namespace, build: bool = True) -> Source:
    """Fill in the options that were not given from the settings, and `build` the warehouse's tables they then name.

    Raises SettingError, SettingsError, DataError.
    """
    if options.name is not None and (not NAME.fullmatch(options.name) or (options.name in TAKEN and not options.out)):
        raise SettingsError(
            f"--name {options.name!r}: a run's name is a folder's, of letters, digits, '-', '_' and '.', and not "
            f"{', '.join(TAKEN)}"
        )
    if options.source not in SOURCES:
        raise DataError(f"PAIRS is '{options.source}': possible are {', '.join(SOURCES)}")
    if bool(options.pairs) != bool(options.products):
        raise DataError("--pairs and --products go together")
    if options.pairs and (options.warehouse or options.out):
        return _source(options, options.warehouse or "")
    settings = resolve()
    warehouse = options.warehouse or settings["PINLANDING_WAREHOUSE"]
    if options.out is None:
        options.warehouse = warehouse
    if options.pairs:
        return _source(options, warehouse)
    options.roots = options.roots or settings["PINLANDING_IMAGE_ROOTS"]
    dbt = str(Path(sys.executable).with_name("dbt"))
    selected = ["--select", f"+{SOURCES[options.source]}", "+products", "--exclude-resource-type", "test", "unit_test"]
    command = [dbt, "build", *selected, *(["--vars", options.vars] if options.vars else [])]
    if build and subprocess.run(command, cwd=home(), check=False).returncode:
        raise DataError("the tables to train from could not be built: dbt says why above")
    tables = tables_folder(settings["PINLANDING_WAREHOUSE"])
    options.pairs, options.products = f"{tables}/{SOURCES[options.source]}", f"{tables}/products"
    return _source(options, warehouse)


def working_folder(options: argparse.Namespace, fingerprint: str) -> Path:
    """Where a run keeps its checkpoint: beside the encoder it makes, or in the user's cache when that is a URL."""
    if options.out is not None:
        beside = Path(options.out).parent
    elif "://" in options.warehouse:
        beside = Path.home() / ".cache" / "pinlanding"
    else:
        beside = Path(options.warehouse) / "encoders"
    return beside / ".runs" / fingerprint


def _source(options: argparse.Namespace, warehouse: str) -> Source:
    return Source(options.source, options.pairs, options.products, options.roots or "", warehouse, options.vars)


def parser(program: str, description: str | None) -> argparse.ArgumentParser:
    """The options that every command of the package has."""
    parser = argparse.ArgumentParser(
        prog=program, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--pairs",
        help="table of product_id, facet, value (split, weight, prompt); values as the warehouse writes them, as in "
        "its stg_labels: builds ask for `t-shirt` where labels say `Tshirts`",
    )
    parser.add_argument(
        "--source",
        default=os.environ.get("PAIRS") or "pairs",
        help="pairs: what the warehouse's extraction named (default, also PAIRS=pairs); labels: its labels, of which "
        "builds with this encoder then read the train and validation splits",
    )
    parser.add_argument("--products", help="table of product_id, title (description, image_uri, split)")
    parser.add_argument("--roots", help="folders and URL prefixes images may come from, one a line")
    parser.add_argument("--vars", default="", help="dbt vars, with which the warehouse's tables are built first")
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--warehouse", help="the run lands in <warehouse>/encoders/<name> and becomes the current one")
    target.add_argument("--out", type=Path, help="the encoder's folder, when it is not for a warehouse")
    parser.add_argument("--name", help="the run's name; default: made of data and settings")
    parser.add_argument("--config", type=Path, help="settings file; default: training/config.toml")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="change one setting")
    return parser
