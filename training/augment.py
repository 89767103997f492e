"""Moving images about without changing their colours, which are labels."""

import torch
from torch import Tensor
from torch.nn import functional


def augment(images: Tensor, settings: dict[str, float]) -> Tensor:
    """Mirror and shift images (n, 3, height, width), scale and turn some; at the border the edge is repeated.

    Shifts are whole pixels on both axes: at this size interpolation blurs the very texture that tells materials apart.
    """
    n, (height, width) = len(images), images.shape[-2:]
    warped = (torch.rand(n) < float(settings["warp"])).float()

    def spread(share: float) -> Tensor:
        return (torch.rand(n) * 2 - 1) * float(share)

    mirror = torch.where(torch.rand(n) < float(settings["flip"]), -1.0, 1.0)
    angle, zoom = torch.deg2rad(spread(settings["rotate"])) * warped, 1 + spread(settings["scale"]) * warped
    cosine, sine = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    across, down = ((spread(settings["shift"]) * size).round() * 2 / size for size in (width, height))
    # affine_grid counts from -1 to 1 along each axis: a turn in pixels has to be stretched by the sides' ratio.
    rows = [
        torch.stack([cosine * mirror, -sine * (height / width), across], 1),
        torch.stack([sine * mirror * (width / height), cosine, down], 1),
    ]
    grid = functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
