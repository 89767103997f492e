"""What a batch means: the images, texts and attributes it compares, and the loss of the comparison."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from python_udfs.encoder import Encoder, Floats
from training.augment import augment
from training.config import Settings
from training.data import Attributes, Flags, Products, counted_cells
from training.evaluate import Figures, measure
from training.hardware import Hardware
from training.losses import LOSSES, WithinFacets
from training.model import encode_text

Rows = npt.NDArray[np.int64]


class Images(Protocol):
    """Where the image side comes from: embeddings (n, d) of length 1 of the products at `rows`."""

    def __call__(self, model: Any, rows: Rows, moved: bool) -> Tensor: ...


class PixelImages:
    """Pixels through the model's image tower, moved about by the augmentations where `moved`."""

    def __init__(self, encoder: Encoder, products: Products, settings: Settings, device: torch.device) -> None:
        self.encoder, self.products, self.settings, self.device = encoder, products, settings, device

    def __call__(self, model: Any, rows: Rows, moved: bool) -> Tensor:
        pixels = self.encoder.normalize(torch.from_numpy(self.products.pixels[rows]))
        if moved:
            pixels = augment(pixels, self.settings["augment"])
        pixels = pixels.to(self.device).contiguous(memory_format=torch.channels_last)
        return functional.normalize(model.encode_image(pixels), dim=-1)


class Task:
    """What a batch means: its pixels, texts, the attributes it is compared with, and the loss."""

    def __init__(
        self,
        encoder: Encoder,
        attributes: Attributes,
        products: Products,
        images: "Images",
        settings: Settings,
        hardware: Hardware,
    ) -> None:
        self.products, self.images, self.settings, self.hardware = products, images, settings, hardware
        self.attributes = attributes
        self.facets = attributes.facet_numbers()
        self.prompt_tokens: Tensor = encoder.tokenizer(attributes.prompts).to(hardware.device)
        self.title_tokens: Tensor = encoder.tokenizer(products.texts)
        self.loss_function = LOSSES[str(settings["loss"]["name"])]()
        self.train_rows = products.rows("train")
        self.worded: Flags = np.array([bool(text) for text in products.texts])
        self.measured = _measured_modality(products, settings["loss"])
        self.seen = np.flatnonzero((products.weights[self.train_rows] > 0).any(axis=0))
        self.seed_step(0)

    def seed_step(self, step: int) -> None:
        """Seed what a step draws by seed, step and process: a run that goes on after a kill draws as it would have."""
        draws = np.random.SeedSequence([int(self.settings["run"]["seed"]), step, self.hardware.rank])
        self.generator = np.random.default_rng(draws)
        torch.manual_seed(int(draws.generate_state(1, np.uint64)[0] >> 1))

    def loss(self, model: Any, rows: Rows) -> Tensor:
        """Weighted sum of the losses of images, of titles and of both fused, for a batch of product positions."""
        weights = self.products.weights[rows]
        columns = self._columns(weights)
        targets = weights[:, columns]
        unnamed = float(self.settings["data"]["unnamed"])
        counted = counted_cells(weights > 0, self.facets, unnamed)[:, columns]
        with self.hardware.autocast():
            prompts = encode_text(model, self.prompt_tokens[columns]).float()
            sides = list(self._product_sides(model, rows))
        scale, bias = model.logit_scale.exp().clamp(max=100), model.logit_bias
        facets, within = self._tensor(self.facets[columns]), float(self.settings["loss"]["within_facets"])
        # A batch in which nothing can be compared has a gradient too: none.
        total: Tensor = scale * 0
        for weight, at, embedded in sides:
            similarity = embedded.float() @ prompts.T
            given = self._tensor(targets[at]), self._tensor(counted[at]), scale, bias
            total = total + weight * self.loss_function(similarity, *given)
            if within:
                total = total + weight * within * WithinFacets(facets)(similarity, *given)
        return total

    def measure(self, model: Any, split: str) -> Figures:
        """Figures of a split's products in the modality that is measured while training."""
        model.eval()
        rows = self.products.rows(split)
        if self.measured != "text":
            rows = rows[self.products.has_image[rows]]
        if self.measured != "image":
            rows = rows[self.worded[rows]]
        with torch.inference_mode():
            prompts = encode_text(model, self.prompt_tokens).cpu().numpy()
            parts = [self._measured_side(model, rows[at : at + 256]).cpu().numpy() for at in range(0, len(rows), 256)]
        found: Floats = np.concatenate(parts) if parts else np.empty((0, prompts.shape[1]), np.float32)
        return measure(found, prompts, self.products.weights[rows] > 0, self.attributes.facets)

    def _product_sides(self, model: Any, rows: Rows) -> Iterator[tuple[float, Rows, Tensor]]:
        """Weight, positions in the batch and embeddings of each modality that counts and that two products have."""
        weights = {modality: float(self.settings["loss"][modality]) for modality in ("image", "text", "fused")}
        pictured, worded = np.flatnonzero(self.products.has_image[rows]), np.flatnonzero(self._with_text(rows))
        both, among_images, among_texts = np.intersect1d(pictured, worded, return_indices=True)
        fused = bool(weights["fused"]) and len(both) >= 2
        images = texts = None
        if fused or (weights["image"] and len(pictured) >= 2):
            images = self.images(model, rows[pictured], moved=True)
        if fused or (weights["text"] and len(worded) >= 2):
            texts = self._titles(model, rows[worded])
        if images is not None and weights["image"]:
            yield weights["image"], pictured, images
        if texts is not None and weights["text"]:
            yield weights["text"], worded, texts
        if images is not None and texts is not None and fused:
            yield weights["fused"], both, functional.normalize(images[among_images] + texts[among_texts], dim=-1)

    def _measured_side(self, model: Any, rows: Rows) -> Tensor:
        if self.measured == "image":
            return self.images(model, rows, moved=False)
        if self.measured == "text":
            return self._titles(model, rows)
        return functional.normalize(self.images(model, rows, moved=False) + self._titles(model, rows), dim=-1)

    def _columns(self, weights: npt.NDArray[np.float32]) -> Rows:
        """The batch's own attributes, filled up with others of the training split to the number set."""
        own = np.flatnonzero((weights > 0).any(axis=0))
        room = int(self.settings["data"]["attributes_a_step"]) - len(own)
        others = np.setdiff1d(self.seen, own)
        if room <= 0:
            return own
        return np.concatenate([own, others if len(others) <= room else self.generator.choice(others, room, False)])

    def _with_text(self, rows: Rows) -> Flags:
        share = float(self.settings["data"]["text_share"])
        return self.worded[rows] & (self.generator.random(len(rows)) < share)

    def _titles(self, model: Any, rows: Rows) -> Tensor:
        return encode_text(model, self.title_tokens[rows].to(self.hardware.device))

    def _tensor(self, values: npt.NDArray[Any]) -> Tensor:
        return torch.from_numpy(values).to(self.hardware.device)


def _measured_modality(products: Products, weights: dict[str, Any]) -> str:
    """What validation looks at while training: images where they are trained on, as they are what assignment reads."""
    if not products.has_image.any():
        return "text"
    return "image" if float(weights["image"]) else "fused" if float(weights["fused"]) else "text"
