"""How fast a trained model turns images into poses."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import numpy as np

from gambol.inference.frames import predict_frames
from gambol.inference.predictor import Predictor
from gambol.video.colour import Image

FRAMES, SECONDS = 64, 0.5  # measured at least, both of them
MOST = 10.0                # seconds after which fewer frames will do


def measure_speed(predictor: Predictor, image: Callable[[int], Image], count: int) -> dict[str, Any]:
    """Predict `count` images over and over, and say how many frames pass in a second once everything is running.

    image: one of them by its number. The first batch of each worker is not counted, for in it engines are still
    getting ready; the clock starts and stops where batches end. Gives what `RunFolder.speed` holds.
    """
    batch = predictor.pipeline.options.batch
    warm = batch * predictor.workers
    animals: list[int] = []
    began, now = 0.0, 0.0
    with closing(predict_frames(predictor.pipeline, _endless(image, count), workers=predictor.workers)) as results:
        for number, (_, poses) in enumerate(results, 1):
            if number > warm:
                animals.append(len(poses))
            if number % batch or number < warm:
                continue
            now = time.perf_counter()
            if number == warm:
                began = now
            elif now - began > MOST or (len(animals) >= FRAMES and now - began > SECONDS):
                break
    sizes = [image(number).shape for number in range(count)]
    return {
        "frames_per_second": round(len(animals) / (now - began), 2), "frames": len(animals),
        "seconds": round(now - began, 3), "device": predictor.device, "engine": predictor.engine, "batch": batch,
        "workers": predictor.workers, "height": max(size[0] for size in sizes), "width": max(size[1] for size in sizes),
        "animals_per_frame": round(float(np.mean(animals)), 2)}


def _endless(image: Callable[[int], Image], count: int) -> Iterator[tuple[int, Image]]:
    return ((number, image(number % count)) for number in itertools.count())
