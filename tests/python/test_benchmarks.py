"""The benchmark's peers do the same work: on a small workload they write the same table as the kernel."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from benchmarks import combinations, overlap_join, workload

ORDER = ["collection_id", "rank"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def work(folder: Path) -> workload.Workload:
    drawn = workload.draw(3_000, 200, seed=1)
    workload.write(drawn, folder)
    return drawn


def table(path: Path) -> pd.DataFrame:
    frame = duckdb.sql(f"select * from '{path}'").df().sort_values(ORDER, ignore_index=True)
    return frame[["collection_id", "product_id", "rank", "relevance", "products"]].astype(
        {"collection_id": int, "product_id": int, "rank": int, "products": int}
    )


def test_a_workload_is_what_it_says(work: workload.Workload) -> None:
    carried = set(zip(work.product.tolist(), work.attribute.tolist(), strict=True))
    assert len(carried) == len(work.product)
    assert 7 < len(carried) / work.products < 10
    assert len(set(work.needs)) == 200
    assert {len(need) for need in work.needs} == {2, 3, 4}
    for need in work.needs:
        assert len({work.attribute_ids[attribute].split(":")[0] for attribute in need}) == len(need)
    again = workload.draw(3_000, 200, seed=1)
    assert again.needs == work.needs and (again.score == work.score).all()


def test_floor_and_kernel_write_the_same_rows(work: workload.Workload, folder: Path) -> None:
    floor, kernel = overlap_join.floor(work, folder), overlap_join.kernel(work, folder)
    assert (floor.matches, floor.listed) == (kernel.matches, kernel.listed)
    assert kernel.matches > kernel.listed > 2_000
    pd.testing.assert_frame_equal(table(folder / "floor.parquet"), table(folder / "kernel.parquet"))


@pytest.mark.parametrize("query", [overlap_join.DUCKDB_HAVING, overlap_join.DUCKDB_ANCHOR])
def test_duckdb_finds_the_same(work: workload.Workload, folder: Path, query: str) -> None:
    kernel = overlap_join.kernel(work, folder)
    peer = overlap_join.duckdb_join(folder, query, threads=1, one_in=1)
    assert (peer.matches, peer.listed) == (kernel.matches, kernel.listed)
    found, expected = table(folder / "peer.parquet"), table(folder / "kernel.parquet")
    # The means of doubles may fall on the other side of a half.
    assert (found.relevance - expected.relevance).abs().max() < 2e-6
    assert (found.products == expected.products).all()


def test_duckdb_mines_the_same(work: workload.Workload, folder: Path) -> None:
    kernel = combinations.kernel(work)
    assert combinations.duckdb_tables(work, folder, threads=1).counts == kernel.counts
    assert kernel.carriers > kernel.products > kernel.combinations > 1_000
