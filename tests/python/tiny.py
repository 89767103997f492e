"""A very small encoder with weights drawn from a seed, and drawn products to train it on."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from PIL import Image, ImageDraw

from training.config import Settings, load_settings
from training.model import create_encoder

COLOURS = {"red": (200, 30, 30), "green": (30, 160, 60), "navy blue": (20, 30, 110), "yellow": (230, 210, 40)}
SHAPES = ("circle", "square")

SMALL = [
    "run.epochs=20",
    "run.batch_size=16",
    "run.learning_rate=3e-3",
    "run.text_learning_rate=3e-3",
    "loss.text=1.0",
    "data.text_share=1.0",
    "model.embed_dim=16",
    "model.vision_cfg.image_size=32",
    "model.text_cfg.width=16",
    "model.text_cfg.heads=2",
    "model.text_cfg.layers=1",
    "model.text_cfg.context_length=16",
    "model.text_cfg.vocabulary=200",
]


def tiny_settings(*changes: str) -> Settings:
    """The project's settings for a model of a few ten thousand parameters."""
    return load_settings(None, [*SMALL, *changes])


def tiny_encoder(folder: Path, seed: int = 0, *changes: str) -> Path:
    """Lay an encoder in our format into `folder`; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    # Written elsewhere first, so that an encoder which is already there changes like one that is replaced.
    with tempfile.TemporaryDirectory() as scratch:
        create_encoder(tiny_settings(*changes), Path(scratch))
        shutil.copytree(scratch, folder, dirs_exist_ok=True)
    return folder


def drawn_shop(folder: Path, products: int = 40) -> tuple[Path, Path]:
    """Draw products of four colours and two shapes; returns the parquet folders of pairs and products."""
    rows, pairs = [], []
    for i in range(products):
        colour, shape = list(COLOURS)[i % 4], SHAPES[i // 4 % 2]
        image = Image.new("RGB", (40, 40), "white")
        draw = ImageDraw.Draw(image)
        box = (6 + i % 3, 6, 34, 34 - i % 5)
        (draw.ellipse if shape == "circle" else draw.rectangle)(box, fill=COLOURS[colour])
        image.save(folder / f"{i}.png")
        rows.append({"product_id": f"p{i}", "title": f"{colour} {shape} no {i}", "image_uri": f"{i}.png"})
        pairs.append({"product_id": f"p{i}", "facet": "color", "value": colour})
        if i % 3:
            pairs.append({"product_id": f"p{i}", "facet": "product_type", "value": shape})
    tables = folder / "pairs", folder / "products"
    for table, content in zip(tables, (pairs, rows), strict=True):
        table.mkdir()
        pd.DataFrame(content).to_parquet(table / "part-0.parquet")
    return tables


def run_options(shop: Path, *changes: str) -> list[str]:
    """Options of `python -m training` that name a drawn shop's tables and the small settings with `changes`."""
    tables = ["--pairs", str(shop / "pairs"), "--products", str(shop / "products"), "--roots", str(shop)]
    return [*tables, *(part for change in [*SMALL, *changes] for part in ("--set", change))]


def validation_figure(card: dict[str, Any], modality: str, metric: str = "mean_average_precision") -> float:
    """One figure of a model card."""
    (found,) = [
        row["value"]
        for row in card["metrics"]
        if (row["split"], row["modality"], row["facet"], row["metric"]) == ("validation", modality, "all", metric)
    ]
    return float(found)
