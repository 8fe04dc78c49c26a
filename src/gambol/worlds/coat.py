"""What an animal's skin looks like: a picture of the body rolled out straight, different for each individual."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from gambol.worlds.body import half_width

TEXELS = 4  # texture cells per image pixel
MARGIN = 3.0  # empty border of the texture, image pixels

Colour = tuple[float, float, float]
SKINS: tuple[tuple[Colour, Colour], ...] = (  # (base, marks), RGB
    ((240, 208, 130), (66, 44, 34)),
    ((228, 224, 212), (48, 48, 58)),
    ((232, 164, 104), (86, 40, 30)),
    ((206, 196, 150), (40, 36, 26)),
)


@dataclass(frozen=True)
class Coat:
    """The skin of one animal.

    texture (across, along, channel + 1), uint8: colours multiplied by coverage, then coverage. Cell (i, j) lies
    i / TEXELS - middle pixels to the animal's right of its spine and j / TEXELS - MARGIN pixels behind its snout.
    limb, outline, toe, palm: colours of arms and legs, of their edges, and of the parts of hands and feet.
    """

    texture: UInt8[np.ndarray, "across along layer"]
    limb: tuple[float, ...]
    outline: tuple[float, ...]
    toe: tuple[float, ...]
    palm: tuple[float, ...]

    @property
    def middle(self) -> float:
        """Distance of the spine from the texture's first row, image pixels."""
        return (len(self.texture) - 1) / 2 / TEXELS

    @property
    def channels(self) -> int:
        """1 for grey, 3 for colour."""
        return int(self.texture.shape[2]) - 1


def draw_coat(rng: np.random.Generator, size: float, individual: int, colour: bool) -> Coat:
    """The coat of an animal `size` pixels long; `individual` chooses its ground colour, `rng` its markings."""
    base, dark = (np.array(tone) for tone in SKINS[individual % len(SKINS)])
    along, across = rolled_out(size)  # (1, column), (row, 1), fractions of the body length
    width = np.maximum(half_width(along[0])[None], 1e-4)  # (1, column)
    coverage = np.clip((half_width(along[0])[None] - np.abs(across)) * size * TEXELS / 1.5 + 0.5, 0, 1)
    marks = np.maximum.reduce([_bands(along, across), _spots(rng, along, across), _face(along, across)])
    skin = base * (1 - marks[..., None]) + dark * marks[..., None]  # (row, column, 3)
    skin = skin * (_roundness(across / width) * _grain(rng, marks.shape))[..., None]
    skin = np.clip(_eyes(skin, along, across), 0, 255)
    skin, limb, outline, toe, palm = (
        _tone(tones, colour) for tones in (skin, base * 0.8, base * 0.28, base * 0.93, base * 0.98))
    texture = np.dstack([skin * coverage[..., None], 255 * coverage])
    return Coat(np.round(texture).astype(np.uint8), tuple(limb), tuple(outline), tuple(toe), tuple(palm))


def rolled_out(size: float) -> tuple[Float[np.ndarray, "1 column"], Float[np.ndarray, "row 1"]]:
    """Where each cell of a texture lies: along the body and across it (right is positive), in body lengths."""
    columns = np.arange(round((size + 2 * MARGIN) * TEXELS) + 1) / TEXELS - MARGIN
    middle = round((0.08 * size + MARGIN) * TEXELS)
    rows = np.arange(-middle, middle + 1) / TEXELS
    return columns[None] / size, rows[:, None] / size


def _bump(distance: Float[np.ndarray, "*any"], softness: float) -> Float[np.ndarray, "*any"]:
    """1 inside (negative distances), 0 outside, soft in between; units of the body length."""
    return np.asarray(np.clip(0.5 - distance / softness, 0, 1))


def _bands(along: Float[np.ndarray, "1 column"], across: Float[np.ndarray, "row 1"]) -> Float[np.ndarray, "row column"]:
    """A collar, a saddle, and rings around the tail, bowed like a tiger's."""
    bowed = along - 6 * across**2
    bands = [(0.19, 0.013), (0.36, 0.020), (0.53, 0.014), (0.61, 0.016), (0.69, 0.017), (0.77, 0.017), (0.85, 0.016),
             (0.92, 0.012), (0.985, 0.014)]  # fmt: skip
    return np.asarray(0.85 * np.maximum.reduce([_bump(np.abs(bowed - mid) - half, 0.012) for mid, half in bands]))


def _spots(rng: np.random.Generator, along: Float[np.ndarray, "1 column"], across: Float[np.ndarray, "row 1"]
           ) -> Float[np.ndarray, "row column"]:
    """Leopard spots on head and trunk."""
    marks = np.zeros(np.broadcast_shapes(along.shape, across.shape))
    for _ in range(44):
        place, radius = rng.uniform(0.03, 0.52), rng.uniform(0.006, 0.013)
        side = rng.uniform(-0.9, 0.9) * half_width(np.array([place]))[0]
        marks = np.maximum(marks, 0.75 * _bump(np.hypot(along - place, across - side) - radius, 0.008))
    return marks


def _face(along: Float[np.ndarray, "1 column"], across: Float[np.ndarray, "row 1"]) -> Float[np.ndarray, "row column"]:
    """Dark stripes from the eyes to the collar, and nostrils."""
    stripe = _bump(np.abs(np.abs(across) - 0.044 + 0.1 * (along - 0.1)) - 0.006, 0.008)
    stripe = stripe * _bump(np.abs(along - 0.125) - 0.05, 0.01)
    nostrils = _bump(np.hypot(along - 0.014, np.abs(across) - 0.012) - 0.004, 0.006)
    return np.asarray(np.maximum(0.7 * stripe, 0.8 * nostrils))


def _eyes(skin: Float[np.ndarray, "row column 3"], along: Float[np.ndarray, "1 column"],
          across: Float[np.ndarray, "row 1"]) -> Float[np.ndarray, "row column 3"]:
    """Dark, shining eyes on both sides of the head."""
    distance = np.hypot(along - 0.082, np.abs(across) - 0.046)
    for radius, tone in ((0.0225, 225.0), (0.017, 18.0)):
        eye = _bump(distance - radius, 0.008)[..., None]
        skin = skin * (1 - eye) + tone * eye
    shine = _bump(np.hypot(along - 0.078, np.abs(across) - 0.042) - 0.004, 0.006)[..., None]
    return np.asarray(skin * (1 - shine) + 240 * shine)


def _roundness(aside: Float[np.ndarray, "row column"]) -> Float[np.ndarray, "row column"]:
    """Light falls off towards the flanks; aside is 0 on the spine and 1 at the edge."""
    height = np.sqrt(1 - np.clip(np.abs(aside), 0, 1) ** 2)
    return np.asarray(0.45 + 0.58 * height)


def _grain(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[np.ndarray, "row column"]:
    """Fine scales."""
    noise = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), 0.35 * TEXELS)
    return np.asarray(1 + 0.07 * noise / noise.std())


def _tone(colours: Float[np.ndarray, "*any 3"], colour: bool) -> Float[np.ndarray, "*any channel"]:
    """The colours themselves, or their luma (ITU-R 601)."""
    return colours if colour else (colours @ np.array([0.299, 0.587, 0.114]))[..., None]
