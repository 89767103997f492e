"""Titles: what English asks for, what makes a combination no topic, and what quality rewards."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_udfs import english
from python_udfs.titles import Attribute, Evidence, Modifier, title_collection, title_heuristic, write_title

POSITIONS = {
    "gender": 10,
    "style": 24,
    "fit": 26,
    "color": 30,
    "pattern": 32,
    "length": 34,
    "sleeve_length": 36,
    "material": 44,
    "product_type": 50,
    "room": 60,
    "occasion": 61,
    "season": 62,
}


def attributes(**values: str) -> list[Attribute]:
    return [Attribute(facet, value, POSITIONS.get(facet, 25)) for facet, value in values.items()]


def evidence(
    carriers: int = 40, together: float | None = 1.0, lift: float = 1.0, share: float = 0.3, **changed: float
) -> Evidence:
    """Evidence of an ordinary combination; `changed` sets the lift of single values."""
    modifiers = [Modifier("", value, changed.get(value, lift), share) for value in ("women", "black", *changed)]
    return Evidence(carriers=carriers, enough=10, together=together, modifiers=modifiers)


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("dress", "dresses"),
        ("jean", "jeans"),
        ("watch", "watches"),
        ("scarf", "scarves"),
        ("bookshelf", "bookshelves"),
        ("cuff", "cuffs"),
        ("accessory", "accessories"),
        ("toy", "toys"),
        ("kimono", "kimonos"),
        ("sunglass", "sunglasses"),
        ("shorts", "shorts"),
        ("footwear", "footwear"),
        ("cookware", "cookware"),
        ("jewellery", "jewellery"),
        ("bedding", "bedding"),
        ("legging", "leggings"),
        ("furniture", "furniture"),
        ("t-shirt", "t-shirts"),
        ("make-up", "make-ups"),
        ("tv", "tvs"),
        ("chest of drawer", "chests of drawers"),
        ("chest of 3 drawer", "chests of 3 drawers"),
        ("rack with 3 hook", "racks with 3 hooks"),
        ("box with lid", "boxes with lids"),
        ("quilt cover and pillowcase", "quilt covers and pillowcases"),
        ("pack of 2", "packs of 2"),
        ("curtain, 1 pair", "curtains, 1 pair"),
        ("rug, flatwoven", "rugs, flatwoven"),
        ("maxi dress", "maxi dresses"),
    ],
)
def test_plural(singular: str, plural: str) -> None:
    assert english.plural(singular) == plural


@pytest.mark.parametrize(
    ("values", "title"),
    [
        (
            {"product_type": "maxi dress", "pattern": "floral", "color": "black", "gender": "women"},
            "Women's Black Floral Maxi Dresses",
        ),
        ({"product_type": "t-shirt", "gender": "boy", "color": "off-white"}, "Boys' Off-White T-Shirts"),
        ({"product_type": "backpack", "gender": "unisex", "material": "leather"}, "Unisex Leather Backpacks"),
        ({"product_type": "shirt", "occasion": "work", "color": "blue"}, "Blue Shirts for Work"),
        ({"product_type": "shirt", "occasion": "formal", "color": "blue"}, "Blue Formal Shirts"),
        ({"product_type": "dress", "occasion": "party", "season": "summer"}, "Dresses for Parties and Summer"),
        ({"product_type": "shoe", "occasion": "sports", "gender": "men"}, "Men's Sports Shoes"),
        ({"product_type": "jacket", "season": "all-season"}, "All-Season Jackets"),
        ({"product_type": "rug", "room": "living room", "color": "grey"}, "Grey Rugs for the Living Room"),
        ({"product_type": "table", "room": "outdoor"}, "Outdoor Tables"),
        ({"product_type": "chest of 3 drawer", "color": "white"}, "White Chests of 3 Drawers"),
        ({"product_type": "box", "closure": "with lid"}, "Boxes with Lid"),
        ({"product_type": "bag", "closure": "zip closure"}, "Bags with Zip Closure"),
        ({"product_type": "tv", "color": "black"}, "Black TVs"),
        ({"product_type": "hdmi cable", "length": "150 cm"}, "150 cm HDMI Cables"),
        ({"product_type": "dress", "sleeve_length": "long sleeve"}, "Long Sleeve Dresses"),
    ],
)
def test_title(values: dict[str, str], title: str) -> None:
    assert write_title(attributes(**values)) == title
    assert write_title(attributes(**dict(reversed(values.items())))) == title


def test_description_states_the_same_facts_without_counts() -> None:
    titled = title_heuristic(
        attributes(product_type="dress", color="black", gender="women", material="linen", season="summer"), evidence()
    )
    assert titled.description == "Browse dresses for women in black made of linen for summer."


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ([("color", "black"), ("color", "white"), ("color", "red"), ("product_type", "dress")], "more than one color"),
        ([("gender", "men"), ("gender", "women"), ("product_type", "skirt")], "more than one gender"),
        ([("gender", "boy"), ("gender", "women"), ("product_type", "shirt")], "more than one gender"),
        ([("product_type", "dress"), ("product_type", "skirt")], "more than one product type"),
        ([("color", "red"), ("pattern", "floral")], "no product type"),
        ([("occasion", "casual"), ("product_type", "casual shoe")], "say the same"),
        ([("gender", "women"), ("product_type", "women's top")], "say the same"),
        ([("color", "--"), ("product_type", "dress")], "has no word"),
        ([], "no product type"),
    ],
)
def test_contradictions_are_invalid(values: list[tuple[str, str]], problem: str) -> None:
    titled = title_heuristic([Attribute(facet, value, POSITIONS[facet]) for facet, value in values], evidence())
    assert not titled.valid
    assert titled.title is None
    assert titled.quality == 1
    assert any(problem in each for each in titled.problems)


def test_conflicts_of_the_vocabulary_are_invalid() -> None:
    facts = Evidence(carriers=50, enough=10, conflicts=["'summer' contradicts 'winter'"])
    titled = title_heuristic(attributes(product_type="coat", season="winter", style="summer"), facts)
    assert not titled.valid
    assert titled.problems == ["'summer' contradicts 'winter'"]


WOMENS_BLACK_DRESSES = attributes(product_type="dress", gender="women", color="black")


def quality(facts: Evidence) -> float:
    return title_heuristic(WOMENS_BLACK_DRESSES, facts).quality


def test_what_chance_predicts_is_good_enough() -> None:
    assert quality(evidence()) >= 4


def test_popularity_beyond_enough_earns_nothing() -> None:
    assert quality(evidence(carriers=10)) == quality(evidence(carriers=10_000))


def test_what_no_product_has_is_worst() -> None:
    assert quality(evidence(carriers=0)) == 1
    assert quality(evidence(carriers=4)) < 4


def test_what_the_catalogue_avoids_is_not_published() -> None:
    assert quality(evidence(women=0.1)) < 4
    assert quality(evidence(together=0.1)) < 4


def test_what_nearly_all_have_anyway_adds_nothing() -> None:
    assert quality(evidence(share=0.9)) == quality(evidence(share=0.1))
    assert quality(evidence(share=0.96)) < 4
    titled = title_heuristic(WOMENS_BLACK_DRESSES, evidence(share=0.99))
    assert any("adds little" in problem for problem in titled.problems)


def test_repeated_words_and_long_titles_read_badly() -> None:
    once = title_heuristic(attributes(product_type="bed", material="pine wood", color="dark"), evidence())
    twice = title_heuristic(attributes(product_type="bed", material="pine wood", color="wood brown"), evidence())
    assert twice.quality < once.quality
    long = attributes(product_type="chest of 6 drawer with glass door", color="white", room="living room")
    assert "long title" in title_heuristic(long, evidence()).problems


@given(
    carriers=st.integers(0, 10**9),
    together=st.none() | st.floats(0, 1e6),
    lift=st.floats(0, 1e6),
    share=st.none() | st.floats(0, 1),
)
def test_quality_stays_on_its_scale(carriers: int, together: float | None, lift: float, share: float | None) -> None:
    facts = Evidence(carriers, 10, together, [Modifier("color", "black", lift, share)])
    assert 1 <= title_heuristic(WOMENS_BLACK_DRESSES, facts).quality <= 5


@given(lifts=st.tuples(st.floats(0, 100), st.floats(0, 100)))
def test_a_stronger_link_is_never_worse(lifts: tuple[float, float]) -> None:
    low, high = sorted(lifts)
    assert quality(evidence(lift=low)) <= quality(evidence(lift=high))


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_any_value_gets_an_answer(value: str) -> None:
    titled = title_heuristic(attributes(product_type=value, color="black"), Evidence(20, 10))
    assert titled.valid == (titled.title is not None)


def test_rows_in_and_out_as_spark_sends_them() -> None:
    hat = {"facet": "product_type", "value": "hat", "position": 50}
    colors = [{"facet": "color", "value": value, "position": 30} for value in ("red", None)]
    rows = pa.array([[colors[0], hat], [colors[1], hat], None])
    facts = {
        "carriers": 12,
        "enough": 10,
        "together": None,
        "modifiers": [{"facet": "color", "value": "red", "lift": 1.5, "share": 0.2}],
        "conflicts": None,
    }
    good, failed, empty = title_collection(rows, pa.array([facts] * 3)).to_pylist()
    assert (good["valid"], good["title"], good["error"]) == (True, "Red Hats", None)
    assert good["quality_source"] == "heuristic"
    assert failed["error"].startswith("AttributeError")
    assert failed["valid"] is None
    assert failed["title"] is None
    assert (empty["valid"], empty["problems"], empty["error"]) == (False, ["no product type"], None)
