"""`python -m training.fashion200k FOLDER --out FOLDER`: Fashion200K as a catalogue and labels that the project reads.

Get the set from its authors (github.com/xthan/fashion-200k) and unpack it, so that FOLDER holds
  labels/{dress,jacket,pants,skirt,top}_{train,test}_detect_all.txt   lines of image path, detection score, caption
  women/<category>/<subcategory>/<product>/<product>_<n>.jpeg         the images that these paths name
Written are catalog.parquet, labels.parquet and rejected.csv, which names every line that was left out and why.

The evaluation of attribute Recall@K, our reading of the paper, which does not spell it out:
  - One row per labelled image, as the label files have them; `group_id` is the product: its images stay together.
  - The attributes are the words of the captions (facet `word`): lower case, without numbers, single letters and
    function words, on at least --min-products training products. The test captions choose no attribute.
  - The split is the set's own. A share of the training products, chosen by hash, is `validation`: early stopping and
    thresholds need some.
  - `attribute_recall` of modality `image` is the figure: the title is the caption, so `text` and `fused` read it there.
"""

import argparse
import csv
import hashlib
import math
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from python_udfs.images import ImageError, resolve

FACET = "word"
SPLITS = ("train", "validation", "test")
LABEL_FILE = re.compile(r"[a-z]+_(train|test)_detect_all\.txt")
WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
# Words that say nothing of a garment.
FUNCTION_WORDS = {
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its", "no", "not",
    "of", "off", "on", "or", "our", "out", "over", "per", "that", "the", "their", "this", "to", "up", "via", "with",
    "without", "you", "your",
}  # fmt: skip
CATALOG = pa.schema([(name, pa.string()) for name in ("product_id", "title", "image_uri", "group_id", "split")])
LABELS = pa.schema([(name, pa.string()) for name in ("product_id", "facet", "value")])
SHOWN = 10


class DataSetError(Exception):
    """A folder that is not the data set; the text says what to put where."""


class LineError(Exception):
    """A line that is left out; the text is the reason."""


@dataclass(frozen=True)
class Item:
    """One labelled image: `product_id` is its path below `women/` without the ending, `group_id` its product."""

    product_id: str
    group_id: str
    image_uri: str
    caption: str
    split: str


@dataclass(frozen=True)
class Rejected:
    """A line that was left out: its file, its number from 1, why."""

    file: str
    line: int
    reason: str


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code. A wrong folder ends with one line on stderr and code 2."""
    options = _options(arguments)
    try:
        items, rejected = read_items(options.folder, options.validation_share)
        pairs = attribute_pairs(items, options.min_products)
        write(options.out, items, pairs, rejected)
    except (DataSetError, OSError) as error:
        print(f"fashion200k: {error}", file=sys.stderr)
        return 2
    for line in rejected[:SHOWN]:
        print(f"left out: {line.file}, line {line.line}: {line.reason}", file=sys.stderr)
    if len(rejected) > SHOWN:
        print(f"left out: {len(rejected) - SHOWN} more in {options.out / 'rejected.csv'}", file=sys.stderr)
    counts = ", ".join(f"{sum(item.split == split for item in items)} {split}" for split in SPLITS)
    attributes = len({word for _, word in pairs})
    print(f"{len(items)} images ({counts}), {attributes} attributes, {len(rejected)} lines left out")
    print(f"next: make train PAIRS=labels CATALOG={options.out.resolve()}/catalog.parquet \\")
    print(f"        LABELS={options.out.resolve()}/labels.parquet IMAGE_ROOTS={options.folder.resolve()} WAREHOUSE=…")
    print("      make build with the same settings, then: select * from attribute_recall where modality = 'image'")
    return 0


def read_items(folder: Path, validation_share: float) -> tuple[list[Item], list[Rejected]]:
    """The labelled images of the set and the lines that were left out, both in the order of files and lines.

    A line is left out that is no path, score and caption in UTF-8, that repeats an image, or whose image is not there
    or not below the folder. Raises DataSetError.
    """
    files = sorted(path for path in (folder / "labels").glob("*.txt") if LABEL_FILE.fullmatch(path.name))
    if not files:
        raise DataSetError(
            f"no label file in {folder / 'labels'}: it should hold dress_train_detect_all.txt, "
            f"dress_test_detect_all.txt and those of the other categories, and {folder / 'women'} the images"
        )
    items: dict[str, Item] = {}
    rejected: list[Rejected] = []
    for file in tqdm(files, desc="read label files", mininterval=1):
        split = str(file.name).removesuffix("_detect_all.txt").rpartition("_")[2]
        for number, line in _lines(file):
            try:
                item = read_line(line, split, folder, validation_share)
                if item.product_id in items:
                    raise LineError("image is repeated")
                items[item.product_id] = item
            except LineError as error:
                rejected.append(Rejected(file.name, number, str(error)))
    if not items:
        why = f": the first is left out because of this: {rejected[0].reason}" if rejected else ""
        raise DataSetError(f"no usable line in {folder / 'labels'}{why}")
    return list(items.values()), rejected


def read_line(line: bytes, split: str, folder: Path, validation_share: float) -> Item:
    """One line of a label file of this split. Raises LineError."""
    try:
        fields = line.decode("utf-8").rstrip("\r\n").split("\t")
    except UnicodeDecodeError:
        raise LineError("not UTF-8") from None
    if len(fields) != 3:
        raise LineError(f"{len(fields)} fields between tabs instead of path, score and caption")
    path, score, caption = (field.strip() for field in fields)
    if not _is_number(score):
        raise LineError("the detection score is not a number")
    if not caption:
        raise LineError("the caption is empty")
    parts = PurePosixPath(path).parts
    if "://" in path or ".." in parts or len(parts) < 3 or parts[0] != "women":
        raise LineError("the path is not below women/")
    try:
        image = Path(resolve(path, str(folder.resolve())).target)
    except (ImageError, ValueError) as error:
        raise LineError(str(error)) from None
    if not image.is_file():
        raise LineError("the image is not there")
    group = parts[-2]
    if split == "train" and _share(group) < validation_share:
        split = "validation"
    return Item(str(PurePosixPath(*parts[1:]).with_suffix("")), group, str(image), caption, split)


def caption_words(caption: str) -> list[str]:
    """The distinct words of a caption that can be attributes, in their order."""
    words = (word.replace("\u2019", "'") for word in WORD.findall(caption.lower()))
    return list(dict.fromkeys(word for word in words if len(word) > 1 and word not in FUNCTION_WORDS))


def attribute_pairs(items: Iterable[Item], min_products: int) -> list[tuple[str, str]]:
    """Image and word, for the words that at least `min_products` training products (not images) have."""
    items = list(items)
    carriers: dict[str, set[str]] = defaultdict(set)
    for item in items:
        if item.split == "train":
            for word in caption_words(item.caption):
                carriers[word].add(item.group_id)
    kept = {word for word, products in carriers.items() if len(products) >= min_products}
    return [(item.product_id, word) for item in items for word in caption_words(item.caption) if word in kept]


def write(out: Path, items: list[Item], pairs: list[tuple[str, str]], rejected: list[Rejected]) -> None:
    """catalog.parquet, labels.parquet and rejected.csv; each appears whole or not at all."""
    catalog = [
        {"title": item.caption, **{name: getattr(item, name) for name in CATALOG.names if name != "title"}}
        for item in items
    ]
    labels = [{"product_id": product, "facet": FACET, "value": word} for product, word in pairs]

    def write_rejected(path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["file", "line", "reason"])
            rows.writerows((row.file, row.line, row.reason) for row in rejected)

    out.mkdir(parents=True, exist_ok=True)
    _replace(out / "catalog.parquet", lambda path: pq.write_table(pa.Table.from_pylist(catalog, CATALOG), path))
    _replace(out / "labels.parquet", lambda path: pq.write_table(pa.Table.from_pylist(labels, LABELS), path))
    _replace(out / "rejected.csv", write_rejected)


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open("rb") as lines:
        yield from ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _share(key: str) -> float:
    """A number from 0 to 1 that depends on the key alone."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[:4], "big") / 2**32


def _replace(path: Path, write_file: Callable[[Path], None]) -> None:
    part = path.with_name(f"{path.name}.part")
    write_file(part)
    part.replace(path)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.fashion200k",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="where the data set is unpacked: holds labels/ and women/")
    parser.add_argument("--out", type=Path, required=True, help="where catalogue and labels are written")
    parser.add_argument(
        "--min-products", type=int, default=5, help="fewest training products of an attribute (5, our setting)"
    )
    parser.add_argument(
        "--validation-share",
        type=float,
        default=0.1,
        help="share of the training products set apart (0.1, our setting)",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
