"""The training loop: seeded batches, figures each epoch, checkpoints, and when to stop."""

import math
import random
import time
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from python_udfs.encoder import Encoder
from training.batch import Images, PixelImages, Rows, Task
from training.config import Settings
from training.data import Attributes, DataError, Products
from training.hardware import Hardware
from training.head import CachedImages, LinearHead, fold, image_outputs, last_projection
from training.model import hold_locked_statistics, lock_image_tower
from training.state import Average, History, State, create_optimizer


def seed_everything(seed: int, threads: int) -> None:
    """Make the run repeatable bit by bit: all generators seeded, deterministic kernels, a fixed number of threads."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    # Not every kernel of a GPU has a version that repeats itself: torch then says which one does not.
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())


def train(
    encoder: Encoder,
    attributes: Attributes,
    products: Products,
    settings: Settings,
    folder: Path,
    hardware: Hardware,
) -> tuple[Any, History]:
    """Train `encoder`'s model on the train split; returns the model to keep (averaged weights) and the run's history.

    The caller has seeded. A checkpoint lands in `folder` every `run.checkpoint_seconds`; one that is there already is
    gone on from, to the same weights bit by bit. With `run.patience`, ends after so many epochs without a better
    measurement and keeps the best one's weights. Shows progress with the loss, validation Recall@10 and the time left.
    Raises DataError, SettingsError, CheckpointError.
    """
    model, images, tower = _starting_model(encoder, products, settings, folder, hardware)
    task = Task(encoder, attributes, products, images, settings, hardware)
    run, patience = settings["run"], int(settings["run"]["patience"])
    if patience and not len(products.rows("validation")):
        raise DataError("run.patience needs products of the split `validation`: there is none")
    steps_an_epoch = max(math.ceil(len(task.train_rows) / int(run["batch_size"])), 1)
    steps = steps_an_epoch * int(run["epochs"])
    average, optimizer = Average(model, float(run["average"])), create_optimizer(model, run)
    state = State(model, average, optimizer, hardware.scaler())
    rates = [float(group["lr"]) for group in state.optimizer.param_groups]
    done = state.resume(folder)
    batches = _batches(task.train_rows, int(run["batch_size"]), int(run["epochs"]), run["seed"])
    hidden = not hardware.is_first
    with tqdm(total=steps, initial=done, unit="step", desc="train", mininterval=1, disable=hidden) as bar:
        saved = time.monotonic()
        for step, rows in enumerate(islice(batches, done, None), done):
            spent = state.seconds() / float(run["max_seconds"]) if float(run["max_seconds"]) else 0.0
            late = spent >= 1
            if hardware.agreed(late or _is_stale(state.history, patience)):
                break
            task.seed_step(step)
            # A run that its time limit will end has come down to a rate of zero by then, as a whole one has.
            position = hardware.told(max(step, int(steps * spent)))
            for group, rate in zip(state.optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * _schedule(position, steps, float(run["warmup"]))
            state.history.loss.append(_step(task, state, rows[hardware.rank :: hardware.processes]))
            if not math.isfinite(state.history.loss[-1]):
                raise DataError(
                    f"the loss is no number after step {step + 1}, so no encoder was made: lower run.learning_rate"
                )
            state.average.update(step)
            if hardware.is_first and ((step + 1) % steps_an_epoch == 0 or step + 1 == steps):
                figures = task.measure(state.average.model, "validation")
                state.history.validation.append({"step": step + 1, "modality": task.measured, **figures.to_dict()})
                if patience and best_measurement(state.history) == len(state.history.validation) - 1:
                    state.best = deepcopy(state.average.model.state_dict())
            if hardware.is_first and time.monotonic() - saved >= float(run["checkpoint_seconds"]):
                state.write(folder)
                saved = time.monotonic()
            bar.set_postfix(_shown(state.history), refresh=False)
            bar.update()
    if state.best:
        state.average.model.load_state_dict(state.best)
    if tower is not None:
        # The tower never left the processor.
        fold(tower, state.average.model.visual.weight.detach().cpu())
        state.average.model.visual = tower
    return state.average.model.cpu(), state.history


def _starting_model(
    encoder: Encoder, products: Products, settings: Settings, folder: Path, hardware: Hardware
) -> tuple[Any, Images, Any | None]:
    """The model with what is to be trained unlocked, its image side, and the tower that a head took the place of."""
    model, start = encoder.model.to(memory_format=torch.channels_last), settings["start"]
    tower = None
    images: Images = PixelImages(encoder, products, settings, hardware.device)
    if start["head"]:
        last_projection(model.visual)
        images = CachedImages(image_outputs(encoder, products, folder, progress("image tower")), hardware.device)
        tower, model.visual = model.visual, LinearHead(encoder.dimension)
    model.requires_grad_(True)
    if tower is None:
        lock_image_tower(model, int(start["unlocked_groups"]))
    if model.logit_bias is None:
        model.logit_bias = torch.nn.Parameter(torch.zeros_like(model.logit_scale))
    return model.to(hardware.device), images, tower


def progress(what: str) -> Callable[[Iterable[Any], int], Iterable[Any]]:
    """A progress bar around work that is counted: what it shows, then the items and their number."""
    return lambda items, total: tqdm(items, total=total, desc=what, mininterval=1)


def best_measurement(history: History) -> int:
    """Position of the first measurement with the highest mean average precision.

    Recall@10 has many equal values where attributes are few, so it could not tell a better epoch from a worse one.
    """
    figures = [measured["mean_average_precision"] for measured in history.validation]
    return figures.index(max(figures))


def kept_step(history: History, settings: Settings) -> int:
    """The step whose averaged weights were kept: the best measurement's with `run.patience`, else the last."""
    if int(settings["run"]["patience"]) and history.validation:
        return int(history.validation[best_measurement(history)]["step"])
    return len(history.loss)


def _is_stale(history: History, patience: int) -> bool:
    measured = len(history.validation)
    return bool(patience and measured) and measured - 1 - best_measurement(history) >= patience


def _step(task: Task, state: State, rows: Rows) -> float:
    state.model.train()
    hold_locked_statistics(state.model)
    loss = task.loss(state.model, rows)
    state.optimizer.zero_grad()
    state.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
    task.hardware.average_gradients(state.model)
    state.scaler.unscale_(state.optimizer)
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), 1.0)
    state.scaler.step(state.optimizer)
    state.scaler.update()
    return float(loss.detach())


def _shown(history: History) -> dict[str, str]:
    shown = {"loss": f"{np.mean(history.loss[-50:]):.3f}"}
    if history.validation:
        shown["recall@10"] = f"{history.validation[-1]['recall_at_10']:.3f}"
    return shown


def _batches(rows: Rows, size: int, epochs: int, seed: int) -> Iterator[Rows]:
    for epoch in range(epochs):
        order = np.random.default_rng([int(seed), epoch]).permutation(rows)
        yield from (order[start : start + size] for start in range(0, len(order), size))


def _schedule(step: int, steps: int, warmup: float) -> float:
    """Share of the learning rate: linear rise, then half a cosine down to zero."""
    rise = max(int(steps * warmup), 1)
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(steps - rise, 1)))


def seconds_of(start: float) -> float:
    """Processor seconds since `start` (of `time.process_time`)."""
    return time.process_time() - start
