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

from python_udfs.encoder import Encoder, load_folder
from python_udfs.encoder_location import CONFIG, TOKENIZER, WEIGHTS
from training.config import Settings

# Bytes, bytes that end a word, start and end of text.
FIXED_TOKENS = 256 + 256 + 2


def create_encoder(settings: Settings, folder: Path) -> Encoder:
    """The encoder a run starts from, its configuration and tokenizer laid into `folder` in our format.

    With `start.encoder` these are that encoder's own. Otherwise the settings' model with weights drawn from torch's
    global generator, which the caller has seeded. Raises EncoderError.
    """
    start = str(settings["start"]["encoder"])
    if start:
        for file in (CONFIG, TOKENIZER, WEIGHTS):
            if (Path(start) / file).exists():
                shutil.copyfile(Path(start) / file, folder / file)
    else:
        _write_new(settings, folder)
    return load_folder(folder, folder.name)


def encode_text(model: Any, tokens: Tensor) -> Tensor:
    """Text embeddings (n, d) of length 1, computed on the longest text's tokens only where the model allows it.

    Attention looks back only, so what follows the end of a text changes nothing but the time.
    """
    if type(model) is not open_clip.CLIP or model.attn_mask is None or model.text_pool_type != "argmax":
        return model.encode_text(tokens, normalize=True)  # type: ignore[no-any-return]
    length = int((tokens != 0).sum(1).max())
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


def _write_new(settings: Settings, folder: Path) -> None:
    config = deepcopy(settings["model"])
    merges = int(config["text_cfg"].pop("vocabulary"))
    config["text_cfg"]["vocab_size"] = cut_vocabulary(merges, folder / TOKENIZER)
    config["text_cfg"]["tokenizer_kwargs"] = {"bpe_path": TOKENIZER}
    written = {"model_cfg": config, "preprocess_cfg": settings["preprocess"]}
    (folder / CONFIG).write_text(json.dumps(written, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    # Without weights in the folder, open_clip's factory draws them.
    model = open_clip.create_model(f"local-dir:{folder}")
    save_weights(model.state_dict(), folder, torch.float32)


def save_weights(state: dict[str, Tensor], folder: Path, dtype: torch.dtype) -> None:
    """Write the weights as safetensors, floating ones as `dtype`; equal weights are equal files."""
    cast = {
        name: (value.to(dtype) if value.is_floating_point() else value).contiguous() for name, value in state.items()
    }
    save_file(cast, folder / WEIGHTS)
    # safetensors makes files that only their owner can read.
    (folder / WEIGHTS).chmod(0o644)
