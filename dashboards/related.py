"""Which collections a page points to, by their attributes alone: broader, narrower, different in one attribute."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

Attributes = frozenset[tuple[str, str]]  # facet, value


@dataclass(frozen=True)
class Related:
    """Keys of other collections, best first."""

    broader: list[str]
    narrower: list[str]
    siblings: list[str]


class RelatedCollections:
    """Finds the relatives of each collection in time linear in all of them.

    `collections` maps a key to its attributes, in the order in which relatives should be named.
    """

    def __init__(self, collections: Mapping[str, Attributes], limit: int) -> None:
        self._collections = collections
        self._limit = limit
        self._keys = {attributes: key for key, attributes in collections.items()}
        # Collections by what is left of them without one attribute: what shares that, differs in one.
        self._by_rest: dict[Attributes, list[tuple[str, str]]] = defaultdict(list)
        for key, attributes in collections.items():
            for attribute in attributes:
                self._by_rest[attributes - {attribute}].append((key, attribute[0]))

    def of(self, key: str) -> Related:
        """The relatives of one collection."""
        attributes = self._collections[key]
        rests = [(attributes - {attribute}, attribute[0]) for attribute in sorted(attributes)]
        broader = [self._keys[rest] for rest, _ in rests if rest in self._keys]
        narrower = [other for other, _ in islice(self._by_rest.get(attributes, ()), self._limit)]
        rests = [(rest, facet) for rest, facet in rests if facet != "product_type"]
        others = [[one for one in self._by_rest[rest] if one[0] != key] for rest, _ in rests]
        swaps_value = [
            [other for other, swapped in members if swapped == facet]
            for members, (_, facet) in zip(others, rests, strict=True)
        ]
        swaps_facet = [[other for other, _ in members] for members in others]
        siblings = list(dict.fromkeys([*_alternating(swaps_value), *_alternating(swaps_facet)]))
        return Related(broader[: self._limit], narrower, siblings[: self._limit])


def _alternating(lists: Sequence[Sequence[str]]) -> list[str]:
    """The first of each, then the second of each, …, each once."""
    longest = max((len(one) for one in lists), default=0)
    return list(dict.fromkeys(one[place] for place in range(longest) for one in lists if place < len(one)))
