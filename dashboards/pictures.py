"""Product images as a page can show them: thumbnails of files, addresses of web images, both under allowed roots."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from urllib.parse import urlsplit

from PIL import Image

from dashboards.rendering import web_link
from python_udfs import images

FOLDER = "_images"
SIDE = 400  # pixels: the widest card on a phone of double density


@dataclass(frozen=True)
class Source:
    """An image as the tables name it."""

    image_uri: str
    sha256: str


@dataclass(frozen=True)
class Pictures:
    """Where each source's picture is, relative to the site or on the web; and why the others have none."""

    addresses: Mapping[Source, str]
    missing: Counter[str]

    def origins(self) -> list[str]:
        """The web origins that pages load images from."""
        parts = [urlsplit(address) for address in self.addresses.values() if "://" in address]
        return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


def make_pictures(sources: Iterable[Source], roots: str, site: Path) -> Pictures:
    """Thumbnails under `site`, each content once and kept between builds; what is not used any more goes."""
    folder = site / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    addresses: dict[Source, str] = {}
    missing: Counter[str] = Counter()
    distinct = sorted(set(sources), key=lambda source: (source.sha256, source.image_uri))
    # Pillow lets go of the interpreter's lock while it decodes, scales and encodes.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, made in zip(
            distinct, pool.map(lambda source: _picture(source, roots, folder), distinct), strict=True
        ):
            if isinstance(made, images.ImageError):
                missing[str(made)] += 1
            else:
                addresses[source] = made
    used = {Path(address).name for address in addresses.values()}
    for file in folder.iterdir():
        if file.name not in used:
            file.unlink()
    return Pictures(addresses, missing)


def _picture(source: Source, roots: str, folder: Path) -> str | images.ImageError:
    try:
        address = images.resolve(source.image_uri, roots)
        if not address.local and urlsplit(address.target).scheme.lower() in ("http", "https"):
            link = web_link(address.target)
            return link or images.ImageError("not an address of the web")
        name = f"{source.sha256[:32]}.jpg"
        if not (folder / name).exists():
            _write_thumbnail(images.read_image(source.image_uri, roots), folder / name)
        return f"{FOLDER}/{name}"
    except images.ImageError as error:
        return error


def _write_thumbnail(image: Image.Image, path: Path) -> None:
    image.thumbnail((SIDE, SIDE))
    # Written beside and renamed: a build that is stopped leaves no half of a picture, and two
    # addresses of one image do not meet.
    unfinished = path.with_suffix(f".{os.getpid()}-{get_ident()}")
    image.save(unfinished, "JPEG", quality=82)
    unfinished.replace(path)
