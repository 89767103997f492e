"""product_embeddings through dbt against open_clip without an engine: in batches, and one image after the other.

All read the same files of the drawn sample with the same weights on the same number of threads (ours: as many workers
with one thread each). Models are loaded and warm before the clock starts.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import open_clip
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image
from safetensors.torch import save_file

from benchmarks.project import Project
from python_udfs.encoder_location import CONFIG, WEIGHTS
from sample.catalog import draw_shard

SAMPLE_ENCODER = Path(__file__).resolve().parents[1] / "training" / "encoders" / "sample"
LARGEST_DIFFERENCE = 1e-4
SEED = 7
ROOTS = "PINLANDING_IMAGE_ROOTS"

Floats = npt.NDArray[np.float32]


def draw_images(folder: Path, images: int) -> list[Path]:
    """Image files of the sample catalogue."""
    draw_shard(folder, images, SEED, 0, 1)
    return sorted(path for path in folder.rglob("*") if path.suffix in (".jpg", ".png", ".webp"))[:images]


def untrained_encoder(folder: Path, name: str) -> Path:
    """A folder in our format with open_clip's model `name` and random weights: as much work as trained ones."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    model = open_clip.create_model(name)
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, str(folder / WEIGHTS))
    config = {"model_cfg": open_clip.get_model_config(name), "preprocess_cfg": model.visual.preprocess_cfg}
    (folder / CONFIG).write_text(json.dumps(config))
    return folder


def load(project: Project, encoder: Path, images: Sequence[Path]) -> None:
    """Make the tables that product_embeddings reads."""
    names = [path.name for path in images]
    project.write("products", pa.table({"image_sha256": names, "image_uri": [str(path) for path in images]}))
    project.write("encoder_in_use", pa.table({"key": ["benchmark"], "location": [str(encoder)]}))


def ours(project: Project) -> tuple[float, Floats]:
    """Seconds, and embeddings (images, dimension) in the order of the files' names."""
    seconds = project.build("product_embeddings", "--full-refresh")
    table = pq.read_table(project.table("product_embeddings")).sort_by("image_sha256")
    return seconds, np.stack(table["embedded"].combine_chunks().field("image_embedding").to_numpy(zero_copy_only=False))


def open_clip_loop(encoder: Path, images: Sequence[Path], threads: int, batch: int) -> tuple[float, Floats]:
    """Likewise, as open_clip's own documentation writes it."""
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{encoder}")
    model.eval()
    before = torch.get_num_threads()
    torch.set_num_threads(threads)

    def embed(paths: Sequence[Path]) -> torch.Tensor:
        with torch.inference_mode():
            pixels = torch.stack([preprocess(Image.open(path).convert("RGB")) for path in paths])
            return model.encode_image(pixels, normalize=True)  # type: ignore[no-any-return]

    embed(images[:batch])
    start = time.perf_counter()
    found = [embed(images[at : at + batch]) for at in range(0, len(images), batch)]
    seconds = time.perf_counter() - start
    torch.set_num_threads(before)
    return seconds, torch.cat(found).float().numpy()
