"""Light that wanders over the scene, the shadows that it throws, and the camera's noise."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8


@dataclass(frozen=True)
class Light:
    """How the scene is lit and recorded; every frame is a function of its index alone.

    change: 0 is steady light, 1 the usual drift · noise: standard deviation of the camera's noise, grey levels ·
    phases (5,): where the drift starts, radians · grain (row, column): noise of standard deviation 1, larger than
    the image; each frame shows another part of it.
    """

    change: float
    noise: float
    phases: Float[np.ndarray, "5"]
    grain: Float32[np.ndarray, "row column"]

    @classmethod
    def draw(cls, rng: np.random.Generator, height: int, width: int, change: float, noise: float) -> "Light":
        """A light of its own for each world, for images of this size."""
        grain = rng.standard_normal((height + 97, width + 89), np.float32)
        return cls(change, noise, rng.uniform(0, 2 * np.pi, 5), grain)

    def shadow(self, frame: int, size: float) -> tuple[float, float, float]:
        """Offset (x, y) in pixels and darkness of the animals' shadows; size: their length, pixels."""
        angle = 0.9 + 0.7 * self.change * np.sin(0.011 * frame + self.phases[3])
        return float(0.045 * size * np.cos(angle)), float(0.045 * size * np.sin(angle)), 0.55

    def record(self, canvas: Float32[np.ndarray, "height width channel"], frame: int
               ) -> UInt8[np.ndarray, "height width channel"]:
        """What the camera makes of the scene: lit unevenly, never quite steady, a little noisy."""
        height, width = canvas.shape[:2]
        lit = canvas * self._field(frame, height, width)[..., None]
        row, column = (frame * 41) % 97, (frame * 59) % 89
        lit += self.noise * self.grain[row : row + height, column : column + width, None]
        return np.asarray(np.clip(lit + 0.5, 0, 255)).astype(np.uint8)

    def _field(self, frame: int, height: int, width: int) -> Float32[np.ndarray, "height width"]:
        """Brightness of each pixel: a broad pool of light that wanders, and a slow swell of the whole."""
        swell = 1 + 0.12 * self.change * np.sin(0.019 * frame + self.phases[0])
        x = 0.35 + 0.25 * self.change * np.sin(0.009 * frame + self.phases[1])
        y = 0.35 + 0.25 * self.change * np.cos(0.007 * frame + self.phases[2])
        rows, columns = np.mgrid[0:1:17j, 0:1:17j]
        pool = 0.80 + 0.34 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 0.5)
        field = cv2.resize((swell * pool).astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(field)
