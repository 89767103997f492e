"""Which encoder is meant, what its key says, and what is refused."""

import json
import os
import pickle
import shutil
from importlib.util import find_spec
from pathlib import Path

import fsspec
import numpy as np
import open_clip
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from python_udfs.encoder import load_encoder, load_folder, pretrained_options
from python_udfs.encoder_location import (
    CONFIG,
    TOKENIZER,
    WEIGHTS,
    EncoderError,
    describe_encoder,
    local_folder,
    resolve_encoder,
)
from python_udfs.inference import fold_batch_norms
from training.model import copy_full_encoder, cut_vocabulary

from .conftest import PROJECT
from .tiny import tiny_encoder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_encoder(tmp_path / "house" / "encoders" / "first")


def described(encoder: str, warehouse: Path | str = "") -> dict[str, object]:
    return dict(describe_encoder(pd.Series([encoder]), pd.Series([str(warehouse)])).iloc[0])


def test_key_changes_with_the_weights_only(folder: Path, tmp_path: Path) -> None:
    first = described(str(folder))
    assert first["error"] is None
    assert (first["name"], first["location"], first["dimension"]) == ("first", str(folder), 16)
    assert str(first["key"]).startswith("first@") and len(str(first["key"])) == len("first@") + 12
    copy = Path(shutil.copytree(folder, tmp_path / "first"))
    assert described(str(copy))["key"] == first["key"]
    tiny_encoder(copy, seed=1)
    assert described(str(copy))["key"] != first["key"]


@pytest.mark.parametrize(
    ("card", "trained_on"),
    [
        ('{"data": {"source": "labels"}}', "labels"),
        ('{"data": {"source": "rumours"}}', None),
        ('{"data": {}}', None),
        ("[]", None),
        ("no json", None),
    ],
)
def test_the_model_card_says_what_it_learned_from(folder: Path, card: str, trained_on: str | None) -> None:
    (folder / "model_card.json").write_text(card)
    assert described(str(folder))["trained_on"] == trained_on
    assert described(str(folder))["error"] is None


@pytest.mark.parametrize(
    ("location", "quick_gelu", "mean"),
    [
        ("open_clip:ViT-B-32/openai", True, 0.48145466),
        ("open_clip:ViT-B-32/laion2b_s34b_b79k", False, 0.48145466),
        ("open_clip:ViT-B-16-SigLIP/webli", False, 0.5),
    ],
)
def test_pretrained_weights_keep_what_they_were_trained_with(location: str, quick_gelu: bool, mean: float) -> None:
    options = pretrained_options(location)
    assert (options["force_quick_gelu"], options["image_mean"][0]) == (quick_gelu, mean)


def test_a_file_of_weights_follows_the_models_configuration() -> None:
    assert pretrained_options("open_clip:ViT-B-32/some/weights.safetensors") == {}


def test_trained_here_comes_before_the_sample(folder: Path) -> None:
    warehouse = folder.parents[1]
    assert resolve_encoder("", str(warehouse)) == "sample"
    (folder.parent / "current").write_text("first\n")
    found = described("", warehouse)
    assert (found["location"], found["trained_here"]) == (str(folder), True)
    assert resolve_encoder("first", str(warehouse)) == str(folder)
    assert not described(str(folder))["trained_here"]
    shutil.rmtree(folder)
    assert "train again" in str(described("", warehouse)["error"])


@pytest.mark.parametrize(
    ("encoder", "says"),
    [
        ("no such", "sample, first; a folder that holds"),
        ("open_clip:ViT-B-23/openai", "nearest are ViT-B-32"),
        ("open_clip:ViT-B-32/nonsense", "one of openai, "),
        ("open_clip:ViT-B-32", "give one of openai"),
        ("s4://x/y", "unknown encoder"),
    ],
)
def test_unknown_encoder_says_what_is_possible(folder: Path, encoder: str, says: str) -> None:
    error = str(described(encoder, folder.parents[1])["error"])
    assert says in error
    assert "\n" not in error


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("exploded",)


@pytest.mark.parametrize("file", ["open_clip_pytorch_model.bin", WEIGHTS])
def test_pickle_is_refused_and_not_run(
    folder: Path, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (folder / WEIGHTS).unlink()
    (folder / file).write_bytes(pickle.dumps(Bomb()))
    assert "safetensors" in str(described(str(folder))["error"])
    with pytest.raises(EncoderError, match="safetensors"):
        load_encoder(str(folder))
    weights = tmp_path / "weights.pt"
    torch.save({"a": Bomb()}, weights)
    assert "pickle can run code" in str(described(f"open_clip:RN50/{weights}")["error"])
    with pytest.raises(EncoderError, match="pickle can run code"):
        load_encoder(f"open_clip:RN50/{weights}")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    ("part", "key", "value", "says"),
    [
        ("text_cfg", "tokenizer_kwargs", {"trust_remote_code": True}, "tokenizer_kwargs.trust_remote_code"),
        ("text_cfg", "tokenizer_kwargs", {"bpe_path": "/etc/hostname"}, "not bpe.txt.gz"),
        ("text_cfg", "tokenizer_kwargs", ["trust_remote_code"], "no open_clip configuration"),
        ("vision_cfg", "timm_model_name", "hf-hub:someone/something", "is a place"),
        ("vision_cfg", "timm_model_name", "local-dir:/tmp/x", "is a place"),
        ("text_cfg", "hf_model_name", "someone/something", "would be fetched"),
    ],
)
def test_a_configuration_that_could_run_or_fetch_code_is_refused(
    folder: Path, part: str, key: str, value: object, says: str
) -> None:
    config = json.loads((folder / CONFIG).read_text())
    config["model_cfg"][part][key] = value
    (folder / CONFIG).write_text(json.dumps(config))
    assert says in str(described(str(folder))["error"])
    with pytest.raises(EncoderError, match=says):
        load_encoder(str(folder))


def test_a_hugging_face_tokenizer_goes_with_its_folder(folder: Path, tmp_path: Path) -> None:
    config = json.loads((folder / CONFIG).read_text())
    config["model_cfg"]["text_cfg"] |= {"hf_tokenizer_name": "timm/ViT-B-16-SigLIP", "tokenizer_kwargs": {}}
    (folder / CONFIG).write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text("{}")
    key = described(str(folder))["key"]
    (folder / "tokenizer.json").write_text('{"version": "1.0"}')
    assert described(str(folder))["key"] != key
    copied = tmp_path / "copied"
    copied.mkdir()
    copy_full_encoder(folder, copied)
    assert (copied / "tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()
    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/tokenizers/first", recursive=True)
    with local_folder("memory://tokenizers/first") as fetched:
        assert (fetched / "tokenizer.json").exists()


@pytest.mark.skipif(find_spec("transformers") is not None, reason="transformers is installed")
def test_a_missing_package_is_named(folder: Path) -> None:
    config = json.loads((folder / CONFIG).read_text())
    config["model_cfg"]["text_cfg"] |= {"hf_tokenizer_name": "timm/ViT-B-16-SigLIP", "tokenizer_kwargs": {}}
    (folder / CONFIG).write_text(json.dumps(config))
    (folder / TOKENIZER).unlink()
    with pytest.raises(
        EncoderError, match="needs the Python package transformers, which is not installed: pip install"
    ):
        load_encoder(str(folder))


def test_open_clip_model_from_a_local_file(folder: Path, tmp_path: Path) -> None:
    # A small architecture under a name of its own stands in for the large ones that open_clip brings.
    model = json.loads((folder / CONFIG).read_text())["model_cfg"]
    # By name, open_clip reads texts with its whole vocabulary.
    model["text_cfg"] |= {"vocab_size": 49408, "tokenizer_kwargs": {}}
    config = tmp_path / "tiny-test-model.json"
    config.write_text(json.dumps(model))
    open_clip.add_model_config(config)
    whole = open_clip.create_model("tiny-test-model")
    save_file(whole.state_dict(), tmp_path / "weights.safetensors")
    name = f"open_clip:tiny-test-model/{tmp_path / 'weights.safetensors'}"
    found = described(name)
    assert (found["error"], found["location"], found["dimension"]) == (None, name, 16)
    assert load_encoder(name).encode_texts(["red dress"]).shape == (1, 16)


def test_encoder_behind_a_url(folder: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/far/encoders/first", recursive=True)
    memory.pipe("/far/encoders/current", b"first\n")
    found = described("", "memory://far")
    assert (found["location"], found["trained_here"]) == ("memory://far/encoders/first", True)
    assert found["key"] == described(str(folder))["key"]
    near, far = load_encoder(str(folder)), load_encoder("memory://far/encoders/first")
    assert np.array_equal(near.encode_texts(["red dress"]), far.encode_texts(["red dress"]))
    assert load_encoder("memory://far/encoders/first") is far
    # Trained again under the same name: a worker that has the old weights loads the new ones.
    tiny_encoder(folder, seed=1)
    memory.put(str(folder), "/far/encoders/", recursive=True)
    again = load_encoder("memory://far/encoders/first")
    assert np.array_equal(load_encoder(str(folder)).encode_texts(["red dress"]), again.encode_texts(["red dress"]))
    assert not np.array_equal(again.encode_texts(["red dress"]), far.encode_texts(["red dress"]))


def test_encoder_inside_the_zip_that_a_cluster_is_sent(folder: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "shipped"), "zip", folder.parents[1])
    inside = load_encoder(f"zip://encoders/first::{archive}")
    assert inside.name == "first"
    assert np.array_equal(inside.encode_texts(["hat"]), load_encoder(str(folder)).encode_texts(["hat"]))


def test_loaded_once_and_again_when_the_files_change(folder: Path) -> None:
    first = load_encoder(str(folder))
    assert load_encoder(str(folder)) is first
    tiny_encoder(folder, seed=1)
    assert load_encoder(str(folder)) is not first


def test_pixels_are_those_of_open_clip(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    _, _, transform = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    noise = np.random.default_rng(0).integers(0, 256, (50, 37, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    ours = encoder.normalize(torch.from_numpy(encoder.prepare(image)))
    assert torch.equal(ours, transform(image))


def test_folded_batch_norms_give_the_same_embeddings() -> None:
    folder = PROJECT / "training" / "encoders" / "sample"
    folded, plain = load_encoder(str(folder)), load_folder(folder, "plain")
    noise = np.random.default_rng(0).integers(0, 256, (3, 50, 37, 3), dtype=np.uint8)
    images = [plain.prepare(Image.fromarray(pixels)) for pixels in noise]
    assert folded.image_tower is not None and plain.image_tower is None
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.image_tower.modules())
    np.testing.assert_allclose(folded.encode_images(images), plain.encode_images(images), atol=1e-5)


def test_a_tower_that_cannot_be_folded_stays_as_it_is() -> None:
    class Branching(torch.nn.Sequential):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = super().forward(images if images.sum() > 0 else -images)
            return found.flatten(1)

    norm = torch.nn.BatchNorm2d(2).eval()
    assert fold_batch_norms(Branching(torch.nn.Conv2d(3, 2, 1), norm), 4) is None
    assert fold_batch_norms(torch.nn.Sequential(torch.nn.Conv2d(3, 2, 1), torch.nn.Flatten()), 4) is None


def test_cut_vocabulary_reads_any_text(tmp_path: Path) -> None:
    size = cut_vocabulary(300, tmp_path / "bpe.txt.gz")
    cut = open_clip.SimpleTokenizer(bpe_path=str(tmp_path / "bpe.txt.gz"), context_length=40)
    assert cut.vocab_size == size == 814
    text = "zürich houndstooth 长裙 ☃ 42%"
    tokens = cut.encode(text)
    assert max(tokens) < size
    assert cut.decode(tokens).replace(" ", "") == text.replace(" ", "")


def test_a_store_that_does_not_answer_is_not_one_without_encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise PermissionError("403")

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "exists", refuse)
    assert "cannot be asked for: " in str(described("", "memory://closed")["error"])
