"""A training as one file for another machine: labels with their images, the job, and what to do with them.

The package is a zip. Its manifest says what belongs into it, with sizes and checksums, so that whoever opens it
(`gambol.training.unpack`) takes nothing else. Images keep the path and the fingerprint of the video that they were
taken from, which is how predictions find their way home (`gambol.labels.same_videos`).
"""

import hashlib
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml
from pydantic import Field

from gambol.config import Config
from gambol.errors import JobError, OutputError
from gambol.formats import load, save
from gambol.labels.checks import require_trainable
from gambol.labels.columns import USER, Columns
from gambol.labels.paths import resolve
from gambol.labels.same_videos import FINGERPRINT
from gambol.labels.stored_videos import stored_from_source
from gambol.runs.layout import PACKAGE_MANIFEST, environment
from gambol.storage import locked, refuse_existing, replacing
from gambol.training.job import TrainingJob
from gambol.training.readme import readme
from gambol.video.fingerprint import fingerprint
from gambol.video.source import VideoSource

MANIFEST, JOB, README = PACKAGE_MANIFEST, "job.yaml", "README.md"
LABELS = {"labels": "labels.pkg.slp", "validation": "validation.pkg.slp"}
FORMAT = 1
PIECE = 1 << 20  # bytes copied at a time
OF_THIS_MACHINE = ("out", "overwrite", "device")  # settings that do not travel


class PackedFile(Config):
    """A file of the package."""

    bytes: int = Field(ge=0, description="Its size.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Its SHA-256 checksum, in hexadecimal.")


class Manifest(Config):
    """What belongs into a package."""

    format: int = Field(ge=1, description="The layout of the package; another number is another layout.")
    made: str = Field(description="When it was made, as ISO 8601 has it.")
    project: str = Field(description="The name of the project that it was made of.")
    environment: dict[str, str | int | None] = Field(description="The versions and the system that it was made with.")
    content: dict[str, dict[str, int]] = Field(description="For each file of labels its frames, animals and videos.")
    files: dict[str, PackedFile] = Field(description="All files but the manifest itself.")


@dataclass(frozen=True)
class Packed:
    """A package that was made: its size in bytes, and what it holds (see `Manifest`)."""

    path: Path
    bytes: int
    manifest: Manifest


def package(
    job: TrainingJob, out: Path, suggested: bool = False, overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Packed:
    """Write a job with its labels, and their images, as a zip to `out`; atomically.

    suggested: whether images of suggested frames go along, to be predicted there. progress: called with (images
    stored, images in all) for each file of labels. Raises `LabelsError` or `VideoError` if labels or videos cannot be
    used, `JobError` if the job needs what a package does not hold, `OutputError` if it cannot be written.
    """
    if out.suffix.lower() != ".zip":
        raise OutputError(
            f"{out} does not end in .zip. "
            "A package is a zip, and gambol train knows it by that name. "
            f"Call it {out.with_suffix('.zip').name}.")
    refuse_existing(out, overwrite)
    content = _portable(job)
    parts = {LABELS["labels"]: _to_embed(job.labels, suggested)}
    if job.validation is not None:
        parts[LABELS["validation"]] = _to_embed(job.validation, False)
    with locked(out.absolute()), replacing(out.absolute()) as temporary, TemporaryDirectory(
            prefix=f".{out.name}.", dir=out.absolute().parent) as name:
        folder = Path(name)
        for file, columns in parts.items():
            save(columns, folder / file, embed=True, progress=progress)
        (folder / JOB).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        (folder / README).write_text(readme(out.name, job, suggested), encoding="utf-8")
        manifest = _zip(folder, (*parts, JOB, README), temporary, {
            "format": FORMAT, "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "project": job.labels.name,
            "environment": environment(),
            "content": {file: {"frames": len(columns), "animals": len(columns.kinds), "videos": len(columns.videos),
                               "suggested": len(columns.suggestions)} for file, columns in parts.items()}})
    return Packed(out, out.stat().st_size, manifest)


def _portable(job: TrainingJob) -> dict[str, Any]:
    """The job as it is written into the package. Raises `JobError` for a setting that names something else here."""
    content = job.model_dump(mode="json", exclude_unset=True, exclude=set(OF_THIS_MACHINE))
    content |= {key: LABELS[key] for key in LABELS if content.get(key) is not None}
    for setting, value in _texts(content):
        if Path(value).is_absolute() and Path(value).exists():
            raise JobError(
                f"The job's setting '{setting}' names {value}, which a package does not hold. "
                "On the other machine the training would not be the one that was asked for. "
                "Leave that setting out, or copy the file there and pass it by --set.")
    return content


def _texts(content: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """All texts in nested settings, each with its place as --set writes it."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _texts(value, f"{at}.{key}" if at else str(key))
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value, at)
    elif isinstance(content, str):
        yield at, content


def _to_embed(path: Path, suggested: bool) -> Columns:
    """The labels that teach, on the videos that they need, each found and known by its fingerprint."""
    columns = load(path, lazy=True)
    user = columns.row_frame[columns.kinds == USER]
    if len(user):  # so that hours of predictions beside the labels stay in their file
        columns = columns.select_frames(np.bincount(user, minlength=len(columns)).astype(bool) | columns.negative)
    columns = require_trainable(columns, path)
    suggestions = columns.suggestions if suggested else []
    used = sorted({*columns.frame_video.tolist(), *(video for video, _ in suggestions)})
    place = np.full(len(columns.videos), -1)
    place[used] = np.arange(len(used))
    groups = {each: group for each, group in columns.suggestion_groups.items() if each in set(suggestions)}
    return replace(
        columns, videos=[_known(columns.videos[video], path.resolve().parent) for video in used],
        frame_video=place[columns.frame_video],
        suggestions=[(int(place[video]), frame) for video, frame in suggestions],
        suggestion_groups={(int(place[video]), frame): group for (video, frame), group in groups.items()},
        origin=None)


def _known(video: VideoSource, base: Path) -> VideoSource:
    found = resolve(video, base)
    if found.original is not None or found.dataset is not None:
        return found
    return replace(found, stored=stored_from_source(found, Path()) | {FINGERPRINT: fingerprint(found)})


def _zip(folder: Path, names: tuple[str, ...], path: Path, known: dict[str, Any]) -> Manifest:
    """Put files into a zip, in pieces; images are compressed already, so nothing is compressed again."""
    files = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        for name in names:
            digest, size = hashlib.sha256(), (folder / name).stat().st_size
            entry = zipfile.ZipInfo.from_file(folder / name, name)
            with (folder / name).open("rb") as source, packed.open(entry, "w", force_zip64=True) as target:
                while piece := source.read(PIECE):
                    digest.update(piece)
                    target.write(piece)
            files[name] = {"bytes": size, "sha256": digest.hexdigest()}
        manifest = Manifest.model_validate(known | {"files": files})
        packed.writestr(MANIFEST, json.dumps(manifest.model_dump(), indent=1))
    return manifest
