import csv
import hashlib
import re
from pathlib import Path

import pytest
import yaml

from dashboards import audit
from tests.python.conftest import PROJECT
from tests.python.html_page import HtmlPage
from tests.python.small_warehouse import COLLECTIONS, HOSTILE, write_audited, write_pages


def make(folder: Path, *options: str) -> HtmlPage:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PINLANDING_WAREHOUSE", str(folder / "warehouse"))
        patch.setenv("PINLANDING_IMAGE_ROOTS", str(folder / "pictures"))
        assert audit.main(["--output", str(folder / "audit"), *options]) == 0
    return HtmlPage(folder / "audit" / "index.html")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pages(tmp_path / "warehouse", tmp_path / "pictures")
    write_audited(tmp_path / "warehouse")
    return tmp_path


def item_id(*parts: str) -> str:
    """As the macro audit_item makes it."""
    return hashlib.md5("|".join(parts).encode()).hexdigest()[:16]


def asked(page: HtmlPage, question: str) -> list[dict[str, str | None]]:
    return [one for one in page.all("fieldset") if one["data-question"] == question]


def test_the_page_asks_of_both_systems_and_names_none(folder: Path) -> None:
    page = make(folder)
    products = asked(page, "product")
    ids = {item for one in products for item in str(one["data-item"]).split()}
    listed = {f"p{number}" for number in range(6)}
    for approach in ("content_first", "search_log"):
        known = {item_id(approach, "id-red-dresses", product_id): product_id for product_id in listed}
        assert len(ids & set(known)) == audit.PRODUCTS
    text = page.path.read_text(encoding="utf-8")
    assert "content_first" not in text and "search_log" not in text and "id-red-dresses" not in text
    assert not {item_id("content_first", "id-red-dresses", "p11")} & ids


def test_a_product_under_one_title_in_both_systems_is_asked_once(folder: Path) -> None:
    products = [one for one in asked(make(folder), "product") if one["data-title"] == "Red Dresses"]
    names = [one["data-product"] for one in products]
    assert len(names) == len(set(names))
    assert sum(len(str(one["data-item"]).split()) for one in products) == 2 * audit.PRODUCTS


def test_every_title_is_asked_three_questions(folder: Path) -> None:
    page = make(folder)
    titles = {str(one["title"]) for one in COLLECTIONS}
    for question in ("valid", "grammatical", "searchable"):
        assert {one["data-item"] for one in asked(page, question)} == {item_id("title", title) for title in titles}


def test_the_page_stands_alone_and_only_its_own_script_runs(folder: Path) -> None:
    page = make(folder)
    assert page.handlers() == [] and len(page.scripts) == 1 and page.all("iframe") == []
    assert all(str(image["src"]).startswith("data:image/jpeg;base64,") for image in page.all("img"))
    assert len(page.all("img")) > 0
    text = page.path.read_text(encoding="utf-8")
    assert HOSTILE not in text and text.count("<script") == 1
    allowed = re.search(r"script-src '(sha256-[^']+)'", text)
    assert allowed and "://" not in text.replace("http://www.w3.org", "")


def test_a_round_is_the_same_again_and_another_is_not(folder: Path) -> None:
    first, again = make(folder).path.read_bytes(), make(folder).path.read_bytes()
    assert first == again != make(folder, "--round", "2").path.read_bytes()


def test_the_seed_has_the_columns_that_the_page_saves() -> None:
    with (PROJECT / "seeds" / "audit_answers.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    script = (PROJECT / "dashboards" / "assets" / "audit.js").read_text(encoding="utf-8")
    saved = re.search(r"const rows = \[(\[.*?\])\]", script)
    assert saved and yaml.safe_load(saved[1]) == header


def test_a_warehouse_that_is_not_built_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PINLANDING_WAREHOUSE", str(tmp_path))
    assert audit.main(["--output", str(tmp_path / "audit")]) == 1
    assert "run make build first" in capsys.readouterr().err
