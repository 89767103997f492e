"""`python -m training`: train an encoder on product-attribute pairs.

Plain, it builds and reads the pairs of the warehouse that the variables name, and the run lands there, for the next
build to use. `--pairs` and `--products` name tables instead; `--out` a folder for the encoder instead.

The sample's encoder, from a sample that the default one does not hold:
  python -m sample --folder F --products 8000 --seed 1000
  python -m training --pairs F/labels.parquet --products F/catalog.parquet --roots F \\
      --set data.unnamed=1 --out training/encoders/sample --name sample
"""

import argparse
import shutil
import sys
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path

from dbt_pinlanding.settings import SettingError
from python_udfs.encoder_location import EncoderError
from training.checkpoint import CheckpointError
from training.command_line import find_tables, parser, working_folder
from training.config import SettingsError, load_settings
from training.curves import CURVES
from training.data import DataError
from training.export import check_place, deliver, make_current
from training.hardware import Hardware, hardware
from training.run import Source, run

FAILURES = (SettingsError, SettingError, DataError, EncoderError, CheckpointError)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code. A wrong input ends with one line on stderr and code 2."""
    options = parser("python -m training", __doc__).parse_args(arguments)
    try:
        settings = load_settings(options.config, options.set)
        check_place(options.out)
        with hardware(settings) as here, tempfile.TemporaryDirectory() as scratch:
            source = _find_tables(options, here)
            working = partial(working_folder, options)
            made = run(source, settings, Path(scratch), working, here, options.name)
            if made is None:
                return 0
            name = str(made.card["name"])
            location = deliver(made.folder, name, options.out, options.warehouse)
            if options.out is None:
                make_current(options.warehouse, name)
    except FAILURES as error:
        print(f"training: {error}", file=sys.stderr)
        return 2
    remove_working_folder(made.working)
    print(f"encoder: {location}")
    for row in made.card["metrics"]:
        if (row["metric"], row["k"], row["facet"]) == ("recall", 10, "all"):
            print(f"validation recall@10, {row['modality'].replace('_', ' ')}: {row['value']:.3f}")
    print(f"curves: {location}/{CURVES}")
    print(f"processor seconds: {made.card['cpu_seconds']}")
    return 0


def _find_tables(options: argparse.Namespace, here: Hardware) -> Source:
    """The tables to read; the first process builds them while the others wait."""
    if not here.is_first:
        here.wait()
        return find_tables(options, build=False)
    source = find_tables(options)
    here.wait()
    return source


def remove_working_folder(working: Path) -> None:
    """Remove the checkpoint of a run whose encoder is safe."""
    shutil.rmtree(working, ignore_errors=True)
    with suppress(OSError):
        # Another run's folder may lie there.
        working.parent.rmdir()


if __name__ == "__main__":
    sys.exit(main())
