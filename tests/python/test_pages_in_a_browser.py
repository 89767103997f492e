import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards import audit, dashboard, site
from tests.python.browser import CHROMIUM, Browser, Visit
from tests.python.small_warehouse import write_audited, write_marts, write_pages

# With CI=true they are no option: without a browser they fail.
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true", reason="no Chromium on this machine (apt-get install chromium)"
)
DESKTOP, PHONE = 1280, 390


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    opened = Browser()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of site and dashboard, both made of hostile rows."""
    folder = tmp_path_factory.mktemp("pages")
    write_pages(folder / "warehouse", folder / "pictures")
    write_marts(folder / "warehouse")
    write_audited(folder / "warehouse")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PINLANDING_WAREHOUSE", str(folder / "warehouse"))
        patch.setenv("PINLANDING_IMAGE_ROOTS", str(folder / "pictures"))
        patch.delenv("PINLANDING_SITE_URL", raising=False)
        assert site.main(["--output", str(folder / "site")]) == 0
        assert dashboard.main(["--output", str(folder / "dashboard")]) == 0
        assert audit.main(["--output", str(folder / "audit")]) == 0
    yield folder


def check(browser: Browser, visit: Visit) -> None:
    """Nothing went wrong, nothing left the machine, nothing of the catalogue ran, nothing is wider than the window."""
    assert visit.errors == []
    assert [address for address in visit.requests if not address.startswith(("file:", "data:"))] == []
    assert browser.run("document.title") != "owned"
    assert browser.run("document.querySelectorAll('[onerror], a[href^=\"javascript\" i], img[src=x]').length") == 0
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("page", ["index.html", "hostile/index.html", "red-dresses/index.html"])
def test_the_site_is_harmless_and_fits(browser: Browser, target: Path, page: str, width: int) -> None:
    check(browser, browser.open((target / "site" / page).as_uri(), width))
    assert browser.run(
        "[...document.images].filter(image => image.loading !== 'lazy').every(image => image.naturalWidth > 0)"
    )
    assert browser.run("document.images.length") > 0


def test_the_index_searches_and_filters(browser: Browser, target: Path) -> None:
    index = (target / "site" / "index.html").as_uri()
    titles = "[...document.querySelectorAll('#cards .name')].map(name => name.textContent)"
    browser.open(f"{index}#product_type=dress&color=red")
    assert browser.run(titles) == ["Red Dresses", "Red Silk Dresses"]
    browser.run("document.getElementById('only-indexable').click()")
    assert browser.run(titles) == ["Red Dresses"]
    assert "not_indexed=hidden" in browser.run("location.hash")
    browser.run(
        "document.querySelectorAll('#active button').forEach(() => document.querySelector('#active button').click())"
    )
    browser.run(
        "(query => { query.value = 'BLÜE dress'; query.dispatchEvent(new Event('input')) })"
        "(document.getElementById('query'))"
    )
    assert browser.run(titles) == ["Blue Dresses"]
    assert browser.run("document.getElementById('count').textContent") == "1 of 6 collections"


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("page", ["index", "threshold_sweep", "vocabulary", "encoder", "cost", "demand_gaps", "runs"])
def test_every_chart_has_marks(browser: Browser, target: Path, page: str, width: int) -> None:
    check(browser, browser.open((target / "dashboard" / f"{page}.html").as_uri(), width))
    marks = browser.run(
        "[...document.querySelectorAll('figure svg')].map(svg => [...svg.querySelectorAll('[id^=mark-]')]"
        ".filter(mark => { const box = mark.getBoundingClientRect(); return box.width > 0 && box.height > 0 }).length)"
    )
    assert len(marks) >= 3 and min(marks) > 0


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_audit_saves_what_was_answered(browser: Browser, target: Path, width: int) -> None:
    page = (target / "audit" / "index.html").as_uri()
    check(browser, browser.open(page, width))
    browser.run("localStorage.clear()")
    check(browser, browser.open(page, width))
    browser.run("URL.createObjectURL = blob => { window.saved = blob.text(); return '#'; }")
    browser.run("document.getElementById('save').click()")
    assert browser.run("window.saved === undefined && document.activeElement.id === 'auditor'")
    browser.run("document.getElementById('auditor').value = 'Ann'")
    browser.run("document.querySelector('fieldset[data-title=\"Red Dresses\"] input[value=no]').click()")
    browser.run("document.querySelector('fieldset[data-question=searchable] input[value=yes]').click()")
    browser.run("document.getElementById('save').click()")
    header, *rows = list(csv.reader(browser.run("window.saved").splitlines()))
    assert header == ["item_id", "question", "answer", "auditor", "title", "product_id"]
    assert {tuple(row[1:4]) for row in rows} == {("product", "no", "Ann"), ("searchable", "yes", "Ann")}
    assert all(len(row) == 6 and len(row[0]) == 16 for row in rows)
    # A build replaced the sample: what was said of an item that left it stays until somebody saves it.
    stored = "JSON.parse(localStorage.getItem(document.body.dataset.name))"
    kept = f"{{ ...{stored}, answers: {{ Ann: {{ ...{stored}.answers.Ann, gone: 'yes' }} }} }}"
    browser.run(f"localStorage.setItem(document.body.dataset.name, JSON.stringify({kept}))")
    browser.open(page, width)
    assert browser.run("document.querySelectorAll('fieldset.answered').length") == 2
    assert browser.run(f"{stored}.answers.Ann.gone") == "yes"
    # Another person at the same browser begins with an empty page, and Ann finds hers again.
    browser.run("window.confirm = () => false")
    for person, answered in (("Bob", 0), ("Ann", 2)):
        browser.run(f"document.getElementById('auditor').value = '{person}'")
        browser.run("document.getElementById('auditor').dispatchEvent(new Event('change', { bubbles: true }))")
        assert browser.run("document.querySelectorAll('fieldset.answered').length") == answered


def test_a_script_that_slipped_in_would_not_run(browser: Browser, target: Path) -> None:
    page = target / "site" / "red-dresses" / "index.html"
    slipped = page.with_name("slipped.html")
    slipped.write_text(
        page.read_text(encoding="utf-8").replace("</main>", "<script>document.title='owned'</script></main>")
    )
    visit = browser.open(slipped.as_uri())
    assert browser.run("document.title") == "Red Dresses | meta"
    assert any("Content Security Policy" in error for error in visit.errors)
