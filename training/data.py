"""Reading pairs and products, and what the loop needs of them: decoded pixels, texts, positives and counted cells."""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from python_udfs.embedding import product_text
from python_udfs.encoder import Pixels
from python_udfs.images import ImageError, read_image
from python_udfs.warehouse import open_folder

SPLITS = ("train", "validation", "test")
VALIDATION_NAMES = ("validation", "val", "valid")

Flags = npt.NDArray[np.bool_]


class DataError(Exception):
    """Tables that cannot be trained on; the text says why, on one line."""


@dataclass(frozen=True)
class Attributes:
    """The attributes of all pairs, in the order of their columns everywhere: ids, facets, values and prompts."""

    ids: list[str]
    facets: list[str]
    values: list[str]
    prompts: list[str]

    def facet_numbers(self) -> npt.NDArray[np.int64]:
        """The facet of each attribute as a number, equal for equal facets."""
        return np.unique(self.facets, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True)
class Products:
    """Products that have a pair. Row i of every field is the same product.

    pixels (n, 3, height, width) uint8, zeros where has_image is False; weights (n, attributes) float32, 0 where there
    is no pair; split as one of SPLITS.
    """

    ids: list[str]
    texts: list[str]
    pixels: Pixels
    has_image: Flags
    weights: npt.NDArray[np.float32]
    split: npt.NDArray[np.str_]

    def rows(self, split: str) -> npt.NDArray[np.int64]:
        """Positions of the products of one split."""
        return np.flatnonzero(self.split == split)


def default_prompt(facet: str, value: str) -> str:
    """What the text tower reads of an attribute, such as `color: navy blue`. The models' SQL uses the same form."""
    return f"{facet.replace('_', ' ')}: {value}"


def read_table(location: str) -> pd.DataFrame:
    """A Parquet file or a folder as Spark writes it, Parquet or Delta, local or behind a URL. Raises DataError."""
    try:
        return pd.DataFrame(open_folder(location).to_table().to_pandas())
    except FileNotFoundError:
        raise DataError(f"no table at {location}") from None
    except (OSError, ValueError) as error:
        raise DataError(f"table {location} cannot be read: {error}") from error


def read_pairs(location: str) -> pd.DataFrame:
    """Pairs with columns product_id, attribute_id, facet, value, prompt, weight, split (null where not given).

    Needs product_id and either facet and value or attribute_id (`facet:value-with-hyphens`). Sorted, so that a table's
    file order does not matter. Raises DataError.
    """
    pairs = read_table(location)
    if "attribute_id" in pairs.columns and not {"facet", "value"} <= set(pairs.columns):
        parts = pairs["attribute_id"].astype(str).str.split(":", n=1, expand=True)
        if parts.shape[1] < 2 or parts[1].isna().any():
            raise DataError(f"table {location} has an attribute_id without a colon: they are facet:value")
        pairs = pairs.assign(facet=parts[0], value=parts[1].str.replace("-", " "))
    missing = {"product_id", "facet", "value"} - set(pairs.columns)
    if missing:
        raise DataError(f"table {location} has no column {', '.join(sorted(missing))}")
    pairs = pairs.dropna(subset=["product_id", "facet", "value"])
    if pairs.empty:
        raise DataError(f"table {location} holds no pair: build the warehouse it comes from first")
    pairs = pairs.assign(
        product_id=pairs["product_id"].astype(str),
        attribute_id=pairs["facet"].astype(str) + ":" + pairs["value"].astype(str),
        weight=pairs["weight"].astype(float) if "weight" in pairs.columns else 1.0,
        split=pairs["split"].map(_split_name) if "split" in pairs.columns else None,
    )
    pairs["weight"] = pairs["weight"].fillna(1.0)
    if not (np.isfinite(pairs["weight"]) & (pairs["weight"] >= 0)).all():
        raise DataError(f"table {location} has a weight that is no number from 0 on")
    prompts = pairs["prompt"] if "prompt" in pairs.columns else [None] * len(pairs)
    pairs["prompt"] = [
        default_prompt(facet, value) if pd.isna(prompt) else prompt
        for facet, value, prompt in zip(pairs.facet, pairs.value, prompts, strict=True)
    ]
    pairs = pairs.sort_values(["product_id", "attribute_id"], kind="stable")
    return pairs.drop_duplicates(["product_id", "attribute_id"], ignore_index=True)


def without_test(pairs: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """The pairs of known products whose split is not `test`: what says its split is its first pair, else the product.

    Raises DataError.
    """
    products = _known(products, pairs)
    # By hash no product gets into the test split, whatever share is validated on.
    split = _splits(products, pairs, 0.0)
    return pairs[pairs.product_id.isin(set(products.product_id[split != "test"]))].reset_index(drop=True)


def with_splits(products: pd.DataFrame, pairs: pd.DataFrame, built: str) -> pd.DataFrame:
    """The products, those without a split with that of the table `built`, on whose test products builds evaluate.

    Says on stderr how many no split is known of: they are learned from, and a build may test on them.
    """
    try:
        known = read_table(built)
    except DataError:
        known = pd.DataFrame({"product_id": [], "split": []})
    splits = dict(zip(known["product_id"].astype(str), known["split"], strict=True))
    ids = products["product_id"].astype(str)
    said = [named or splits.get(name) for name, named in zip(ids, _texts(products, "split"), strict=True)]
    paired = set(pairs.product_id[pairs.split.notna()])
    if unsaid := sum(split is None and name not in paired for name, split in zip(ids, said, strict=True)):
        print(
            f"training: {unsaid} products say no split and are not in {built}: a build may test the encoder on some of "
            "them; give them a column split (train, validation, test), or build their warehouse first",
            file=sys.stderr,
        )
    return products.assign(split=pd.Series(said, products.index, dtype=object))


def attributes_of(pairs: pd.DataFrame) -> Attributes:
    """The distinct attributes of the pairs, by id."""
    rows = pairs.drop_duplicates("attribute_id").sort_values("attribute_id")
    return Attributes(
        rows.attribute_id.tolist(),
        rows.facet.astype(str).tolist(),
        rows.value.astype(str).tolist(),
        rows.prompt.tolist(),
    )


def load_products(
    pairs: pd.DataFrame,
    attributes: Attributes,
    products: pd.DataFrame,
    roots: str,
    prepare: Callable[[Image.Image], Pixels],
    settings: dict[str, Any],
    progress: Callable[[Iterable[Any], int], Iterable[Any]],
) -> Products:
    """The products of the pairs, each image decoded once. An image that cannot be read leaves the product its text.

    `products` needs product_id and title; description, image_uri, split and group_id are used where they are there.
    Says on stderr how many images cannot be read, and why. Raises DataError, also where there is none that can.
    """
    products = _known(products, pairs)
    if subset := int(settings["data"]["products"]):
        # Not the hash that splits, or all of those drawn would be of one split.
        drawn = ("drawn " + products.product_id).map(_hashed).nsmallest(subset, keep="all").index
        products = products.loc[drawn].sort_values("product_id", ignore_index=True)
    split = _splits(products, pairs, float(settings["data"]["validation_share"]))
    share = float(settings["data"]["train_share"])
    kept = (split != "train") | (("studied " + products.product_id).map(_hashed) < share).to_numpy()
    products, split = products[kept].reset_index(drop=True), split[kept]
    column = {name: _texts(products, name) for name in ("title", "description", "image_uri")}

    def read(uri: str | None) -> Pixels | ImageError | None:
        if not uri:
            return None
        try:
            return prepare(read_image(uri, roots))
        except ImageError as error:
            return error

    blank = prepare(Image.new("RGB", (8, 8)))
    pixels = np.zeros((len(products), *blank.shape), np.uint8)
    has_image = np.zeros(len(products), bool)
    failures: Counter[str] = Counter()
    # Decoding and resizing release the interpreter's lock.
    with ThreadPoolExecutor(int(settings["run"]["threads"])) as pool:
        for i, image in enumerate(progress(pool.map(read, column["image_uri"]), len(products))):
            if isinstance(image, ImageError):
                failures[str(image)] += 1
            elif image is not None:
                pixels[i], has_image[i] = image, True
    _say_failures(failures, int(has_image.sum()), settings["loss"])
    number = {name: i for i, name in enumerate(products.product_id)}
    position = {name: i for i, name in enumerate(attributes.ids)}
    known = pairs[pairs.product_id.isin(number)]
    weights = np.zeros((len(products), len(attributes.ids)), np.float32)
    weights[known.product_id.map(number), known.attribute_id.map(position)] = known.weight
    texts = [product_text(title, more) for title, more in zip(column["title"], column["description"], strict=True)]
    return Products(products.product_id.tolist(), texts, pixels, has_image, weights, split)


def _say_failures(failures: Counter[str], read: int, loss: dict[str, Any]) -> None:
    """Raises DataError where images are to be learned from and of those named none was read."""
    if not failures:
        return
    reasons = "; ".join(f"{reason} ({count})" for reason, count in failures.most_common(3))
    found = f"{failures.total()} of {failures.total() + read} images cannot be read: {reasons}"
    if not read and (float(loss["image"]) or float(loss["fused"])):
        hint = "Name the folders they lie in with --roots, one a line, or learn from titles alone: --set loss.image=0"
        raise DataError(f"{found}. {hint}")
    print(f"training: {found}", file=sys.stderr)


def _known(products: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The products that have a pair, by id. Raises DataError."""
    missing = {"product_id", "title"} - set(products.columns)
    if missing:
        raise DataError(f"the products table has no column {', '.join(sorted(missing))}")
    products = products.assign(product_id=products["product_id"].astype(str)).drop_duplicates("product_id")
    known = products[products.product_id.isin(set(pairs.product_id))].sort_values("product_id", ignore_index=True)
    if known.empty:
        raise DataError("no product of the products table has a pair outside the test split, or none at all")
    return known


def _splits(products: pd.DataFrame, pairs: pd.DataFrame, validation_share: float) -> npt.NDArray[np.str_]:
    """The split of each product: what its pairs say, else its own, else by the hash of its group or id."""
    pair_split = pairs.drop_duplicates("product_id").set_index("product_id")["split"]
    columns = zip(products.product_id, _texts(products, "split"), _texts(products, "group_id"), strict=True)
    return np.array(
        [
            pair_split[name]
            or (_split_name(named) if named else None)
            or _hashed_split(group or name, validation_share)
            for name, named, group in columns
        ]
    )


def counted_cells(positives: Flags, facets: npt.NDArray[np.int64], unnamed: float) -> npt.NDArray[np.float32]:
    """How much each product-attribute cell counts as a negative: 1 in facets in which the product names something.

    positives (n, attributes), facets (attributes,) as numbers. Where nothing is named, `unnamed`: pairs read from text
    are incomplete, but with no weight at all nothing would teach that a handbag has no neckline.
    """
    member = facets[:, None] == np.arange(facets.max(initial=0) + 1)[None, :]
    named: Flags = positives.astype(np.float32) @ member.astype(np.float32) > 0
    return np.where(named[:, facets], np.float32(1), np.float32(unnamed))


def fingerprint(pairs: pd.DataFrame, products: Products) -> str:
    """12 hex digits over what is learned from: pairs, weights, splits, texts and pixels."""
    digest = hashlib.sha256()
    for column in ("product_id", "attribute_id", "prompt", "weight"):
        digest.update("\n".join(map(str, pairs[column])).encode())
    digest.update("\n".join([*products.texts, *products.split]).encode())
    digest.update(np.ascontiguousarray(products.pixels).data)
    return digest.hexdigest()[:12]


def _texts(products: pd.DataFrame, name: str) -> list[str | None]:
    if name not in products.columns:
        return [None] * len(products)
    return [value if isinstance(value, str) and value.strip() else None for value in products[name]]


def _split_name(split: Any) -> str | None:
    if not isinstance(split, str) or not split.strip():
        return None
    name = split.strip().lower()
    return "train" if name == "train" else "validation" if name in VALIDATION_NAMES else "test"


def _hashed_split(key: str, validation_share: float) -> str:
    return "validation" if _hashed(key) < validation_share else "train"


def _hashed(key: str) -> float:
    """A number from 0 to 1 that is the key's own, everywhere and always."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[:4], "big") / 2**32
