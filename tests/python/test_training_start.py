"""What a run may start from, and what it leaves alone: locked towers, heads, open_clip models, refused files."""

import json
import os
import pickle
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import load_file, save_file

from python_udfs.encoder import load_encoder
from python_udfs.encoder_location import CONFIG, WEIGHTS
from training.__main__ import main
from training.config import SettingsError
from training.head import fold, last_projection
from training.model import hold_locked_statistics, lock_image_tower

from .tiny import drawn_shop, run_options, tiny_encoder, validation_figure

TEXT = {"context_length": 16, "vocab_size": 514, "width": 16, "heads": 2, "layers": 1}
TOWERS = {
    "vit": {"image_size": 16, "patch_size": 8, "width": 16, "layers": 2, "head_width": 8},
    "resnet": {"image_size": 32, "layers": [1, 1, 1, 1], "width": 8},
    "timm": {"timm_model_name": "test_resnet", "timm_pool": "avg", "timm_proj": "linear", "image_size": 32},
    "timm_mlp": {"timm_model_name": "test_resnet", "timm_pool": "avg", "timm_proj": "mlp", "image_size": 32},
}


def tower_model(name: str) -> open_clip.CLIP:
    torch.manual_seed(0)
    return open_clip.CLIP(16, TOWERS[name], TEXT).eval()


def run(shop: Path, out: Path, *changes: str) -> int:
    return main([*run_options(shop, *changes), "--out", str(out)])


def drawn_model(folder: Path, name: str) -> str:
    """A small open_clip model by name, and its weights as a file; returns `<name>/<file>`."""
    config = {"embed_dim": 16, "vision_cfg": TOWERS["vit"], "text_cfg": TEXT | {"vocab_size": 49408}}
    (folder / f"{name}.json").write_text(json.dumps(config))
    open_clip.add_model_config(folder / f"{name}.json")
    torch.manual_seed(0)
    save_file(open_clip.create_model(name).state_dict(), folder / "weights.safetensors")
    return f"{name}/{folder / 'weights.safetensors'}"


@pytest.mark.parametrize("name", TOWERS)
def test_a_folded_head_is_the_head_behind_the_tower(name: str) -> None:
    model = tower_model(name)
    images = torch.rand(3, 3, *[TOWERS[name]["image_size"]] * 2)
    weight = torch.randn(16, 16)
    with torch.inference_mode():
        expected = model.encode_image(images, normalize=True) @ weight.T
        expected = expected / expected.norm(dim=1, keepdim=True)
    fold(model.visual, weight)
    with torch.inference_mode():
        assert torch.allclose(model.encode_image(images, normalize=True), expected, atol=1e-5)


def test_a_tower_without_a_projection_takes_no_head() -> None:
    with pytest.raises(SettingsError, match=r"use start\.unlocked_groups=0"):
        last_projection(torch.nn.Sequential(torch.nn.ReLU()))


@pytest.mark.parametrize(("name", "groups", "trained"), [("vit", 0, 0), ("vit", 1, 1), ("resnet", 0, 0)])
def test_locked_tower_trains_its_last_groups_only(name: str, groups: int, trained: int) -> None:
    model = tower_model(name).requires_grad_(True)
    lock_image_tower(model, groups)
    assert sum(parameter.requires_grad for parameter in model.visual.parameters()) == trained
    assert all(parameter.requires_grad for parameter in model.transformer.parameters())


def test_a_tower_that_cannot_be_locked_in_part_says_so() -> None:
    with pytest.raises(SettingsError, match="ModifiedResNet cannot be locked so"):
        lock_image_tower(tower_model("resnet"), 2)


def test_locked_statistics_stand_still() -> None:
    model = tower_model("resnet")
    lock_image_tower(model, 0)
    before = {name: value.clone() for name, value in model.visual.state_dict().items()}
    model.train()
    hold_locked_statistics(model)
    model.encode_image(torch.rand(4, 3, 32, 32))
    assert all(torch.equal(value, before[name]) for name, value in model.visual.state_dict().items())
    assert model.transformer.training


def test_open_clip_model_by_name_is_trained_locked_and_served(tmp_path: Path) -> None:
    drawn_shop(tmp_path)
    name = drawn_model(tmp_path, "tiny-start-model")
    out = tmp_path / "out"
    assert run(tmp_path, out, f"start.encoder={name}", "start.unlocked_groups=1", "run.epochs=2") == 0
    before, after = load_file(tmp_path / "weights.safetensors"), load_file(out / WEIGHTS)
    moved = {key for key, value in before.items() if not torch.allclose(value, after[key].float(), atol=1e-3)}
    assert {key for key in moved if key.startswith("visual.")} == {"visual.proj"}
    assert any(not key.startswith("visual.") for key in moved)
    assert load_encoder(str(out)).encode_texts(["red dress"]).shape == (1, 16)


def test_a_light_head_learns_and_leaves_the_tower_alone(tmp_path: Path) -> None:
    drawn_shop(tmp_path)
    start, out = tiny_encoder(tmp_path / "start"), tmp_path / "out"
    assert run(tmp_path, out, f"start.encoder={start}", "start.head=true", "run.learning_rate=2e-2") == 0
    before, after = load_file(start / WEIGHTS), load_file(out / WEIGHTS)
    tower = [key for key in before if key.startswith("visual.") and key != "visual.head.proj.weight"]
    assert tower and all(torch.allclose(before[key].float(), after[key].float(), atol=2e-3) for key in tower)
    assert not torch.allclose(before["visual.head.proj.weight"], after["visual.head.proj.weight"].float(), atol=1e-2)
    card = json.loads((out / "model_card.json").read_text())
    assert np.mean(card["loss"][-5:]) < 0.8 * np.mean(card["loss"][:5])
    # The figure of the exported file, its tower folded, is the one that training measured through the cache.
    measured = card["validation"][-1]["mean_average_precision"]
    assert validation_figure(card, "image") == pytest.approx(measured, abs=0.01)


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("exploded",)


def test_starts_that_cannot_be_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    drawn_shop(tmp_path)
    hostile = tiny_encoder(tmp_path / "hostile")
    (hostile / WEIGHTS).unlink()
    (hostile / "open_clip_pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))
    torch.save({"a": Bomb()}, tmp_path / "weights.pt")
    assert (hostile / CONFIG).exists()
    for changes, says in [
        ([f"start.encoder={hostile}"], "pickle can run code"),
        ([f"start.encoder=RN50/{tmp_path / 'weights.pt'}"], "pickle can run code"),
        (["start.encoder=ViT-B-32/nonsense"], "one of openai, "),
        (["start.encoder=nowhere"], "unknown encoder 'nowhere'"),
        (["start.head=true"], "need start.encoder"),
        (["start.encoder=sample", "start.unlocked_groups=-2"], "it is -1"),
        (["start.encoder=sample", "start.head=true", "start.unlocked_groups=2"], "leave start.unlocked_groups"),
    ]:
        assert run(tmp_path, tmp_path / "out", *changes) == 2
        said = capsys.readouterr().err.strip().splitlines()
        assert len(said) == 1 and says in said[0]
    assert not (tmp_path / "exploded").exists() and not (tmp_path / "out").exists()


def test_images_that_cannot_be_read_are_counted_and_none_at_all_ends_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn_shop(tmp_path)
    (tmp_path / "3.png").write_bytes(b"no image")
    assert run(tmp_path, tmp_path / "out", "run.epochs=1") == 0
    assert "training: 1 of 40 images cannot be read: " in capsys.readouterr().err
    elsewhere = ["--roots", str(tmp_path / "pairs")]
    assert main([*run_options(tmp_path, "run.epochs=1"), *elsewhere, "--out", str(tmp_path / "none")]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("training: 40 of 40 images cannot be read: ") and "--roots" in said
    titles = ["--set", "loss.image=0"]
    assert main([*run_options(tmp_path, "run.epochs=1"), *elsewhere, *titles, "--out", str(tmp_path / "titles")]) == 0
