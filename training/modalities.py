"""The product side of an encoder, as image, text or both, and how well each finds the attributes."""

import numpy as np

from python_udfs.encoder import Encoder, Floats
from training.data import Attributes, Products
from training.evaluate import Figures, measure
from training.masking import mask_attribute_words

MODALITIES = ("image", "text", "fused", "text_masked", "fused_masked")


def modality_figures(encoder: Encoder, attributes: Attributes, products: Products, split: str) -> dict[str, Figures]:
    """Figures of a split by modality: image and text where there are such, fused where there are both.

    text_masked and fused_masked read the titles without attribute words (`mask_attribute_words`), of the same products;
    a title of which nothing is left counts as no text.
    """
    rows = products.rows(split)
    texts = [products.texts[i] for i in rows]
    pictured, worded = products.has_image[rows], np.array([bool(text) for text in texts], bool)
    images = np.zeros((len(rows), encoder.dimension), np.float32)
    images[pictured] = encoder.encode_images(products.pixels[rows[pictured]])
    plain, masked = (
        _text_embeddings(encoder, some) for some in (texts, mask_attribute_words(texts, attributes.values))
    )
    both = pictured & worded
    sides = {
        "image": (images, pictured),
        "text": (plain, worded),
        "fused": (fuse(images, plain), both),
        "text_masked": (masked, worded),
        "fused_masked": (fuse(images, masked), both),
    }
    prompts = encoder.encode_texts(attributes.prompts)
    return {
        modality: measure(side[kept], prompts, products.weights[rows[kept]] > 0, attributes.facets)
        for modality, (side, kept) in sides.items()
        if kept.any()
    }


def fuse(images: Floats, texts: Floats) -> Floats:
    """Image and text embeddings (n, d) of length 1 as one: their sum, of length 1 again.

    The same as in models/evaluation/evaluation_score_blocks.sql, which leaves the length out as ranks do not need it.
    """
    total = images + texts
    fused: Floats = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), np.float32(1e-12))
    return fused


def _text_embeddings(encoder: Encoder, texts: list[str]) -> Floats:
    worded = np.array([bool(text) for text in texts], bool)
    found = np.zeros((len(texts), encoder.dimension), np.float32)
    found[worded] = encoder.encode_texts([text for text in texts if text])
    return found
