"""How the animals move: they roam from place to place, pause, plant their feet, and bend as they go.

The head draws a path; the body follows along it, so that it bends as the path does. Feet stand still on the
floor while the body passes over them, then swing forward.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gambol.worlds.body import HIP, LIMBS, SPINE_NODES, Body, left_of

KNOTS = 49
TURN_RADIUS = 0.33  # the tightest bend, in body lengths
STRIDE = 0.21  # body lengths from one footprint to the next of the same foot
STANCE = 0.65  # share of a stride during which a foot stands
REACH = 0.135  # distance of a footprint from the path, in body lengths
PHASES = (0.0, 0.5, 0.5, 0.0)  # diagonal limbs move together

Arena = tuple[float, float, float, float]  # left, top, right, bottom, image pixels


def roam(rng: np.random.Generator, arena: Arena, start: tuple[float, float], size: float, length: float
         ) -> Float[np.ndarray, "step 2"]:
    """A path of `length` pixels in steps of 1/80 body length, from one random place of the arena to the next.

    It never bends tighter than `TURN_RADIUS` and bends smoothly. A longer path begins with the shorter one.
    """
    left, top, right, bottom = arena
    step = size / 80
    (x, y), bend = start, 0.0
    heading = math.atan2((top + bottom) / 2 - y, (left + right) / 2 - x) + rng.uniform(-0.5, 0.5)
    goal, patience = (x, y), 0
    path = np.empty((int(length / step) + 2, 2))
    for index in range(len(path)):
        path[index] = x, y
        if patience == 0 or math.hypot(goal[0] - x, goal[1] - y) < 2.1 * TURN_RADIUS * size:
            goal, patience = (rng.uniform(left, right), rng.uniform(top, bottom)), 400
        error = (math.atan2(goal[1] - y, goal[0] - x) - heading + math.pi) % (2 * math.pi) - math.pi
        wanted = max(-1.0, min(1.0, 2 * error)) / (TURN_RADIUS * size)  # 1 / pixel
        bend += 0.1 * (wanted - bend)
        heading += bend * step
        x, y, patience = x + step * math.cos(heading), y + step * math.sin(heading), patience - 1
    return path


@dataclass(frozen=True)
class Walker:
    """One animal's whole life: its path, its pace and its habits.

    path (step, 2): what the snout draws, steps of size / 80 · size: body length, pixels · speed: mean pixels
    per frame · habits (4,): phases of pace, tail and head, radians.
    """

    path: Float[np.ndarray, "step 2"]
    size: float
    speed: float
    habits: Float[np.ndarray, "4"]

    @staticmethod
    def needed(frames: int, size: float, speed: float) -> float:
        """How long a path must be for so many frames, in pixels: the body's own length, then the way walked."""
        return 1.5 * size + speed * (frames + 80)

    def progress(self, frame: int) -> float:
        """How far along its path the snout is, in pixels; never decreases, and rests now and then."""
        slow, quick = 2 * math.pi / 143, 2 * math.pi / 61
        one, two = self.habits[:2]
        sway = 0.6 * (math.sin(slow * frame + one) - math.sin(one)) / slow
        sway += 0.4 * (math.sin(quick * frame + two) - math.sin(two)) / quick
        return 1.2 * self.size + self.speed * (frame + sway)

    def body(self, frame: int) -> Body:
        """The animal's shape in a frame."""
        arc = self.progress(frame)
        return Body(self._spine(frame, arc), self._feet(arc), self.size)

    def _spine(self, frame: int, arc: float) -> Float[np.ndarray, "knot 2"]:
        along = np.linspace(0, 1, KNOTS)
        spine = self._place(arc - along * self.size)  # (knot, 2)
        tail = np.clip((along - HIP) / (1 - HIP), 0, 1) ** 1.6
        head = np.clip((SPINE_NODES[1] - along) / SPINE_NODES[1], 0, 1) ** 1.5
        stride = 2 * math.pi * arc / (STRIDE * self.size)
        lateral = 0.012 * np.sin(stride - 2 * math.pi * along)
        lateral += 0.055 * tail * np.sin(0.07 * frame + self.habits[2] - 3 * along)
        lateral += 0.030 * head * math.sin(0.045 * frame + self.habits[3])
        spine = spine + self.size * lateral[:, None] * self._left(arc - along * self.size)
        return _equally_spaced(spine, self.size)

    def _feet(self, arc: float) -> Float[np.ndarray, "limb 2"]:
        along, side = np.array(LIMBS).T  # (limb,) each
        stride = STRIDE * self.size
        cycle = (arc - along * self.size) / stride + np.array(PHASES)
        swing = np.clip((cycle % 1 - STANCE) / (1 - STANCE), 0, 1)
        footprint = np.floor(cycle) + swing**2 * (3 - 2 * swing)
        arcs = stride * (footprint - np.array(PHASES) + STANCE / 2)  # (limb,)
        return np.asarray(self._place(arcs) + (side * REACH * self.size)[:, None] * self._left(arcs))

    def _place(self, arcs: Float[np.ndarray, " place"]) -> Float[np.ndarray, "place 2"]:
        steps = np.arange(len(self.path)) * (self.size / 80)
        return np.stack([np.interp(arcs, steps, self.path[:, axis]) for axis in (0, 1)], axis=1)

    def _left(self, arcs: Float[np.ndarray, " place"]) -> Float[np.ndarray, "place 2"]:
        reach = 0.04 * self.size
        ahead = self._place(arcs + reach) - self._place(arcs - reach)
        return left_of(ahead / np.linalg.norm(ahead, axis=1, keepdims=True))


def _equally_spaced(spine: Float[np.ndarray, "knot 2"], size: float) -> Float[np.ndarray, "knot 2"]:
    """The same curve with knots at equal distances, `size` long from its first knot (run on straight at its end)."""
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(spine, axis=0), axis=1))])
    if lengths[-1] < size:
        direction = (spine[-1] - spine[-2]) / (lengths[-1] - lengths[-2])
        spine = np.vstack([spine, spine[-1] + direction * (size - lengths[-1])])
        lengths = np.append(lengths, size)
    wanted = np.linspace(0, size, KNOTS)
    return np.stack([np.interp(wanted, lengths, spine[:, axis]) for axis in (0, 1)], axis=1)
