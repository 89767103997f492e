"""The overlap join: which products of a shard carry all attributes of each collection, and the best of them.

Scores and relevances are whole millionths here, so that every sum and every rounding is exact and does not depend on
the order of the rows.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MILLION = 1_000_000
MAX_PRODUCTS = 1 << 23
MAX_ATTRIBUTES = 1 << 20
# Bytes of one table of scores: about what a core's share of the last cache holds.
TABLE_BYTES = 16 << 20
# Rows after which results are handed on; and keys after which they are sorted for it, whatever top_k is.
ROWS_AT_ONCE = 1 << 19
KEYS_AT_ONCE = 1 << 24
# Collections of fewer products are ranked together, about so many products at once.
LONG_COLLECTION = 1 << 13
ROWS_RANKED_TOGETHER = 1 << 17
# A product without the attribute; still below zero after any sum of scores is added.
MISSING = np.int32(-(1 << 30))
# Of the three, a number below 2^63 is made.
SCORE_BITS, PRODUCT_BITS, ATTRIBUTE_BITS = 20, 23, 20
KEY_BITS = SCORE_BITS + PRODUCT_BITS
MAX_COLLECTION_SIZE = (1 << 30) // MILLION


Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
# The ranks of a collection's attributes, rarest first; its number.
Needs = tuple[tuple[int, ...], int]
# Columns of a table of scores, None for all of them; the sums of their scores so far.
Level = tuple[Longs | None, Ints]
# A collection's number and its size; the products that carry all its attributes, and the sums of their scores.
Survivors = tuple[int, int, Ints, Ints]
# A collection's number, how many products count, and the best as sorted keys: shortfall, then product.
Ranked = tuple[int, int, Longs]

RESULT = pa.schema([("collection_id", pa.string()), ("products", pa.int64()), ("best", pa.list_(pa.string()))])
# The digits of 0 to 9,999, of which the last three of each are those of 0 to 999.
_FOUR_DIGITS = np.array([list(f"{number:04d}".encode()) for number in range(10_000)], np.uint8)


def match_products(rows: pa.Table, relevance_threshold: float, top_k: int) -> Iterator[pa.RecordBatch]:
    """The products of a block of collections in a shard of products, as match_collections finds them.

    rows: `id` string and `entry` int64. A pair of the shard: its product, and its attribute's number times 2^20
    plus the score in millionths. An attribute of a collection: the collection, and -1 less the attribute's number.
    Gives a row a collection that has any: `collection_id`, `products`, and `best`, the first `top_k` of them, each as
    seven digits (1,000,000 less the relevance in millionths) before its id: sorted so, and lists of several shards
    merge by sorting. Memory: the rows, 60 bytes a pair beside them, and what match_collections takes.
    """
    entry = rows["entry"].to_numpy()
    needed = entry < 0
    ids, product = _numbered(rows["id"].filter(pa.array(~needed)))
    collections, number = _numbered(rows["id"].filter(pa.array(needed)))
    pair = entry[~needed]
    carried, wanted = _fitting(pair >> SCORE_BITS, -1 - entry[needed])
    shard = index_pairs(product, carried, pair & ((1 << SCORE_BITS) - 1))
    for part in match_collections(shard, number, wanted, relevance_threshold, top_k):
        first = np.flatnonzero(part.products)
        best = pc.binary_join_element_wise(
            _seven_digits(MILLION - part.relevance), ids.take(pa.array(part.product)), ""
        )
        lists = pa.ListArray.from_arrays(pa.array(np.append(first, len(best)), pa.int32()), best)
        columns = [collections.take(pa.array(part.collection[first])), pa.array(part.products[first]), lists]
        yield pa.RecordBatch.from_arrays(columns, schema=RESULT)


def _fitting(carried: Longs, wanted: Longs) -> tuple[Longs, Longs]:
    """Numbers of attributes as index_pairs takes them: where some are too high, the shard's own are counted anew.

    Words of titles and searches are more than MAX_ATTRIBUTES sooner in all shards than in one.
    """
    if not len(carried) or carried.max() < MAX_ATTRIBUTES:
        return carried, wanted
    known, numbers = np.unique(carried, return_inverse=True)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return numbers, np.where(known[places] == wanted, places, -1)


def _seven_digits(numbers: Ints) -> pa.Array:
    """Each of the numbers, 0 to 9,999,999, as a text of seven digits."""
    thousands, rest = np.divmod(numbers, 10_000)
    digits = np.concatenate([_FOUR_DIGITS[thousands, 1:], _FOUR_DIGITS[rest]], axis=1)
    starts = np.arange(0, digits.size + 1, 7, dtype=np.int32)
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(starts), pa.py_buffer(digits))


def _numbered(ids: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """The distinct ids in the order of their bytes, and for each entry its place among them."""
    encoded = ids.dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.chunks)
    order = pc.sort_indices(encoded.dictionary)
    place = np.empty(len(order), np.int32)
    place[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    return encoded.dictionary.take(order), place[encoded.indices.to_numpy()]


@dataclass(frozen=True)
class Matches:
    """The best products of some collections; one entry per collection and product in each array, all of length n.

    collection int64 and product int32: their numbers. relevance int32, millionths. products int64: on the first entry
    of a collection how many products of the shard it has, listed or not, 0 on the others, so that it can be summed.
    Entries are sorted by collection, in it best first.
    """

    collection: Longs
    product: Ints
    relevance: Ints
    products: Longs


@dataclass(frozen=True)
class Shard:
    """The pairs of some products, sorted by product and by attribute.

    Attributes are numbered by how many products carry them, the rarest first (`rank[attribute]`, -1 for one that no
    product carries). by_product: the pairs (attribute, score) of product i are rows product_start[i]
    to product_start[i + 1]; by_attribute likewise (product, score). 16 bytes a pair.
    """

    rank: Ints
    product_start: Longs
    pair_attribute: Ints
    pair_score: Ints
    attribute_start: Longs
    posting_product: Ints
    posting_score: Ints


def index_pairs(product: npt.ArrayLike, attribute: npt.ArrayLike, score: npt.ArrayLike) -> Shard:
    """The shard of the pairs given as three arrays of length n: numbers of product and attribute, score in millionths.

    Numbers count from 0; a product's number is its place in the order that breaks ties. Of pairs that occur twice the
    higher score stays. Needs 40 bytes a pair while it works. Raises ValueError for a number or score out of range.
    """
    products, attributes, scores = (np.asarray(values, np.int64) for values in (product, attribute, score))
    _check_range("product numbers", products, MAX_PRODUCTS - 1)
    _check_range("attribute numbers", attributes, MAX_ATTRIBUTES - 1)
    _check_range("scores in millionths", scores, MILLION)
    # One number a pair sorts several times faster than an order over three columns.
    packed = products << (ATTRIBUTE_BITS + SCORE_BITS)
    packed |= attributes << SCORE_BITS
    packed |= scores
    packed.sort()
    if len(packed):
        pair = packed >> SCORE_BITS
        packed = packed[np.append(pair[1:] != pair[:-1], True)]
    score_mask = (1 << SCORE_BITS) - 1
    products = packed >> (ATTRIBUTE_BITS + SCORE_BITS)
    attributes = (packed >> SCORE_BITS) & ((1 << ATTRIBUTE_BITS) - 1)
    scores = packed & score_mask
    carriers = np.bincount(attributes)
    rarest_first = np.argsort(carriers, kind="stable")
    rank = np.empty(len(carriers), np.int32)
    rank[rarest_first] = np.arange(len(carriers), dtype=np.int32)
    ranked = rank[attributes]
    rank[carriers == 0] = -1
    by_attribute = ranked.astype(np.int64) << (PRODUCT_BITS + SCORE_BITS)
    by_attribute |= products << SCORE_BITS
    by_attribute |= scores
    by_attribute.sort()
    return Shard(
        rank=rank,
        product_start=np.concatenate([[0], np.cumsum(np.bincount(products))]).astype(np.int64),
        pair_attribute=ranked,
        pair_score=scores.astype(np.int32),
        attribute_start=np.concatenate([[0], np.cumsum(carriers[rarest_first])]).astype(np.int64),
        posting_product=((by_attribute >> SCORE_BITS) & (MAX_PRODUCTS - 1)).astype(np.int32),
        posting_score=(by_attribute & score_mask).astype(np.int32),
    )


def match_collections(
    shard: Shard,
    collection: npt.ArrayLike,
    attribute: npt.ArrayLike,
    relevance_threshold: float,
    top_k: int,
    table_bytes: int = TABLE_BYTES,
    keys_at_once: int = KEYS_AT_ONCE,
) -> Iterator[Matches]:
    """The products that carry all attributes of a collection and reach the threshold, the `top_k` best of each.

    collection, attribute: arrays of length m, one entry per collection and attribute, in any order; collections have
    numbers of their own, attributes those of the shard. Relevance is the mean score over the collection's attributes,
    rounded half up to millionths; the threshold is a share, compared with relevance / 10^6 as doubles. Best first,
    equal relevance by product number. A collection without a relevant product gives nothing.

    Products of a collection's rarest attribute are the only ones looked at, in a table of their scores for the other
    attributes that share this rarest one, so a collection costs about as much as its rarest attribute has products.
    Memory: the table, at most `table_bytes` (one product at least); results of 8 bytes, top_k a collection, of about
    `keys_at_once` and those of one rarest attribute at most; ROWS_AT_ONCE of them as results of 24 bytes. Raises
    ValueError for a collection of more than 1,073 attributes.
    """
    if top_k <= 0:
        return
    least = _least_millionths(relevance_threshold)
    found: list[Ranked] = []
    keys = 0
    for ranked in _rank_by_rarest(shard, _by_rarest(shard, collection, attribute), least, top_k, table_bytes):
        found.append(ranked)
        keys += len(ranked[2])
        if keys >= keys_at_once:
            yield from _hand_on(found)
            found, keys = [], 0
    yield from _hand_on(found)


def _hand_on(found: list[Ranked]) -> Iterator[Matches]:
    """What was found, in parts of about ROWS_AT_ONCE rows; `found` is emptied."""
    # Whoever merges shards sorts by collection, and rows in that order are nearly sorted already.
    found.sort(key=lambda entry: entry[0])
    found.reverse()
    part: list[Ranked] = []
    rows = 0
    while found:
        part.append(found.pop())
        rows += len(part[-1][2])
        if rows >= ROWS_AT_ONCE or not found:
            yield _unpack(part)
            part, rows = [], 0


def _by_rarest(shard: Shard, collection: npt.ArrayLike, attribute: npt.ArrayLike) -> list[Needs]:
    """(ranks of its attributes, rarest first; number) of each collection that the shard can serve, sorted."""
    numbers, attributes = np.asarray(collection, np.int64), np.asarray(attribute, np.int64)
    known = np.append(shard.rank, np.int32(-1))
    ranks = known[np.where((attributes >= 0) & (attributes < len(shard.rank)), attributes, len(shard.rank))]
    order = np.lexsort((ranks, numbers))
    numbers, ranks = numbers[order], ranks[order]
    start = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1])) if len(numbers) else np.empty(0, np.int64)
    sizes = np.diff(np.append(start, len(numbers)))
    if len(sizes) and sizes.max() > MAX_COLLECTION_SIZE:
        raise ValueError(f"a collection of {sizes.max()} attributes: {MAX_COLLECTION_SIZE} are the most")
    flat = ranks.tolist()
    needs = [
        (tuple(flat[at : at + size]), number)
        for at, size, number in zip(start.tolist(), sizes.tolist(), numbers[start].tolist(), strict=True)
        if flat[at] >= 0
    ]
    needs.sort()
    return needs


def _rank_by_rarest(shard: Shard, needs: list[Needs], least: int, top_k: int, table_bytes: int) -> Iterator[Ranked]:
    """What each collection has in the shard, ranked; `needs` as _by_rarest gives them."""
    row = np.full(len(shard.attribute_start), -1, np.int32)
    together: list[Survivors] = []
    rows = 0
    for rarest, group in groupby(needs, key=lambda entry: entry[0][0]):
        collections = list(group)
        others = sorted({attribute for needed, _ in collections for attribute in needed[1:]})
        row[others] = np.arange(len(others), dtype=np.int32)
        first, last = shard.attribute_start[rarest : rarest + 2].tolist()
        step = max(1, table_bytes // (4 * max(1, len(others))))
        parts = [slice(start, min(start + step, last)) for start in range(first, last, step)]
        at = {attribute: place for place, attribute in enumerate(others)}
        steps = [(tuple(at[attribute] for attribute in needed[1:]), number) for needed, number in collections]
        walks = (_walk(shard, part, row, len(others), steps) for part in parts)
        if len(parts) > 1:
            yield from _rank_in_parts(walks, least, top_k)
        else:
            for survivors in next(walks):
                if len(survivors[2]) >= LONG_COLLECTION:
                    yield from _rank_alone(survivors, least, top_k)
                    continue
                together.append(survivors)
                rows += len(survivors[2])
                if rows >= ROWS_RANKED_TOGETHER:
                    yield from _rank_together(together, least, top_k)
                    together, rows = [], 0
        row[others] = -1
    if together:
        yield from _rank_together(together, least, top_k)


def _rank_in_parts(walks: Iterator[Iterator[Survivors]], least: int, top_k: int) -> Iterator[Ranked]:
    """Collections whose products come in several parts: of each only the best are kept."""
    merged: dict[int, Ranked] = {}
    for walk in walks:
        for survivors in walk:
            for number, products, keys in _rank_alone(survivors, least, top_k):
                _, before, best = merged.get(number, (number, 0, keys[:0]))
                merged[number] = number, before + products, _best(np.concatenate([best, keys]), top_k)
    yield from merged.values()


def _rank_alone(survivors: Survivors, least: int, top_k: int) -> Iterator[Ranked]:
    number, size, products, sums = survivors
    keys = _keys(products, sums, size, size // 2, least)
    if len(keys):
        yield number, len(keys), _best(keys, top_k)


def _rank_together(found: list[Survivors], least: int, top_k: int) -> Iterator[Ranked]:
    """Most collections have so few products that numpy's calls for each would cost more than their work."""
    lengths = [len(products) for _, _, products, _ in found]
    size = np.array([size for _, size, _, _ in found], np.int32)
    place = np.repeat(np.arange(len(found)) << KEY_BITS, lengths)
    keys = _keys(
        np.concatenate([products for _, _, products, _ in found]),
        np.concatenate([sums for _, _, _, sums in found]),
        np.repeat(size, lengths),
        np.repeat(size // 2, lengths),
        least,
        place,
    )
    keys.sort()
    counts = np.bincount(keys >> KEY_BITS, minlength=len(found))
    listed = np.minimum(counts, top_k)
    ends = np.cumsum(listed)
    if len(keys) > ends[-1]:
        start = np.cumsum(counts) - counts
        keys = keys[np.arange(len(keys)) - np.repeat(start, counts) < top_k]
    keys &= (1 << KEY_BITS) - 1
    for (number, *_), count, end, best in zip(found, counts.tolist(), ends.tolist(), listed.tolist(), strict=True):
        if count:
            yield number, count, keys[end - best : end]


def _keys(products: Ints, sums: Ints, size: int | Ints, half: int | Ints, least: int, place: Longs | int = 0) -> Longs:
    """The relevant ones as one number each, that sorts by `place`, relevance from the highest, and product."""
    # Exact: a quotient that is no whole number is further from the next than doubles of this size are apart.
    relevance = ((sums + half) / size).astype(np.int32)
    keys = (MILLION - relevance).astype(np.int64) << PRODUCT_BITS
    keys |= products
    keys |= place
    return keys[relevance >= least] if least else keys


def _score_table(shard: Shard, products: Ints, row: Ints, rows: int) -> Ints:
    """Scores (rows, products) of some products for the attributes that have a `row`, MISSING where one lacks it."""
    table = np.full((rows, len(products)), MISSING, np.int32)
    start, end = shard.product_start[products], shard.product_start[products + 1]
    sizes = end - start
    column = np.repeat(np.arange(len(products)), sizes)
    pair = np.arange(len(column)) + np.repeat(start - (np.cumsum(sizes) - sizes), sizes)
    rows_of_pairs = row[shard.pair_attribute[pair]]
    wanted = np.flatnonzero(rows_of_pairs >= 0)
    table[rows_of_pairs[wanted], column[wanted]] = shard.pair_score[pair[wanted]]
    return table


def _walk(shard: Shard, part: slice, row: Ints, rows: int, collections: list[Needs]) -> Iterator[Survivors]:
    """The survivors of each collection among a part of its rarest attribute's products.

    Neighbours in the sorted list share what they have in common: levels[i] holds those that carry the rarest attribute
    and the first i of the needed ones.
    """
    products, scores = shard.posting_product[part], shard.posting_score[part]
    table = _score_table(shard, products, row, rows)
    levels: list[Level] = [(None, scores)]
    walked: tuple[int, ...] = ()
    for needs, number in collections:
        shared = 0
        while shared < min(len(walked), len(needs)) and walked[shared] == needs[shared]:
            shared += 1
        del levels[shared + 1 :]
        for place in needs[shared:]:
            levels.append(_narrow(levels[-1], table[place]))
        walked = needs
        columns, sums = levels[-1]
        if len(sums):
            yield number, len(needs) + 1, products if columns is None else products[columns], sums


def _narrow(level: Level, scores: Ints) -> Level:
    columns, sums = level
    sums = sums + (scores if columns is None else scores[columns])
    # Not flatnonzero: on columns this short its own calls cost as much as the search.
    kept = (sums >= 0).nonzero()[0]
    return (kept if columns is None else columns[kept]), sums[kept]


def _best(keys: Longs, top_k: int) -> Longs:
    """The smallest `top_k` keys, sorted; `keys` is reordered. Keys are distinct: no doubt which are the smallest."""
    if len(keys) > top_k:
        keys.partition(top_k)
        keys = keys[:top_k].copy()
    keys.sort()
    return keys


def _unpack(found: list[Ranked]) -> Matches:
    keys = np.concatenate([best for _, _, best in found])
    sizes = [len(best) for _, _, best in found]
    products = np.zeros(len(keys), np.int64)
    products[np.cumsum([0, *sizes[:-1]])] = [count for _, count, _ in found]
    return Matches(
        collection=np.repeat(np.array([number for number, _, _ in found], np.int64), sizes),
        product=(keys & (MAX_PRODUCTS - 1)).astype(np.int32),
        relevance=(MILLION - (keys >> PRODUCT_BITS)).astype(np.int32),
        products=products,
    )


def _least_millionths(share: float) -> int:
    """The smallest whole m >= 0 with m / 10^6 >= share, both as doubles."""
    # A decimal of 0.95, as SQL may pass it, is above the double of 0.95.
    share = float(share)
    if share <= 0:
        return 0
    millionths = max(0, math.ceil(min(share, 2.0) * MILLION) - 1)
    while millionths / MILLION < share and millionths <= MILLION:
        millionths += 1
    return millionths


def _check_range(what: str, values: Longs, highest: int) -> None:
    if len(values) and (values.min() < 0 or values.max() > highest):
        raise ValueError(f"{what} must be 0 to {highest:,}, not {values.min():,} to {values.max():,}")
