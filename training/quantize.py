"""`python -m training.quantize`: an encoder's copy whose image tower computes in 8-bit integers, if it finds as much.

Takes the options of `python -m training`; `--encoder` names the encoder, else the current one. The tower is made with
ONNX Runtime's static quantization, calibrated on training images, and Recall@10 of the validation products is measured.
If it loses 0.2 points at most, it becomes `<warehouse>/encoders/<name>-int8` (`--out`: that folder), used with
ENCODER=<name>-int8. Where it loses more, nothing is written. Dynamic quantization takes its scales from what is in the
batch, so that an embedding would depend on the other images there.
"""

import hashlib
import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from os import devnull
from pathlib import Path
from typing import Any

import numpy as np
import torch

from python_udfs.encoder import BATCH, Encoder, folded, load_folder
from python_udfs.encoder_location import (
    INT8,
    MODEL_CARD,
    EncoderError,
    encoder_name,
    is_run,
    local_folder,
    resolve_encoder,
)
from python_udfs.int8 import LARGEST_DROP, Int8Images, passes
from training.__main__ import FAILURES
from training.command_line import find_tables, parser
from training.config import load_settings
from training.data import Attributes, DataError, Products
from training.evaluate import Floats, measure
from training.export import check_place, deliver, write_card
from training.hardware import check_one_process
from training.model import copy_full_encoder
from training.run import read_source

CALIBRATION_IMAGES = 4 * BATCH
TIMED_BATCHES = 3


class RefusedError(DataError):
    """The 8-bit tower does not find as much as the full one."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code. A wrong input or a refusal ends with one line on stderr, code 2."""
    options = parser("python -m training.quantize", __doc__)
    options.add_argument("--encoder", default="", help="the encoder to copy; default: the warehouse's current one")
    given = options.parse_args(arguments)
    try:
        check_one_process("training.quantize")
        settings = load_settings(given.config, given.set)
        check_place(given.out)
        source = find_tables(given)
        location = resolve_encoder(given.encoder, source.warehouse)
        if given.out is None and not is_run(location, given.warehouse):
            raise EncoderError(
                f"{location} was not trained in this warehouse, and its copy would count as trained here: lay the copy "
                "elsewhere (--out FOLDER) and build with ENCODER=FOLDER"
            )
        with local_folder(location) as folder, tempfile.TemporaryDirectory() as scratch:
            # Of one behind a URL the folder here is a copy under a name that says nothing.
            name = encoder_name(location)
            # A copy already in 8 bits is judged against its full towers.
            encoder = replace(load_folder(folder, name), int8_images=None)
            _, attributes, products = read_source(source, encoder, settings)
            made = Path(scratch) / f"{name.removesuffix('-int8')}-int8"
            card = quantize(encoder, folder, attributes, products, made)
            place = deliver(made, made.name, given.out, given.warehouse)
    except FAILURES as error:
        print(f"training.quantize: {error}", file=sys.stderr)
        return 2
    shown = card["int8"]
    print(f"encoder: {place}")
    print(f"validation recall@10: {shown['recall_at_10']:.4f} ({shown['full_recall_at_10']:.4f} in full)")
    print(f"seconds for {BATCH} images on one thread: {shown['seconds']:.3f} ({shown['full_seconds']:.3f} in full)")
    return 0


def quantize(
    encoder: Encoder, folder: Path, attributes: Attributes, products: Products, target: Path
) -> dict[str, Any]:
    """Lay the copy of the encoder in `folder` into `target`, a folder to be made; returns its model card.

    Raises RefusedError where the tower does not pass, DataError where there are no images to judge by.
    """
    judged = products.rows("validation")
    judged = judged[products.has_image[judged]]
    seen = products.rows("train")
    seen = seen[products.has_image[seen]][:CALIBRATION_IMAGES]
    if not len(judged) or not len(seen):
        raise DataError("int8 needs products with images in the splits train (to calibrate) and validation (to judge)")
    prompts = encoder.encode_texts(attributes.prompts)
    positives = products.weights[judged] > 0

    def recall(model: Encoder) -> float:
        found = model.encode_images(products.pixels[judged])
        return measure(found, prompts, positives, attributes.facets).recall_at_10

    full_recall = recall(encoder)
    tower = int8_tower(encoder, _prepared(encoder, products.pixels[seen]))
    smaller = replace(encoder, int8_images=Int8Images(tower))
    figure = recall(smaller)
    if not passes(figure, full_recall):
        raise RefusedError(
            f"int8 loses more than {LARGEST_DROP} of Recall@10 ({full_recall - figure:.4f}): the encoder stays as it is"
        )
    target.mkdir(parents=True)
    copy_full_encoder(folder, target)
    (target / INT8).write_bytes(tower)
    card = {
        **_card(folder),
        "name": target.name,
        "int8": {
            "sha256": hashlib.sha256(tower).hexdigest(),
            "kind": "static",
            "products": len(judged),
            "recall_at_10": figure,
            "full_recall_at_10": full_recall,
            "seconds": round(_seconds(smaller, products.pixels[judged]), 4),
            "full_seconds": round(_seconds(folded(encoder), products.pixels[judged]), 4),
        },
    }
    write_card(target, card)
    return card


def int8_tower(encoder: Encoder, calibration: Floats) -> bytes:
    """The image tower as ONNX in 8-bit integers, pixels (64, 3, height, width) to embeddings (64, d)."""
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as scratch, _silence():
        exported, prepared, made = (Path(scratch) / name for name in ("full.onnx", "prepared.onnx", "int8.onnx"))
        torch.onnx.export(
            _ImageTower(encoder.model).eval(),
            (torch.from_numpy(calibration[:BATCH]),),
            str(exported),
            input_names=["pixels"],
            output_names=["embedding"],
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        quant_pre_process(str(exported), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(made),
            _Calibration(calibration),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
        )
        return made.read_bytes()


class _ImageTower(torch.nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model.encode_image(pixels, normalize=True)  # type: ignore[no-any-return]


class _Calibration:
    """Batches of pixels as ONNX Runtime asks for them."""

    def __init__(self, pixels: Floats) -> None:
        self.batches: Iterator[Floats] = iter(pixels.reshape(-1, BATCH, *pixels.shape[1:]))

    def get_next(self) -> dict[str, Floats] | None:
        batch = next(self.batches, None)
        return None if batch is None else {"pixels": batch}


def _prepared(encoder: Encoder, pixels: Any) -> Floats:
    """Normalized pixels, as many as whole batches: the first ones again where there are too few."""
    whole = np.resize(pixels, (-(-len(pixels) // BATCH) * BATCH, *pixels.shape[1:]))
    prepared: Floats = encoder.normalize(torch.from_numpy(whole)).numpy()
    return prepared


def _seconds(encoder: Encoder, pixels: Any) -> float:
    """Seconds for one batch on one thread: the best of a few."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    batch, best = np.resize(pixels, (BATCH, *pixels.shape[1:])), float("inf")
    for _ in range(TIMED_BATCHES):
        start = time.perf_counter()
        encoder.encode_images(batch)
        best = min(best, time.perf_counter() - start)
    torch.set_num_threads(threads)
    return best


def _card(folder: Path) -> dict[str, Any]:
    card = folder / MODEL_CARD
    return dict(json.loads(card.read_text(encoding="utf-8"))) if card.exists() else {}


@contextmanager
def _silence() -> Iterator[None]:
    """ONNX's exporter and quantizer tell of every step."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with Path(devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            yield
    finally:
        logging.disable(before)


if __name__ == "__main__":
    sys.exit(main())
