"""Embedding rows: what a row gives, and that it does not depend on the rows beside it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image

from python_udfs.embedding import embed_product, embed_text, product_text
from python_udfs.images import decode
from python_udfs.scoring import score_attributes, score_product
from python_udfs.torch_threads import use_one_thread

from .test_images import KINDS, bomb, encoded, rotated
from .test_scoring import ATTRIBUTES, PRODUCTS
from .tiny import tiny_encoder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    tiny_encoder(folder / "encoder")
    noise = np.random.default_rng(0).integers(0, 256, (100, 20, 20, 3), dtype=np.uint8)
    for i, pixels in enumerate(noise):
        Image.fromarray(pixels).save(folder / f"{i}.png")
    (folder / "broken.png").write_bytes(b"not an image")
    return folder


def embed(shop: Path, uris: list[str | None], titles: list[str | None], encoder: str = "encoder") -> pa.StructArray:
    n = len(uris)
    return embed_product(
        pa.array(uris, pa.string()),
        pa.array(titles, pa.string()),
        pa.array([None] * n, pa.string()),
        pa.array([str(shop)] * n),
        pa.array([str(shop / encoder)] * n),
    )


def test_equal_bit_by_bit_however_rows_are_batched(shop: Path) -> None:
    uris: list[str | None] = [None if i % 7 == 0 else "broken.png" if i % 11 == 0 else f"{i}.png" for i in range(100)]
    titles: list[str | None] = [f"product number {i} in colour {i % 5}" for i in range(100)]
    whole = embed(shop, uris, titles).to_pylist()
    order = np.random.default_rng(1).permutation(100)
    for start, size in ((0, 1), (0, 63), (1, 64), (30, 65)):
        part = order[start : start + size]
        rows = embed(shop, [uris[i] for i in part], [titles[i] for i in part]).to_pylist()
        assert rows == [whole[i] for i in part]


def test_what_a_row_gives(shop: Path) -> None:
    uris = ["1.png", None, "broken.png", "../x.png", "2.png", ""]
    rows = embed(shop, uris, ["a dress", "a dress", "a hat", "a hat", None, "  "])
    assert rows.type.field("image_embedding").type == pa.list_(pa.float32())
    assert rows.type.field("error").type == pa.string()
    found = rows.to_pylist()
    errors = [None, None, "not an image", "image outside the allowed roots", None, None]
    assert [row["error"] for row in found] == errors
    assert [row["image_embedding"] is not None for row in found] == [True, False, False, False, True, False]
    assert [row["text_embedding"] is not None for row in found] == [True, True, True, True, False, False]
    assert found[0]["text_embedding"] == found[1]["text_embedding"] != found[2]["text_embedding"]
    for row in found:
        for name in ("image_embedding", "text_embedding"):
            assert row[name] is None or np.linalg.norm(row[name]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("resize_mode", ["longest", "shortest"])
def test_hostile_files_are_embedded_as_what_they_show_or_say_why_not(shop: Path, resize_mode: str) -> None:
    encoder = f"encoder-{resize_mode}"
    tiny_encoder(shop / encoder, 0, f"preprocess.resize_mode={resize_mode}")
    files = {name.replace(" ", "-"): data for name, (data, _) in KINDS.items()} | {"rotated": rotated()}
    for name, data in files.items():
        (shop / name).write_bytes(data)
        (shop / f"{name}.plain.png").write_bytes(encoded(decode(data)))
    refused = {
        "bomb": (bomb(60_000, 60_000), "more than 50 million pixels"),
        "cut": (encoded(Image.effect_noise((64, 64), 50), "JPEG")[:800], "broken image"),
        "text": (b"<html>not found</html>", "not an image"),
        "1x200": (encoded(Image.new("RGB", (1, 200))), "1 x 200 pixels: one side is more than 50 times"),
        "200x1": (encoded(Image.new("RGB", (200, 1))), "200 x 1 pixels: one side is more than 50 times"),
        "1x60000": (encoded(Image.new("RGB", (1, 60_000))), "1 x 60000 pixels: one side is more than 50 times"),
    }
    for name, (data, _) in refused.items():
        (shop / name).write_bytes(data)
    strips = {"1x50": (1, 50), "50x1": (50, 1)}
    for name, size in strips.items():
        Image.new("RGB", size).save(shop / name, "PNG")
    names = [*files, *refused, *strips]
    uris: list[str | None] = [*names, *(f"{name}.plain.png" for name in files)]
    found = dict(zip(uris, embed(shop, uris, [None] * len(uris), encoder).to_pylist(), strict=True))
    for name in files:
        assert found[name]["error"] is None
        assert found[name]["image_embedding"] == found[f"{name}.plain.png"]["image_embedding"]
    for name, (_, reason) in refused.items():
        assert reason in found[name]["error"] and found[name]["image_embedding"] is None
    assert all(found[name]["image_embedding"] is not None for name in strips)


def test_unknown_encoder_is_the_error_of_its_rows(shop: Path) -> None:
    found = embed(shop, ["1.png", "2.png"], ["a", "b"], encoder="none").to_pylist()
    assert all("open_clip_config.json is missing" in row["error"] for row in found)
    assert all(row["image_embedding"] is None and row["text_embedding"] is None for row in found)


def test_texts_and_no_rows(shop: Path) -> None:
    texts = pa.array(["color: red", None, "", "color: red", "color: blue"])
    rows = embed_text(texts, pa.array([str(shop / "encoder")] * 5)).to_pylist()
    assert [row["embedding"] is None for row in rows] == [False, True, True, False, False]
    assert rows[0] == rows[3] != rows[4]
    assert len(embed(shop, [], [])) == 0
    assert len(embed_text(pa.array([], pa.string()), pa.array([], pa.string()))) == 0


@pytest.mark.parametrize("function", ["embed_product", "embed_text", "score_attributes", "score_product"])
def test_a_worker_computes_on_one_thread(shop: Path, function: str) -> None:
    # Spark runs one task a core: with one thread each, threads are never more than cores.
    before = torch.get_num_threads()
    use_one_thread.cache_clear()
    torch.set_num_threads(2)
    try:
        if function == "embed_product":
            embed(shop, ["1.png"], ["a dress"])
        elif function == "embed_text":
            embed_text(pa.array(["a dress"]), pa.array([str(shop / "encoder")]))
        elif function == "score_product":
            list(score_product(iter([])))
        else:
            score_attributes(pa.array([None], PRODUCTS), pa.array([None], ATTRIBUTES), pa.array([1], pa.int32()))
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_product_text() -> None:
    assert product_text(" Red dress ", None) == "Red dress"
    assert product_text("Red dress", "With pockets") == "Red dress. With pockets"
    assert product_text(None, " ") == ""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    tiny_encoder(tmp_path / "encoder")
    # 6 MB each when decoded: kept ones would show.
    for i in range(8):
        Image.new("RGB", (2000, 1000), (i, 2 * i, 3 * i)).save(tmp_path / f"{i}.jpg")
    uris: list[str | None] = [f"{i % 8}.jpg" for i in range(64)]

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    embed(tmp_path, uris, [None] * 64)
    before = resident()
    for _ in range(4):
        embed(tmp_path, uris, [None] * 64)
    assert resident() - before < 64 << 20
