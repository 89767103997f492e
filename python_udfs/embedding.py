"""Embeddings of products and texts, one row independent of the next whatever the Arrow batch."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from python_udfs.encoder import BATCH, Encoder, Floats, Pixels, load_encoder
from python_udfs.encoder_location import EncoderError
from python_udfs.images import ImageError, read_image
from python_udfs.torch_threads import use_one_thread

Texts = Sequence[str | None]


def embed_product(
    image_uri: pa.Array, title: pa.Array, description: pa.Array, roots: pa.Array, encoder: pa.Array
) -> pa.StructArray:
    """Image and text embedding of each product: struct of image_embedding, text_embedding (lists of float32), error.

    Embeddings have length 1. No address gives no image embedding; an image that cannot be read gives none either, its
    reason in `error`, and the text embedding all the same. An encoder that cannot be loaded is the error of its rows.
    Memory: one batch of decoded images at a time.
    """
    columns = [column.to_pylist() for column in (image_uri, title, description, roots, encoder)]
    rows = list(zip(*columns, strict=True))
    images, texts, errors = _Column(len(rows)), _Column(len(rows)), [None] * len(rows)

    def embed(model: Encoder, at: list[int]) -> None:
        for start in range(0, len(at), BATCH):
            part = at[start : start + BATCH]
            readable, pixels = _read(model, [(i, rows[i][0], rows[i][3]) for i in part], errors)
            images.put(readable, model.encode_images(pixels))
            worded = [(i, text) for i in part if (text := product_text(rows[i][1], rows[i][2]))]
            texts.put([i for i, _ in worded], model.encode_texts([text for _, text in worded]))

    _each_encoder(columns[4], embed, errors)
    return _struct(image_embedding=images.list_array(), text_embedding=texts.list_array(), errors=errors)


def embed_text(text: pa.Array, encoder: pa.Array) -> pa.StructArray:
    """Embedding of each text: struct of embedding (list of float32, length 1) and error. Null or blank gives null."""
    texts: Texts = text.to_pylist()
    column, errors = _Column(len(texts)), [None] * len(texts)

    def embed(model: Encoder, at: list[int]) -> None:
        worded = [(i, found) for i in at if (found := product_text(texts[i], None))]
        column.put([i for i, _ in worded], model.encode_texts([found for _, found in worded]))

    _each_encoder(encoder.to_pylist(), embed, errors)
    return _struct(embedding=column.list_array(), errors=errors)


def product_text(title: str | None, description: str | None) -> str:
    """What the text tower reads of a product: title, then description; empty when it has neither."""
    return ". ".join(part.strip() for part in (title, description) if part and part.strip())


def _read(
    model: Encoder, rows: list[tuple[int, str | None, str | None]], errors: list[Any]
) -> tuple[list[int], list[Pixels]]:
    readable, pixels = [], []
    for i, uri, roots in rows:
        if not uri or not uri.strip():
            continue
        try:
            pixels.append(model.prepare(read_image(uri, roots or "")))
            readable.append(i)
        except ImageError as error:
            errors[i] = str(error)
    return readable, pixels


def _each_encoder(encoders: Texts, embed: Callable[[Encoder, list[int]], None], errors: list[Any]) -> None:
    use_one_thread()
    for name in dict.fromkeys(encoders):
        at = [i for i, other in enumerate(encoders) if other == name]
        try:
            model = load_encoder(name or "")
        except EncoderError as error:
            for i in at:
                errors[i] = str(error)
            continue
        embed(model, at)


class _Column:
    """Embeddings filled in row by row, null where none was put."""

    def __init__(self, rows: int) -> None:
        self.found: list[Floats | None] = [None] * rows

    def put(self, at: list[int], embeddings: Floats) -> None:
        for i, embedding in zip(at, embeddings, strict=True):
            self.found[i] = embedding

    def list_array(self) -> pa.ListArray:
        present = np.array([row is not None for row in self.found], bool)
        lengths = np.array([0 if row is None else len(row) for row in self.found], np.int32)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        kept = [row for row in self.found if row is not None]
        values = np.concatenate(kept) if kept else np.empty(0, np.float32)
        return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.float32()), mask=pa.array(~present))


def _struct(errors: list[Any], **columns: pa.Array) -> pa.StructArray:
    return pa.StructArray.from_arrays([*columns.values(), pa.array(errors, pa.string())], names=[*columns, "error"])
