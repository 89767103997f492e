"""Moving images about without changing their colours, which are labels."""

import torch
from torch import Tensor
from torch.nn import functional


def augment(images: Tensor, settings: dict[str, float]) -> Tensor:
    """Mirror and shift images, scale and turn some; what comes into view at the border repeats the edge.

    Shifts are whole pixels: at this size interpolation blurs the very texture that tells materials apart.
    """
    n, size = len(images), images.shape[-1]
    warped = (torch.rand(n) < float(settings["warp"])).float()

    def spread(width: float) -> Tensor:
        return (torch.rand(n) * 2 - 1) * float(width)

    mirror = torch.where(torch.rand(n) < float(settings["flip"]), -1.0, 1.0)
    angle, zoom = torch.deg2rad(spread(settings["rotate"])) * warped, 1 + spread(settings["scale"]) * warped
    cosine, sine = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    across, down = ((spread(settings["shift"]) * size).round() * 2 / size for _ in range(2))
    rows = [torch.stack([cosine * mirror, -sine, across], 1), torch.stack([sine * mirror, cosine, down], 1)]
    grid = functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
