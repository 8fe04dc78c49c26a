"""What a result depends on: predictions of one basis are the same, so one may go on with the parts of another."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gambol.inference.plan import Plan, Videos
from gambol.inference.predictor import Predictor
from gambol.inference.request import PredictionRequest
from gambol.video.fingerprint import changed
from gambol.video.source import VideoSource

LAYOUT = 1  # of the parts; another number makes parts of before useless
FRAMES = 16  # fewest in a block


@dataclass(frozen=True)
class Basis:
    """What a result depends on, as the parts' manifest keeps it.

    model: fingerprint of the networks. engine: what runs them, and where. options: as pydantic dumps them. asked: the
    frames in the user's words. frames: by video, how many were chosen and a hash of their numbers. block: frames
    within which batches are formed. sources, videos: the input's videos and their fingerprints.
    """

    model: str
    engine: str
    options: Mapping[str, Any]
    asked: str
    frames: Mapping[str, Sequence[Any]]
    block: int
    videos: Sequence[Mapping[str, Any]]
    sources: Sequence[VideoSource]

    def as_json(self) -> dict[str, Any]:
        """What the manifest holds."""
        known = {name: value for name, value in asdict(self).items() if name != "sources"}
        return {"layout": LAYOUT, **known}

    def differences(self, stored: Mapping[str, Any]) -> list[str]:
        """In words, what differs between this and a manifest; nothing if a result may be made of parts of both."""
        if stored.get("layout") != LAYOUT or stored.get("block") != self.block:
            return ["by another version of gambol"]
        found = []
        if stored["engine"] != self.engine:
            found.append(f"the networks ran on {stored['engine']}, and now on {self.engine}")
        elif stored["model"] != self.model:
            found.append("the model was another one (its weights or settings have changed)")
        for name, now in self.options.items():
            then = stored["options"].get(name)
            if then != now:
                found.append(f"{name.replace('_', ' ')} was {_said(then)}, and is {_said(now)} now")
        for source, fingerprint in zip(self.sources, stored["videos"], strict=False):
            other = changed(source, fingerprint)
            if other:
                found.append(other)
        if not found and stored["frames"] != {video: list(frames) for video, frames in self.frames.items()}:
            found.append(f"other frames were asked for ({stored['asked']}, and now {self.asked})")
        return found


def basis_of(request: PredictionRequest, predictor: Predictor, plan: Plan, videos: Videos) -> Basis:
    """What the result of this request depends on."""
    options = predictor.pipeline.options
    chosen = {str(video): [len(frames), _hash(frames)] for video, frames in plan.frames.items()}
    return Basis(
        predictor.fingerprint, f"{predictor.engine} on {predictor.device}", options.model_dump(mode="json"),
        request.asked, chosen, block_size(options.batch), videos.fingerprints(), videos.sources)


def block_size(batch: int) -> int:
    """Frames of a block: whole batches, and few, so that little is lost where frames take long."""
    return batch * -(-FRAMES // batch)


def _hash(frames: Sequence[int]) -> str:
    """A hash of frame numbers, the same for a range and the list of what is in it."""
    digest = hashlib.sha256()
    for start in range(0, len(frames), 1 << 16):
        digest.update(np.asarray(frames[start:start + (1 << 16)], np.int64).tobytes())
    return digest.hexdigest()


def _said(value: Any) -> str:
    return "not set" if value is None else str(value)
