"""Which encoder is meant, where it lies, and what identifies it, without loading it.

An encoder is a folder in our format, or any open_clip model. Our format is open_clip's own local folder, so open_clip's
factory reads it: `open_clip_config.json` (model_cfg, preprocess_cfg), `open_clip_model.safetensors` (fp16 or fp32),
`bpe.txt.gz` where the vocabulary is cut or the files of a Hugging Face tokenizer, `model_card.json`, and
`image_int8.onnx` where the image tower computes in 8-bit integers. A folder may come from anybody: weights are
safetensors only, as a pickle can run code, and a configuration that would fetch or run anything is refused.
"""

import difflib
import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
from safetensors import SafetensorError, safe_open

from python_udfs.images import one_line

CONFIG = "open_clip_config.json"
WEIGHTS = "open_clip_model.safetensors"
TOKENIZER = "bpe.txt.gz"
MODEL_CARD = "model_card.json"
INT8 = "image_int8.onnx"
FILES = (CONFIG, WEIGHTS, TOKENIZER, MODEL_CARD, INT8)
# As `save_pretrained` of the tokenizers of open_clip's models leaves them.
HUGGING_FACE_TOKENIZER = (
    "added_tokens.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "special_tokens_map.json",
    "spiece.model",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
)
TOKENIZER_OPTIONS = {
    "additional_special_tokens",
    "bpe_path",
    "clean",
    "context_length",
    "language",
    "reduction_mask",
    "strip_sep_token",
}
SAMPLE = "sample"
OPEN_CLIP = "open_clip:"


# By which file systems say that a file is another one than before.
VERSION_MARKS = (
    *("mtime", "LastModified", "last_modified", "updated", "created", "ETag", "etag", "generation", "CRC", "size"),
)


class EncoderError(Exception):
    """An encoder that cannot be used; the text says why and what is possible, on one line."""


def describe_encoder(encoder: "pd.Series[str]", warehouse: "pd.Series[str]") -> pd.DataFrame:
    """Which encoder each row's name stands for.

    Columns name, key (name@12 hex digits over weights, config and tokenizer: what embeddings are keyed on), location
    (what the embedding functions take), trained_here, trained_on (`pairs`, `labels`; null where no model card says),
    dimension (Int32), error.
    """
    rows = [_describe(str(name or ""), str(place or "")) for name, place in zip(encoder, warehouse, strict=True)]
    columns = ["name", "key", "location", "trained_here", "trained_on", "dimension", "error"]
    return pd.DataFrame(rows, columns=columns, dtype=object).astype({"trained_here": "boolean", "dimension": "Int32"})


def resolve_encoder(encoder: str, warehouse: str) -> str:
    """The location of the encoder that is meant.

    `encoder` is a folder or URL in our format, the name of a run under `<warehouse>/encoders`, `sample`, or
    `open_clip:<model>/<pretrained tag or path>`. Empty: the run that `<warehouse>/encoders/current` names, else
    `sample`.
    """
    encoder = encoder.strip()
    if not encoder:
        return _current_run(warehouse) or SAMPLE
    if encoder == SAMPLE or encoder.startswith(OPEN_CLIP):
        return encoder
    runs = _runs(warehouse)
    if encoder in runs:
        return f"{warehouse.rstrip('/')}/encoders/{encoder}"
    if _exists(f"{encoder.rstrip('/')}/{CONFIG}"):
        return encoder.rstrip("/")
    names = ", ".join([SAMPLE, *runs])
    raise EncoderError(
        f"unknown encoder '{encoder}': give one of {names}; a folder that holds {CONFIG} and {WEIGHTS}; "
        f"or {OPEN_CLIP}<model>/<pretrained tag or path>, such as {OPEN_CLIP}ViT-B-32/laion2b_s34b_b79k"
    )


def is_run(location: str, warehouse: str) -> bool:
    """Whether the encoder is one of the warehouse's runs, which was trained there."""
    return bool(warehouse) and location.startswith(f"{warehouse.rstrip('/')}/encoders/")


def _describe(encoder: str, warehouse: str) -> tuple[Any, ...]:
    try:
        location = resolve_encoder(encoder, warehouse)
        name, key, trained_on, dimension = _identify(location)
        return name, key, location, is_run(location, warehouse), trained_on, dimension, None
    except EncoderError as error:
        return None, None, None, None, None, None, str(error)


def _identify(location: str) -> tuple[str, str, str | None, int]:
    if location.startswith(OPEN_CLIP):
        import open_clip

        model, weights = open_clip_parts(location)
        config = open_clip.get_model_config(model)
        digest = _digest([_hash_file(weights), hashlib.sha256(json.dumps(config, sort_keys=True).encode()).digest()])
        return model, f"{model}@{digest}", None, int(config["embed_dim"])
    with local_folder(location) as folder:
        check_folder(folder)
        name = encoder_name(location)
        kept = (WEIGHTS, CONFIG, TOKENIZER, INT8, *HUGGING_FACE_TOKENIZER)
        files = [folder / file for file in kept if (folder / file).exists()]
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        key = f"{name}@{_digest([_hash_file(file) for file in files])}"
        return name, key, _trained_on(folder / MODEL_CARD), int(config["model_cfg"]["embed_dim"])


def _trained_on(card: Path) -> str | None:
    if not card.exists():
        return None
    try:
        source = json.loads(card.read_text(encoding="utf-8"))["data"]["source"]
    except (ValueError, KeyError, TypeError):
        return None
    return source if source in ("pairs", "labels") else None


def encoder_version(location: str) -> tuple[str, ...]:
    """What changes when the weights do, so that a worker that outlives a training run does not serve the old ones.

    Of a file: modification, size and number; behind a URL, whatever its store marks versions by. Empty where there are
    no such files.
    """
    place = _sample_location() if location == SAMPLE else location
    if "://" in place:
        try:
            system, path = fsspec.core.url_to_fs(_inside(place, WEIGHTS))
            system.invalidate_cache()
            info = system.info(path)
        # What cannot be asked for cannot be loaded either, and that is where the reason is told.
        except Exception:
            return ()
        return tuple(str(info[mark]) for mark in VERSION_MARKS if info.get(mark) is not None)
    weights = Path(place) / WEIGHTS
    if not weights.exists():
        return ()
    status = weights.stat()
    return str(status.st_mtime_ns), str(status.st_size), str(status.st_ino)


@contextmanager
def local_folder(location: str) -> Iterator[Path]:
    """The encoder's files as a local folder; one behind a URL is fetched for as long as it is needed."""
    place = _sample_location() if location == SAMPLE else location
    if "://" not in place:
        yield Path(place)
        return
    with tempfile.TemporaryDirectory() as kept:
        for file in (*FILES, *HUGGING_FACE_TOKENIZER):
            source = _inside(place, file)
            if _may_read(source):
                with fsspec.open(source, "rb") as remote:
                    (Path(kept) / file).write_bytes(remote.read())
        yield Path(kept)


def _sample_location() -> str:
    project = Path(__file__).resolve().parents[1]
    # On a cluster the package is imported out of the zip that was shipped.
    if project.is_file():
        return f"zip://training/encoders/{SAMPLE}::{project}"
    return str(project / "training" / "encoders" / SAMPLE)


def _inside(folder: str, file: str) -> str:
    first, *rest = folder.split("::")
    return "::".join([f"{first.rstrip('/')}/{file}", *rest])


def check_folder(folder: Path) -> None:
    """Raises EncoderError where the folder holds no encoder, or one that loading would run code or fetch files for."""
    weights = folder / WEIGHTS
    if not (folder / CONFIG).exists():
        raise EncoderError(f"no encoder in {folder}: {CONFIG} is missing")
    if not weights.exists():
        pickles = [file.name for file in sorted(folder.glob("*")) if file.suffix in (".bin", ".pt", ".pth", ".ckpt")]
        if pickles:
            raise EncoderError(_pickle(pickles[0]))
        raise EncoderError(f"no weights in {folder}: {WEIGHTS} is missing")
    _check_weights(weights)
    _check_config(folder)


def _check_config(folder: Path) -> None:
    try:
        model = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["model_cfg"]
        image, text = dict(model["vision_cfg"]), dict(model["text_cfg"])
        options = dict(text.get("tokenizer_kwargs") or {})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderError(f"{CONFIG} in {folder} is no open_clip configuration: {one_line(error)}") from error
    if unknown := sorted(set(options) - TOKENIZER_OPTIONS):
        raise EncoderError(
            f"{CONFIG} in {folder} asks for tokenizer_kwargs.{unknown[0]}, which may run or fetch what is not in the "
            f"folder: possible are {', '.join(sorted(TOKENIZER_OPTIONS))}"
        )
    if options.get("bpe_path", TOKENIZER) != TOKENIZER:
        raise EncoderError(f"{CONFIG} in {folder}: tokenizer_kwargs.bpe_path is not {TOKENIZER}, a file of the folder")
    if name := text.get("hf_model_name"):
        raise EncoderError(f"{CONFIG} in {folder}: hf_model_name {str(name)[:80]!r} is a model that would be fetched")
    tower = str(image.get("timm_model_name") or "")
    if ":" in tower or "/" in tower:
        raise EncoderError(
            f"{CONFIG} in {folder}: timm_model_name '{tower}' is a place and not an architecture of timm"
        )


def _check_weights(weights: Path) -> None:
    if weights.suffix != ".safetensors":
        raise EncoderError(_pickle(weights.name))
    try:
        with safe_open(weights, framework="numpy") as file:
            file.keys()
    except (SafetensorError, OSError) as error:
        raise EncoderError(f"{weights.name} is not a safetensors file: {one_line(error)}") from error


def _pickle(file: str) -> str:
    return (
        f"{file} is not safetensors, and a pickle can run code, so it is not opened: "
        "convert it with safetensors.torch.save_file where you trust it, or choose another pretrained tag"
    )


def open_clip_parts(location: str) -> tuple[str, Path]:
    """Model name and weights file of `open_clip:<model>/<tag or path>`; a tag's weights are downloaded by open_clip."""
    # Five seconds of import that an encoder in a folder does not need to be identified.
    import open_clip
    from open_clip.pretrained import download_pretrained

    model, _, tag = location.removeprefix(OPEN_CLIP).partition("/")
    models = open_clip.list_models()
    if model not in models:
        near = ", ".join(difflib.get_close_matches(model, models, n=5, cutoff=0.0))
        raise EncoderError(f"unknown open_clip model '{model}': of {len(models)} the nearest are {near}")
    path = Path(tag).expanduser()
    if tag and path.is_file():
        _check_weights(path)
        return model, path
    tags = open_clip.list_pretrained_tags_by_model(model)
    if tag not in tags:
        possible = f"one of {', '.join(tags)}, or " if tags else ""
        raise EncoderError(f"unknown weights '{tag}' of open_clip model {model}: give {possible}a safetensors file")
    try:
        weights = Path(download_pretrained(open_clip.get_pretrained_cfg(model, tag)))
    except Exception as error:
        raise EncoderError(f"weights '{tag}' of {model} cannot be downloaded: {one_line(error)}") from error
    _check_weights(weights)
    return model, weights


def _current_run(warehouse: str) -> str | None:
    mark = f"{warehouse.rstrip('/')}/encoders/current"
    if not warehouse or not _exists(mark):
        return None
    with fsspec.open(mark, "rt", encoding="utf-8") as file:
        name = str(file.read()).strip()
    location = f"{warehouse.rstrip('/')}/encoders/{name}"
    if not name or "/" in name or not _exists(f"{location}/{CONFIG}"):
        raise EncoderError(f"{mark} names the encoder '{name}', which is not there: train again, or name another")
    return location


def _runs(warehouse: str) -> list[str]:
    folder = f"{warehouse.rstrip('/')}/encoders"
    if not warehouse or not _exists(folder):
        return []
    system, path = fsspec.core.url_to_fs(folder)
    names = [str(entry).rstrip("/").rsplit("/", 1)[-1] for entry in system.ls(path, detail=False)]
    return sorted(name for name in names if _exists(f"{folder}/{name}/{CONFIG}"))


def _exists(location: str) -> bool:
    """Raises EncoderError where the store says that it does not answer, which does not mean that there is none."""
    try:
        system, path = fsspec.core.url_to_fs(location)
        return bool(system.exists(path))
    # An address that no file system understands holds no encoder.
    except (ValueError, ImportError):
        return False
    except Exception as error:
        raise EncoderError(f"{location} cannot be asked for: {one_line(error)}") from error


def _may_read(location: str) -> bool:
    """Who may read files but not list them is told of one that is not there that it is forbidden."""
    try:
        return _exists(location)
    except EncoderError as error:
        if isinstance(error.__cause__, PermissionError):
            return False
        raise


def encoder_name(location: str) -> str:
    return location.split("::")[0].rstrip("/").rsplit("/", 1)[-1]


def _hash_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _digest(parts: list[bytes]) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]
