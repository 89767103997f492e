"""The rows that a real catalogue also has: nine of them, beside the good products, each wrong in one way.

| row | what is wrong | what should become of it |
|---|---|---|
| 1, 2 | repeats the product_id of the first and the second product, described otherwise | one of each pair stays |
| 3 | image_uri names a file that is not there | goes on with its text |
| 4 | image_uri names a JPEG cut off in its middle | goes on with its text |
| 5 | image_uri leaves the catalogue's folder | goes on with its text, the file is never opened |
| 6 | title is blank | rejected |
| 7 | product_id is missing | rejected |
| 8, 9 | price is negative; price is a word | price null, with a warning |

Rows 3 to 5, 8 and 9 are copies of good products' texts under ids of their own; no bad row has labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Row = dict[str, str | None]

COUNT = 9
"""How many there are, and how many good rows they are modelled on."""

BROKEN_IMAGE = "images/broken/8f1d3c07a2.jpg"
MISSING_IMAGE = "images/missing/5be20c91d4.jpg"
OUTSIDE_IMAGE = "../../../../etc/passwd"


def broken_image(image: bytes) -> bytes:
    """The first third of a JPEG: a header and some lines."""
    return image[: len(image) // 3]


def rows(good: Sequence[Mapping[str, str | None]], seed: int) -> list[Row]:
    """The nine bad rows, modelled on ``good`` (at least one row; fewer than nine are used again)."""

    def copy(number: int, **changes: str | None) -> Row:
        row = dict(good[number % len(good)])
        row["product_id"] = f"X{seed:06d}{number:04d}"
        row["group_id"] = f"GX{seed:06d}{number:04d}"
        row["image_uri"] = None
        return {**row, **changes}

    first, second = good[0], good[1 % len(good)]
    return [
        {**first, "description": "Second entry of this item.", "url": "https://shop.example/item/again"},
        {**second, "description": "Second entry of this item.", "url": "https://shop.example/item/again-too"},
        copy(2, image_uri=MISSING_IMAGE),
        copy(3, image_uri=BROKEN_IMAGE),
        copy(4, image_uri=OUTSIDE_IMAGE),
        copy(5, title="  "),
        copy(6, product_id=None),
        copy(7, price="-49.99"),
        copy(8, price="free"),
    ]
