"""What training moves: weights, their running average, the optimizer and history; kept and given back."""

import sys
import time
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training import checkpoint


@dataclass
class History:
    """What a run saw: the loss of each step; step, modality and validation figures of each epoch.

    Seconds and processor seconds are those before the last time the run was taken up.
    """

    loss: list[float] = field(default_factory=list)
    validation: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0


class Average:
    """Running average of weights and normalisation statistics, which a short run needs more than a long one."""

    def __init__(self, model: Any, decay: float) -> None:
        self.source, self.model, self.decay = model, deepcopy(model), decay

    def update(self, step: int) -> None:
        # The first steps' weights are noise: the average forgets them quickly.
        keep = min(self.decay, (1 + step) / (10 + step)) if self.decay else 0.0
        current = self.source.state_dict()
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                if value.is_floating_point():
                    value.lerp_(current[name], 1 - keep)
                else:
                    value.copy_(current[name])


@dataclass
class State:
    """Everything the next step depends on, beside data, settings and its number, by which its draws are seeded."""

    model: Any
    average: Average
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    history: History = field(default_factory=History)
    best: dict[str, Tensor] = field(default_factory=dict)
    began: tuple[float, float] = field(default_factory=lambda: (time.monotonic(), time.process_time()))

    def seconds(self) -> float:
        """Seconds since the first step, without those in which the run was cut off."""
        return self.history.seconds + time.monotonic() - self.began[0]

    def write(self, folder: Path) -> None:
        """Lay a checkpoint into the folder."""
        cpu_seconds = self.history.cpu_seconds + time.process_time() - self.began[1]
        history = replace(self.history, seconds=self.seconds(), cpu_seconds=cpu_seconds)
        tensors = {
            **_named("model", self.model.state_dict()),
            **_named("average", self.average.model.state_dict()),
            **_named("best", self.best),
            **_named("optimizer", checkpoint.optimizer_tensors(self.optimizer)),
        }
        plain = {"history": asdict(history), "scaler": self.scaler.state_dict()}
        checkpoint.write(folder, tensors, plain)

    def resume(self, folder: Path) -> int:
        """Go on from the folder's checkpoint where there is one; returns the steps done. Raises CheckpointError."""
        found = checkpoint.read(folder)
        if found is None:
            return 0
        tensors, plain = found
        self.model.load_state_dict(_without("model", tensors))
        self.average.model.load_state_dict(_without("average", tensors))
        self.best = _without("best", tensors)
        checkpoint.restore_optimizer(self.optimizer, _without("optimizer", tensors))
        self.history = History(**plain["history"])
        self.scaler.load_state_dict(plain["scaler"])
        print(f"training: going on after step {len(self.history.loss)} of a run that was cut off", file=sys.stderr)
        return len(self.history.loss)


def _named(owner: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{owner}.{name}": value for name, value in tensors.items()}


def _without(owner: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = f"{owner}."
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}


def create_optimizer(model: Any, run: dict[str, Any]) -> torch.optim.Optimizer:
    return torch.optim.AdamW(_groups(model, run), betas=(0.9, 0.98))


def _groups(model: Any, run: dict[str, Any]) -> list[dict[str, Any]]:
    """Parameters by learning rate (image tower or text) and by weight decay (matrices only)."""
    groups: dict[tuple[bool, bool], list[Any]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((name.startswith("visual."), parameter.ndim >= 2), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": float(run["learning_rate"] if image else run["text_learning_rate"]),
            "weight_decay": float(run["weight_decay"]) if matrix else 0.0,
        }
        for (image, matrix), parameters in groups.items()
    ]
