"""The loader of Fashion200K and the evaluation on it, on a small folder in the format of the set."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from training.fashion200k import caption_words, main

from .conftest import Dbt, environment

COLORS = {"red": (200, 30, 30), "blue": (30, 30, 200)}
BAD_LINES = {
    b"women/dresses/day/100/100_0.jpeg\t-1.2\n": "2 fields between tabs",
    b"women/dresses/day/100/100_0.jpeg\thigh\tred dress\n": "the detection score is not a number",
    b"women/dresses/day/100/100_0.jpeg\tnan\tred dress\n": "the detection score is not a number",
    b"women/dresses/day/100/100_0.jpeg\t-1.2\t \n": "the caption is empty",
    b"women/dresses/day/100/100_0.jpeg\t-1.2\tred dress \xff\n": "not UTF-8",
    b"women/dresses/day/100/100_0.jpeg\t-1.2\tred dress again\n": "image is repeated",
    b"women/dresses/day/999/999_0.jpeg\t-1.2\tred dress\n": "the image is not there",
    b"women/../../outside.jpeg\t-1.2\tred dress\n": "the path is not below women/",
    b"/etc/women/a/b.jpeg\t-1.2\tred dress\n": "the path is not below women/",
    b"http://shop.test/women/a/b.jpeg\t-1.2\tred dress\n": "the path is not below women/",
    b"women/linked/day/1/1_0.jpeg\t-1.2\tred dress\n": "image outside the allowed roots",
}


def draw(path: Path, color: tuple[int, int, int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (24, 32), color).save(path)


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    """The folder of a set of 14 products with two images each, 12 of them for training, and every kind of bad line."""
    folder = tmp_path / "fashion200k"
    (folder / "labels").mkdir(parents=True)
    lines: dict[str, list[bytes]] = {"train": [], "test": []}
    for i in range(14):
        color, split = ("red", "blue")[i % 2], "train" if i < 12 else "test"
        words = f"{color} A-Line dress with 2 pockets{' and rare lace' if i == 0 else ''}{' unseen' if i == 13 else ''}"
        for n in range(2):
            path = f"women/dresses/day/{100 + i}/{100 + i}_{n}.jpeg"
            draw(folder / path, COLORS[color])
            lines[split].append(f"{path}\t-1.5\t{words}\n".encode())
    draw(tmp_path / "outside" / "day" / "1" / "1_0.jpeg", COLORS["red"])
    draw(tmp_path / "outside.jpeg", COLORS["red"])
    (folder / "women" / "linked").symlink_to(tmp_path / "outside")
    (folder / "labels" / "dress_train_detect_all.txt").write_bytes(b"".join([*lines["train"], b"\n", *BAD_LINES]))
    (folder / "labels" / "dress_test_detect_all.txt").write_bytes(b"".join(lines["test"]))
    (folder / "labels" / "notes.txt").write_text("no label file")
    return folder


def test_the_set_becomes_a_catalogue_and_labels(data_set: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main([str(data_set), "--out", str(out), "--validation-share", "0.3"]) == 0
    catalog = pd.read_parquet(out / "catalog.parquet")
    labels = pd.read_parquet(out / "labels.parquet")
    assert len(catalog) == 28
    assert catalog.product_id.is_unique
    assert "dresses/day/100/100_0" in set(catalog.product_id)
    assert (catalog.groupby("group_id").split.nunique() == 1).all()
    assert set(catalog.loc[catalog.group_id.astype(int) >= 112, "split"]) == {"test"}
    assert set(catalog.loc[catalog.group_id.astype(int) < 112, "split"]) == {"train", "validation"}
    assert all(Path(uri).is_file() for uri in catalog.image_uri)
    assert set(labels.facet) == {"word"}
    # Too few training products have the others, and a test caption chooses no attribute.
    assert set(labels.value) <= {"red", "blue", "a-line", "dress", "pockets"}
    assert set(labels[labels.product_id == "dresses/day/113/113_1"].value) >= {"a-line", "dress", "pockets"}


def test_an_attribute_needs_training_products_not_images(data_set: Path, tmp_path: Path) -> None:
    arguments = [str(data_set), "--out", str(tmp_path), "--validation-share", "0"]
    assert main([*arguments, "--min-products", "6"]) == 0
    assert set(pd.read_parquet(tmp_path / "labels.parquet").value) == {"red", "blue", "a-line", "dress", "pockets"}
    assert main([*arguments, "--min-products", "7"]) == 0
    assert set(pd.read_parquet(tmp_path / "labels.parquet").value) == {"a-line", "dress", "pockets"}
    assert main([*arguments, "--min-products", "1"]) == 0
    assert "rare" in set(pd.read_parquet(tmp_path / "labels.parquet").value)
    assert "unseen" not in set(pd.read_parquet(tmp_path / "labels.parquet").value)


def test_every_bad_line_is_named_and_the_rest_goes_on(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(data_set), "--out", str(tmp_path)]) == 0
    with (tmp_path / "rejected.csv").open(encoding="utf-8", newline="") as file:
        rejected = list(csv.DictReader(file))
    assert [int(row["line"]) for row in rejected] == list(range(26, 26 + len(BAD_LINES)))
    assert {row["file"] for row in rejected} == {"dress_train_detect_all.txt"}
    for row, reason in zip(rejected, BAD_LINES.values(), strict=True):
        assert row["reason"].startswith(reason)
    said = capsys.readouterr()
    assert "left out: dress_train_detect_all.txt, line 26: 2 fields" in said.err
    assert "1 more in" in said.err
    assert "28 images" in said.out


def test_a_folder_that_is_not_the_set_says_what_it_should_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "dress_train_detect_all.txt" in capsys.readouterr().err
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "top_test_detect_all.txt").write_text("nothing\n")
    assert main([str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "no usable line" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_words_of_a_caption() -> None:
    assert caption_words("Black knee-length dress, size 12 (with a black women\u2019s v-neck)") == [
        "black", "knee-length", "dress", "size", "women's", "v-neck",
    ]  # fmt: skip


def test_attribute_recall_is_measured_on_it(dbt: Dbt, warehouse: Path, data_set: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main([str(data_set), "--out", str(out)]) == 0
    env = environment(
        warehouse,
        PINLANDING_CATALOG=str(out / "catalog.parquet"),
        PINLANDING_LABELS=str(out / "labels.parquet"),
        PINLANDING_IMAGE_ROOTS=str(data_set),
    )
    run = dbt(env, "build", "--select", "+attribute_recall", "--exclude-resource-type", "test", "unit_test")
    assert run.succeeded, run.said
    products = pd.read_parquet(warehouse / "pinlanding.db" / "products")
    assert len(products) == 28
    assert products.image_error.isna().all()
    recall = pd.read_parquet(warehouse / "pinlanding.db" / "attribute_recall")
    image = recall[recall.modality == "image"]
    # The encoder in use was trained elsewhere and has seen none of it; five candidates are all there are.
    assert set(image.split) == {"test"}
    assert image.products.tolist() == [28] * 3
    assert image.set_index("k").recall[5] == 1.0
