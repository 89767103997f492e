"""One torch thread a worker: Spark already runs one task a core, and spinning threads slow each other down."""

from functools import lru_cache

import torch


@lru_cache(maxsize=1)
def use_one_thread() -> None:
    """Limit this process to one torch thread. Called by every function that computes inside a Spark worker."""
    torch.set_num_threads(1)
