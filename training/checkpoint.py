"""Where a run stands: all that its next step depends on, in one file that is replaced as a whole.

The file is safetensors with the plain values as JSON in its header, so a killed run goes on without a pickle.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from python_udfs.images import one_line

STATE = "state.safetensors"
LOCK = "lock"


class CheckpointError(Exception):
    """A checkpoint that cannot be gone on from; the text says what to do, on one line."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keeps a second run with the same data and settings out of the run's folder; a kill lets go of it.

    Raises CheckpointError where another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise CheckpointError(
            f"a run with the same data and settings is going on in {folder}: wait for it, or change a setting"
        ) from None
    try:
        yield
    finally:
        lock.release()


def write(folder: Path, tensors: dict[str, Tensor], plain: dict[str, Any], file: str = STATE) -> None:
    """Replace the folder's file; a kill in between leaves the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{file}.{os.getpid()}"
    contiguous = {name: value.detach().contiguous() for name, value in tensors.items()}
    save_file(contiguous, fresh, metadata={"plain": json.dumps(plain)})
    with fresh.open("rb") as written:
        os.fsync(written.fileno())
    fresh.replace(folder / file)


def read(folder: Path, file: str = STATE) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Tensors and plain values of the folder's file, None where there is none. Raises CheckpointError."""
    path = folder / file
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as kept:
            plain = json.loads(kept.metadata()["plain"])
            return {name: kept.get_tensor(name) for name in kept.keys()}, plain  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(
            f"{path} is no checkpoint of a run ({one_line(error)}): remove {folder} to start over"
        ) from error


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """What the optimizer has gathered, by `<position of the parameter>.<name>`."""
    return {
        f"{position}.{name}": value
        for position, gathered in optimizer.state_dict()["state"].items()
        for name, value in gathered.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Give back what `optimizer_tensors` took, laid out in memory as the parameters are."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for key, value in tensors.items():
        position, name = key.split(".", 1)
        parameter = parameters[int(position)]
        shaped = torch.empty_like(parameter).copy_(value) if value.shape == parameter.shape else value
        optimizer.state[parameter][name] = shaped.detach()
