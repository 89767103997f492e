"""A light head: a linear map behind the frozen image tower, whose outputs are computed once.

What a laptop can do with a large model. The map is multiplied into the tower's own last projection at the end, so what
is exported is a plain open_clip model.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from python_udfs.encoder import BATCH, Encoder, Floats
from training import checkpoint
from training.batch import Rows
from training.config import SettingsError
from training.data import Products

OUTPUTS = "image_outputs.safetensors"


class LinearHead(nn.Linear):
    """A square map without bias, at first the identity: training starts from the model as it is."""

    def __init__(self, dimension: int) -> None:
        super().__init__(dimension, dimension, bias=False)
        nn.init.eye_(self.weight)


class CachedImages:
    """Outputs of the frozen tower (n, d) through the head, which stands where the model's image tower stood."""

    def __init__(self, outputs: Floats, device: torch.device) -> None:
        self.outputs, self.device = torch.from_numpy(outputs), device

    def __call__(self, model: Any, rows: Rows, moved: bool) -> Tensor:
        return functional.normalize(model.visual(self.outputs[torch.from_numpy(rows)].to(self.device)), dim=-1)


def image_outputs(
    encoder: Encoder, products: Products, folder: Path, progress: Callable[[Iterable[Any], int], Iterable[Any]]
) -> Floats:
    """The tower's outputs (n, d) float32, of length 1, zeros where a product has no image; kept in `folder`.

    Their length is lost, which changes nothing: what follows is linear and then made length 1.
    """
    found = checkpoint.read(folder, OUTPUTS)
    if found is not None:
        return found[0]["outputs"].numpy()
    outputs = np.zeros((len(products.ids), encoder.dimension), np.float32)
    rows = np.flatnonzero(products.has_image)
    starts = range(0, len(rows), BATCH)
    for start in progress(starts, len(starts)):
        part = rows[start : start + BATCH]
        outputs[part] = encoder.encode_images(products.pixels[part])
    checkpoint.write(folder, {"outputs": torch.from_numpy(outputs)}, {}, OUTPUTS)
    return outputs


def fold(tower: Any, weight: Tensor) -> None:
    """Multiply the head's weight (d, d) into the tower's last projection, in place. Raises SettingsError."""
    projection = last_projection(tower)
    with torch.no_grad():
        if isinstance(projection, nn.Linear):
            projection.weight.copy_(weight @ projection.weight)
            if projection.bias is not None:
                projection.bias.copy_(weight @ projection.bias)
        else:
            projection.copy_(projection @ weight.T)


def last_projection(tower: Any) -> nn.Linear | nn.Parameter:
    """The linear map at the very end of an open_clip image tower. Raises SettingsError where there is none."""
    for path in ("proj", "head.proj", "head.mlp.fc2", "attnpool.c_proj"):
        found = tower
        for name in path.split("."):
            found = getattr(found, name, None)
        if isinstance(found, nn.Linear | nn.Parameter):
            return found
    raise SettingsError(
        f"start.head: the image tower {type(tower).__name__} does not end in a linear projection, into which a head "
        "could be folded; use start.unlocked_groups=0 instead"
    )
