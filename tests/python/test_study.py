"""Trainings at smaller extraction rates: fewer products to learn from, the same to be judged on."""

import json
from pathlib import Path

from python_udfs.encoder_location import MODEL_CARD, resolve_encoder
from training import study

from .tiny import SMALL, drawn_shop


def test_every_rate_is_judged_on_the_same_products(tmp_path: Path) -> None:
    drawn_shop(tmp_path)
    house = tmp_path / "house"
    tables = ["--pairs", str(tmp_path / "pairs"), "--products", str(tmp_path / "products"), "--roots", str(tmp_path)]
    settings = [part for change in [*SMALL, "run.epochs=1"] for part in ("--set", change)]
    assert study.main([*tables, "--warehouse", str(house), *settings]) == 0
    cards = [
        json.loads((house / "encoders" / "study" / f"rate-{rate:g}" / MODEL_CARD).read_text()) for rate in study.RATES
    ]
    sizes = [card["data"]["products"] for card in cards]
    assert len({size["validation"] for size in sizes}) == 1
    learned = [size["train"] for size in sizes]
    assert learned == sorted(learned) and 0 < learned[0] < learned[-1] / 4
    assert all(card["name"] == f"study/rate-{rate:g}" for card, rate in zip(cards, study.RATES, strict=True))
    # Nothing that the next build could take for an encoder, and no checkpoint.
    assert resolve_encoder("", str(house)) == "sample"
    assert [path.name for path in (house / "encoders").iterdir()] == ["study"]
