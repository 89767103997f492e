"""A loaded encoder: its towers, its image geometry, its tokenizer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import open_clip
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from python_udfs.encoder_location import (
    OPEN_CLIP,
    TOKENIZER,
    EncoderError,
    check_folder,
    encoder_name,
    encoder_version,
    local_folder,
    open_clip_parts,
)
from python_udfs.images import ImageError, one_line
from python_udfs.inference import fold_batch_norms
from python_udfs.int8 import Int8Images, int8_images

# Embeddings differ in their last bits with the size of the batch, so every batch has this size.
BATCH = 64

# Resized to the model's height, a strip of one pixel would become gigabytes wide, or vanish in the other direction.
LARGEST_RATIO = 50

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Encoder:
    """A loaded model with its own image geometry and tokenizer. All embeddings have length 1."""

    name: str
    model: Any
    tokenizer: Any
    geometry: Any
    mean: torch.Tensor
    std: torch.Tensor
    dimension: int
    int8_images: Int8Images | None = None
    # The model's image tower as it computes fastest; None: as it is.
    image_tower: Any = None

    def prepare(self, image: Image.Image) -> Pixels:
        """The image resized as the model was trained: uint8, shape (3, height, width).

        Raises ImageError where one side is more than LARGEST_RATIO times the other, and where nothing would be left.
        """
        if max(image.size) > LARGEST_RATIO * min(image.size):
            raise ImageError(
                f"image of {image.width} x {image.height} pixels: one side is more than {LARGEST_RATIO} times the other"
            )
        try:
            resized = self.geometry(image)
        except ValueError as error:
            raise ImageError(f"image of {image.width} x {image.height} pixels: {one_line(error)}") from error
        return (resized * 255).round().to(torch.uint8).numpy()  # type: ignore[no-any-return]

    def normalize(self, pixels: torch.Tensor) -> torch.Tensor:
        """uint8 (n, 3, height, width) to the model's float input, by open_clip's own arithmetic."""
        return pixels.to(torch.float32).div(255).sub(self.mean).div(self.std)

    def encode_images(self, pixels: Sequence[Pixels] | Pixels) -> Floats:
        """Embeddings (n, dimension) of prepared images, each row independent of what else is in `pixels`."""
        return self._in_batches(len(pixels), lambda part: self._image_batch(pixels[part]))

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Embeddings (n, dimension) of texts, each row independent of what else is in `texts`."""
        return self._in_batches(len(texts), lambda part: self._text_batch(texts[part]))

    def _in_batches(self, rows: int, encode: Any) -> Floats:
        parts = [encode(slice(start, start + BATCH)) for start in range(0, rows, BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, self.dimension), np.float32)

    def _image_batch(self, pixels: Sequence[Pixels] | Pixels) -> Floats:
        batch = np.zeros((BATCH, *pixels[0].shape), np.uint8)
        batch[: len(pixels)] = pixels
        with torch.inference_mode():
            prepared = self.normalize(torch.from_numpy(batch))
            if self.int8_images is not None:
                return self.int8_images(prepared.numpy())[: len(pixels)]
            if self.image_tower is not None:
                found = torch.nn.functional.normalize(self.image_tower(prepared), dim=-1)
            else:
                found = self.model.encode_image(prepared, normalize=True)
        return found[: len(pixels)].float().numpy()

    def _text_batch(self, texts: Sequence[str]) -> Floats:
        tokens = self.tokenizer(list(texts) + [""] * (BATCH - len(texts)))
        with torch.inference_mode():
            found = self.model.encode_text(tokens, normalize=True)
        return found[: len(texts)].float().numpy()  # type: ignore[no-any-return]


def load_encoder(encoder: str) -> Encoder:
    """The encoder at a location that `resolve_encoder` gave, loaded once a process and version of its files.

    Its image tower is folded for inference. Raises EncoderError.
    """
    return _load(encoder, encoder_version(encoder))


def load_folder(folder: Path, name: str) -> Encoder:
    """The encoder in a local folder of our format. Raises EncoderError."""
    check_folder(folder)
    try:
        model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{folder}")
        vocabulary = {"bpe_path": str(folder / TOKENIZER)} if (folder / TOKENIZER).exists() else {}
        tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}", **vocabulary)
    except ModuleNotFoundError as error:
        raise EncoderError(_missing(name, error)) from error
    except Exception as error:
        raise EncoderError(f"encoder '{name}' cannot be loaded: {one_line(error)}") from error
    return replace(_encoder(name, model, tokenizer), int8_images=int8_images(folder))


def pretrained_options(location: str) -> dict[str, Any]:
    """What the weights of `open_clip:<model>/<tag>` were trained with, as open_clip's factory takes it.

    Handed only a file, the factory assumes OpenAI's mean and deviation and the model's own activation, which is wrong
    for SigLIP's and for OpenAI's weights. Empty for a file of one's own: the model's configuration stands.
    """
    model, _, tag = location.removeprefix(OPEN_CLIP).partition("/")
    known = open_clip.get_pretrained_cfg(model, tag)
    if not known:
        return {}
    preprocessing = {f"image_{key}": known[key] for key in ("mean", "std", "interpolation", "resize_mode")}
    return {"force_quick_gelu": bool(known.get("quick_gelu", False)), **preprocessing}


@lru_cache(maxsize=2)
def _load(location: str, version: tuple[str, ...]) -> Encoder:
    encoder = _read(location)
    return encoder if encoder.int8_images is not None else folded(encoder)


def folded(encoder: Encoder) -> Encoder:
    """The encoder with its image tower as inference uses it in full."""
    visual = encoder.model.visual
    return replace(encoder, image_tower=fold_batch_norms(visual, visual.preprocess_cfg["size"]))


def _read(location: str) -> Encoder:
    if location.startswith(OPEN_CLIP):
        name, weights = open_clip_parts(location)
        try:
            options = pretrained_options(location)
            model, _, _ = open_clip.create_model_and_transforms(name, pretrained=str(weights), **options)
            return _encoder(name, model, open_clip.get_tokenizer(name))
        except ModuleNotFoundError as error:
            raise EncoderError(_missing(location, error)) from error
        except Exception as error:
            raise EncoderError(f"encoder '{location}' cannot be loaded: {one_line(error)}") from error
    with local_folder(location) as folder:
        return load_folder(folder, encoder_name(location))


def _missing(name: str, error: ModuleNotFoundError) -> str:
    """What to do where open_clip needs a package for one model's sake, as `transformers` to read SigLIP's texts."""
    return f"encoder '{name}' needs the Python package {error.name}, which is not installed: pip install {error.name}"


def _encoder(name: str, model: Any, tokenizer: Any) -> Encoder:
    model.eval().requires_grad_(False)
    settings = PreprocessCfg(**model.visual.preprocess_cfg)
    plain = {**model.visual.preprocess_cfg, "mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}
    with torch.inference_mode():
        dimension = model.encode_text(tokenizer([""])).shape[-1]
    return Encoder(
        name=name,
        model=model,
        tokenizer=tokenizer,
        # Mean 0 and deviation 1 leave the pixels whole numbers, so they can be kept as uint8 and lose nothing.
        geometry=image_transform_v2(PreprocessCfg(**plain), is_train=False),
        mean=torch.tensor(settings.mean).view(3, 1, 1),
        std=torch.tensor(settings.std).view(3, 1, 1),
        dimension=int(dimension),
    )
