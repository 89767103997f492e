"""The published landing pages, with what the preview shows beside them."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from babel.numbers import format_currency

from dashboards.pictures import Source
from dashboards.rendering import json_script, shortened, web_link
from dashboards.tables import read_table

# An address that is a folder of its own: nothing in it leads elsewhere, and file systems take it.
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,199}")
_PAGE_COLUMNS = (
    "slug", "collection_id", "status", "heading", "meta_title", "meta_description", "description",
    "all_items", "indexable", "index_reason", "canonical_slug", "breadcrumbs", "related",
    "last_modified", "listed_products", "json_ld",
)  # fmt: skip
_MAX_TITLE = 200
_MAX_DESCRIPTION = 1000

Attributes = frozenset[tuple[str, str]]  # facet, value


@dataclass(frozen=True)
class Item:
    """A product as a page lists it."""

    title: str
    link: str | None
    price: str | None
    in_stock: bool
    picture: Source | None


@dataclass(frozen=True)
class Link:
    """Another page as a page names it."""

    slug: str
    title: str


@dataclass(frozen=True)
class Page:
    """A published landing page."""

    slug: str
    title: str
    meta_title: str
    meta_description: str
    description: str
    products: int
    indexable: bool
    index_reason: str
    canonical_slug: str
    breadcrumbs: list[Link]
    related: list[Link]
    last_modified: datetime
    json_ld: str
    attributes: Attributes
    quality: float
    quality_source: str
    items: list[Item]


def read_pages(warehouse: str) -> list[Page]:
    """Published pages, the largest first. Raises NotBuilt.

    A page whose slug is no plain address is left out: it would be written elsewhere.
    """
    collections = {
        row["collection_id"]: row
        for row in read_table(
            warehouse, "collections", ("collection_id", "attributes", "quality_score", "quality_source")
        ).to_pylist()
    }
    products = read_table(warehouse, "products", ("product_id", "image_sha256"))
    hashes = dict(zip(products["product_id"].to_pylist(), products["image_sha256"].to_pylist(), strict=True))
    rows = read_table(warehouse, "landing_pages", _PAGE_COLUMNS).to_pylist()
    pages = [
        _page(row, collections.get(row["collection_id"], {}), hashes)
        for row in rows
        if row["status"] == "published" and _SLUG.fullmatch(row["slug"])
    ]
    return sorted(pages, key=lambda page: (-page.products, page.slug))


def pictures_of(pages: Iterable[Page]) -> list[Source]:
    """Every image that a page lists."""
    return [item.picture for page in pages for item in page.items if item.picture]


def _page(row: Mapping[str, Any], collection: Mapping[str, Any], hashes: Mapping[str, str | None]) -> Page:
    return Page(
        slug=row["slug"],
        title=shortened(row["heading"], _MAX_TITLE),
        meta_title=shortened(row["meta_title"], _MAX_TITLE),
        meta_description=shortened(row["meta_description"], _MAX_DESCRIPTION),
        description=shortened(row["description"], _MAX_DESCRIPTION),
        # As a visitor counts them.
        products=row["all_items"],
        indexable=row["indexable"],
        index_reason=row["index_reason"],
        canonical_slug=row["canonical_slug"],
        breadcrumbs=_links(row["breadcrumbs"]),
        related=_links(row["related"]),
        last_modified=row["last_modified"],
        json_ld=json_script(row["json_ld"]) if _is_json(row["json_ld"]) else "",
        attributes=frozenset((one["facet"], one["value"]) for one in collection.get("attributes") or ()),
        quality=collection.get("quality_score") or 0.0,
        quality_source=collection.get("quality_source") or "",
        items=[
            _item(item, hashes.get(item["product_id"]))
            for item in sorted(row["listed_products"] or (), key=lambda item: int(item["rank"]))
        ],
    )


def _links(pages: Iterable[Mapping[str, str]] | None) -> list[Link]:
    return [Link(page["slug"], shortened(page["title"], _MAX_TITLE)) for page in pages or ()]


def _item(item: Mapping[str, Any], sha256: str | None) -> Item:
    return Item(
        title=shortened(item["title"], _MAX_TITLE),
        link=web_link(item["url"]),
        price=_price(item["price"], item["currency"]),
        in_stock=bool(item["in_stock"]),
        # The build could not read an image without a hash.
        picture=Source(item["image_uri"], sha256) if item["image_uri"] and sha256 else None,
    )


@lru_cache(maxsize=100_000)
def _price(price: float | None, currency: str | None) -> str | None:
    if price is None:
        return None
    code = (currency or "").strip().upper()
    return format_currency(price, code, locale="en") if re.fullmatch("[A-Z]{3}", code) else f"{price:,.2f}"


def _is_json(text: str | None) -> bool:
    try:
        json.loads(text or "")
    except ValueError:
        return False
    return True
