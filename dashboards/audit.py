"""`python -m dashboards.audit`: what people judge, as one page that opens from a file, into target/audit.

A blind sample: of both systems' pages the same number, of each page some of its first ten products, shuffled, with
nothing that says which system listed them; and a sample of titles. The page saves answers as CSV, whose rows belong
into `seeds/audit_answers.csv`; the next build makes `collection_precision` by people and `title_audit` of them.
"""

import argparse
import base64
import hashlib
import io
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup
from PIL import Image

from dashboards.boards import BoardError, Queries
from dashboards.rendering import FOLDER, shortened, templates
from dashboards.tables import NotBuilt
from dbt_pinlanding import settings
from python_udfs import images

PAGES = 50  # of each system
PRODUCTS = 3  # of each page
TITLES = 100
SIDE = 260  # pixels of a picture
_MAX_TITLE = 200
_MAX_DESCRIPTION = 300

# Samples are drawn by hash, so that a round is the same for every auditor; item_id is the macro audit_item.
PRODUCT_SAMPLE = """
with pages as (
    select 'content_first' as approach, collection_id, title from collections
    union all
    select 'search_log', collection_id, title from search_log_collections
),
chosen as (
    select * from pages
    qualify row_number() over (
        partition by approach order by md5(concat_ws('|', {round}, approach, collection_id))
    ) <= {pages}
),
listed as (
    select 'content_first' as approach, collection_id, product_id from collection_products where rank <= 10
    union all
    select 'search_log', collection_id, product_id from search_log_collection_products where rank <= 10
),
items as (
    select
        chosen.title, listed.product_id,
        left(md5(concat_ws('|', chosen.approach, chosen.collection_id, listed.product_id)), 16) as item_id
    from chosen
    inner join listed on chosen.approach = listed.approach and chosen.collection_id = listed.collection_id
    qualify row_number() over (
        partition by chosen.approach, chosen.collection_id order by md5(concat_ws('|', {round}, listed.product_id))
    ) <= {products}
)
select
    items.title, items.product_id, list(items.item_id order by items.item_id) as item_ids,
    any_value(products.title) as product, any_value(products.description) as description,
    any_value(products.image_uri) as image_uri
from items
inner join products on items.product_id = products.product_id
group by items.title, items.product_id
order by md5(concat_ws('|', {round}, items.title)), items.title, md5(concat_ws('|', {round}, items.product_id))
"""

TITLE_SAMPLE = """
select title, left(md5(concat_ws('|', 'title', title)), 16) as item_id
from (select distinct title from collections)
order by md5(concat_ws('|', {round}, title))
limit {titles}
"""


@dataclass(frozen=True)
class Item:
    """A product under a title. It has several ids where both systems list it there: it is asked once."""

    ids: str
    product_id: str
    product: str
    description: str
    picture: Markup | None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboards.audit", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("target/audit"))
    parser.add_argument("--round", type=int, default=1, help="another number draws another sample")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        resolved = settings.resolve()
        queries = Queries(resolved["PINLANDING_WAREHOUSE"])
        sizes = {"round": options.round, "pages": PAGES, "products": PRODUCTS, "titles": TITLES}
        products = queries.rows(PRODUCT_SAMPLE.format(**sizes))
        titles = queries.rows(TITLE_SAMPLE.format(**sizes))
    except (NotBuilt, BoardError, settings.SettingError) as error:
        print(error, file=sys.stderr)
        return 1
    html = render(products, titles, resolved["PINLANDING_IMAGE_ROOTS"], options.round)
    options.output.mkdir(parents=True, exist_ok=True)
    page = options.output / "index.html"
    page.write_text(html, encoding="utf-8")
    print(
        f"{page} · {len(products)} products and {len(titles)} titles to judge, {len(html) / 1e6:.1f} MB, "
        f"in {time.monotonic() - started:.0f} s"
    )
    print("Open it, judge, save, and append the rows of the saved file to seeds/audit_answers.csv; then make build.")
    return 0


def render(products: Sequence[Mapping[str, Any]], titles: Sequence[Mapping[str, Any]], roots: str, round_: int) -> str:
    """The page: rows of PRODUCT_SAMPLE and of TITLE_SAMPLE as questions, pictures and all inside."""
    with ThreadPoolExecutor() as pool:
        pictures = list(pool.map(lambda row: _picture(row["image_uri"], roots), products))
    items = [(row["title"], _item(row, picture)) for row, picture in zip(products, pictures, strict=True)]
    script = _asset("audit.js")
    return (
        templates()
        .get_template("audit.html")
        .render(
            pages=[
                (shortened(title, _MAX_TITLE), [item for _, item in group])
                for title, group in groupby(items, key=lambda pair: pair[0])
            ],
            titles=[(row["item_id"], shortened(row["title"], _MAX_TITLE)) for row in titles],
            name=f"pinlanding-audit-{round_}",
            style=Markup(_asset("audit.css")),
            script=Markup(script),
            # Only this script runs, whatever stands in a catalogue.
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


def _item(row: Mapping[str, Any], picture: Markup | None) -> Item:
    return Item(
        ids=" ".join(row["item_ids"]),
        product_id=row["product_id"],
        product=shortened(row["product"], _MAX_TITLE),
        description=shortened(row["description"], _MAX_DESCRIPTION),
        picture=picture,
    )


def _picture(image_uri: str | None, roots: str) -> Markup | None:
    """The image as a data URI; nothing where there is none or it cannot be read, as in the build."""
    if not image_uri:
        return None
    try:
        return _data_uri(images.read_image(image_uri, roots))
    except images.ImageError:
        return None


def _data_uri(image: Image.Image) -> Markup:
    image.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return Markup("data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode())


def _asset(name: str) -> str:
    return (FOLDER / "assets" / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
