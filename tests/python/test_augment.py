"""Images that are moved about keep their pixels and their shapes, whatever their sides' ratio."""

import pytest
import torch

from training.augment import augment

NONE = {"warp": 0.0, "flip": 0.0, "shift": 0.0, "scale": 0.0, "rotate": 0.0}
SIZES = [(80, 60), (60, 80), (64, 64)]


@pytest.mark.parametrize("size", SIZES)
def test_shifts_are_whole_pixels_on_both_axes(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    image = torch.rand(3, *size)
    middle = size[0] // 2, size[1] // 2
    shifts = set()
    for moved in augment(image.expand(64, -1, -1, -1), {**NONE, "shift": 0.1}):
        # Where the middle pixel came from.
        distance, at = (image - moved[:, *middle][:, None, None]).abs().amax(0).flatten().min(0)
        assert distance < 1e-4, "a pixel was mixed from several"
        down, across = int(at) // size[1] - middle[0], int(at) % size[1] - middle[1]
        expected = torch.roll(image, (-down, -across), (1, 2))
        assert torch.allclose(moved[:, 10:-10, 10:-10], expected[:, 10:-10, 10:-10], atol=1e-4)
        shifts.add((down, across))
    assert {down for down, _ in shifts} - {0} and {across for _, across in shifts} - {0}
    assert max(abs(down) for down, _ in shifts) <= 0.1 * size[0] and max(abs(a) for _, a in shifts) <= 0.1 * size[1]


@pytest.mark.parametrize("size", SIZES)
def test_a_turned_disc_stays_a_disc(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    down, across = (torch.arange(side) - (side - 1) / 2 for side in size)
    disc = ((down[:, None] ** 2 + across[None, :] ** 2) < 20**2).float()
    turned = augment(disc.expand(16, 3, -1, -1), {**NONE, "warp": 1.0, "rotate": 45.0})
    assert (turned - disc).abs().mean() < 0.02


def test_half_of_the_images_are_mirrored() -> None:
    torch.manual_seed(0)
    image = torch.rand(1, 3, 80, 60)
    moved = augment(image.expand(200, -1, -1, -1), {**NONE, "flip": 0.5})
    mirrored = sum(bool(torch.allclose(one, image[0].flip(-1), atol=1e-4)) for one in moved)
    same = sum(bool(torch.allclose(one, image[0], atol=1e-4)) for one in moved)
    assert mirrored + same == 200 and 70 < mirrored < 130
