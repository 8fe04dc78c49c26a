"""The floor on which the animals walk: sand, strewn with pebbles, leaves and twigs. Drawn once per world."""

from collections.abc import Callable

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

FINER = 2
Canvas = Float32[np.ndarray, "row column 3"]
SAND = (124.0, 102.0, 78.0)


def draw_floor(rng: np.random.Generator, height: int, width: int, size: float, density: float
               ) -> Float32[np.ndarray, "height width 3"]:
    """A cluttered floor, RGB, 0 .. 255. size: length of the animals, pixels; density: 0 empty, 1 usual clutter."""
    canvas = _sand(rng, height * FINER, width * FINER, size * FINER)
    area = height * width / size**2  # in squares of an animal's length
    for draw, per_square in KINDS.values():
        for _ in range(rng.poisson(density * per_square * area)):
            centre = (rng.uniform(0, width * FINER), rng.uniform(0, height * FINER))
            draw(canvas, rng, centre, size * FINER)
    return np.asarray(cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA))


def _sand(rng: np.random.Generator, height: int, width: int, size: float) -> Canvas:
    """Coarse and fine unevenness, and grains."""
    relief = np.zeros((height, width), np.float32)
    for scale, strength in ((0.9, 0.10), (0.25, 0.05), (0.05, 0.06)):
        soft = max(scale * size / 4, 0.6)
        cells = (max(2, int(width / soft)), max(2, int(height / soft)))
        noise = cv2.resize(rng.standard_normal(cells[::-1]).astype(np.float32), (width, height),
                           interpolation=cv2.INTER_CUBIC)
        relief += strength * noise
    grains = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), 1.0)
    return np.asarray(np.array(SAND, np.float32) * (1 + relief + 0.25 * grains)[..., None], np.float32)


def _pebble(canvas: Canvas, rng: np.random.Generator, centre: tuple[float, float], size: float) -> None:
    """A rounded stone, lit from the upper left."""
    radius = size * rng.uniform(0.02, 0.065)
    axes, turn = (radius, radius * rng.uniform(0.65, 0.95)), rng.uniform(0, 180)
    tone = np.array([1.0, 0.96, 0.9]) * rng.uniform(75, 150)
    lift = np.array([0.25, 0.3]) * radius
    _blend(canvas, _ellipse(np.add(centre, lift), axes, turn), (30, 24, 18), 0.5, soft=0.3 * radius)
    _blend(canvas, _ellipse(centre, axes, turn), tone, 1.0)
    for shrink, lighter in ((0.75, 14), (0.5, 14), (0.25, 16)):
        middle = np.subtract(centre, 0.28 * radius * (1 - shrink))
        inner = (axes[0] * shrink, axes[1] * shrink)
        tone = tone + lighter
        _blend(canvas, _ellipse(middle, inner, turn), tone, 0.8, soft=0.12 * radius)


def _leaf(canvas: Canvas, rng: np.random.Generator, centre: tuple[float, float], size: float) -> None:
    """A fallen leaf with its ribs."""
    length, turn = size * rng.uniform(0.22, 0.42), rng.uniform(0, 2 * np.pi)
    along = np.linspace(-0.5, 0.5, 25)
    bow = rng.uniform(-0.12, 0.12) * (1 - 4 * along**2)
    half = rng.uniform(0.16, 0.24) * (1 - 4 * along**2) ** 0.8 * (1.1 - 0.5 * along)
    outline = np.concatenate([np.stack([along, bow + half], 1), np.stack([along, bow - half], 1)[::-1]])
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def place(shape: np.ndarray) -> np.ndarray:
        return np.asarray(centre + length * shape @ rotation)

    tones = ((122, 92, 48), (98, 70, 42), (92, 98, 54), (136, 84, 44))
    tone = np.array(tones[rng.integers(len(tones))]) * rng.uniform(0.8, 1.1)
    _blend(canvas, place(outline) + 0.035 * size, (28, 22, 16), 0.45, soft=0.02 * size)
    _blend(canvas, place(outline), tone, 1.0)
    _blend(canvas, place(outline[:25]), tone * 1.12, 0.5)
    rib = np.stack([along, bow], 1)
    _line(canvas, place(np.vstack([rib, [[0.62, bow[-1]]]])), tone * 0.68, 0.008 * size)
    for start in (5, 9, 13, 17):
        for side in (-1, 1):
            tip = rib[start] + [0.13, side * 0.75 * half[start + 3]]
            _line(canvas, place(np.stack([rib[start], tip])), tone * 0.78, 0.004 * size)


def _twig(canvas: Canvas, rng: np.random.Generator, centre: tuple[float, float], size: float) -> None:
    """A bent, forked stick."""
    length, turn = size * rng.uniform(0.35, 0.8), rng.uniform(0, 2 * np.pi)
    along = np.linspace(-0.5, 0.5, 12)
    bends = np.cumsum(rng.normal(0, 0.12, len(along))) + turn
    way = np.asarray(centre) + np.cumsum(np.stack([np.cos(bends), np.sin(bends)], 1), 0) * length / len(along)
    fork = np.stack([way[7], way[7] + 0.2 * length * np.array([np.cos(bends[7] + 0.7), np.sin(bends[7] + 0.7)])])
    tone = np.array([92.0, 70, 50]) * rng.uniform(0.75, 1.2)
    for path in (way, fork):
        _line(canvas, path + 0.02 * size, np.array([34.0, 27, 20]), 0.024 * size, 0.5)
    for path in (way, fork):
        _line(canvas, path, tone, 0.024 * size)
        _line(canvas, path - 0.005 * size, tone * 1.3, 0.008 * size)


KINDS: dict[str, tuple[Callable[[Canvas, np.random.Generator, tuple[float, float], float], None], float]] = {
    "pebble": (_pebble, 2.2),  # pieces per square of an animal's length
    "leaf": (_leaf, 0.45),
    "twig": (_twig, 0.3),
}


def _ellipse(centre: np.ndarray | tuple[float, float], axes: tuple[float, float], degrees: float) -> np.ndarray:
    """An ellipse as a polygon (corner, 2)."""
    angle, turn = np.linspace(0, 2 * np.pi, 40, endpoint=False), np.radians(degrees)
    across = np.stack([axes[0] * np.cos(angle), axes[1] * np.sin(angle)], 1)
    return np.asarray(centre + across @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]))


def _blend(canvas: Canvas, outline: np.ndarray, tone: np.ndarray | tuple[float, ...], opacity: float,
           soft: float = 0.0) -> None:
    """Fill a polygon with a colour, its edge smooth or soft (pixels)."""
    _stamp(canvas, outline, tone, opacity, soft, lambda mask, points: cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, 4))


def _line(canvas: Canvas, path: np.ndarray, tone: np.ndarray, thickness: float, opacity: float = 1.0) -> None:
    wide = max(1, round(thickness))
    _stamp(canvas, path, tone, opacity, 0.4,
           lambda mask, points: cv2.polylines(mask, [points], False, 255, wide, cv2.LINE_AA, 4))


def _stamp(canvas: Canvas, shape: np.ndarray, tone: np.ndarray | tuple[float, ...], opacity: float, soft: float,
           draw: Callable[[UInt8[np.ndarray, "row column"], np.ndarray], object]) -> None:
    """Draw a mask just large enough, soften it, and let the colour through it."""
    pad = int(3 * soft) + 4
    first = np.maximum(np.floor(shape.min(0)).astype(int) - pad, 0)
    last = np.minimum(np.ceil(shape.max(0)).astype(int) + pad, (canvas.shape[1] - 1, canvas.shape[0] - 1))
    if (last < first).any():
        return
    mask = np.zeros((last[1] - first[1] + 1, last[0] - first[0] + 1), np.uint8)
    draw(mask, np.round((shape - first) * 16).astype(np.int32))
    if soft:
        mask = cv2.GaussianBlur(mask, (0, 0), soft)
    weight = opacity / 255 * mask[..., None].astype(np.float32)
    region = canvas[first[1] : last[1] + 1, first[0] : last[0] + 1]
    region += weight * (np.asarray(tone, np.float32) - region)
