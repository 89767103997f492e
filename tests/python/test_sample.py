"""The sample catalogue: same seed same bytes, complete labels, texts that keep their secrets, a log worth mining."""

import io
import json
import random
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image, UnidentifiedImageError

from python_udfs.sampling import draw_sample
from sample import bad_rows, catalog, complete, describe_product, draw_product, draw_shard, write_sample, write_tables
from sample.catalog import catalog_row
from sample.ontology import FACETS, LOOK_FACETS, TYPES, WORDS, draw_colors
from sample.product import Product
from sample.search_log import Demand, mistyped, plural, singular
from sample.text import CARE, FILLER, LEADS, NAMED, NAMES, PRAISE

SMALL = 60
PRODUCTS = 2000


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    assert write_sample(folder, SMALL, seed=3) == SMALL
    return folder


@pytest.fixture(scope="module")
def products() -> list[Product]:
    return [describe_product(0, index) for index in range(PRODUCTS)]


@pytest.fixture(scope="module")
def log(products: list[Product]) -> list[tuple[str, int]]:
    demand = Demand(0, PRODUCTS)
    demand.add(products)
    return demand.log()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def says(text: str, words: str) -> bool:
    """Whether `words` stand in `text` as words of their own; hyphens and spaces are alike, a plural is the word too."""
    pattern = r"[\s-]+".join(re.escape(part) for part in re.split(r"[\s-]+", words))
    return re.search(rf"(?<![a-z]){pattern}(?:s|es)?(?![a-z'])", text) is not None


def text_of(product: Product) -> str:
    row = catalog_row(product, 0)
    return " | ".join(str(value) for name, value in row.items() if value is not None and name != "group_id").lower()


# drawing


def test_shards_in_any_order_give_the_bytes_of_the_whole(small: Path, tmp_path: Path) -> None:
    for shard in (2, 0, 1):
        assert draw_shard(tmp_path, SMALL, 3, shard, 3) == SMALL // 3
    assert write_tables(tmp_path, SMALL, 3) == SMALL
    assert contents(tmp_path) == contents(small)


def test_a_product_depends_on_seed_and_index_alone(small: Path) -> None:
    row = pd.read_parquet(small / "catalog.parquet").iloc[41]
    product = draw_product(3, 41)
    assert (row.product_id, row.title) == (product.product_id, product.title)
    assert (small / row.image_uri).read_bytes() == product.image
    assert draw_product(4, 41).image != product.image


def test_a_finished_sample_is_left_alone(small: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in small.rglob("*")}
    assert complete(small, SMALL, 3)
    assert not complete(small, SMALL, 4)
    assert not complete(small, SMALL + 1, 3)
    assert write_sample(small, SMALL, 3) == 0
    assert {path: path.stat().st_mtime_ns for path in small.rglob("*")} == before


def test_a_half_finished_draw_is_completed(small: Path, tmp_path: Path) -> None:
    draw_shard(tmp_path, SMALL, 3, 0, 4)
    with pytest.raises(ValueError, match="45 of 60 pictures are missing"):
        write_tables(tmp_path, SMALL, 3)
    assert not (tmp_path / "catalog.parquet").exists()
    assert write_sample(tmp_path, SMALL, 3) == SMALL - SMALL // 4
    assert contents(tmp_path) == contents(small)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(catalog.pq, "write_table", fail)
    with pytest.raises(OSError, match="No space"):
        write_sample(tmp_path, 8, 3)
    assert not complete(tmp_path, 8, 3)
    assert not [path for path in tmp_path.rglob(".*")]
    monkeypatch.undo()
    assert write_sample(tmp_path, 8, 3) == 0
    assert complete(tmp_path, 8, 3)


def test_pictures_open_and_differ(small: Path) -> None:
    rows = pd.read_parquet(small / "catalog.parquet").iloc[:SMALL]
    pictures = [(small / uri).read_bytes() for uri in rows.image_uri]
    assert len(set(pictures)) == SMALL
    assert {Image.open(io.BytesIO(picture)).size for picture in pictures} == {(192, 192)}


@pytest.mark.parametrize(
    ("facet", "values"),
    [
        ("gender", ("women", "men")),
        ("material", ("cotton", "linen", "knit")),
        ("pattern", ("solid", "striped", "graphic", "floral", "polka dot", "camouflage")),
        ("color", ("black", "white", "red", "navy blue")),
        ("sleeve_length", ("sleeveless", "short sleeve", "long sleeve")),
        ("neckline", ("crew neck", "v-neck")),
        ("fit", ("slim fit", "regular fit", "oversized")),
    ],
)
def test_every_value_changes_the_picture(facet: str, values: tuple[str, ...]) -> None:
    from sample.drawing import draw_image

    plain = {"product_type": "t-shirt", "gender": "women", "material": "cotton", "pattern": "solid", "color": "blue"}
    plain |= {"sleeve_length": "short sleeve", "neckline": "crew neck", "fit": "regular fit"}
    pictures = [draw_image({**plain, facet: value}, "a", "b") for value in values]
    assert len(set(pictures)) == len(values)


def test_every_type_and_value_can_be_drawn() -> None:
    from sample.drawing import DRAWERS, draw_image

    assert set(DRAWERS) == set(TYPES) == set(WORDS["product_type"])
    for kind, details in TYPES.items():
        for turn in range(max(len(shares) for facet, shares in details.facets.items() if facet != "color")):
            values = {facet: list(shares)[turn % len(shares)] for facet, shares in details.facets.items()}
            look = values.pop("style", "casual")
            picture = draw_image({"product_type": kind, **values, LOOK_FACETS.get(look, "style"): look}, "a", "b")
            assert Image.open(io.BytesIO(picture)).size == (192, 192)


# labels


def test_labels_are_complete(small: Path) -> None:
    rows, labels = pd.read_parquet(small / "catalog.parquet"), pd.read_parquet(small / "labels.parquet")
    assert set(labels.product_id) == set(rows.product_id[:SMALL])
    for index in range(SMALL):
        product = describe_product(3, index)
        mine = labels[labels.product_id == product.product_id]
        assert dict(zip(mine.facet, mine.value, strict=True)) == dict(product.attributes)


def test_labels_are_few_a_product_and_rich_over_all(products: list[Product]) -> None:
    sizes = [len(product.attributes) for product in products]
    assert min(sizes) >= 6
    assert max(sizes) <= 9
    used = {(facet, value) for product in products for facet, value in product.attributes.items()}
    assert {facet for facet, _ in used} == set(FACETS)
    assert used == {(facet, value) for facet, values in WORDS.items() for value in values}
    for kind, details in TYPES.items():
        expected = set(details.facets) | {"product_type"}
        for product in products:
            if product.attributes["product_type"] == kind:
                assert {"style" if facet == "occasion" else facet for facet in product.attributes} == expected


def test_every_seed_gives_every_product_all_of_its_facets() -> None:
    for seed in range(1, 6):
        for index in range(1500):
            assert "color" in describe_product(seed, index).attributes


def test_a_design_with_fewer_colours_than_siblings_repeats_them() -> None:
    for kind, material in (("watch", "metal"), ("sunglasses", "metal"), ("hat", "straw"), ("short", "denim")):
        design = {"product_type": kind, "material": material, "pattern": "solid"}
        colors = draw_colors(random.Random(0), design, 6)
        assert len(colors) == 6
        assert len(set(colors[:3])) == 3


def test_siblings_share_all_but_colour(products: list[Product]) -> None:
    groups: dict[str, list[Product]] = {}
    for product in products:
        groups.setdefault(product.group_id, []).append(product)
    assert 0.3 < len(groups) / PRODUCTS < 0.8
    for siblings in groups.values():
        assert len({tuple(p.attributes[f] for f in p.attributes if f != "color") for p in siblings}) == 1
        assert len({p.texts.named - {"color"} for p in siblings}) == 1
        if len(siblings) < 4 and siblings[0].attributes.get("material") != "metal":
            assert len({p.attributes["color"] for p in siblings}) == len(siblings)


# texts


def test_what_the_text_leaves_to_the_picture_is_nowhere_in_it(products: list[Product]) -> None:
    for product in products:
        text = text_of(product)
        for facet, value in product.attributes.items():
            if facet not in product.texts.named:
                told = [word for word in WORDS[facet][value] if says(text, word)]
                assert not told, f"{told} tells the hidden {facet} {value} of {text}"


def test_what_the_text_names_is_there_and_right(products: list[Product]) -> None:
    for product in products:
        text = text_of(product)
        for facet in product.texts.named:
            assert any(says(text, word) for word in WORDS[facet][product.attributes[facet]]), (facet, text)
        for facet in ("color", "pattern", "season", "gender", "neckline", "occasion", "style", "sleeve_length"):
            for value, words in WORDS[facet].items():
                if value != product.attributes.get(facet) and not (facet == "color" and value == "blue"):
                    assert not any(says(text, word) for word in words), (facet, value, text)


def test_filler_names_no_value() -> None:
    words = [(value, word) for values in WORDS.values() for value, some in values.items() for word in some]
    for sentence in (*FILLER, *LEADS, *NAMES, *PRAISE, *(line for lines in CARE.values() for line in lines)):
        assert not [pair for pair in words if says(sentence.lower(), pair[1])], sentence


def test_names_of_files_and_addresses_are_opaque(products: list[Product]) -> None:
    for product in products:
        row = catalog_row(product, 0)
        assert re.fullmatch(r"images/\d{4}/[0-9a-f]{20}\.jpg", str(row["image_uri"]))
        assert re.fullmatch(r"https://shop\.example/item/[0-9a-f]{10}", str(row["url"]))


def test_every_facet_is_named_often_enough_to_be_discovered(products: list[Product]) -> None:
    named, carried = Counter[str](), Counter[str]()
    for product in products:
        carried.update(list(product.attributes))
        named.update(product.texts.named)
    solid = [product for product in products if product.attributes.get("pattern") == "solid"]
    for facet, share in NAMED.items():
        assert named[facet] / carried[facet] > 0.35, facet
        if facet != "pattern":
            assert abs(named[facet] / carried[facet] - share) < 0.1, facet
    assert 0.3 < sum("pattern" in p.texts.named for p in solid) / len(solid) < 0.5
    assert named["product_type"] / PRODUCTS >= 0.95


def test_titles_vary(products: list[Product]) -> None:
    titles = [product.title for product in products]
    assert len(set(titles)) > 0.75 * PRODUCTS
    assert any(title.isupper() for title in titles)
    assert any(title.islower() for title in titles)
    assert max(map(len, titles)) < 120


# search log


def meaning(query: str) -> frozenset[tuple[str, str]]:
    """The attributes a query names, by longest match over the words of the ontology."""
    lexicon = {}
    for facet, values in WORDS.items():
        for value, words in values.items():
            for word in words:
                forms = {word, plural(word), singular(word)} if facet == "product_type" else {word}
                lexicon |= dict.fromkeys(forms, (facet, value))
    tokens, found, at = query.split(), set(), 0
    while at < len(tokens):
        for size in (3, 2, 1):
            phrase = " ".join(tokens[at : at + size])
            if phrase in lexicon:
                found.add(lexicon[phrase])
                break
        at += size
    return frozenset(found)


def test_the_log_names_many_satisfiable_combinations_but_few_often(
    products: list[Product], log: list[tuple[str, int]]
) -> None:
    carriers: dict[tuple[str, str], set[int]] = {}
    for product in products:
        for pair in product.attributes.items():
            carriers.setdefault(pair, set()).add(product.index)
    searched: Counter[frozenset[tuple[str, str]]] = Counter()
    for query, searches in log[:]:
        named = meaning(query)
        if 2 <= len(named) <= 4 and any(facet == "product_type" for facet, _ in named):
            searched[named] = max(searched[named], searches)
    sizes = {named: len(set.intersection(*(carriers.get(pair, set()) for pair in named))) for named in searched}
    assert sum(size >= 1 for size in sizes.values()) > 2000
    wide = [named for named, size in sizes.items() if size >= 10]
    assert len(wide) > 600
    assert 30 < sum(searched[named] >= 3 for named in wide) < len(wide) / 4


def test_the_log_has_a_long_tail(products: list[Product], log: list[tuple[str, int]]) -> None:
    searches = [times for _, times in log]
    assert len(log) == len({query for query, _ in log}) > 3000
    assert searches == sorted(searches, reverse=True)
    assert searches[0] >= 15
    assert sum(times == 1 for times in searches) > 0.8 * len(log)
    known = {word for values in WORDS.values() for words in values.values() for word in words}
    known = {part for word in known for part in word.split()}
    known |= {form for word in WORDS["product_type"].values() for w in word for form in (plural(w), singular(w))}
    known |= {part for product in products for part in product.texts.brand.lower().split()}
    odd = sum(any(part not in known for part in query.split()) for query, _ in log)
    assert 0.05 < odd / len(log) < 0.25


def test_a_bigger_catalogue_is_searched_more_but_not_in_proportion() -> None:
    assert Demand(0, 32 * PRODUCTS).share < Demand(0, PRODUCTS).share == Demand(0, 100).share


@pytest.mark.parametrize(
    ("noun", "many"), [("dress", "dresses"), ("watch", "watches"), ("scarf", "scarves"), ("hat", "hats")]
)
def test_plurals(noun: str, many: str) -> None:
    assert plural(noun) == many
    assert plural(many) == many


def test_a_typing_mistake_is_one_slip() -> None:
    for number in range(50):
        slip = mistyped(random.Random(number), "black floral dress")
        assert abs(len(slip) - len("black floral dress")) <= 1
        assert slip[0] == "b"


# bad rows


def test_bad_rows_are_there_each_of_its_kind(small: Path) -> None:
    rows = pd.read_parquet(small / "catalog.parquet")
    assert len(rows) == SMALL + bad_rows.COUNT
    good, bad = rows.iloc[:SMALL], rows.iloc[SMALL:].reset_index(drop=True)
    assert good.product_id.is_unique
    assert bad.product_id[:2].tolist() == good.product_id[:2].tolist()
    assert not (small / bad.image_uri[2]).exists()
    with pytest.raises((UnidentifiedImageError, OSError)):
        Image.open(small / bad.image_uri[3]).load()
    assert not (small / bad.image_uri[4]).resolve().is_relative_to(small.resolve())
    assert bad.title[5].strip() == ""
    assert bad.product_id.isna().tolist() == [False] * 6 + [True, False, False]
    assert bad.price[7:].tolist() == ["-49.99", "free"]
    labelled = set(pd.read_parquet(small / "labels.parquet").product_id)
    assert not labelled & set(bad.product_id[2:].dropna())


def test_the_catalogue_has_the_contract_s_columns_only(small: Path) -> None:
    columns = "product_id title description brand price currency url availability group_id tags image_uri"
    assert list(pd.read_parquet(small / "catalog.parquet").columns) == columns.split()
    assert json.loads((small / "sample.json").read_text())["counts"]["products"] == SMALL


# the shell and the settings


def test_the_sql_function_draws_shards_then_tables(small: Path, tmp_path: Path) -> None:
    def call(*shards: int) -> pd.DataFrame:
        columns = [[str(tmp_path)] * len(shards), [SMALL] * len(shards), [3] * len(shards), shards, [2] * len(shards)]
        return draw_sample(*(pd.Series(list(column)) for column in columns))

    early = call(-1)
    assert early.products.isna().all()
    assert "draw every shard first" in early.error[0]
    assert call(0, 1).to_dict("list") == {"products": [SMALL // 2] * 2, "error": [None, None]}
    assert call(-1).to_dict("list") == {"products": [SMALL], "error": [None]}
    assert contents(tmp_path) == contents(small)


def test_the_sql_function_says_why_it_failed(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    one = [pd.Series([value]) for value in (str(blocked), 4, 0, 0, 1)]
    assert "cannot write" in draw_sample(*one).error[0]
    one[0], one[3] = pd.Series([str(tmp_path)]), pd.Series([5])
    assert "shard must be in 0..0" in draw_sample(*one).error[0]


def test_bad_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        write_sample(tmp_path, 0, 0)
    with pytest.raises(ValueError, match="not be negative"):
        describe_product(0, -1)
