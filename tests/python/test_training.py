"""Training: losses against their formulas, tables, figures, and a whole small run."""

import itertools
import json
import math
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from python_udfs.encoder import load_encoder, load_folder
from python_udfs.encoder_location import CONFIG, FILES, INT8, TOKENIZER, WEIGHTS, resolve_encoder
from training import command_line
from training.__main__ import main
from training.batch import PixelImages, Task
from training.command_line import find_tables, parser
from training.config import SettingsError, load_settings
from training.data import (
    DataError,
    attributes_of,
    counted_cells,
    default_prompt,
    read_pairs,
    read_table,
    with_splits,
    without_test,
)
from training.evaluate import measure
from training.export import deliver
from training.hardware import Hardware, hardware
from training.losses import LOSSES, InfoNCE, MultiPositive, Sigmoid, UnmaskedInfoNCE, WithinFacets
from training.masking import mask_attribute_words
from training.modalities import MODALITIES
from training.model import encode_text
from training.run import Source, read_source

from .conftest import PROJECT
from .tiny import COLOURS, SHAPES, drawn_shop, run_options, tiny_encoder, tiny_settings, validation_figure

SIMILARITY = [[0.9, -0.2, 0.1, 0.4], [0.3, 0.5, -0.6, 0.2], [0.0, 0.7, 0.8, -0.9]]
WEIGHTS_OF_PAIRS = [[1.0, 0.0, 0.5, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]]
# The second product says nothing of the last two attributes.
COUNTED = [[1.0] * 4, [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.3, 1.0]]
SCALE, BIAS = 3.0, -1.0
CELLS = list(itertools.product(range(3), range(4)))


def value(loss: object) -> float:
    tensors = torch.tensor(SIMILARITY), torch.tensor(WEIGHTS_OF_PAIRS), torch.tensor(COUNTED)
    return float(loss(*tensors, torch.tensor(SCALE), torch.tensor(BIAS)))  # type: ignore[operator]


def test_sigmoid_formula() -> None:
    total = 0.0
    for i, j in CELLS:
        z, weight = SCALE * SIMILARITY[i][j] + BIAS, WEIGHTS_OF_PAIRS[i][j]
        if weight:
            total += weight * math.log(1 + math.exp(-z))
        else:
            total += COUNTED[i][j] * math.log(1 + math.exp(z))
    assert value(Sigmoid()) == pytest.approx(total / 3, rel=1e-5)


def test_info_nce_formula() -> None:
    def negative(i: int, j: int) -> float:
        return 0.0 if WEIGHTS_OF_PAIRS[i][j] else COUNTED[i][j] * math.exp(SCALE * SIMILARITY[i][j])

    total = 0.0
    for i, j in CELLS:
        own = math.exp(SCALE * SIMILARITY[i][j])
        row = -math.log(own / (own + sum(negative(i, k) for k in range(4))))
        column = -math.log(own / (own + sum(negative(k, j) for k in range(3))))
        total += WEIGHTS_OF_PAIRS[i][j] * (row + column) / 2
    assert value(InfoNCE()) == pytest.approx(total / 4.5, rel=1e-5)


def test_unmasked_info_nce_formula() -> None:
    total = 0.0
    for i, j in CELLS:
        row = sum(math.exp(SCALE * SIMILARITY[i][k]) for k in range(4))
        column = sum(math.exp(SCALE * SIMILARITY[k][j]) for k in range(3))
        own = math.exp(SCALE * SIMILARITY[i][j])
        total -= WEIGHTS_OF_PAIRS[i][j] * (math.log(own / row) + math.log(own / column)) / 2
    assert value(UnmaskedInfoNCE()) == pytest.approx(total / 4.5, rel=1e-5)


def test_within_facets_formula() -> None:
    facets = [0, 0, 1, 1]
    total = 0.0
    for i, j in CELLS:
        others = [SIMILARITY[i][k] for k in range(4) if facets[k] == facets[j] and not WEIGHTS_OF_PAIRS[i][k]]
        own = math.exp(SCALE * SIMILARITY[i][j])
        share = own / (own + sum(math.exp(SCALE * other) for other in others))
        total -= WEIGHTS_OF_PAIRS[i][j] * math.log(share)
    assert value(WithinFacets(torch.tensor(facets))) == pytest.approx(total / 3, rel=1e-5)


def test_multi_positive_formula() -> None:
    def one_way(cells: list[list[tuple[int, int]]]) -> float:
        lines = []
        for line in cells:
            pairs = [(i, j) for i, j in line if WEIGHTS_OF_PAIRS[i][j]]
            if pairs:
                seen = sum(
                    math.exp(SCALE * SIMILARITY[i][j]) * (1 if WEIGHTS_OF_PAIRS[i][j] else COUNTED[i][j])
                    for i, j in line
                )
                each = [-WEIGHTS_OF_PAIRS[i][j] * math.log(math.exp(SCALE * SIMILARITY[i][j]) / seen) for i, j in pairs]
                lines.append(sum(each) / sum(WEIGHTS_OF_PAIRS[i][j] for i, j in pairs))
        return sum(lines) / len(lines)

    rows = [[(i, j) for j in range(4)] for i in range(3)]
    columns = [[(i, j) for i in range(3)] for j in range(4)]
    assert value(MultiPositive()) == pytest.approx((one_way(rows) + one_way(columns)) / 2, rel=1e-5)


# The paper's own asks of nothing whether it counts.
@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"info_nce_unmasked"}))
def test_cells_that_say_nothing_have_no_gradient(name: str) -> None:
    similarity = torch.tensor(SIMILARITY, requires_grad=True)
    loss = LOSSES[name]()(
        similarity, torch.tensor(WEIGHTS_OF_PAIRS), torch.tensor(COUNTED), torch.tensor(SCALE), torch.tensor(BIAS)
    )
    (gradient,) = torch.autograd.grad(loss, similarity)
    assert bool(torch.isfinite(gradient).all())
    assert gradient[1, 2:].tolist() == [0.0, 0.0]
    assert gradient[0, 0] < 0 < gradient[0, 1]


@pytest.mark.parametrize("name", LOSSES)
def test_rows_and_columns_in_which_nothing_counts_have_finite_gradients(name: str) -> None:
    # With data.unnamed=0: the last product names nothing, and nobody names anything in the last attribute's facet.
    similarity = torch.tensor(SIMILARITY, requires_grad=True)
    weights, counted = torch.zeros(3, 4), torch.zeros(3, 4)
    weights[0, 0] = weights[1, 1] = 1.0
    counted[:2, :2] = 1.0
    loss = LOSSES[name]()(similarity, weights, counted, torch.tensor(100.0), torch.tensor(BIAS))
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(similarity.grad).all()
    # Alone in its row and column, a pair has nothing to win from.
    counted[:] = 0.0
    alone = LOSSES[name]()(similarity, weights, counted, torch.tensor(SCALE), torch.tensor(BIAS))
    assert torch.isfinite(alone)


def test_facets_in_which_nothing_is_named_count_less() -> None:
    positives = np.array([[True, False, False, False], [False, True, False, True], [False] * 4])
    counted = counted_cells(positives, np.array([0, 0, 1, 1]), 0.25)
    assert counted.tolist() == [[1, 1, 0.25, 0.25], [1] * 4, [0.25] * 4]


def test_figures() -> None:
    products = np.eye(3, dtype=np.float32)
    attributes = np.array([[0.9, 0.1, 0.3], [0.2, 0.8, 0.2], [0.1, 0.3, 0.1]], np.float32)
    positives = np.array([[True, False, True], [False, True, False], [False, False, False]])
    figures = measure(products, attributes, positives, ["color", "color", "fit"])
    assert figures.products == 2
    assert figures.recall_at_1 == pytest.approx(2 / 3)
    assert figures.recall_at_5 == figures.recall_at_10 == 1
    # The first product's attributes stand at ranks 1 and 3.
    assert figures.mean_average_precision == pytest.approx(((1 + 2 / 3) / 2 + 1) / 2)
    assert figures.facet_top1 == {"color": 1.0, "fit": 1.0}


def test_pairs_of_either_form(tmp_path: Path) -> None:
    long = pd.DataFrame({"product_id": ["a", "b"], "facet": ["color"] * 2, "value": ["navy blue", "red"]})
    long.to_parquet(tmp_path / "long.parquet")
    short = pd.DataFrame({"product_id": ["b", "a"], "attribute_id": ["color:red", "color:navy-blue"]})
    short.assign(split=["val", "train"], weight=[0.5, 1.0]).to_parquet(tmp_path / "short.parquet")
    first, second = read_pairs(str(tmp_path / "long.parquet")), read_pairs(str(tmp_path / "short.parquet"))
    assert attributes_of(first) == attributes_of(second)
    assert attributes_of(first).prompts == ["color: navy blue", "color: red"]
    assert second.split.tolist() == ["train", "validation"] and second.weight.tolist() == [1.0, 0.5]
    assert default_prompt("product_type", "dress") == "product type: dress"


def test_wrong_tables_and_settings_say_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame({"product_id": ["a"], "value": ["red"]}).to_parquet(tmp_path / "pairs.parquet")
    with pytest.raises(DataError, match="no column facet"):
        read_pairs(str(tmp_path / "pairs.parquet"))
    with pytest.raises(DataError, match="no table"):
        read_table(str(tmp_path / "none"))
    with pytest.raises(SettingsError, match=r"unknown setting 'run\.epoch'"):
        load_settings(None, ["run.epoch=3"])
    with pytest.raises(SettingsError, match="is a section"):
        load_settings(None, ["run=3"])
    for change in ("run.epochs=ten", "run.epochs=1.5", "run.average=high", "start.head=1", "loss.name=3"):
        with pytest.raises(SettingsError, match=r"it takes (a|true)"):
            load_settings(None, [change])
    assert load_settings(None, ["run.average=0"])["run"]["average"] == 0
    assert load_settings(None, ["model.vision_cfg.image_size=[80, 60]"])["model"]["vision_cfg"]["image_size"] == [
        80,
        60,
    ]
    assert load_settings(None, ["loss.name=info_nce"])["loss"]["name"] == "info_nce"
    command = ["--pairs", str(tmp_path / "none"), "--products", "x", "--out", str(tmp_path / "out")]
    assert main(command) == 2
    assert main([*command, "--set", "loss.name=best"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("training: no table") and "sigmoid, info_nce" in lines[1]
    assert not (tmp_path / "out").exists()


def test_an_encoder_for_elsewhere_is_trained_on_the_warehouses_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINLANDING_WAREHOUSE", str(tmp_path / "house"))
    monkeypatch.setenv("PINLANDING_SCHEMA", "pr_42")
    options = parser("train", None).parse_args(["--out", str(tmp_path / "out"), "--source", "labels"])
    source = find_tables(options, build=False)
    assert source.pairs == f"{tmp_path}/house/pr_42.db/stg_labels"
    # Runs of the warehouse can be named to start from; it gets no encoder.
    assert source.warehouse == f"{tmp_path}/house" and options.warehouse is None


def run_small(shop: Path, *more: str) -> None:
    assert main([*run_options(shop), *more]) == 0


def test_whole_run_learns_repeats_and_serves(tmp_path: Path) -> None:
    drawn_shop(tmp_path)
    for house in ("one", "two"):
        run_small(tmp_path, "--warehouse", str(tmp_path / house), "--name", "tiny")
    one, two = (tmp_path / house / "encoders" / "tiny" for house in ("one", "two"))
    assert sorted(file.name for file in one.iterdir()) == sorted({*FILES, "curves.png"} - {INT8})
    assert (one / WEIGHTS).read_bytes() == (two / WEIGHTS).read_bytes()
    assert resolve_encoder("", str(tmp_path / "one")) == str(one)

    card = json.loads((one / "model_card.json").read_text())
    steps = len(card["loss"])
    assert steps >= 20
    assert np.mean(card["loss"][-5:]) < 0.7 * np.mean(card["loss"][:5])
    assert card["data"]["products"]["train"] + card["data"]["products"]["validation"] == 40
    assert card["data"]["images"] == 40
    colours_and_shapes = {*(f"color:{name}" for name in COLOURS), *(f"product_type:{name}" for name in SHAPES)}
    assert card["thresholds"]["modality"] == "image" and card["thresholds"]["attributes"]
    assert set(card["thresholds"]["attributes"]) <= colours_and_shapes
    assert all(0 < fitted["share"] < 1 for fitted in card["thresholds"]["attributes"].values())
    other = json.loads((two / "model_card.json").read_text())
    with Image.open(one / card["curves"]) as curves:
        assert len(curves.convert("L").getcolors()) > 10
    timed = {"created_at", "seconds", "cpu_seconds"}
    assert {k: v for k, v in card.items() if k not in timed} == {k: v for k, v in other.items() if k not in timed}

    encoder = load_encoder(str(one))
    colours = encoder.encode_texts([f"color: {name}" for name in ("red", "green", "navy blue", "yellow")])
    named = encoder.encode_texts(["red circle", "green square", "navy blue circle", "yellow square"])
    assert (named @ colours.T).argmax(1).tolist() == [0, 1, 2, 3]

    run_small(tmp_path, "--out", str(tmp_path / "further"), "--set", f"start.encoder={one}", "--set", "run.epochs=1")
    further = json.loads((tmp_path / "further" / "model_card.json").read_text())
    assert np.mean(further["loss"]) < np.mean(card["loss"][:5])


def test_products_without_a_split_have_that_of_the_warehouse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, products = drawn_shop(tmp_path)
    table = pd.read_parquet(products).drop(columns="split", errors="ignore")
    pairs = read_pairs(str(tmp_path / "pairs")).assign(split=None)
    assert set(with_splits(table, pairs, str(tmp_path / "none"))["split"]) == {None}
    assert "40 products say no split" in capsys.readouterr().err
    built = table.assign(split=["test" if i % 5 == 4 else "train" for i in range(len(table))])
    (tmp_path / "built").mkdir()
    built.to_parquet(tmp_path / "built" / "part-0.parquet")
    found = with_splits(table, pairs, str(tmp_path / "built"))
    assert found["split"].tolist() == built["split"].tolist() and not capsys.readouterr().err
    assert set(without_test(pairs, found).product_id) == set(built.product_id[built.split != "test"])


def test_pairs_are_filled_and_checked(tmp_path: Path) -> None:
    def read(**columns: list[Any]) -> pd.DataFrame:
        pd.DataFrame({"product_id": ["1", "2"], **columns}).to_parquet(tmp_path / "pairs.parquet")
        return read_pairs(str(tmp_path / "pairs.parquet"))

    given = {"facet": ["color"] * 2, "value": ["red"] * 2}
    filled = read(**given, weight=[0.5, None], prompt=[None, "a red thing"])
    assert filled["weight"].tolist() == [0.5, 1.0] and filled["prompt"].tolist() == ["color: red", "a red thing"]
    for wrong in ({**given, "weight": [1.0, -1.0]}, {**given, "weight": [1.0, np.inf]}, {"attribute_id": ["a:b", "c"]}):
        with pytest.raises(DataError, match=r"weight|colon"):
            read(**wrong)


def test_an_encoder_replaces_encoders_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "notes.md").touch()
    drawn_shop(tmp_path)
    assert main([*run_options(tmp_path), "--out", str(tmp_path / "results")]) == 2
    assert "something else lies there" in capsys.readouterr().err


def test_the_test_split_changes_nothing(tmp_path: Path) -> None:
    _, products = drawn_shop(tmp_path)
    table = pd.read_parquet(products)
    held = [i % 5 == 4 for i in range(len(table))]
    table["split"] = ["test" if test else "val" if i % 5 == 3 else "train" for i, test in enumerate(held)]
    table.to_parquet(products / "part-0.parquet")
    short = ("--set", "run.epochs=2", "--source", "labels")
    run_small(tmp_path, "--warehouse", str(tmp_path / "one"), *short)
    # Other labels, with a value that no other product has, and pictures that are none.
    pairs = pd.read_parquet(tmp_path / "pairs")
    pairs.loc[pairs.product_id.isin(table.product_id[held]), "value"] = "only tested"
    pairs.to_parquet(tmp_path / "pairs" / "part-0.parquet")
    for picture in table.image_uri[held]:
        (tmp_path / picture).write_bytes(b"none")
    run_small(tmp_path, "--warehouse", str(tmp_path / "two"), *short)
    one, two = (sorted((tmp_path / house / "encoders").glob("run-*")) for house in ("one", "two"))
    assert [folder.name for folder in one] == [folder.name for folder in two] and len(one) == 1
    assert (one[0] / WEIGHTS).read_bytes() == (two[0] / WEIGHTS).read_bytes()
    card = json.loads((two[0] / "model_card.json").read_text())
    assert card["data"]["products"] == {"train": 24, "validation": 8} and card["data"]["attributes"] == 6


def test_draws_are_those_of_the_step_and_the_process(tmp_path: Path) -> None:
    tables = drawn_shop(tmp_path)
    settings = tiny_settings()
    encoder = load_folder(tiny_encoder(tmp_path / "tiny"), "tiny")
    source = Source("pairs", str(tables[0]), str(tables[1]), str(tmp_path), "")
    _, attributes, products = read_source(source, encoder, settings)

    def draws(step: int, rank: int) -> tuple[float, ...]:
        here = Hardware(torch.device("cpu"), torch.float32, rank, 2)
        task = Task(
            encoder, attributes, products, PixelImages(encoder, products, settings, here.device), settings, here
        )
        task.seed_step(step)
        return float(torch.rand(1)), float(task.generator.random())

    assert draws(3, 1) == draws(3, 1)
    for other in (draws(3, 0), draws(4, 1)):
        assert all(one != two for one, two in zip(draws(3, 1), other, strict=True))


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", "", "current", "ablations", "x" * 200])
def test_a_name_that_is_no_folders_is_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    drawn_shop(tmp_path)
    assert main([*run_options(tmp_path), "--warehouse", str(tmp_path / "house"), "--name", name]) == 2
    assert "a run's name is a folder's" in capsys.readouterr().err
    assert not (tmp_path / "house").exists()


def recipe_of(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    """The commands that make would run."""
    monkeypatch.delenv("MAKEFLAGS", raising=False)  # Of the make that runs these tests.
    monkeypatch.delenv("MAKELEVEL", raising=False)
    made = ["make", "--dry-run", "--always-make", *arguments]
    return subprocess.run(made, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.splitlines()


def test_make_estimates_with_the_vars_of_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = [line for line in recipe_of(monkeypatch, "estimate", "VARS={judged_collections: 3}") if "/dbt " in line]
    assert ["estimate_cost" in command for command in commands] == [False, True]
    assert all("--vars '{judged_collections: 3}'" in command for command in commands)


def test_make_hands_vars_on_to_the_tables_that_are_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for target in ("train", "study"):
        recipe = recipe_of(monkeypatch, target, "VARS={min_attribute_products: 3}", "PAIRS=labels")[-1]
        assert recipe.endswith("--vars '{min_attribute_products: 3}'") and "PAIRS=labels" in recipe
    asked: list[list[str]] = []

    def build(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(command_line.subprocess, "run", build)
    monkeypatch.setenv("PINLANDING_WAREHOUSE", str(tmp_path))
    assert main(["--source", "labels", "--vars", "{min_attribute_products: 3}"]) == 2
    assert asked[0][-2:] == ["--vars", "{min_attribute_products: 3}"] and "+stg_labels" in asked[0]


def test_masked_titles_hold_no_attribute_word() -> None:
    values = ["navy blue", "t-shirt", "dress", "women", "watches", "made of wool"]
    texts = ["Acme Women's Navy-Blue Dresses no 3", "Blue t-shirts, watch", "Redwool of Acme"]
    assert mask_attribute_words(texts, values) == ["Acme - no 3", "", "Redwool of Acme"]


def test_fused_side_is_trained_and_each_modality_is_reported(tmp_path: Path) -> None:
    drawn_shop(tmp_path)
    fused = [f"loss.{name}={weight}" for name, weight in (("image", 0.0), ("text", 0.0), ("fused", 1.0))]
    changes = [part for change in [*fused, "data.validation_share=0.3"] for part in ("--set", change)]
    run_small(tmp_path, "--out", str(tmp_path / "fused"), *changes)
    card = json.loads((tmp_path / "fused" / "model_card.json").read_text())
    assert np.mean(card["loss"][-5:]) < 0.8 * np.mean(card["loss"][:5])
    assert {measured["modality"] for measured in card["validation"]} == {"fused"}
    assert {row["modality"] for row in card["metrics"]} == set(MODALITIES)
    # Training measured what the file gives, and titles that do not name the attributes are worth less.
    measured = card["validation"][-1]["mean_average_precision"]
    assert validation_figure(card, "fused") == pytest.approx(measured, abs=0.01)
    assert validation_figure(card, "text_masked") < validation_figure(card, "text")


def test_a_time_limit_ends_a_run_where_it_is(tmp_path: Path) -> None:
    drawn_shop(tmp_path)
    limit = ("--set", "run.max_seconds=0.000001")
    run_small(tmp_path, "--out", str(tmp_path / "cut"), *limit)
    card = json.loads((tmp_path / "cut" / "model_card.json").read_text())
    assert card["loss"] == [] and card["kept_step"] == 0


def test_stops_when_validation_stands_still_and_keeps_its_best(tmp_path: Path) -> None:
    drawn_shop(tmp_path)
    # Nothing moves: the second measurement is as good as the first, so the run ends there.
    still = ("--set", "run.learning_rate=0", "--set", "run.text_learning_rate=0", "--set", "run.weight_decay=0")
    run_small(tmp_path, "--out", str(tmp_path / "still"), *still, "--set", "run.patience=1")
    card = json.loads((tmp_path / "still" / "model_card.json").read_text())
    assert len(card["validation"]) == 2

    # Weights that jump about: the best measurement is rarely the last, and it is what the file holds.
    wild = ("--set", "run.learning_rate=0.05", "--set", "run.text_learning_rate=0.05", "--set", "run.average=0")
    split = ("--set", "data.validation_share=0.4", "--set", "run.patience=6")
    run_small(tmp_path, "--out", str(tmp_path / "wild"), *wild, *split)
    card = json.loads((tmp_path / "wild" / "model_card.json").read_text())
    figures = [measured["mean_average_precision"] for measured in card["validation"]]
    best = figures.index(max(figures))
    assert best < len(figures) - 1
    assert card["kept_step"] == card["validation"][best]["step"]
    kept = validation_figure(card, "image")
    assert kept == pytest.approx(max(figures), abs=0.02)
    assert abs(kept - max(figures)) < abs(kept - figures[-1])


def test_short_text_tower_gives_the_same(tmp_path: Path) -> None:
    encoder = load_encoder(str(tiny_encoder(tmp_path / "tiny")))
    # "!" before more of a word is token 0, as is what fills the rest.
    for texts in (
        ["color: red", "a rather longer text of many many words that does not fit at all", ""],
        ["wow!. a", "a"],
    ):
        with torch.inference_mode():
            ours = encode_text(encoder.model, encoder.tokenizer(texts))
        assert np.allclose(ours.numpy(), encoder.encode_texts(texts), atol=1e-6)


@pytest.mark.parametrize("change", ["run.batch_size=1", "run.threads=0", "run.epochs=0"])
def test_settings_that_train_nothing_are_refused(change: str) -> None:
    with pytest.raises(SettingsError, match="or more"), hardware(load_settings(None, [change])):
        pass


def test_an_encoder_behind_a_url_keeps_no_file_of_the_one_before(tmp_path: Path) -> None:
    for name, files in {"first": [CONFIG, TOKENIZER], "second": [CONFIG]}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).write_text(name)
        location = deliver(tmp_path / name, "shop", None, f"file://{tmp_path}/house")
    assert location == f"file://{tmp_path}/house/encoders/shop"
    found = {file.name: file.read_text() for file in (tmp_path / "house" / "encoders" / "shop").iterdir()}
    assert found == {CONFIG: "second"}
