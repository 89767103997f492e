"""`python -m dashboards.dashboard`: the boards as static pages that open from a file, into target/dashboard."""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dashboards.boards import Board, BoardError, Part, Queries, load_boards
from dashboards.charts import FORMATS, MISSING, NAMES, draw
from dashboards.rendering import ASSETS, copy_assets, templates
from dashboards.tables import NotBuilt
from dbt_pinlanding import settings

FIRST = "overview"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboards.dashboard", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("target/dashboard"))
    output = parser.parse_args(arguments).output
    started = time.monotonic()
    try:
        warehouse = settings.resolve()["PINLANDING_WAREHOUSE"]
        boards = load_boards()
        write_dashboard(boards, warehouse, output)
    except (NotBuilt, BoardError, settings.SettingError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{output / 'index.html'} · {len(boards)} boards in {time.monotonic() - started:.0f} s")
    return 0


def write_dashboard(boards: Sequence[Board], warehouse: str, output: Path) -> None:
    """Write a page a board. Raises NotBuilt and BoardError, and then leaves the pages of before."""
    queries = Queries(warehouse)
    template = templates().get_template("board.html")
    links = [(page_of(board), board.title) for board in boards]
    pages = {}
    for board in boards:
        pages[page_of(board)] = template.render(
            board=board,
            links=links,
            here=page_of(board),
            warehouse=warehouse,
            assets=ASSETS,
            tiles=[_tile(part, queries) for part in board.tiles],
            charts=[_chart(part, f"{board.name}-{number}", queries) for number, part in enumerate(board.charts)],
            tables=[_table(part, queries.rows(part.sql)) for part in board.tables],
        )
    copy_assets(output, "dashboard.css")
    for name, html in pages.items():
        (output / name).write_text(html, encoding="utf-8")


def page_of(board: Board) -> str:
    """The file of a board; the overview is what opens first."""
    return "index.html" if board.name == FIRST else f"{board.name}.html"


def _tile(part: Part, queries: Queries) -> dict[str, Any]:
    rows = queries.rows(part.sql)
    value = rows[0]["value"] if rows else None
    note = (rows[0]["note"] or "") if rows else part.empty
    return {"title": part.title, "value": FORMATS[part.format](value) if value is not None else MISSING, "note": note}


def _chart(part: Part, chart_id: str, queries: Queries) -> dict[str, Any]:
    rows = queries.rows(part.sql)
    drawable = [row for row in rows if row["value"] is not None]
    return {
        "part": part,
        "id": chart_id,
        "svg": draw(part.kind, chart_id, drawable, part.format, part.axis) if drawable else None,
        "figures": _table(part, [_figures(row, part.format) for row in rows]),
    }


def _figures(row: Mapping[str, Any], format_name: str) -> dict[str, Any]:
    shown = FORMATS[format_name]
    return {
        name: NAMES.get(value, value)
        if name == "series"
        else shown(value)
        if name in ("value", "low", "high")
        else value
        for name, value in row.items()
    }


def _table(part: Part, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    columns = list(rows[0]) if rows else []
    return {
        "part": part,
        "columns": columns,
        "numeric": {column for column in columns if any(_is_number(row[column]) for row in rows)},
        "rows": [[_cell(row[column]) for column in columns] for row in rows],
    }


def _cell(value: Any) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:,}" if _is_number(value) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


if __name__ == "__main__":
    sys.exit(main())
