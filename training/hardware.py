"""Where a run computes: its device and number format, and its processes where torch's launcher started several.

`torchrun --nproc-per-node 4 -m training …` splits each batch over the processes, one GPU each where there are GPUs, and
averages their gradients. The first process keeps checkpoints, measures and exports.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import distributed

from training.config import Settings, SettingsError

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# The others wait while the first builds the tables.
LONGEST_WAIT = timedelta(hours=12)


@dataclass(frozen=True)
class Hardware:
    """A device, the format of its matrix products, and this process's number among all."""

    device: torch.device
    precision: torch.dtype
    rank: int
    processes: int

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def autocast(self) -> AbstractContextManager[Any]:
        """Within it the towers compute in the run's number format."""
        return torch.autocast(self.device.type, dtype=self.precision, enabled=self.precision != torch.float32)

    def scaler(self) -> torch.amp.GradScaler:
        """Keeps gradients out of fp16's smallest numbers; does nothing in the other formats."""
        return torch.amp.GradScaler(self.device.type, enabled=self.precision == torch.float16)

    def wait(self) -> None:
        """Until every process has come here."""
        if self.processes > 1:
            distributed.barrier()

    def told(self, number: int) -> int:
        """The first process's number, in every process: clocks and figures differ between them."""
        if self.processes == 1:
            return number
        said = torch.tensor([number], device=self.device)
        distributed.broadcast(said, 0)
        return int(said.item())

    def agreed(self, decision: bool) -> bool:
        """The first process's decision, in every process."""
        return bool(self.told(int(decision)))

    def average_gradients(self, model: Any) -> None:
        """Replace each parameter's gradient by its mean over the processes; one that has none counts as zero."""
        if self.processes == 1:
            return
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        for parameter in trained:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        flat = torch.cat([parameter.grad.reshape(-1) for parameter in trained])
        distributed.all_reduce(flat)
        parts = torch.split(flat / self.processes, [parameter.numel() for parameter in trained])
        for parameter, part in zip(trained, parts, strict=True):
            parameter.grad.copy_(part.view_as(parameter))


def check_one_process(command: str) -> None:
    """Raises SettingsError where torch's launcher started several processes of a command that works in one."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise SettingsError(f"{command} runs in one process: start it without torchrun")


@contextmanager
def hardware(settings: Settings) -> Iterator[Hardware]:
    """The hardware this process is to use. Raises SettingsError."""
    name = str(settings["run"]["precision"])
    if name not in PRECISIONS:
        raise SettingsError(f"unknown run.precision '{name}': possible are {', '.join(PRECISIONS)}")
    rank, processes = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    # Each process compares the products of its share with each other.
    for setting, least in {"threads": 1, "epochs": 1, "batch_size": 2 * processes}.items():
        if int(settings["run"][setting]) < least:
            raise SettingsError(f"run.{setting} is {settings['run'][setting]}: it takes {least} or more")
    device = torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    if processes > 1:
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=LONGEST_WAIT)
    try:
        yield Hardware(device, PRECISIONS[name], rank, processes)
    finally:
        if processes > 1:
            distributed.destroy_process_group()
