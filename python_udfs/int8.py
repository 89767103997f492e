"""An image tower in 8-bit integers (ONNX Runtime), which an encoder's folder may hold beside its weights.

It is used only with the proof that it finds what the full one finds: the model card's figures of both, measured by
`python -m training.quantize`, for exactly this file.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from python_udfs.encoder_location import INT8, MODEL_CARD, EncoderError
from python_udfs.images import one_line

# Recall@10 that the smaller numbers may cost.
LARGEST_DROP = 0.002


class Int8Images:
    """The image tower in a file's content. Raises EncoderError where ONNX Runtime cannot load it."""

    def __init__(self, content: bytes) -> None:
        # Its import takes a moment that other encoders need not wait for.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Spark's tasks are as many as the cores already.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            # From bytes: a graph whose weights lie in files elsewhere is refused.
            self.session: Any = onnxruntime.InferenceSession(content, options)
        except Exception as error:
            raise EncoderError(f"{INT8} cannot be loaded: {one_line(error)}") from error

    def __call__(self, pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Embeddings (64, d) of length 1 of normalized pixels (64, 3, height, width)."""
        found: npt.NDArray[np.float32] = self.session.run(None, {"pixels": pixels})[0]
        return found


def int8_images(folder: Path) -> Int8Images | None:
    """The 8-bit image tower of an encoder's folder, null where it has none.

    Raises EncoderError where the model card does not show that this file passed the gate.
    """
    if not (folder / INT8).exists():
        return None
    content = (folder / INT8).read_bytes()
    _check_gate(folder, hashlib.sha256(content).hexdigest())
    return Int8Images(content)


def passes(recall: float, full_recall: float) -> bool:
    """Whether Recall@10 `recall` is close enough to the full tower's."""
    return full_recall - recall <= LARGEST_DROP


def _check_gate(folder: Path, digest: str) -> None:
    try:
        shown = json.loads((folder / MODEL_CARD).read_text(encoding="utf-8"))["int8"]
        proven = shown["sha256"] == digest and passes(shown["recall_at_10"], shown["full_recall_at_10"])
    except (OSError, ValueError, KeyError, TypeError):
        proven = False
    if not proven:
        raise EncoderError(
            f"{folder.name} holds {INT8}, and its {MODEL_CARD} does not show that Recall@10 falls by {LARGEST_DROP} at "
            "most: make it with `python -m training.quantize`, or remove the file to use the full weights"
        )
