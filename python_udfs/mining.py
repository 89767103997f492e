"""Itemsets: which combinations of a product type with other attributes enough products carry, and how many do.

Products come by type, so all who carry a combination are in one call: counts are whole, and no candidate has to be
agreed on between calls. Scores are whole millionths, as in the overlap join.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from python_udfs.matching import MILLION, Ints, Longs, _check_range, _least_millionths

Bools = npt.NDArray[np.bool_]

# An entry of a product: an attribute's number, its facet's number and the score in millionths, in 20 bits each.
FIELD_BITS = 20
FIELD = (1 << FIELD_BITS) - 1
# Candidates that are counted together: what is sorted and looked up at once stays near the cache.
CANDIDATES_AT_ONCE = 1 << 20

COUNTS = ("carriers", "products", "items", "hash_xor", "hash_sum")
RESULT = pa.schema([("attributes", pa.list_(pa.int32())), *((name, pa.int64()) for name in COUNTS)])


@dataclass(frozen=True)
class Records:
    """Products, one a type that they have; arrays of length n. Sorted by item.

    product_type, score int32: the type's number and its score in millionths. part, parts int32: of the type's
    combinations, those are asked for whose first other attribute has a number that leaves `part` when divided by
    `parts`. item int32: which item the product is a variant of, -1 for what cannot be bought. id_hash, other_id_hash
    int64.
    """

    product_type: Ints
    score: Ints
    part: Ints
    parts: Ints
    item: Ints
    id_hash: Longs
    other_id_hash: Longs


@dataclass(frozen=True)
class Carried:
    """Combinations of one size and who carries them: a row each, sorted by record, then attribute by attribute.

    record, last (the attribute that the combination ends with), facet and score of that one, total (of all scores);
    int32 arrays of one length.
    """

    record: Ints
    last: Ints
    facet: Ints
    score: Ints
    total: Ints


@dataclass(frozen=True)
class Sorted:
    """Rows by combination: those of number i are rows[start[i] : start[i + 1]], in ascending order."""

    rows: Longs
    start: Longs

    @property
    def first(self) -> Longs:
        return self.rows[self.start[:-1]]

    @property
    def sizes(self) -> Longs:
        return np.diff(self.start)

    @property
    def combination(self) -> Longs:
        """The combination of each of `rows`."""
        return np.repeat(np.arange(len(self.start) - 1), self.sizes)

    def chosen(self, combinations: Bools) -> "Sorted":
        rows = self.rows[np.repeat(combinations, self.sizes)]
        return Sorted(rows, np.concatenate([[0], np.cumsum(self.sizes[combinations])]))


@dataclass(frozen=True)
class Level:
    """Frequent combinations of one size.

    attributes int32 (n, size): of each combination, the type first, then upwards. asked bool (n). family int (rows):
    equal for neighbours of one record that are alike but for the last attribute; any two of a family make a combination
    with one attribute more.
    """

    rows: Carried
    by_combination: Sorted
    attributes: Ints
    asked: Bools
    family: Ints | Longs


@dataclass(frozen=True)
class Found:
    """Combinations of one size: attributes (n, size) int32, the type first, then upwards; counts (5, n) int64."""

    attributes: Ints
    counts: Longs


def mine_combinations(
    rows: pa.Table, min_carriers: int, max_size: int, relevance_threshold: float
) -> Iterator[pa.RecordBatch]:
    """The combinations of product types with other attributes that occur: all pairs, and larger ones if frequent.

    rows: one a product and type of it. `product_type` int64, the type's entry (attribute number times 2^40, plus facet
    number times 2^20, plus score in millionths); `modifiers` list of int64, the entries of the product's attributes
    that are no types; `part`, `parts` int32 as in Records, 0 and 1 for all combinations: a part needs only the
    products that have an attribute of it, and of these their attributes from the first such one on; `item` string, null
    for what cannot be bought; `id_hash`, `other_id_hash` int64.
    Gives `attributes` list of int32; `carriers` int64, products with all of them; `products` int64, those whose mean
    score, rounded half up to millionths, reaches the threshold; `items` int64, distinct ones among these; `hash_xor`,
    `hash_sum` int64, the hashes of these put together, the other one as a sum modulo 2^64. Attributes of a combination
    are of different facets. Pairs that anybody carries, and sets of 3 to `max_size` that `min_carriers` carry.
    Memory: the rows, 100 bytes a modifier, and 80 bytes a candidate: of CANDIDATES_AT_ONCE, or of the set that most
    candidates extend. Raises ValueError for a number or score out of range.
    """
    records, pairs = _read(rows)
    for found in Miner(records, min_carriers, max_size, _least_millionths(relevance_threshold)).mine(pairs):
        number, size = found.attributes.shape
        offsets = pa.array(np.arange(0, number * size + 1, size, dtype=np.int32))
        lists = pa.ListArray.from_arrays(offsets, pa.array(found.attributes.ravel()))
        yield pa.RecordBatch.from_arrays([lists, *(pa.array(count) for count in found.counts)], schema=RESULT)


def _read(rows: pa.Table) -> tuple[Records, Carried]:
    """The rows as records, and their pairs of type and modifier."""
    item = pc.fill_null(rows["item"].combine_chunks().dictionary_encode().indices, -1).to_numpy()
    order = np.argsort(item, kind="stable")
    column = {
        name: rows[name].to_numpy()[order] for name in ("product_type", "part", "parts", "id_hash", "other_id_hash")
    }
    records = Records(
        product_type=(column["product_type"] >> 2 * FIELD_BITS).astype(np.int32),
        score=(column["product_type"] & FIELD).astype(np.int32),
        part=column["part"],
        parts=column["parts"],
        item=item[order].astype(np.int32),
        id_hash=column["id_hash"],
        other_id_hash=column["other_id_hash"],
    )
    modifiers = rows["modifiers"].combine_chunks()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    entry = modifiers.flatten().to_numpy()
    attribute = entry >> 2 * FIELD_BITS
    _check_range("attribute numbers", attribute, FIELD)
    facet_of = np.zeros(1 + attribute.max(initial=0), np.int32)
    facet_of[attribute] = (entry >> FIELD_BITS) & FIELD
    # One number a pair sorts several times faster than an order over three columns.
    known = np.flatnonzero(np.bincount(attribute))
    number = np.zeros(len(facet_of), np.int64)
    number[known] = np.arange(len(known))
    bits = FIELD_BITS + len(known).bit_length()
    _check_range("the number of products and types", np.array([len(order)]), 1 << min(31, 63 - bits))
    packed = np.repeat(place, pc.list_value_length(modifiers).to_numpy()) << bits
    packed |= number[attribute] << FIELD_BITS
    packed |= entry & FIELD
    packed.sort()
    record = (packed >> bits).astype(np.int32)
    last = known[(packed >> FIELD_BITS) & ((1 << (bits - FIELD_BITS)) - 1)].astype(np.int32)
    score = (packed & FIELD).astype(np.int32)
    for scores in (entry & FIELD, column["product_type"] & FIELD):
        _check_range("scores in millionths", scores, MILLION)
    return records, Carried(record, last, facet_of[last], score, score + records.score[record])


@dataclass(frozen=True)
class Miner:
    """Counts combinations level by level (Agrawal and Srikant, Fast algorithms for mining association rules, 1994).

    A set can only be frequent where all that it contains is, so only rows of frequent sets meet their siblings. Depth
    first over blocks of sets with a common beginning: no level is ever held as a whole. `least` is the relevance
    threshold in millionths.
    """

    records: Records
    min_carriers: int
    max_size: int
    least: int

    def mine(self, pairs: Carried) -> Iterator[Found]:
        """All combinations, a block at a time."""
        records = self.records
        unit = np.unique(records.product_type.astype(np.int64) << FIELD_BITS | records.part, return_inverse=True)[1]
        numbers, number = np.unique(pairs.last, return_inverse=True)
        by_pair = _sorted(unit[pairs.record] * len(numbers) + number)
        record, last = pairs.record[by_pair.first], pairs.last[by_pair.first]
        asked = last % records.parts[record] == records.part[record]
        attributes = np.stack([records.product_type[record], last], axis=1)
        yield from self._count(pairs.record, pairs.total, by_pair, attributes, asked)
        enough = by_pair.sizes >= self.min_carriers
        if self.max_size > 2 and enough.any():
            kept, by_combination = _kept(by_pair.chosen(enough), len(pairs.record))
            rows = Carried(*(column[kept] for column in vars(pairs).values()))
            yield from self._extend(Level(rows, by_combination, attributes[enough], asked[enough], rows.record))

    def _extend(self, level: Level) -> Iterator[Found]:
        """The frequent sets of any larger size that begin with a combination that is asked for."""
        family, by_combination = level.family, level.by_combination
        start = np.flatnonzero(np.append(True, family[1:] != family[:-1]))
        sizes = np.diff(np.append(start, len(family)))
        siblings = np.repeat(start + sizes, sizes) - np.arange(1, len(family) + 1)
        combination = np.empty(len(family), np.int64)
        combination[by_combination.rows] = by_combination.combination
        candidates = np.add.reduceat(siblings[by_combination.rows], by_combination.start[:-1]) * level.asked
        block = (np.cumsum(candidates) - candidates) // CANDIDATES_AT_ONCE
        wanted = candidates >= self.min_carriers
        starts = np.flatnonzero(np.append(True, block[1:] != block[:-1]))
        for first, last in pairwise([*starts.tolist(), len(block)]):
            low, high = by_combination.start[first], by_combination.start[last]
            rows = by_combination.rows[low:high]
            rows = np.sort(rows[wanted[combination[rows]] & (siblings[rows] > 0)])
            if len(rows):
                yield from self._extend_block(level, combination, rows, siblings[rows], first)

    def _extend_block(
        self, level: Level, combination: Longs, left: Longs, siblings: Longs, lowest: int
    ) -> Iterator[Found]:
        """Each of the rows `left` with each of its siblings; `lowest` is the smallest number of their combinations."""
        rows = level.rows
        first = np.cumsum(siblings) - siblings
        right = np.arange(int(siblings.sum())) + np.repeat(left + 1 - first, siblings)
        left = np.repeat(left, siblings)
        apart = rows.facet[left] != rows.facet[right]
        left, right = left[apart], right[apart]
        width = int(rows.last.max()) + 1
        by_set = _sorted((combination[left] - lowest) * width + rows.last[right])
        enough = by_set.sizes >= self.min_carriers
        if not enough.any():
            return
        kept, by_combination = _kept(by_set.chosen(enough), len(left))
        left, right = left[kept], right[kept]
        total = rows.total[left] + rows.score[right]
        begin, end = left[by_combination.first], right[by_combination.first]
        attributes = np.concatenate([level.attributes[combination[begin]], rows.last[end, None]], axis=1)
        asked = np.ones(len(attributes), np.bool_)
        yield from self._count(rows.record[left], total, by_combination, attributes, asked)
        if attributes.shape[1] < self.max_size:
            larger = Carried(rows.record[left], rows.last[right], rows.facet[right], rows.score[right], total)
            yield from self._extend(Level(larger, by_combination, attributes, asked, left))

    def _count(
        self, record: Ints, total: Ints, by_combination: Sorted, attributes: Ints, asked: Bools
    ) -> Iterator[Found]:
        """The combinations that are asked for, from the record and total score of each row."""
        if not asked.any():
            return
        chosen = by_combination.chosen(asked)
        rows, start, size = chosen.rows, chosen.start[:-1], attributes.shape[1]
        # relevance >= least, by the sum: relevance = (sum + size // 2) // size.
        relevant = total[rows] >= max(0, size * self.least - size // 2)
        record = record[rows]
        for_sale = np.flatnonzero(relevant & (self.records.item[record] >= 0))
        combination, item = chosen.combination[for_sale], self.records.item[record[for_sale]]
        # Records are sorted by item, so equal items of a combination are neighbours.
        new = np.append(True, (combination[1:] != combination[:-1]) | (item[1:] != item[:-1]))[: len(item)]
        counts = (
            chosen.sizes,
            np.add.reduceat(relevant, start, dtype=np.int64),
            np.bincount(combination[new], minlength=len(start)),
            np.bitwise_xor.reduceat(np.where(relevant, self.records.id_hash[record], 0), start),
            np.add.reduceat(np.where(relevant, self.records.other_id_hash[record], 0), start),
        )
        yield Found(attributes[asked], np.stack(counts))


def _sorted(code: Longs) -> Sorted:
    """Rows by code, equal ones in their order."""
    bits = len(code).bit_length()
    if int(code.max(initial=0)).bit_length() + bits > 63:
        code = np.unique(code, return_inverse=True)[1]
    packed = code << bits
    packed |= np.arange(len(code))
    packed.sort()
    code = packed >> bits
    start = np.flatnonzero(np.append(True, code[1:] != code[:-1])[: len(code)])
    return Sorted(packed & ((1 << bits) - 1), np.append(start, len(code)))


def _kept(chosen: Sorted, number: int) -> tuple[Longs, Sorted]:
    """Which of the `number` rows are chosen, and the same combinations over these rows alone."""
    is_kept = np.zeros(number, np.bool_)
    is_kept[chosen.rows] = True
    return np.flatnonzero(is_kept), Sorted((np.cumsum(is_kept) - 1)[chosen.rows], chosen.start)
