"""Writing what a run made: the encoder's folder with its model card, whole or not at all."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import torch

from python_udfs.encoder_location import CONFIG, FILES, HUGGING_FACE_TOKENIZER, MODEL_CARD
from training.data import DataError
from training.model import copy_tokenizer, save_weights

CURRENT = "current"


def export(model: Any, made_from: Path, folder: Path) -> None:
    """Lay the model (weights as fp16) and the configuration and tokenizer it was made from into `folder`."""
    config = json.loads((made_from / CONFIG).read_text(encoding="utf-8"))
    # A loss with a bias may have given the model one that its configuration does not know.
    if model.logit_bias is not None:
        config["model_cfg"].setdefault("init_logit_bias", 0.0)
    (folder / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    copy_tokenizer(made_from, folder)
    save_weights(model.state_dict(), folder, torch.float16)


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write `model_card.json`."""
    (folder / MODEL_CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def check_place(out: Path | None) -> None:
    """Raise DataError where an encoder laid into the folder `out` would replace something that is no encoder."""
    if out is None or not out.exists():
        return
    if not out.is_dir() or (any(out.iterdir()) and not (out / CONFIG).exists()):
        raise DataError(f"--out {out}: something else lies there, which the encoder would replace; name a new folder")


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder beside `target` that takes its place when the block ends well, and is gone when it does not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
        made = Path(scratch) / target.name
        made.mkdir()
        yield made
        if target.exists():
            target.rename(Path(scratch) / "replaced")
        made.rename(target)


def deliver(folder: Path, name: str, out: Path | None, warehouse: str) -> str:
    """Put the encoder into the folder `out`, or where there is none into `<warehouse>/encoders/<name>`.

    Returns its location. `warehouse` is a folder or anything fsspec writes to.
    """
    target = f"{_encoders(warehouse)}/{name}" if out is None else str(out)
    if out is None and "://" in warehouse:
        files = {file.name: file for file in folder.iterdir()}
        system, path = fsspec.core.url_to_fs(target)
        # A former encoder under this name may have had files that this one has not, which would be read with it.
        for old in (*FILES, *HUGGING_FACE_TOKENIZER):
            if old not in files and system.exists(f"{path}/{old}"):
                system.rm_file(f"{path}/{old}")
        # Last what says that there is an encoder.
        for file in sorted(files, key=lambda file: (file in (CONFIG, MODEL_CARD), file)):
            with fsspec.open(f"{target}/{file}", "wb") as remote:
                remote.write(files[file].read_bytes())
        return target
    with new_folder(Path(target)) as made:
        shutil.copytree(folder, made, dirs_exist_ok=True)
    return target


def make_current(warehouse: str, name: str) -> None:
    """Let `<warehouse>/encoders/current` name the encoder, which lies there already, for the next build to use."""
    mark = f"{_encoders(warehouse)}/{CURRENT}"
    if "://" in warehouse:
        with fsspec.open(mark, "wt", encoding="utf-8") as remote:
            remote.write(name + "\n")
        return
    beside = Path(f"{mark}.{os.getpid()}")
    beside.write_text(name + "\n", encoding="utf-8")
    beside.replace(mark)


def _encoders(warehouse: str) -> str:
    return f"{warehouse.rstrip('/')}/encoders"
