"""Reading images: what is refused, and what every kind of file becomes."""

import hashlib
import io
import os
import struct
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from python_udfs import images
from python_udfs.images import OUTSIDE, ImageError, decode, inspect_image, read_bytes, stat_image

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
RED, WHITE = (255, 0, 0), (255, 255, 255)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims width x height pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "red.png").write_bytes(encoded(Image.new("RGB", (8, 6), RED)))
    (tmp_path / "secret.png").write_bytes(encoded(Image.new("RGB", (8, 6), RED)))
    (tmp_path / "shop2").mkdir()
    (tmp_path / "shop2" / "red.png").write_bytes(b"x")
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "inner.png").symlink_to(root / "red.png")
    (root / "way_out").symlink_to(tmp_path)
    return root


@pytest.mark.parametrize(
    "uri",
    [
        "../secret.png",
        "{root}/../secret.png",
        "{root}/link.png",
        "{root}/way_out/secret.png",
        "{root}2/red.png",
        "file://{root}/../secret.png",
        "file://{root}/%2e%2e/secret.png",
        "/etc/hostname",
        "https://example.com/red.png",
        "memory://red.png",
        "simplecache::file://{root}/red.png",
        "zip://x::file://{root}/red.png",
        "red.png\0",
    ],
)
def test_path_that_leaves_the_roots_is_refused(shop: Path, uri: str) -> None:
    with pytest.raises(ImageError, match=OUTSIDE):
        read_bytes(uri.format(root=shop), str(shop))
    assert stat_image(pd.Series([uri.format(root=shop)]), pd.Series([str(shop)])).error[0] == OUTSIDE


@pytest.mark.parametrize("uri", ["red.png", "{root}/red.png", "file://{root}/red.png", "inner.png", "../shop/red.png"])
def test_path_within_the_roots_is_read(shop: Path, uri: str) -> None:
    assert read_bytes(uri.format(root=shop), f"\n{shop}\n") == (shop / "red.png").read_bytes()


def test_second_root_counts_and_no_root_refuses_all(shop: Path) -> None:
    other = shop.parent / "shop2"
    assert read_bytes(str(shop / "red.png"), f"{other}\n{shop}")
    with pytest.raises(ImageError, match=OUTSIDE):
        read_bytes(str(shop / "red.png"), "")


@pytest.mark.parametrize(
    ("uri", "inside"),
    [
        ("https://cdn.example/shop/a.jpg", True),
        ("https://CDN.example/shop/sub/../a.jpg", True),
        ("https://cdn.example/shop/../a.jpg", False),
        ("https://cdn.example/shop/%2e%2e/a.jpg", False),
        ("https://cdn.example/shop/%252e%252e/a.jpg", False),
        ("https://cdn.example/shop/..\\a.jpg", False),
        ("https://cdn.example/shopping/a.jpg", False),
        ("https://cdn.example@evil.example/shop/a.jpg", False),
        ("http://cdn.example/shop/a.jpg", False),
        ("a.jpg", True),
    ],
)
def test_url_roots(uri: str, inside: bool) -> None:
    if inside:
        assert not images.resolve(uri, "https://cdn.example/shop/").local
    else:
        with pytest.raises(ImageError, match=OUTSIDE):
            images.resolve(uri, "https://cdn.example/shop/")


@pytest.fixture
def server(shop: Path) -> Iterator[str]:
    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in ("/shop/red.png", "/shop/dated.png", "/shop/dripping.png")
            body = (shop / "red.png").read_bytes() if known else b""
            others = {"/shop/moved.png": 302, "/shop/busy.png": 503, "/shop/closed.png": 403}
            self.send_response(200 if body else others.get(self.path, 404))
            if self.path == "/shop/dripping.png":
                # No length: the answer ends with the connection, and comes in pieces.
                self.send_header("Connection", "close")
                self.end_headers()
                for start in range(0, len(body) if self.command == "GET" else 0, 20):
                    self.wfile.write(body[start : start + 20])
                    time.sleep(0.005)
                return
            self.send_header("Content-Length", str(len(body)))
            if self.path == "/shop/moved.png":
                self.send_header("Location", "/secret/red.png")
            if self.path == "/shop/dated.png":
                self.send_header("Last-Modified", DATE)
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/shop"
    running.shutdown()
    running.server_close()


def test_images_behind_a_url(shop: Path, server: str) -> None:
    uris = pd.Series([f"{server}/red.png", f"{server}/none.png", f"{server}/moved.png"])
    found = inspect_image(uris, pd.Series([server] * 3))
    assert (found.width[0], found.height[0], found.error[0]) == (8, 6, None)
    assert found.error[1] == "image not found"
    assert found.error[2] and found.sha256[2] is None
    assert stat_image(uris[:1], pd.Series([server]))["size"][0] == (shop / "red.png").stat().st_size


def test_a_picture_that_comes_in_pieces_is_read_whole(shop: Path, server: str) -> None:
    assert read_bytes(f"{server}/dripping.png", server) == (shop / "red.png").read_bytes()


def test_an_error_names_what_the_server_answered(server: str) -> None:
    uris, roots = (
        pd.Series([f"{server}/busy.png", f"{server}/closed.png", f"{server}/none.png"]),
        pd.Series([server] * 3),
    )
    errors = [f"image cannot be read: HTTP status {status}" for status in (503, 403)] + ["image not found"]
    assert stat_image(uris, roots).error.tolist() == inspect_image(uris, roots).error.tolist() == errors


@pytest.mark.parametrize(
    "uri", ["http://[x/y.jpg", "https://cdn.example]/a.jpg", "file://[x/y", "http://\u2100.com/a.jpg"]
)
def test_an_address_that_is_none_is_an_error_of_its_row(shop: Path, uri: str) -> None:
    roots = pd.Series([f"{shop}\nhttps://cdn.example/shop/"] * 2)
    for read in (inspect_image, stat_image):
        assert read(pd.Series([uri, "red.png"]), roots).error.tolist() == ["image address is not valid", None]


def test_other_bytes_of_the_same_size_are_seen_behind_a_url(shop: Path, server: str) -> None:
    """By the server's mark; by the bytes, where it gives none."""
    uris, roots = pd.Series([f"{server}/dated.png", f"{server}/red.png"]), pd.Series([server] * 2)
    before = stat_image(uris, roots)
    data = (shop / "red.png").read_bytes()
    (shop / "red.png").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    after = stat_image(uris, roots)
    assert before.modified[0] == after.modified[0] == DATE
    assert before.modified[1] == f"sha256:{hashlib.sha256(data).hexdigest()}" != after.modified[1]
    assert before["size"].tolist() == after["size"].tolist()


def test_stat_and_inspect_report_row_by_row(shop: Path) -> None:
    (shop / "pipe").unlink(missing_ok=True)
    os.mkfifo(shop / "pipe")
    (shop / "note.txt").write_text("hello")
    (shop / "empty.png").write_bytes(b"")
    uris = pd.Series(["red.png", None, "gone.png", "note.txt", "empty.png", "pipe", ".", ""], dtype=object)
    roots = pd.Series([str(shop)] * len(uris))
    found = inspect_image(uris, roots)
    assert found.sha256[0] == hashlib.sha256((shop / "red.png").read_bytes()).hexdigest()
    assert (found.width[0], found.height[0]) == (8, 6)
    errors = [None, None, "image not found", "not an image", "image file is empty", "not a file", "not a file", None]
    assert found.error.tolist() == errors
    status = stat_image(uris, roots)
    assert status["size"][0] == (shop / "red.png").stat().st_size
    written = datetime.fromtimestamp((shop / "red.png").stat().st_mtime, UTC)
    assert status.modified[0] == written.isoformat()
    assert status.error.tolist() == [None, None, "image not found", None, None, "not a file", "not a file", None]


def test_size_is_bounded(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImageError, match="more than 50 million pixels"):
        decode(bomb(60_000, 60_000))
    with pytest.raises(ImageError, match="more than 50 million pixels"):
        decode(bomb(8_000, 8_000))
    (shop / "big.png").write_bytes(b"")
    os.truncate(shop / "big.png", images.MAX_BYTES + 1)
    with pytest.raises(ImageError, match="larger than 30 MB"):
        read_bytes("big.png", str(shop))


def sixteen_bit() -> bytes:
    return encoded(Image.fromarray(np.full((4, 4), 0x80FF, np.uint16)))


def rotated() -> bytes:
    image = Image.new("RGB", (40, 20), RED)
    image.paste((0, 0, 255), (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(image, "JPEG", quality=95, exif=exif)


def palette(**options: object) -> bytes:
    image = Image.new("P", (5, 5), 1)
    image.putpalette([0, 0, 0, *RED] + [0] * 750)
    return encoded(image, "PNG", **options)


def animated() -> bytes:
    frames = [Image.new("RGB", (6, 6), colour) for colour in (RED, (0, 255, 0))]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


KINDS = {
    "rgb": (encoded(Image.new("RGB", (4, 4), RED)), RED),
    "cmyk": (encoded(Image.new("CMYK", (4, 4), (0, 255, 255, 0)), "JPEG", quality=95), RED),
    "grey": (encoded(Image.new("L", (4, 4), 128)), (128,) * 3),
    "black and white": (encoded(Image.new("1", (4, 4), 1)), WHITE),
    "16-bit": (sixteen_bit(), (0x81,) * 3),
    "palette": (palette(), RED),
    "transparent palette": (palette(transparency=1), WHITE),
    "alpha": (encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 0))), WHITE),
    "half alpha": (encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 128))), (255, 127, 127)),
    "grey with alpha": (encoded(Image.new("LA", (4, 4), (0, 0))), WHITE),
    "animated": (animated(), RED),
    "1x1": (encoded(Image.new("RGB", (1, 1), RED)), RED),
    "webp": (encoded(Image.new("RGB", (4, 4), RED), "WEBP", lossless=True), RED),
    "float tiff": (encoded(Image.fromarray(np.full((4, 4), 0.5, np.float32)), "TIFF"), (128,) * 3),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_image_becomes_rgb(kind: str) -> None:
    data, colour = KINDS[kind]
    image = decode(data)
    assert image.mode == "RGB"
    assert np.abs(np.asarray(image).astype(int) - np.array(colour)).max() <= 3


def test_orientation_is_applied() -> None:
    image = decode(rotated())
    assert image.size == (20, 40)
    top, bottom = image.getpixel((10, 5)), image.getpixel((10, 35))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)
    assert top[2] > 200 > 60 > top[0] and bottom[0] > 200 > 60 > bottom[2]


def test_wide_values_are_scaled_in_bands_and_take_little_memory() -> None:
    values = (np.arange(3000 * 4000, dtype=np.uint32) % 65536).astype(np.uint16).reshape(3000, 4000)
    data = encoded(Image.fromarray(values), compress_level=0)
    tracemalloc.start()
    image = decode(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # numpy's share of it; the whole image as float32 has 48 MB.
    assert peak < 30 * 1000**2
    grey = np.round(values / 65535 * 255)
    assert np.abs(np.asarray(image)[:, :, 1] - grey).max() <= 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (encoded(Image.effect_noise((64, 64), 50), "JPEG")[:800], "broken image"),
        (encoded(Image.effect_noise((64, 64), 50))[:900], "broken image"),
        (b"<html>not found</html>", "not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", "not an image"),
        (b"\x80\x04K\x01.", "not an image"),
    ],
)
def test_a_broken_file_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason) as failure:
        decode(data)
    assert "\n" not in str(failure.value)
