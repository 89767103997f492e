import json
import re
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from dashboards import site
from dashboards.rendering import json_script, web_link
from tests.python.html_page import HtmlPage
from tests.python.small_warehouse import COLLECTIONS, HOSTILE, attributes, collection, write_pages

LIMIT = 300_000  # bytes a page


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A warehouse with the pages, named by the variables; the site is to lie in the folder returned."""
    write_pages(tmp_path / "warehouse", tmp_path / "pictures")
    monkeypatch.setenv("PINLANDING_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("PINLANDING_IMAGE_ROOTS", str(tmp_path / "pictures"))
    monkeypatch.delenv("PINLANDING_SITE_URL", raising=False)
    return tmp_path / "site"


def make(folder: Path) -> dict[str, HtmlPage]:
    """Its pages by slug, the index by no name."""
    assert site.main(["--output", str(folder)]) == 0
    pages = {path.parent.name: HtmlPage(path) for path in folder.glob("*/index.html")}
    return pages | {"": HtmlPage(folder / "index.html")}


def robots(page: HtmlPage) -> str | None:
    return next((meta["content"] for meta in page.all("meta") if meta.get("name") == "robots"), None)


def canonical(page: HtmlPage) -> str | None:
    return next((link["href"] for link in page.all("link") if link.get("rel") == "canonical"), None)


def searched(folder: Path) -> list[list[Any]]:
    """The rows of the search data, all parts."""
    parts = sorted((folder / "_assets").glob("collections-*.js"))
    texts = [part.read_text(encoding="utf-8") for part in parts]
    return [row for text in texts for row in json.loads(f"[{text.removeprefix('COLLECTIONS.pages.push(')[:-3]}]")]


def test_only_published_pages_with_plain_addresses_are_written(build: Path) -> None:
    pages = {"dresses", "red-dresses", "blue-dresses", "red-silk-dresses", "sun-hats", "hostile"}
    assert set(make(build)) == {"", *pages}
    assert not (build.parent / "escape").exists()
    assert {page[0] for page in searched(build)} == pages


@pytest.mark.parametrize("address", ["", "https://shop.example"])
def test_drafts_and_hidden_pages_are_nowhere_on_the_site(
    address: str, build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINLANDING_SITE_URL", address)
    make(build)
    written = [file for file in build.rglob("*") if file.suffix in (".html", ".js", ".xml", ".txt")]
    assert {"index.html", "collections-1.js", "sitemap.xml"} <= {file.name for file in written}
    for file in written:
        assert not re.search("(draft|hidden)-hats", f"{file.relative_to(build)} {file.read_text(encoding='utf-8')}")


def test_every_link_resolves(build: Path) -> None:
    pages = make(build)
    assert {name: page.broken_links() for name, page in pages.items() if page.broken_links()} == {}
    assert any(link == "../red-dresses/index.html" for link in pages["blue-dresses"].links())


def test_nothing_of_a_catalogue_is_markup(build: Path) -> None:
    pages = make(build)
    for name, page in pages.items():
        assert page.handlers() == []
        assert not any((link or "").lower().startswith("javascript") for link in page.links())
        assert len(page.all("script")) == (3 if name == "" else 1)
        assert len(page.all("title")) == 1
        text = page.path.read_text(encoding="utf-8")
        assert "49" not in text and "\x07" not in text and "\u202e" not in text
    assert " ".join(HOSTILE.split()) in [page[1] for page in searched(build)]


def test_the_json_ld_is_the_tables(build: Path) -> None:
    pages = make(build)
    for row in COLLECTIONS:
        if row["slug"] in pages:
            assert json.loads(pages[row["slug"]].scripts[0]) == json.loads(row["json_ld"])
            assert "<" not in pages[row["slug"]].scripts[0]


def test_a_page_shows_what_the_table_promises(build: Path) -> None:
    pages = make(build)
    text = pages["red-dresses"].path.read_text(encoding="utf-8")
    assert "<title>Red Dresses | meta</title>" in text
    description = next(
        meta["content"] for meta in pages["red-dresses"].all("meta") if meta.get("name") == "description"
    )
    assert description == "All red-dresses, in short."
    trail = text[text.index("<ol>") : text.index("</ol>")]
    assert re.findall(r'href="\.\./([^"]*)"', trail) == ["index.html", "dresses/index.html"]
    related = text[text.index('id="related"') :]
    # A page that is not on the site is no link.
    assert re.findall(r'<a href="\.\./([^"/]+)/index.html"><span', related) == ["blue-dresses", "red-silk-dresses"]
    assert 'id="related"' not in pages["dresses"].path.read_text(encoding="utf-8")


def test_a_preview_is_not_indexed(build: Path) -> None:
    pages = make(build)
    assert {robots(page) for page in pages.values()} == {"noindex"}
    assert canonical(pages["red-silk-dresses"]) == "../red-dresses/index.html"
    assert canonical(pages["sun-hats"]) is None
    assert "Disallow: /\n" in (build / "robots.txt").read_text()


def test_a_site_with_an_address_is_indexed_but_for_near_duplicates(
    build: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PINLANDING_SITE_URL", "https://shop.example/c/")
    pages = make(build)
    assert {name: robots(page) for name, page in pages.items() if robots(page)} == {
        "red-silk-dresses": "noindex, follow", "sun-hats": "noindex, follow",
    }  # fmt: skip
    assert canonical(pages[""]) == "https://shop.example/c/"
    assert canonical(pages["dresses"]) == "https://shop.example/c/dresses"
    assert canonical(pages["red-silk-dresses"]) == "https://shop.example/c/red-dresses"
    # The shop's own page, which this site does not have.
    assert canonical(pages["sun-hats"]) == "https://shop.example/c/the-shops-hats"
    places = [one.text for one in ElementTree.parse(build / "sitemap.xml").iter() if one.tag.endswith("loc")]
    assert sorted(map(str, places)) == [
        f"https://shop.example/c/{slug}" for slug in ("blue-dresses", "dresses", "hostile", "red-dresses")
    ]
    assert "Sitemap: https://shop.example/c/sitemap.xml" in (build / "robots.txt").read_text()
    assert "make build SITE_URL=https://shop.example/c gives it these" in capsys.readouterr().out


def test_more_pages_than_a_sitemap_may_list_are_several_sitemaps(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def places(name: str) -> list[str]:
        return [str(one.text) for one in ElementTree.parse(build / name).iter() if one.tag.endswith("loc")]

    monkeypatch.setenv("PINLANDING_SITE_URL", "https://shop.example")
    make(build)
    whole = places("sitemap.xml")
    monkeypatch.setattr(site, "SITEMAP_PAGES", 3)
    make(build)
    assert places("sitemap.xml") == [f"https://shop.example/sitemap-{number}.xml" for number in (1, 2)]
    assert places("sitemap-1.xml") + places("sitemap-2.xml") == whole
    monkeypatch.setattr(site, "SITEMAP_PAGES", len(whole))
    make(build)
    assert places("sitemap.xml") == whole and not (build / "sitemap-1.xml").exists()


def test_an_address_that_is_none_stops(
    build: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PINLANDING_SITE_URL", "javascript:alert(1)")
    assert site.main(["--output", str(build)]) == 1
    assert "PINLANDING_SITE_URL must be an http(s) address" in capsys.readouterr().err


def test_pictures_come_from_the_allowed_roots_only(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = make(build)["dresses"]
    assert [Path(str(image["src"])).stem for image in page.all("img") if image["alt"]] == [
        f"{n:032x}" for n in (1, 2, 3)
    ]
    assert all("elsewhere" not in link for link in page.links())
    said = capsys.readouterr().out
    assert "2 images left out: image outside the allowed roots" in said and "CATALOG=" in said


def test_pictures_of_an_allowed_address_are_shown_from_there(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINLANDING_IMAGE_ROOTS", f"{build.parent}/pictures,https://elsewhere.example/")
    page = make(build)["dresses"]
    assert "https://elsewhere.example/x.png" in page.links()
    policy = next(str(meta["content"]) for meta in page.all("meta") if meta.get("http-equiv"))
    assert "img-src 'self' data: https://elsewhere.example;" in policy


def test_a_page_that_is_gone_is_removed(build: Path, tmp_path: Path) -> None:
    make(build)
    (build / "kept").mkdir()
    (build / "kept" / "notes.txt").touch()
    write_pages(tmp_path / "warehouse", tmp_path / "pictures", COLLECTIONS[:1])
    assert set(make(build)) == {"", "dresses"}
    assert (build / "kept" / "notes.txt").exists()


def test_pages_of_somebody_else_are_left_alone(build: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = tmp_path / "shop"
    (shop / "about").mkdir(parents=True)
    (shop / "about" / "index.html").write_text("about us", encoding="utf-8")
    assert site.main(["--output", str(shop)]) == 1
    assert "holds something else" in capsys.readouterr().err and [*shop.iterdir()] == [shop / "about"]


def test_two_thousand_pages_are_made_in_a_minute_and_stay_small(build: Path, tmp_path: Path) -> None:
    many = [
        collection(
            f"color-{number}-dresses",
            attributes(product_type="dress", color=f"color {number}", size=f"{number % 40}"),
            title=f"Dresses in the Color with the Number {number}",
        )
        for number in range(2000)
    ]
    write_pages(tmp_path / "warehouse", tmp_path / "pictures", [*many, *COLLECTIONS])
    started = time.monotonic()
    assert site.main(["--output", str(build)]) == 0
    assert time.monotonic() - started < 60
    written = [file for file in build.rglob("*") if file.suffix in (".html", ".js", ".css")]
    assert len(list(build.glob("*/index.html"))) == 2006
    assert max(file.stat().st_size for file in written) < LIMIT
    assert len(searched(build)) == 2006 and len(list((build / "_assets").glob("collections-*.js"))) > 1


def test_an_empty_catalogue_has_an_index(build: Path, tmp_path: Path) -> None:
    write_pages(tmp_path / "warehouse", tmp_path / "pictures", [COLLECTIONS[-1]])
    assert "No collection is published yet" in make(build)[""].path.read_text(encoding="utf-8")


def test_pages_have_landmarks_and_names(build: Path) -> None:
    for page in make(build).values():
        assert [len(page.all(tag)) for tag in ("main", "h1", "header", "footer")] == [1, 1, 1, 1]
        assert page.all("nav")
        assert page.all("html")[0]["lang"] == "en"
        assert all("alt" in image for image in page.all("img"))
        identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("tables", [False, True])
def test_a_warehouse_that_is_not_built_says_what_to_run(
    tables: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PINLANDING_WAREHOUSE", str(tmp_path))
    if tables:
        (tmp_path / "pinlanding.db" / "collections").mkdir(parents=True)
    assert site.main(["--output", str(tmp_path / "site")]) == 1
    said = capsys.readouterr().err.strip()
    assert re.fullmatch(r"There is no table collections under .*: run make build first.*", said)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://shop.example/a?b=1&c=%20#d", True),
        ("HTTP://shop.example", True),
        ("javascript:alert(1)", False),
        (" java\tscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//shop.example", False),
        ('https://shop.example/" onclick="x', False),
        ("https://shop.example/\nx", False),
        ("file:///etc/passwd", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_are_links(address: str | None, good: bool) -> None:
    assert web_link(address) == (address if good else None)


def test_json_in_a_script_cannot_end_or_hold_it_open() -> None:
    text = '{"a":"</script><!--<script>"}'
    assert "<" not in json_script(text)
    assert json.loads(json_script(text)) == json.loads(text)
