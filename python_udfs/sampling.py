"""The sample catalogue drawn from SQL: a thin shell over the package `sample`."""

import pandas as pd

from sample import draw_shard, write_tables


def draw_sample(
    folder: pd.Series, products: pd.Series, seed: pd.Series, shard: pd.Series, shards: pd.Series
) -> pd.DataFrame:
    """Draw parts of sample catalogues; one part a row.

    A `shard` from 0 on draws that part's images; -1 writes the tables and the marker, and belongs after all shards.
    Both may be called again: what stands is kept. Returns `products` (how many the call drew or wrote) and `error`
    (string or None), one row a row.
    """
    rows = [_draw(*row) for row in zip(folder, products, seed, shard, shards, strict=True)]
    return pd.DataFrame(
        {"products": pd.array([drawn for drawn, _ in rows], dtype="Int32"), "error": [error for _, error in rows]}
    ).astype({"error": object})


def _draw(folder: str, products: int, seed: int, shard: int, shards: int) -> tuple[int | None, str | None]:
    try:
        if shard < 0:
            return write_tables(folder, int(products), int(seed)), None
        return draw_shard(folder, int(products), int(seed), int(shard), int(shards)), None
    except OSError as error:
        return None, f"cannot write {error.filename or folder}: {error.strerror or error}"
    except ValueError as error:
        return None, str(error)
