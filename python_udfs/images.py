"""Reading a product image by its address: only under allowed roots, with bounded size, and always as 8-bit RGB."""

import hashlib
import io
import os
import posixpath
import stat
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import fsspec
import numpy as np
import pandas as pd
from PIL import Image, ImageOps, UnidentifiedImageError

# What fsspec's file systems call the mark that changes with a file, the first that is there.
VERSION_MARKS = (
    "mtime", "LastModified", "last_modified", "updated", "created", "ETag", "etag",
    "Content-MD5", "Digest", "Last-Modified",
)  # fmt: skip
MAX_BYTES = 30 * 1000**2
MAX_PIXELS = 50 * 1000**2
# Images that are not RGB become so in bands of about so many pixels, as wide values need many times the memory.
BAND_PIXELS = 1000**2
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "PPM", "JPEG2000")
OUTSIDE = "image outside the allowed roots"
# Of HTTP servers: those of pictures answer at once, and rows are read one after the other.
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 30.0

Parsed = TypeVar("Parsed")


class ImageError(Exception):
    """An image that cannot be used; the text is the reason, on one line, for the row's `error`."""


@dataclass(frozen=True)
class Address:
    """Where an image lies after links and `..` are resolved: a local path, or a URL for fsspec."""

    target: str
    local: bool


def resolve(image_uri: str, roots: str) -> Address:
    """The image's real address, when it lies under one of the roots.

    `roots` holds folders and URL prefixes, one a line. A relative `image_uri` counts from the first root.
    Raises ImageError for anything outside the roots.
    """
    allowed = [root.strip() for root in roots.splitlines() if root.strip()]
    uri = image_uri.strip()
    # A chained address (`zip://x::file:///etc`) would reach past the part that is checked.
    if not allowed or "::" in uri or "\0" in uri:
        raise ImageError(OUTSIDE)
    if not _is_url(uri) and _is_url(allowed[0]) and not os.path.isabs(uri):  # noqa: PTH117 (a string, not a file)
        uri = allowed[0].rstrip("/") + "/" + uri
    if _is_url(uri):
        url = _parsed(_normal_url, uri)
        if any(_is_url(root) and _url_under(url, _normal_url(root)) for root in allowed):
            return Address(uri, local=False)
        raise ImageError(OUTSIDE)
    folders = [Path(os.path.realpath(_local_path(root))) for root in allowed if not _is_url(root)]
    if folders:
        path = Path(os.path.realpath(folders[0] / _parsed(_local_path, uri)))
        if any(path.is_relative_to(folder) for folder in folders):
            return Address(str(path), local=True)
    raise ImageError(OUTSIDE)


def read_bytes(image_uri: str, roots: str) -> bytes:
    """The file's bytes, at most MAX_BYTES of them. Raises ImageError."""
    address = resolve(image_uri, roots)
    try:
        data = _read_local(address.target) if address.local else _read_url(address.target)
    except ImageError:
        raise
    except Exception as error:
        raise _unreadable(error) from error
    if not data:
        raise ImageError("image file is empty")
    if len(data) > MAX_BYTES:
        raise ImageError(_too_many_bytes())
    return data


def decode(data: bytes) -> Image.Image:
    """The image as 8-bit RGB: first frame, upright by its EXIF orientation, alpha laid on white.

    Size is checked before any pixel is decoded, so a decompression bomb costs nothing. Raises ImageError.
    """
    try:
        with warnings.catch_warnings():
            # The bound below is tighter than Pillow's own warning.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise ImageError(_too_many_pixels())
            image.load()
            return _to_rgb(_upright(image))
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise ImageError("not an image") from None
    except Image.DecompressionBombError:
        raise ImageError(_too_many_pixels()) from None
    # Decoders raise whatever their format's parser meets: OSError, SyntaxError, struct.error, zlib.error, …
    except Exception as error:
        raise ImageError(f"broken image: {one_line(error)}") from error


def read_image(image_uri: str, roots: str) -> Image.Image:
    """Read and decode in one step. Raises ImageError."""
    return decode(read_bytes(image_uri, roots))


def stat_image(image_uri: "pd.Series[str]", roots: "pd.Series[str]") -> pd.DataFrame:
    """Size in bytes and last modification of each file, without reading it where the store tells them.

    Columns size (Int64), modified (ISO time in UTC, or the store's own version mark; of a store that has neither, the
    sha256 of the bytes, which are read for it), error. A null address gives nulls.
    """
    rows = [_row(_stat, uri, allowed, 2) for uri, allowed in zip(image_uri, roots, strict=True)]
    frame = pd.DataFrame(rows, columns=["size", "modified", "error"], dtype=object)
    return frame.astype({"size": "Int64"})


def inspect_image(image_uri: "pd.Series[str]", roots: "pd.Series[str]") -> pd.DataFrame:
    """Content hash and dimensions in pixels (upright) of each image, after decoding all of it.

    Columns sha256, width, height (Int32), error. A null address gives nulls.
    """
    rows = [_row(_inspect, uri, allowed, 3) for uri, allowed in zip(image_uri, roots, strict=True)]
    frame = pd.DataFrame(rows, columns=["sha256", "width", "height", "error"], dtype=object)
    return frame.astype({"width": "Int32", "height": "Int32"})


def one_line(error: BaseException, limit: int = 200) -> str:
    """An exception's text on one bounded line, its type's name when it has no text."""
    return (" ".join(str(error).split()) or type(error).__name__)[:limit]


def _row(
    read: Callable[[str, str], tuple[Any, ...]], uri: str | None, roots: str | None, width: int
) -> tuple[Any, ...]:
    if not isinstance(uri, str) or not uri.strip():
        return (None,) * (width + 1)
    try:
        return (*read(uri, roots if isinstance(roots, str) else ""), None)
    except ImageError as error:
        return (*(None,) * width, str(error))


def _inspect(uri: str, roots: str) -> tuple[str, int, int]:
    data = read_bytes(uri, roots)
    width, height = decode(data).size
    return hashlib.sha256(data).hexdigest(), width, height


def _stat(uri: str, roots: str) -> tuple[int | None, str | None]:
    address = resolve(uri, roots)
    try:
        if address.local:
            status = Path(address.target).stat()
            if not stat.S_ISREG(status.st_mode):
                raise ImageError("not a file")
            return status.st_size, datetime.fromtimestamp(status.st_mtime, UTC).isoformat()
        system, path = _file_system(address.target)
        info = system.info(path)
        mark = _version_mark(info)
        # Without a mark, other bytes of the same size would never be seen.
        modified = mark or f"sha256:{hashlib.sha256(_read_url(address.target)).hexdigest()}"
    except ImageError:
        raise
    except Exception as error:
        raise _unreadable(error) from error
    size = info.get("size")
    return (int(size) if size is not None else None), modified


def _unreadable(error: Exception) -> ImageError:
    """Why a file cannot be read. fsspec says of whatever a server of HTTP answers that the file is not found."""
    cause = error.__cause__ if isinstance(error, FileNotFoundError) else error
    status = getattr(cause, "status", None)
    if isinstance(error, FileNotFoundError) and (isinstance(cause, FileNotFoundError | None) or status in (404, 410)):
        return ImageError("image not found")
    if isinstance(status, int):
        return ImageError(f"image cannot be read: HTTP status {status}")
    return ImageError(f"image cannot be read: {one_line(cause or error)}")


def _version_mark(info: dict[str, Any]) -> str | None:
    return next((str(info[mark]) for mark in VERSION_MARKS if info.get(mark)), None)


def _read_local(path: str) -> bytes:
    # A pipe inside the root would block an ordinary open for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise ImageError("not a file")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > MAX_BYTES:
            raise ImageError(_too_many_bytes())
        return file.read(MAX_BYTES + 1)


def _read_url(url: str) -> bytes:
    system, path = _file_system(url)
    data = bytearray()
    with system.open(path, "rb") as file:
        # Of a server that does not say how much is to come, one read gives what has come so far.
        while len(data) <= MAX_BYTES and (part := file.read(MAX_BYTES + 1 - len(data))):
            data += part
    return bytes(data)


def _file_system(url: str) -> tuple[Any, str]:
    options: dict[str, Any] = {}
    if url.startswith(("http://", "https://")):
        from aiohttp import ClientTimeout

        timeout = ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS)
        # A redirect could lead out of the root that was checked.
        options = {"allow_redirects": False, "client_kwargs": {"timeout": timeout}}
    system, path = fsspec.core.url_to_fs(url, **options)
    return system, path


def _is_url(text: str) -> bool:
    return "://" in text and not text.startswith("file://")


def _local_path(text: str) -> str:
    return unquote(urlsplit(text).path) if text.startswith("file://") else text


def _parsed(parse: Callable[[str], Parsed], uri: str) -> Parsed:
    try:
        return parse(uri)
    except ValueError:
        raise ImageError("image address is not valid") from None


def _normal_url(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    path = unquote(parts.path)
    # Stores disagree on what a backslash or a doubly encoded `..` means: decode until nothing changes.
    while unquote(path) != path:
        path = unquote(path)
    return parts.scheme.lower(), parts.netloc.lower(), posixpath.normpath("/" + path.replace("\\", "/").lstrip("/"))


def _url_under(url: tuple[str, str, str], root: tuple[str, str, str]) -> bool:
    return url[:2] == root[:2] and (url[2] == root[2] or url[2].startswith(root[2].rstrip("/") + "/"))


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    # Broken EXIF is common in photos that are fine otherwise.
    except Exception:
        return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    width, height = image.size
    top, rows = _white_level(image), max(BAND_PIXELS // width, 1)
    whole = Image.new("RGB", image.size)
    for start in range(0, height, rows):
        band = image.crop((0, start, width, min(start + rows, height)))
        whole.paste(_band_to_rgb(band, top), (0, start))
    return whole


def _band_to_rgb(band: Image.Image, top: float) -> Image.Image:
    if _is_wide(band):
        values = np.clip(np.nan_to_num(np.asarray(band).astype(np.float32)) / top, 0, 1) * 255
        band = Image.fromarray(values.round().astype(np.uint8), "L")
    if band.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in band.info:
        layer = band.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, layer).convert("RGB")
    return band.convert("RGB")


def _is_wide(image: Image.Image) -> bool:
    return image.mode.startswith("I") or image.mode == "F"


def _white_level(image: Image.Image) -> float:
    """The value that is white: Pillow's own conversion clips 16-bit values at 255 instead of scaling them."""
    if image.mode != "F":
        return 65535.0
    _, highest = image.getextrema()
    return 65535.0 if highest > 255 else 255.0 if highest > 1 else 1.0  # type: ignore[operator]


def _too_many_bytes() -> str:
    return f"image file is larger than {MAX_BYTES // 1000**2} MB"


def _too_many_pixels() -> str:
    return f"image has more than {MAX_PIXELS // 1000**2} million pixels"
