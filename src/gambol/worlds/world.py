"""A whole world: its settings, its animals, and any frame of it with the truth about that frame."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, UInt8
from pydantic import Field

from gambol.config import Config
from gambol.labels.skeleton import Skeleton
from gambol.poses import Poses
from gambol.worlds.body import SKELETON, Body
from gambol.worlds.clutter import draw_floor
from gambol.worlds.coat import Coat, draw_coat
from gambol.worlds.light import Light
from gambol.worlds.motion import Walker, roam
from gambol.worlds.render import Layer, draw_animal, paint


class WorldConfig(Config):
    """What a made-up world looks like; equal settings give equal pixels."""

    animals: int = Field(3, ge=0, description="Animals that roam the world.")
    frames: int = Field(600, ge=1, description="Length of the video in frames; earlier frames do not depend on it.")
    height: int = Field(320, ge=16, description="Height of the image in pixels.")
    width: int = Field(320, ge=16, description="Width of the image in pixels.")
    animal_size: float = Field(84, ge=16, description="Length of an animal from snout to tail tip, in pixels.")
    speed: float = Field(1.8, ge=0, description="Mean speed of an animal, in pixels per frame.")
    margin: float = Field(0.5, ge=-2, description="Distance that the animals' goals keep from the image's edges, in "
                          "body lengths; below zero animals leave the image.")
    clutter: float = Field(1, ge=0, le=10, description="Pebbles, leaves and twigs: 0 none, 1 the usual amount.")
    light: float = Field(1, ge=0, le=2, description="How much the light changes: 0 steady, 1 the usual drift.")
    noise: float = Field(2.5, ge=0, le=100, description="Standard deviation of the camera's noise, in grey levels.")
    colour: bool = Field(False, description="RGB images instead of grey ones.")
    seed: int = Field(0, ge=0, description="Another seed is another world.")


@dataclass(frozen=True)
class Animal:
    """One inhabitant: how it moves and what it looks like."""

    walker: Walker
    coat: Coat


class World:
    """Articulated animals before clutter under changing light, with exact truth.

    Any frame can be made at any time, in any order. An animal of higher number walks over one of lower number;
    a node that it hides, or that lies outside of the image, is not visible in the truth.
    """

    skeleton: Skeleton = SKELETON

    def __init__(self, config: WorldConfig) -> None:
        self.config = config
        rng = np.random.default_rng([config.seed, 0])
        floor = draw_floor(rng, config.height, config.width, config.animal_size, config.clutter)
        self.floor: Float32[np.ndarray, "height width channel"] = floor if config.colour else _luma(floor)
        self.light = Light.draw(rng, config.height, config.width, config.light, config.noise)
        self.animals = [_inhabitant(config, number) for number in range(config.animals)]

    def __len__(self) -> int:
        """Frames."""
        return self.config.frames

    def frame(self, index: int) -> tuple[UInt8[np.ndarray, "height width channel"], Poses]:
        """The image of a frame and the truth about it: the visible animals, their tracks being their numbers.

        Raises IndexError beyond the world's frames.
        """
        bodies, layers = self._draw(index)
        canvas = self.floor.copy()
        shadow = self.light.shadow(index, self.config.animal_size)
        for layer in layers:
            paint(canvas, layer, shadow)
        return self.light.record(canvas, index), self._truth(bodies, layers)

    def truth(self, index: int) -> Poses:
        """The truth about a frame without its image; the same as `frame(index)[1]`."""
        return self._truth(*self._draw(index))

    def positions(self, index: int) -> Float[np.ndarray, "animal node 2"]:
        """Where every node of every animal is in a frame, seen or not."""
        return np.array([body.points for body in self._bodies(index)]).reshape(-1, len(self.skeleton), 2)

    def _bodies(self, index: int) -> list[Body]:
        if not 0 <= index < len(self):
            raise IndexError(f"frame {index} of a world of {len(self)} frames")
        return [animal.walker.body(index) for animal in self.animals]

    def _draw(self, index: int) -> tuple[list[Body], list[Layer]]:
        bodies = self._bodies(index)
        return bodies, [draw_animal(body, animal.coat) for body, animal in zip(bodies, self.animals, strict=True)]

    def _truth(self, bodies: list[Body], layers: list[Layer]) -> Poses:
        points = np.array([body.points for body in bodies]).reshape(-1, len(self.skeleton), 2)
        points[~self._seen(points, layers)] = np.nan
        poses = replace(Poses.of(points), tracks=np.arange(len(points)))
        return poses.select(np.flatnonzero(poses.visible.any(-1)))

    def _seen(self, points: Float[np.ndarray, "animal node 2"], layers: list[Layer]) -> Bool[np.ndarray, "animal node"]:
        """Whether a node lies inside the image and no animal above covers it."""
        corner = (self.config.width - 0.5, self.config.height - 0.5)
        seen = np.asarray(((points >= -0.5) & (points < corner)).all(-1))
        for animal in range(len(points)):
            for above in layers[animal + 1 :]:
                seen[animal] &= ~above.covers(points[animal])
        return seen


def _inhabitant(config: WorldConfig, number: int) -> Animal:
    """The animal of this number; it does not depend on how many others there are or on how long the world lasts."""
    rng = np.random.default_rng([config.seed, 1, number])
    size, edge = config.animal_size, config.margin * config.animal_size
    middle = (config.width / 2, config.height / 2)
    arena = (min(edge, middle[0]), min(edge, middle[1]),
             max(config.width - edge, middle[0]), max(config.height - edge, middle[1]))
    angle = 2.4 * number + rng.uniform(0, 0.6)  # golden angle: beginnings lie apart, however many there are
    start = (middle[0] * (1 + 0.7 * np.cos(angle)), middle[1] * (1 + 0.7 * np.sin(angle)))
    habits = rng.uniform(0, 2 * np.pi, 4)
    coat = draw_coat(rng, size, number, config.colour)
    path = roam(rng, arena, start, size, Walker.needed(config.frames, size, config.speed))
    return Animal(Walker(path, size, config.speed, habits), coat)


def _luma(image: Float32[np.ndarray, "height width 3"]) -> Float32[np.ndarray, "height width 1"]:
    """Grey by ITU-R 601."""
    return (image @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
