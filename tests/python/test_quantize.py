"""The 8-bit image tower: made, judged, used, and refused."""

import hashlib
import json
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from python_udfs.encoder import load_encoder, load_folder
from python_udfs.encoder_location import INT8, MODEL_CARD, WEIGHTS, EncoderError
from python_udfs.int8 import LARGEST_DROP
from training import ablations, quantize, study
from training.__main__ import main as train

from .test_encoder import described
from .tiny import drawn_shop, run_options


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A shop, encoder `full` and its 8-bit copy in the warehouse `house`; and the options that name the tables."""
    folder = tmp_path_factory.mktemp("int8")
    pairs, _ = drawn_shop(folder)
    # More attributes than ten, or any ten would be all of them.
    drawn = pd.read_parquet(pairs)
    colours = drawn[drawn.facet == "color"]
    shades = [colours.assign(facet="shade", value=colours.value + f" {i}") for i in range(6)]
    pd.concat([drawn, *shades]).to_parquet(pairs / "part-0.parquet")
    options = run_options(folder, "run.epochs=12", "data.validation_share=0.5")
    warehouse = ["--warehouse", str(folder / "house")]
    assert train([*options, *warehouse, "--name", "full"]) == 0
    assert quantize.main([*options, *warehouse]) == 0
    return folder, options


def test_the_copy_is_an_encoder_of_its_own_that_finds_as_much(shop: tuple[Path, list[str]]) -> None:
    house = shop[0] / "house"
    full, copy = (load_encoder(str(house / "encoders" / name)) for name in ("full", "full-int8"))
    pixels = np.random.default_rng(0).integers(0, 255, (70, 3, 32, 32), np.uint8)
    found, expected = copy.encode_images(pixels), full.encode_images(pixels)
    assert (found * expected).sum(axis=1).min() > 0.98
    assert not np.array_equal(found, expected)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(70), abs=1e-5)
    assert np.array_equal(copy.encode_texts(["red circle"]), full.encode_texts(["red circle"]))
    card = json.loads((house / "encoders" / "full-int8" / MODEL_CARD).read_text())
    assert card["int8"]["full_recall_at_10"] - card["int8"]["recall_at_10"] <= LARGEST_DROP
    # Embeddings are keyed on it, and the build goes on with the full one until it is named.
    keys = {described(name, house)["key"] for name in ("full", "full-int8")}
    assert len(keys) == 2
    assert described("", house)["name"] == "full"


def test_a_copy_in_8_bits_is_judged_against_its_full_towers(shop: tuple[Path, list[str]], tmp_path: Path) -> None:
    folder, options = shop
    made = folder / "house" / "encoders" / "full-int8"
    assert quantize.main([*options, "--encoder", str(made), "--out", str(tmp_path / "again")]) == 0
    again, first = (json.loads((place / MODEL_CARD).read_text()) for place in (tmp_path / "again", made))
    assert again["name"] == "full-int8"
    assert again["int8"]["full_recall_at_10"] == first["int8"]["full_recall_at_10"]
    assert again["int8"]["sha256"] == hashlib.sha256((tmp_path / "again" / INT8).read_bytes()).hexdigest()


def test_no_copy_of_a_foreign_encoder_counts_as_trained_here(
    shop: tuple[Path, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, options = shop
    foreign = str(folder / "house" / "encoders" / "full")
    assert quantize.main([*options, "--encoder", foreign, "--warehouse", str(tmp_path)]) == 2
    assert "was not trained in this warehouse" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", [ablations, quantize, study])
def test_commands_of_one_process_say_so_under_torchs_launcher(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert command.main(["--pairs", "none", "--products", "none", "--out", "none"]) == 2
    assert "runs in one process: start it without torchrun" in capsys.readouterr().err


def test_a_tower_that_finds_less_is_refused(
    shop: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder, options = shop
    full, none = folder / "house" / "encoders" / "full", tmp_path / "none"
    other = load_folder(full, "other")
    for weight in other.model.visual.parameters():
        weight.data.normal_()
    make = quantize.int8_tower
    monkeypatch.setattr(quantize, "int8_tower", lambda _encoder, pixels: make(other, pixels))
    assert quantize.main([*options, "--encoder", str(full), "--out", str(none)]) == 2
    assert re.search(r"int8 loses more than 0\.002 of Recall@10 \(\d\.\d{4}\)", capsys.readouterr().err)
    assert not none.exists()


@pytest.mark.parametrize("change", ["other file", "worse figure", "no card", "no graph"])
def test_a_file_without_its_proof_is_not_used(shop: tuple[Path, list[str]], tmp_path: Path, change: str) -> None:
    made = shop[0] / "house" / "encoders" / "full-int8"
    folder = tmp_path / "copy"
    folder.mkdir()
    for file in made.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    card = json.loads((made / MODEL_CARD).read_text())
    if change == "other file":
        (folder / INT8).write_bytes((made / INT8).read_bytes() + b"\0")
    elif change == "worse figure":
        card["int8"]["recall_at_10"] = card["int8"]["full_recall_at_10"] - 0.003
        (folder / MODEL_CARD).write_text(json.dumps(card))
    elif change == "no card":
        (folder / MODEL_CARD).unlink()
    else:
        content = b"no graph"
        (folder / INT8).write_bytes(content)
        card["int8"]["sha256"] = hashlib.sha256(content).hexdigest()
        (folder / MODEL_CARD).write_text(json.dumps(card))
    with pytest.raises(EncoderError, match=INT8):
        load_encoder(str(folder))
    assert (folder / WEIGHTS).exists()
