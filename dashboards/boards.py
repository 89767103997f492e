"""Boards as code: each a YAML file of tiles, charts and tables, each of these a query over the warehouse's tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dashboards.charts import FORMATS, KINDS
from dashboards.rendering import FOLDER
from dashboards.tables import NotBuilt, open_table

BOARDS = FOLDER / "boards"


class BoardError(Exception):
    """A board that cannot be drawn as it is written; the message names it."""


@dataclass(frozen=True)
class Part:
    """A tile, a chart or a table of a board."""

    title: str
    sql: str
    about: str = ""
    kind: str = ""
    format: str = ""
    axis: str = ""
    empty: str = "Nothing to show."


@dataclass(frozen=True)
class Board:
    """One page of the dashboard."""

    name: str
    position: int
    title: str
    about: str
    tiles: list[Part]
    charts: list[Part]
    tables: list[Part]

    @property
    def parts(self) -> list[Part]:
        return [*self.tiles, *self.charts, *self.tables]


class Queries:
    """Runs the boards' SQL over the warehouse, whose tables it opens when a query names them."""

    def __init__(self, warehouse: str) -> None:
        self._warehouse = warehouse
        self._connection = duckdb.connect(config={"enable_external_access": False})
        self._opened: set[str] = set()

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query. Raises NotBuilt and BoardError."""
        try:
            for table in tables_of(sql) - self._opened:
                self._connection.register(table, open_table(self._warehouse, table))
                self._opened.add(table)
            result = self._connection.execute(sql)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        except duckdb.BinderException as error:
            raise NotBuilt(
                f"The tables under {self._warehouse} are of another version: make build first. ({error})"
            ) from error
        except duckdb.Error as error:
            raise BoardError(f"{error}\n{sql}") from error


def tables_of(sql: str) -> set[str]:
    """The warehouse's tables that a query reads."""
    return set(duckdb.get_table_names(sql))


def load_boards(folder: Path = BOARDS) -> list[Board]:
    """All boards in their order. Raises BoardError."""
    boards = [_board(path.stem, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in folder.glob("*.yml")]
    return sorted(boards, key=lambda board: board.position)


def _board(name: str, written: Mapping[str, Any]) -> Board:
    try:
        board = Board(
            name=name,
            position=written["position"],
            title=written["title"],
            about=written["about"],
            tiles=[Part(**part) for part in written.get("tiles", ())],
            charts=[Part(**part) for part in written.get("charts", ())],
            tables=[Part(**part) for part in written.get("tables", ())],
        )
    except (KeyError, TypeError) as error:
        raise BoardError(f"Board {name}: {error}") from error
    for part in (*board.tiles, *board.charts):
        if part.format not in FORMATS:
            raise BoardError(f"Board {name}, {part.title}: format is one of {', '.join(FORMATS)}.")
    for part in board.charts:
        if part.kind not in KINDS:
            raise BoardError(f"Board {name}, {part.title}: kind is one of {', '.join(KINDS)}.")
    return board
