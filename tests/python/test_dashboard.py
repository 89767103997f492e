import re
import time
from pathlib import Path

import pytest
import yaml

from dashboards import dashboard
from dashboards.boards import Board, load_boards, tables_of
from dashboards.charts import draw
from tests.python.conftest import PROJECT
from tests.python.html_page import HtmlPage
from tests.python.small_warehouse import write_large_marts, write_llm_calls, write_marts

BOARDS = load_boards()
LIMIT = 300_000  # bytes a page


Pages = dict[str, HtmlPage]


def make(folder: Path) -> Pages:
    """The boards' pages by name, of the warehouse in this folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PINLANDING_WAREHOUSE", str(folder / "warehouse"))
        assert dashboard.main(["--output", str(folder / "dashboard")]) == 0
    return {path.stem: HtmlPage(path) for path in (folder / "dashboard").glob("*.html")}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    folder = tmp_path_factory.mktemp("boards")
    write_marts(folder / "warehouse")
    return make(folder)


def test_every_board_is_a_page_with_its_charts(pages: Pages) -> None:
    assert set(pages) == {"index", "threshold_sweep", "vocabulary", "encoder", "cost", "demand_gaps", "runs"}
    for name, page in pages.items():
        assert page.broken_links() == [] and page.handlers() == [] and page.all("script") == []
        assert page.path.stat().st_size < LIMIT
        assert len(page.all("svg")) >= 3, name
        identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(identifiers) == len(set(identifiers))
        assert not re.search(r"onerror=\"document|<script", page.path.read_text(encoding="utf-8"))


def test_boards_of_a_large_shop_take_a_minute_and_stay_small(tmp_path: Path) -> None:
    write_large_marts(tmp_path / "warehouse")
    # Of all threads, DuckDB's too; a clock on the wall would measure what else the machine does.
    started = time.process_time()
    pages = make(tmp_path)
    assert time.process_time() - started < 60
    assert set(pages) == {"index", *(board.name for board in BOARDS if board.name != dashboard.FIRST)}
    sizes = {name: page.path.stat().st_size for name, page in pages.items()}
    assert {name: size for name, size in sizes.items() if size >= LIMIT} == {}
    # The rows are there: no chart is empty for want of them.
    assert {name for name, page in pages.items() if len(page.all("svg")) < 3} == set()


def test_the_overview_shows_the_marts_figures(pages: Pages) -> None:
    overview = pages["index"].path.read_text(encoding="utf-8")
    assert "which the other lacks, from the catalogue: 30" in overview
    assert "search log: 10" in overview and ">40<" in overview
    assert "labels, from the catalogue: 97.0 % (95.0 % to 98.5 %)" in overview


def test_the_operating_point_is_marked(pages: Pages) -> None:
    sweep = pages["threshold_sweep"].path.read_text(encoding="utf-8")
    assert sweep.count(">this build</text>") == 4


def test_a_chart_without_rows_says_why(tmp_path: Path) -> None:
    write_marts(tmp_path / "warehouse")
    write_llm_calls(tmp_path / "warehouse", [])
    cost = make(tmp_path)["cost"]
    assert cost.all("svg") == []
    assert "No model was asked in this build" in cost.path.read_text(encoding="utf-8")


def test_a_warehouse_that_is_not_built_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PINLANDING_WAREHOUSE", str(tmp_path))
    assert dashboard.main(["--output", str(tmp_path / "dashboard")]) == 1
    said = capsys.readouterr().err.strip()
    assert re.fullmatch(r"There is no table \w+ under .*: run make build first.*", said)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_the_exposure_of_a_board_names_the_tables_it_reads(board: Board) -> None:
    exposures = yaml.safe_load((PROJECT / "models" / "exposures.yml").read_text(encoding="utf-8"))["exposures"]
    depends_on = next(one["depends_on"] for one in exposures if one["name"] == f"board_{board.name}")
    read = {table for part in board.parts for table in tables_of(part.sql)}
    assert set(depends_on) == {f"ref('{table}')" for table in read}


def test_a_label_is_text_in_a_chart() -> None:
    rows = [{"label": "$x_1$ </text><script>", "series": "a & b", "value": 1.0}]
    svg = draw("bars", "c", rows, "integer")
    assert "$x_1$ &lt;/text&gt;&lt;script&gt;" in svg and "<script>" not in svg


def test_ticks_of_a_chart_do_not_run_into_each_other() -> None:
    rows = [{"x": x, "series": "a", "value": float(x)} for x in (1, 2, 3, 5, 20, 50)]
    svg = draw("lines", "c", rows, "integer")
    assert all(f">{x}</text>" in svg for x in (1, 5, 20, 50)) and ">2</text>" not in svg
