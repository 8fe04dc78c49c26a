"""Augmentation: each example varied at random, the same way whenever it is drawn again.

To add one:
1. write a file here with a config that is `Geometric` (gives an affine) or `Photometric` (changes grey levels);
2. add it as a field of `AugmentConfig` below: fields act in their order, geometric ones first;
3. draw it in a test beside the others and give its field a line on the how-to page.
"""

from typing import Self

import numpy as np
from jaxtyping import UInt8
from pydantic import Field

from gambol.config import Config
from gambol.data.augment.base import Geometric, Photometric
from gambol.data.augment.blur import BlurConfig
from gambol.data.augment.brightness import BrightnessConfig
from gambol.data.augment.contrast import ContrastConfig
from gambol.data.augment.erasing import ErasingConfig
from gambol.data.augment.flip import FlipConfig
from gambol.data.augment.noise import NoiseConfig
from gambol.data.augment.rotation import RotationConfig
from gambol.data.augment.scale import ScaleConfig
from gambol.data.augment.translation import TranslationConfig
from gambol.geometry.affine import Affine


class AugmentConfig(Config):
    """How examples are varied in training. The defaults suit crops of animals seen from above."""

    flip: FlipConfig = Field(default=FlipConfig(), description="Mirror left and right.")
    rotation: RotationConfig = Field(default=RotationConfig(), description="Turn about the middle.")
    scale: ScaleConfig = Field(default=ScaleConfig(), description="Make larger or smaller.")
    translation: TranslationConfig = Field(default=TranslationConfig(), description="Move, each axis by itself.")
    blur: BlurConfig = Field(default=BlurConfig(), description="Smooth.")
    brightness: BrightnessConfig = Field(default=BrightnessConfig(), description="More or less light.")
    contrast: ContrastConfig = Field(default=ContrastConfig(), description="Grey levels pulled apart or together.")
    erasing: ErasingConfig = Field(default=ErasingConfig(), description="Hide patches.")
    noise: NoiseConfig = Field(default=NoiseConfig(), description="Add noise of the sensor.")

    @classmethod
    def for_frames(cls) -> Self:
        """Defaults for whole frames: they move and grow less, so that animals stay in the picture."""
        return cls(scale=ScaleConfig(factor=(0.9, 1.1)), translation=TranslationConfig(fraction=(-0.04, 0.04)))

    @classmethod
    def for_windows(cls) -> Self:
        """Defaults for parts of frames: an animal may be anywhere in them, also cut by their border."""
        return cls(translation=TranslationConfig(fraction=(-0.25, 0.25)))

    def draw(self, rng: np.random.Generator, size: tuple[int, int]) -> Affine:
        """One random affine, in input pixels, for an input whose content has that (height, width)."""
        affine = Affine.identity()
        for part in self._parts():
            if isinstance(part, Geometric) and part.happens(rng):
                affine = affine.then(part.draw(rng, size))
        return affine

    def apply(
        self, image: UInt8[np.ndarray, "height width channel"], rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width channel"]:
        """The image with its grey levels varied; nothing moves, and the image given is left as it is."""
        for part in self._parts():
            if isinstance(part, Photometric) and part.happens(rng):
                image = part.apply(image, rng)
        return image

    def _parts(self) -> list[object]:
        return [getattr(self, name) for name in type(self).model_fields]
