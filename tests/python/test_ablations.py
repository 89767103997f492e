"""Thresholds by hand, and the ablations of a small shop."""

import json
from pathlib import Path

import numpy as np
import pytest

from python_udfs.encoder_location import MODEL_CARD, resolve_encoder
from training import ablations
from training.thresholds import Cells, assigned, assignment_metrics, best_threshold, corrected

from .tiny import drawn_shop, run_options

SIMILARITY = np.array([[0.9, 0.2], [0.8, 0.3], [0.7, 0.1], [0.2, 0.25]], np.float32)
POSITIVES = np.array([[True, False], [True, True], [False, False], [False, True]])
CELLS = Cells(SIMILARITY, POSITIVES, np.ones((4, 2), bool))


def figures(taken: np.ndarray, judged: Cells) -> dict[str, float]:
    return {row["metric"]: row["value"] for row in assignment_metrics(taken, judged, "image")}


def test_best_threshold_by_hand() -> None:
    # From the top: F1 2/3, 2/4 (one wrong), 4/5 - equal scores are one cut.
    scores = np.array([0.9, 0.5, 0.4, 0.4, 0.1], np.float32)
    assert best_threshold(scores, np.array([True, False, True, False, False])) == pytest.approx(0.9)
    assert best_threshold(scores, np.array([True, True, True, True, False])) == pytest.approx(0.4)
    assert best_threshold(scores, np.zeros(5, bool)) == np.inf


def test_kinds_of_thresholds_by_hand() -> None:
    # Each attribute its own: 0.8 and 0.25, everything right. One for both: from 0.2 on, 4 right of 6.
    assert (assigned("per_attribute", CELLS, CELLS) == POSITIVES).all()
    taken = assigned("global", CELLS, CELLS)
    assert taken.sum() >= 4 and not (taken == POSITIVES).all()
    # Products carry one attribute on average: each gets its best.
    assert assigned("none", CELLS, CELLS).tolist() == [[True, False]] * 3 + [[False, True]]
    figures = {
        row["metric"]: row["value"] for row in assignment_metrics(assigned("none", CELLS, CELLS), CELLS, "image")
    }
    assert figures == {"precision": 0.75, "recall": 0.75, "f1": 0.75}


def test_cells_that_say_nothing_do_not_judge() -> None:
    counted = np.array([[True, False]] * 4)
    figures = {
        row["metric"]: row["value"]
        for row in assignment_metrics(~POSITIVES, Cells(SIMILARITY, POSITIVES, counted), "image")
    }
    assert figures == {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    unseen = Cells(SIMILARITY, np.array([[True, False]] * 4), np.ones((4, 2), bool))
    assert assigned("per_attribute", unseen, unseen)[:, 0].all()


def test_correction_lifts_what_is_rare() -> None:
    found = corrected(np.zeros((1, 2), np.float32), np.array([1.0, 0.1]), 0.5)
    assert found[0].tolist() == pytest.approx([0.0, 0.5 * np.log(10)])


def test_every_choice_leaves_its_figures_and_no_encoder(tmp_path: Path) -> None:
    drawn_shop(tmp_path)
    house = tmp_path / "house"
    options = run_options(tmp_path, "run.epochs=2", "data.products=24")
    assert ablations.main([*options, "--warehouse", str(house)]) == 0
    cards = {
        path.parent.name: json.loads(path.read_text())
        for path in (house / "encoders").glob(f"ablations/*/{MODEL_CARD}")
    }
    assert set(ablations.TRAINED) < set(cards)
    assert len(cards) == len(ablations.TRAINED) + len(ablations.KINDS) * len(ablations.WEIGHTS)
    assert cards["loss-info_nce"]["settings"]["loss"]["name"] == "info_nce"
    # The paper's own, without what ours adds.
    own = cards["loss-info_nce_unmasked"]["settings"]["loss"]
    assert (own["name"], own["within_facets"]) == ("info_nce_unmasked", 0)
    assert cards["threshold-global-weight-0.02"]["settings"]["assignment"] == {
        "threshold": "global",
        "frequency_weight": 0.02,
    }
    for card in cards.values():
        assert sum(card["data"]["products"].values()) == 24
        assert card["metrics"] and all(0 <= row["value"] <= 1 for row in card["metrics"])
        assert card["data"]["products"]["validation"] and card["data"]["products"]["train"]
    # Nothing that the next build could take for an encoder, and no checkpoint.
    assert resolve_encoder("", str(house)) == "sample"
    assert [path.name for path in (house / "encoders").iterdir()] == ["ablations"]


def test_a_table_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--pairs", str(tmp_path / "none"), "--products", "x", "--out", str(tmp_path / "out")]
    assert ablations.main(command) == 2
    assert capsys.readouterr().err.startswith("training.ablations: no table")
