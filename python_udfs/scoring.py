"""Products against attributes: blocked matrix product and the best few attributes of each product."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import torch

from python_udfs.torch_threads import use_one_thread

# Every block has this many rows, because the last bits of a product depend on the shape of the multiplication.
ROWS = 256
# The best few of many columns lie in the best few groups of so many columns; topk over all of them takes longer.
GROUP = 8
MANY = 32

Floats = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]
Vocabulary = tuple[pa.Array, Floats, Floats]

RESULT = pa.list_(pa.struct([("product_id", pa.string()), ("attribute_id", pa.string()), ("similarity", pa.float32())]))
SCORES = pa.list_(pa.struct([("attribute_number", pa.int32()), ("similarity", pa.float32())]))


def score_attributes(product_block: pa.Array, attribute_block: pa.Array, top_n: pa.Array) -> pa.ListArray:
    """The `top_n` attributes of each product of a block by similarity = cosine + bias, for one pair of blocks a row.

    product_block: list<struct<product_id, embedding list<float>>>; attribute_block: the same with attribute_id and a
    `bias` (null counts as 0); embeddings have length 1. Gives list<struct<product_id, attribute_id, similarity>>,
    products in the block's order, best attribute first, ties by attribute_id. A product or attribute without an
    embedding gives no row. Raises ValueError where two embeddings of a block differ in length: two encoders mixed.
    """
    use_one_thread()
    rows = [_score_row(product_block, attribute_block, i, top_n[i].as_py()) for i in range(len(product_block))]
    counts = [len(row) for row in rows]
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    values = pa.concat_arrays(rows) if rows else pa.array([], RESULT.value_type)
    return pa.ListArray.from_arrays(offsets, values)


def score_product(batches: Iterator[tuple[pa.Array, pa.Array, pa.Array]]) -> Iterator[pa.ListArray]:
    """score_attributes for the rows of one task, a product each: its embedding, an attribute_block, top_n.

    The attributes come once: those of a row are for the rows after it too, until others come. They have an
    attribute_number in place of the id, by which ties are broken: ids are longer to write than vectors to read. Gives a
    list<struct<attribute_number, similarity>> a row; without an embedding, null. Raises ValueError where an embedding
    and attributes differ in length, or a product comes before any attributes. Memory: a batch and the attributes.
    """
    use_one_thread()
    vocabulary: Vocabulary | None = None
    for embeddings, blocks, top_n in batches:
        brought = np.flatnonzero(blocks.is_valid().to_numpy(zero_copy_only=False)).tolist()
        parts = []
        for start, end in pairwise(sorted({0, *brought, len(embeddings)})):
            if start in brought:
                vocabulary = _vocabulary(blocks[start].values, "attribute_number")
            parts.append(_score_products(embeddings.slice(start, end - start), vocabulary, top_n[start].as_py()))
        yield pa.concat_arrays(parts) if parts else pa.array([], SCORES)


def best_attributes(products: Floats, attributes: Floats, bias: Floats, top_n: int) -> tuple[Positions, Floats]:
    """Positions (n, k) and similarities (n, k) of the best k = min(top_n, m) columns of products @ attributes.T + bias.

    products (n, d), attributes (m, d), bias (m,), float32. Best first; equal similarities by position.
    """
    kept = min(top_n, len(attributes))
    # Made once: taking and touching new memory for every block takes a tenth of the time.
    similarity = torch.empty((ROWS, len(attributes)), dtype=torch.float32)
    found = [
        _best_of_block(products[start : start + ROWS], attributes, bias, kept, similarity)
        for start in range(0, len(products), ROWS)
    ]
    if not found or kept <= 0:
        return np.empty((len(products), 0), np.int64), np.empty((len(products), 0), np.float32)
    return np.concatenate([at for at, _ in found]), np.concatenate([value for _, value in found])


def _best_of_block(
    products: Floats, attributes: Floats, bias: Floats, kept: int, similarity: torch.Tensor
) -> tuple[Positions, Floats]:
    block = np.zeros((ROWS, attributes.shape[1]), np.float32)
    block[: len(products)] = products
    with torch.inference_mode():
        torch.mm(torch.from_numpy(block), torch.from_numpy(attributes).T, out=similarity)
        similarity += torch.from_numpy(bias)
        similarity = similarity[: len(products)]
        # One more than asked for shows where equal values straddle the cut; torch's choice among those is arbitrary.
        value, at = _top(similarity, min(kept + 1, similarity.shape[1]))
        if value.shape[1] > kept > 0:
            unclear = torch.nonzero(value[:, kept] == value[:, kept - 1]).flatten()
            if len(unclear):
                whole, order = similarity[unclear].sort(dim=1, descending=True, stable=True)
                value[unclear], at[unclear] = whole[:, : kept + 1], order[:, : kept + 1]
        at, by_position = at[:, :kept].sort(dim=1)
        value, by_value = value[:, :kept].gather(1, by_position).sort(dim=1, descending=True, stable=True)
        return at.gather(1, by_value).numpy(), value.numpy()


def _top(similarity: torch.Tensor, kept: int) -> tuple[torch.Tensor, torch.Tensor]:
    """topk along the rows. A value above the last one kept is the best of its group or stands below one that is kept,
    so its group is among the best `kept`; of values equal to the last one, as with topk, any may be found.
    """
    rows, width = similarity.shape
    if width < MANY * kept:
        value, at = similarity.topk(kept, dim=1)
        return value, at
    groups = width // GROUP
    rest = torch.arange(groups * GROUP, width).expand(rows, -1)
    best = similarity[:, : groups * GROUP].view(rows, GROUP, groups).amax(dim=1).topk(kept, dim=1, sorted=False)
    members = best.indices.unsqueeze(1) + groups * torch.arange(GROUP).view(1, GROUP, 1)
    columns = torch.cat([members.flatten(1), rest], dim=1)
    value, at = similarity.gather(1, columns).topk(kept, dim=1)
    return value, columns.gather(1, at)


def _score_row(products: pa.Array, attributes: pa.Array, row: int, top_n: int | None) -> pa.StructArray:
    empty = pa.array([], RESULT.value_type)
    if not (products[row].is_valid and attributes[row].is_valid and top_n and top_n > 0):
        return empty
    product_ids, product_vectors, _ = _block(products[row].values, "product_id")
    attribute_ids, attribute_vectors, bias = _vocabulary(attributes[row].values, "attribute_id")
    if not len(product_ids) or not len(attribute_ids):
        return empty
    _check_lengths(product_vectors, attribute_vectors)
    at, value = best_attributes(product_vectors, attribute_vectors, bias, top_n)
    return pa.StructArray.from_arrays(
        [
            product_ids.take(pa.array(np.repeat(np.arange(len(product_ids)), at.shape[1]))),
            attribute_ids.take(pa.array(at.ravel())),
            pa.array(value.ravel()),
        ],
        fields=list(RESULT.value_type),
    )


def _score_products(embeddings: pa.Array, vocabulary: Vocabulary | None, top_n: int | None) -> pa.ListArray:
    """A list<struct<attribute_number, similarity>> a product, null where the embedding is."""
    known = embeddings.is_valid().to_numpy(zero_copy_only=False)
    if vocabulary is None and known.any():
        raise ValueError("the first product of a task brings no attributes")
    products = _vectors(embeddings.drop_null())
    at, value = np.empty((len(products), 0), np.int64), np.empty((len(products), 0), np.float32)
    numbers = pa.array([], pa.int32())
    if vocabulary is not None and len(products) and len(vocabulary[0]):
        numbers, attributes, bias = vocabulary
        _check_lengths(products, attributes)
        at, value = best_attributes(products, attributes, bias, max(top_n or 0, 0))
    offsets = np.concatenate([[0], np.cumsum(known)]) * at.shape[1]
    scored = pa.StructArray.from_arrays(
        [numbers.take(pa.array(at.ravel())), pa.array(value.ravel())], fields=list(SCORES.value_type)
    )
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), scored, mask=pa.array(~known))


def _check_lengths(products: Floats, attributes: Floats) -> None:
    if products.shape[1] != attributes.shape[1]:
        raise ValueError(
            f"products have embeddings of {products.shape[1]} numbers, attributes of "
            f"{attributes.shape[1]}: they come from different encoders"
        )


def _vocabulary(attributes: pa.StructArray, key: str) -> Vocabulary:
    """Keys, embeddings and biases of a block of attributes, by key: among equals the first position wins."""
    keys, vectors, bias = _block(attributes, key)
    by_key = pc.array_sort_indices(keys)
    return keys.take(by_key), vectors[by_key.to_numpy()], bias[by_key.to_numpy()]


def _block(entries: pa.StructArray, key: str) -> tuple[pa.Array, Floats, Floats]:
    """Keys, embeddings (n, d) and biases (n,) of the entries that have an embedding, without touching each row."""
    entries = entries.filter(entries.field("embedding").is_valid())
    keys, vectors = entries.field(key), _vectors(entries.field("embedding"))
    names = [field.name for field in entries.type]
    if "bias" not in names:
        return keys, vectors, np.zeros(len(keys), np.float32)
    bias = entries.field("bias").fill_null(0).to_numpy(zero_copy_only=False).astype(np.float32)
    return keys, vectors, bias


def _vectors(lists: pa.ListArray) -> Floats:
    """Embeddings (n, d), none of them null."""
    lengths = np.unique(lists.value_lengths().to_numpy(zero_copy_only=False))
    if len(lengths) > 1:
        raise ValueError(f"embeddings of {lengths.min()} and {lengths.max()} numbers in one block")
    values = lists.flatten().to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
    return values.reshape(len(lists), -1) if len(lists) else np.empty((0, 0), np.float32)
