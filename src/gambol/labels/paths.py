"""Where a project's videos are on this machine: the stored path, the project's folder, folders that moved.

A project that moved between machines still names the paths of the old one. What is tried, in this order: the path
as stored; the project's folder with the longest tail of the stored path that exists there, down to the bare name;
the user's exchanged folders. Those are written down once for all projects, in a small JSON file: `prefixes.json` in
gambol's configuration folder, or where GAMBOL_PREFIXES points: `{"/folder/there": "/folder/here"}`.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from gambol.errors import VideoError
from gambol.video.source import VideoSource


def resolve(source: VideoSource, base: Path) -> VideoSource:
    """The same video with a path that exists, absolute.

    base: the folder of the project that names it. Image lists are found together: where the first image is, the
    others are looked for first. Raises `VideoError` naming what was tried.
    """
    if "video_crop" in source.stored:
        raise VideoError(
            f"{source.name} is cropped on reading, which gambol does not do. "
            "Its points are in pixels of the crop and would land elsewhere in the whole image. "
            "Write the crop out as a video of its own with sleap-io, then label that one.")
    if not source.images:
        return replace(source, path=_find(source.path, base, source))
    folders: dict[Path, Path] = {}  # as stored -> on this machine
    found: list[Path] = []
    for image in source.images:
        place = folders.get(image.parent, base) / image.name
        if image.parent not in folders or not place.exists():
            place = _find(image, base, source)
            folders[image.parent] = place.parent
        found.append(place)
    return replace(source, path=found[0], images=tuple(found))


def candidates(path: Path, base: Path) -> Iterator[Path]:
    """The places where a stored path is looked for, best first."""
    parts = [part for part in PurePosixPath(path.as_posix()).parts if not part.endswith(("/", ":"))]
    if path.is_absolute():
        yield path
    for first in range(len(parts)):
        if ".." not in parts[first:] or first == 0:
            yield base.joinpath(*parts[first:])
    whole = path.as_posix()
    for there, here in exchanged_folders().items():
        if whole.startswith(f"{there}/"):
            yield Path(here).expanduser() / whole[len(there) + 1 :]


def exchanged_folders() -> dict[str, str]:
    """Folders of other machines and what they are here, as the user wrote them down; none if that cannot be read."""
    return _read_folders() or {}


def _read_folders() -> dict[str, str] | None:
    """None for a file that is no such list."""
    file = folders_file()
    if not file.is_file():
        return {}
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return None
    if not isinstance(stored, dict):
        return None
    return {str(there).replace("\\", "/").rstrip("/"): str(here) for there, here in stored.items()}


def _find(path: Path, base: Path, source: VideoSource) -> Path:
    tried = []
    for candidate in candidates(path, base):
        if candidate.exists():
            return candidate.absolute()
        tried.append(candidate)
    listed = "".join(f"\n  {candidate}" for candidate in dict.fromkeys(tried))
    what = f"Image {path.name} of {len(source.images)}" if source.images else f"The video {path.name}"
    raise VideoError(
        f"{what} was not found at any of these places:{listed}\n"
        "Without its images the labels cannot be used. "
        f"Put it beside the project file{_advice(path.parent)}.")


def _advice(folder: Path) -> str:
    if folder == Path():
        return ", or correct its path in the project"
    line = json.dumps({folder.as_posix(): "the folder where it is now"}, ensure_ascii=False)
    damaged = " (its present content cannot be read as such)" if _read_folders() is None else ""
    return f", or write this line into {folders_file()}{damaged}, which serves all projects: {line}"


def folders_file() -> Path:
    """Where the user writes down which folder of another machine is which one here."""
    chosen = os.environ.get("GAMBOL_PREFIXES")
    if chosen:
        return Path(chosen)
    home = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA")
    return (Path(home) if home else Path.home() / ".config") / "gambol" / "prefixes.json"
