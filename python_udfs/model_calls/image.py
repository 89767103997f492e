"""A product's picture as a model gets it: in the request itself, small enough to be cheap."""

import base64
import io
import math

from PIL import Image

from python_udfs.images import FORMATS, ImageError, decode
from python_udfs.model_calls.errors import CallError

# Part of an answer's key: change it when pictures are prepared in another way.
PREPARATION = "1024-jpeg90"
SIDE = 1024
BYTES = 1000**2
KNOWN = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def is_picture(data: bytes) -> bool:
    """Whether the file's head is a picture's: nothing else may leave for an endpoint."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS):
            return True
    except Exception:
        return False


def data_url(data: bytes) -> str:
    """The picture as a data URL: as it is when small and common, else a JPEG of at most SIDE pixels a side.

    Raises CallError.
    """
    kind = _kind(data, SIDE) if len(data) <= BYTES else None
    if kind is None:
        try:
            image = decode(data)
        except ImageError as error:
            raise CallError("image", str(error)) from None
        image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=90)
        data, kind = buffer.getvalue(), "image/jpeg"
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def is_common(data: bytes) -> bool:
    """Whether endpoints read the file as it is: a still picture of a kind that all take."""
    return _kind(data, math.inf) is not None


def _kind(data: bytes, most_side: float) -> str | None:
    """The media type of a still picture of a common kind, of at most so many pixels a side."""
    try:
        with Image.open(io.BytesIO(data), formats=list(KNOWN)) as image:
            still = max(image.size) <= most_side and not getattr(image, "is_animated", False)
            return KNOWN[image.format or ""] if still else None
    except Exception:
        return None
