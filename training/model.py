"""The model of a run, made from the settings or loaded to go on from."""

import gzip
import json
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.tokenizer import default_bpe
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from python_udfs.encoder import Encoder, load_encoder, load_folder, pretrained_options
from python_udfs.encoder_location import (
    CONFIG,
    HUGGING_FACE_TOKENIZER,
    OPEN_CLIP,
    TOKENIZER,
    WEIGHTS,
    check_folder,
    local_folder,
    open_clip_parts,
    resolve_encoder,
)
from python_udfs.images import one_line
from training.config import Settings, SettingsError

# Bytes, bytes that end a word, start and end of text.
FIXED_TOKENS = 256 + 256 + 2


def create_encoder(settings: Settings, folder: Path, warehouse: str = "") -> Encoder:
    """The encoder a run starts from, its configuration and tokenizer laid into `folder` in our format.

    With `start.encoder` these are that encoder's own: a folder, a run of the warehouse, or an open_clip model with its
    pretrained tag or safetensors file. Otherwise the settings' model with weights drawn from torch's global generator,
    which the caller has seeded. Raises EncoderError, SettingsError.
    """
    start = str(settings["start"]["encoder"])
    _check_start(settings["start"])
    if not start:
        _write_new(settings, folder)
        return load_folder(folder, folder.name)
    location = resolve_encoder(_open_clip_name(start), warehouse)
    if location.startswith(OPEN_CLIP):
        _write_open_clip(location, folder)
    else:
        with local_folder(location) as found:
            check_folder(found)
            copy_full_encoder(found, folder)
    return load_folder(folder, folder.name)


def copy_full_encoder(folder: Path, target: Path) -> None:
    """Copy an encoder's configuration, tokenizer and weights; its model card and 8-bit tower stay behind."""
    for file in (CONFIG, WEIGHTS):
        shutil.copyfile(folder / file, target / file)
    copy_tokenizer(folder, target)


def copy_tokenizer(folder: Path, target: Path) -> None:
    """Copy the tokenizer's files that an encoder's folder holds; open_clip's whole vocabulary needs none."""
    for file in (TOKENIZER, *HUGGING_FACE_TOKENIZER):
        if (folder / file).exists():
            shutil.copyfile(folder / file, target / file)


def lock_image_tower(model: Any, unlocked_groups: int) -> None:
    """Freeze the image tower but for its last groups of layers, by open_clip's own method (LiT, arXiv 2111.07991).

    -1 freezes nothing. What a group is, the tower says. Raises SettingsError where it cannot be locked so.
    """
    if unlocked_groups < 0:
        return
    try:
        model.lock_image_tower(unlocked_groups=unlocked_groups)
    except (AttributeError, AssertionError, RuntimeError, ImportError, KeyError) as error:
        raise SettingsError(
            f"start.unlocked_groups={unlocked_groups}: the image tower {type(model.visual).__name__} cannot be locked "
            f"so ({one_line(error)}); use 0 (locked whole), -1 (trained whole) or start.head=true"
        ) from error


def hold_locked_statistics(model: Any) -> None:
    """Keep batch normalisation without a trained weight as it is; training mode would move its statistics."""
    for module in model.modules():
        if isinstance(module, _BatchNorm) and not any(weight.requires_grad for weight in module.parameters()):
            module.eval()


def encode_text(model: Any, tokens: Tensor) -> Tensor:
    """Text embeddings (n, d) of length 1, computed on the longest text's tokens only where the model allows it.

    Attention looks back only, so what follows the end of a text changes nothing but the time.
    """
    if type(model) is not open_clip.CLIP or model.attn_mask is None or model.text_pool_type != "argmax":
        return model.encode_text(tokens, normalize=True)  # type: ignore[no-any-return]
    # The end has the highest number; 0 fills the rest, and is a token ("!") too.
    length = int(tokens.argmax(dim=-1).max()) + 1
    features = model.token_embedding(tokens[:, :length]) + model.positional_embedding[:length]
    features = model.ln_final(model.transformer(features, attn_mask=model.attn_mask[:length, :length]))
    features = features[torch.arange(len(tokens)), tokens.argmax(dim=-1)]
    return functional.normalize(features @ model.text_projection, dim=-1)


def cut_vocabulary(merges: int, path: Path) -> int:
    """Write open_clip's English merges down to the most frequent ones; returns the vocabulary's size.

    Words without a merge of their own are read in pieces, down to single bytes, so any text still has tokens.
    """
    lines = gzip.decompress(Path(default_bpe()).read_bytes()).decode().split("\n")
    kept = lines[: merges + 1]
    # No time stamp, so that equal vocabularies are equal files; no last line end, which would count as a merge.
    path.write_bytes(gzip.compress("\n".join(kept).encode(), mtime=0))
    return FIXED_TOKENS + len(kept) - 1


def _check_start(start: dict[str, Any]) -> None:
    groups = int(start["unlocked_groups"])
    if groups < -1:
        raise SettingsError(
            f"start.unlocked_groups is {groups}: it is -1 (all trained) or the number of groups left free"
        )
    if not start["encoder"] and (start["head"] or groups >= 0):
        raise SettingsError(
            "start.head and start.unlocked_groups need start.encoder: a drawn image tower has learned nothing"
        )
    if start["head"] and groups > 0:
        raise SettingsError("start.head locks the whole image tower: leave start.unlocked_groups at -1")


def _open_clip_name(start: str) -> str:
    """`<model>/<tag or path>` with the prefix that tells it from a folder."""
    known = start.partition("/")[0] in open_clip.list_models() and not Path(start).is_dir()
    return f"{OPEN_CLIP}{start}" if known else start


def _write_open_clip(location: str, folder: Path) -> None:
    encoder = load_encoder(location)
    model = encoder.model
    if hasattr(encoder.tokenizer, "save_pretrained"):
        encoder.tokenizer.save_pretrained(str(folder))
    name, _ = open_clip_parts(location)
    config = open_clip.get_model_config(name)
    if pretrained_options(location).get("force_quick_gelu"):
        config["quick_gelu"] = True
    written = {"model_cfg": config, "preprocess_cfg": model.visual.preprocess_cfg}
    (folder / CONFIG).write_text(json.dumps(written, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    save_weights(model.state_dict(), folder, torch.float32)


def _write_new(settings: Settings, folder: Path) -> None:
    config = deepcopy(settings["model"])
    merges = int(config["text_cfg"].pop("vocabulary"))
    config["text_cfg"]["vocab_size"] = cut_vocabulary(merges, folder / TOKENIZER)
    config["text_cfg"]["tokenizer_kwargs"] = {"bpe_path": TOKENIZER}
    written = {"model_cfg": config, "preprocess_cfg": settings["preprocess"]}
    (folder / CONFIG).write_text(json.dumps(written, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    # Without weights in the folder, open_clip's factory draws them.
    try:
        model = open_clip.create_model(f"local-dir:{folder}")
    except Exception as error:
        raise SettingsError(f"the settings of `model` make no open_clip model: {one_line(error)}") from error
    save_weights(model.state_dict(), folder, torch.float32)


def save_weights(state: dict[str, Tensor], folder: Path, dtype: torch.dtype) -> None:
    """Write the weights as safetensors, floating ones as `dtype`; equal weights are equal files."""
    cast = {
        name: (value.to(dtype) if value.is_floating_point() else value).contiguous() for name, value in state.items()
    }
    save_file(cast, folder / WEIGHTS)
    # safetensors makes files that only their owner can read.
    (folder / WEIGHTS).chmod(0o644)
