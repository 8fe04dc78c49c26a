"""Maps of a network as heat on the image that it saw."""

import cv2
import numpy as np
from jaxtyping import Float

from gambol.drawing.lettering import RGB
from gambol.drawing.skeletons import enlarged
from gambol.video.colour import Image

LARGEST = 8.0  # times that a small image is enlarged


def heat(image: Image, map_: Float[np.ndarray, "h w"], stride: int, side: int, full: float = 1.0) -> RGB:
    """The image in grey with a map of that stride on it, at most `side` pixels wide and high.

    Cells of the height `full` glow brightest, those at 0 leave the image as it is. Cell i lies at image pixel
    i * stride, so the map is enlarged about the centre of its first cell.
    """
    factor = min(LARGEST, side / max(image.shape[:2]))
    canvas, affine = enlarged(image, factor)
    height, width = canvas.shape[:2]
    first, second = affine(np.array([[0.0, 0.0], [stride, stride]]))  # where the map's cells lie on the canvas
    to_canvas = np.array([[second[0] - first[0], 0, first[0]], [0, second[1] - first[1], first[1]]])
    values = np.nan_to_num(map_.astype(np.float32)) / full
    spread = cv2.warpAffine(values, to_canvas, (width, height), flags=cv2.INTER_LINEAR)
    glow = cv2.applyColorMap((np.clip(spread, 0, 1) * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
    share = np.clip(spread, 0, 1)[..., None] ** 0.5
    grey = canvas.mean(2, keepdims=True) * 0.8
    result: RGB = np.clip(grey * (1 - share) + glow * share, 0, 255).astype(np.uint8)
    return result
