"""`python -m dashboards.site`: the landing pages as a static site that opens from a file, into target/site."""

import argparse
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment

from dashboards.pages import Link, Page, pictures_of, read_pages
from dashboards.pictures import Pictures, make_pictures
from dashboards.rendering import ASSETS, compact_json, copy_assets, facet_label, templates, web_link
from dashboards.tables import NotBuilt
from dbt_pinlanding import settings

FIRST_CARDS = 60  # in the index before its script runs, and for each "show more" after
CARD_PICTURES = 3
SLUGS = "slugs.txt"  # the pages that lie here, for the next site to know which of them are gone
SITEMAP_PAGES = 50_000  # the most that a sitemap may list (sitemaps.org)
PART_SIZE = 200_000  # bytes of one file of search data, of which there are as many as it takes


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboards.site", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("target/site"))
    output = parser.parse_args(arguments).output
    started = time.monotonic()
    try:
        check_output(output)
        resolved = settings.resolve()
        base = site_url(os.environ)
        pages = read_pages(resolved["PINLANDING_WAREHOUSE"])
    except (NotBuilt, settings.SettingError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(pages):,} published pages: making pictures …", flush=True)
    pictures = make_pictures(pictures_of(pages), resolved["PINLANDING_IMAGE_ROOTS"], output)
    write_site(pages, pictures, base, output)
    for line in _remarks(pages, pictures, base):
        print(line)
    noindex = "" if base else " · noindex: SITE_URL names no address yet"
    print(f"{output / 'index.html'} · {len(pages):,} pages in {time.monotonic() - started:.0f} s{noindex}")
    return 0


def check_output(output: Path) -> None:
    """Raise SettingError where a site would replace pages that are not ours."""
    if output.exists() and not (output.is_dir() and ((output / ASSETS).exists() or not any(output.iterdir()))):
        raise settings.SettingError(f"{output} holds something else, which the site would replace: name a new folder.")


def site_url(environment: Mapping[str, str]) -> str:
    """The base of canonical addresses without a slash at its end, or nothing. Raises SettingError."""
    url = environment.get("PINLANDING_SITE_URL", "").strip()
    if url and not web_link(url):
        raise settings.SettingError(f"PINLANDING_SITE_URL must be an http(s) address, not {url!r}.")
    return url.rstrip("/")


def write_site(pages: Sequence[Page], pictures: Pictures, base: str, output: Path) -> None:
    """Write index, pages, sitemap and robots.txt; pages of an earlier site here that are gone are removed."""
    environment = templates()
    environment.globals |= {"base": base, "origins": " ".join(pictures.origins()), "assets": ASSETS}
    copy_assets(output, "site.css", "index.js")
    # The public index names what search engines should find; a preview shows everything.
    _write_index(environment, [page for page in pages if page.indexable or not base], pictures, output)
    _write_pages(environment, pages, pictures, base, output)
    _write_sitemap(environment, [page for page in pages if page.indexable], output)
    (output / "robots.txt").write_text(environment.get_template("robots.txt").render(), encoding="utf-8")
    _remove_pages(output, {page.slug for page in pages})


def _write_index(environment: Environment, pages: Sequence[Page], pictures: Pictures, output: Path) -> None:
    for stale in (output / ASSETS).glob("collections*.js"):
        stale.unlink()
    header = compact_json(index_header(pages))
    (output / ASSETS / "collections.js").write_text(f"const COLLECTIONS = {header};\n", encoding="utf-8")
    scripts = ["collections.js"]
    for number, part in enumerate(index_parts(pages, pictures), start=1):
        scripts.append(f"collections-{number}.js")
        (output / ASSETS / scripts[-1]).write_text(f"COLLECTIONS.pages.push({part});\n", encoding="utf-8")
    cards = [_card(page, pictures) for page in pages[:FIRST_CARDS]]
    page_counts = {"pages": len(pages), "indexable": sum(page.indexable for page in pages)}
    index = environment.get_template("index.html").render(cards=cards, root="", counts=page_counts, scripts=scripts)
    (output / "index.html").write_text(index, encoding="utf-8")


def _write_sitemap(environment: Environment, pages: Sequence[Page], output: Path) -> None:
    for stale in output.glob("sitemap*.xml"):
        stale.unlink()
    parts = [pages[start : start + SITEMAP_PAGES] for start in range(0, len(pages), SITEMAP_PAGES)] or [pages]
    names = ["sitemap.xml"] if len(parts) == 1 else [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts, strict=True):
        (output / name).write_text(environment.get_template("sitemap.xml").render(pages=part), encoding="utf-8")
    if len(parts) > 1:
        index = environment.get_template("sitemaps.xml").render(names=names)
        (output / "sitemap.xml").write_text(index, encoding="utf-8")


def _write_pages(environment: Environment, pages: Sequence[Page], pictures: Pictures, base: str, output: Path) -> None:
    cards = {page.slug: _card(page, pictures) for page in pages}
    template = environment.get_template("collection.html")

    def written(links: Iterable[Link]) -> list[Link]:
        return [link for link in links if link.slug in cards]

    for page in pages:
        html = template.render(
            page=page,
            root="../",
            pictures=pictures.addresses,
            # The canonical page may be the shop's own, which this site does not have.
            canonical=cards.get(page.canonical_slug, {}).get("page"),
            canonical_url=page.canonical_slug if "//" in page.canonical_slug else f"{base}/{page.canonical_slug}",
            breadcrumbs=written(page.breadcrumbs),
            related=[cards[link.slug] for link in written(page.related)],
        )
        (output / page.slug).mkdir(exist_ok=True)
        (output / page.slug / "index.html").write_text(html, encoding="utf-8")


def index_header(pages: Sequence[Page]) -> dict[str, Any]:
    """What the index filters by: facets with their values; its pages come in parts."""
    facets = _facets(pages)
    return {
        "facets": [[facet, facet_label(facet)] for facet in facets],
        "values": [[facets.index(facet), value] for facet, value in _values(pages)],
        "pages": [],
        "cards": FIRST_CARDS,
    }


def index_parts(pages: Sequence[Page], pictures: Pictures) -> Iterator[str]:
    """The index's pages as JSON arrays without their brackets, each part of at most PART_SIZE bytes or one page.

    A page is slug, title, products, 1 when it is indexable, the numbers of its values in the header, its pictures.
    """
    number_of_value = {attribute: number for number, attribute in enumerate(_values(pages))}
    part: list[str] = []
    for page in pages:
        row = compact_json(
            [
                page.slug,
                page.title,
                page.products,
                int(page.indexable),
                sorted(number_of_value[attribute] for attribute in page.attributes),
                _card_pictures(page, pictures),
            ]
        )
        if part and sum(map(len, part)) + len(part) + len(row) > PART_SIZE:
            yield ",".join(part)
            part = []
        part.append(row)
    if part:
        yield ",".join(part)


def _facets(pages: Sequence[Page]) -> list[str]:
    carried = Counter(facet for page in pages for facet, _ in page.attributes)
    return sorted(carried, key=lambda facet: (facet != "product_type", -carried[facet], facet))


def _values(pages: Sequence[Page]) -> list[tuple[str, str]]:
    return sorted({attribute for page in pages for attribute in page.attributes})


def _card(page: Page, pictures: Pictures) -> dict[str, Any]:
    return {"page": page, "pictures": _card_pictures(page, pictures)}


def _card_pictures(page: Page, pictures: Pictures) -> list[str]:
    addresses = [pictures.addresses.get(item.picture) for item in page.items if item.picture]
    return [address for address in addresses if address][:CARD_PICTURES]


def _remove_pages(output: Path, slugs: set[str]) -> None:
    listed = output / ASSETS / SLUGS
    written = set(listed.read_text(encoding="utf-8").splitlines()) if listed.exists() else set()
    for slug in written - slugs:
        shutil.rmtree(output / slug, ignore_errors=True)
    listed.write_text("".join(f"{slug}\n" for slug in sorted(slugs)), encoding="utf-8")


def _remarks(pages: Sequence[Page], pictures: Pictures, base: str) -> Iterable[str]:
    if any(f"{base}/" not in page.json_ld for page in pages[:1]):
        yield f"The JSON-LD has the addresses of its build: make build SITE_URL={base} gives it these."
    for reason, count in pictures.missing.most_common(3):
        yield f"{count:,} images left out: {reason}"
    if any("outside" in reason for reason in pictures.missing):
        yield "Name the catalogue that was built (CATALOG=…), or IMAGE_ROOTS=…: images come from below these only."


if __name__ == "__main__":
    sys.exit(main())
