"""Which videos of two projects are the same, wherever each of the projects thinks they lie.

Tried in this order: the path as stored, the file that is found on this machine, what a file is known again by
(`gambol.video.fingerprint`), and last name, size and length together, which may not be ambiguous. Of images that are
embedded in a package, what they were taken from counts as much as they themselves.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any

from gambol.errors import LabelsError, VideoError
from gambol.labels.columns import Columns
from gambol.labels.paths import resolve
from gambol.video.facts import glance
from gambol.video.fingerprint import fingerprint
from gambol.video.source import VideoSource

FINGERPRINT = "fingerprint"  # the key under which a package says what its images' video can be known again by
CERTAIN = {"stored": "same path", "found": "same file", "content": "same content"}
LIKELY = "same name, size and length"
TOLD = "as told"


@dataclass(frozen=True)
class Match:
    """What became of one video of another project.

    ours: its number in the project, None if it is not there. why: how it was known, in words. doubt: a sentence
    about a video of the project that looks like it and was not taken for it.
    """

    ours: int | None
    why: str
    doubt: str | None = None


@dataclass
class _Traits:
    """All that tells a video from others."""

    name: str
    stored: set[Any] = field(default_factory=set)
    found: set[Any] = field(default_factory=set)
    content: set[tuple[str, str]] = field(default_factory=set)
    looks: set[Any] = field(default_factory=set)


def match_videos(
    ours: Columns, theirs: Columns, our_file: Path, their_file: Path, told: Mapping[int, int] | None = None
) -> list[Match]:
    """For each video of `theirs` what it is among those of `ours`; the files say where relative paths begin.

    told: what a person knows, number of theirs to number of ours; it is believed. Raises `LabelsError` if it names
    videos that are not there, or if a video could be several of the project's, and nothing tells which.
    """
    told = told or {}
    _require_there(told, ours, theirs, their_file)
    mine = [_traits(ours, number, our_file) for number in range(len(ours.videos))]
    other = [_traits(theirs, number, their_file) for number in range(len(theirs.videos))]
    matches = {number: Match(place, TOLD) for number, place in told.items()}
    for number, traits in enumerate(other):
        for trait, why in CERTAIN.items():
            same = [place for place, own in enumerate(mine) if _agree(own, traits, trait)]
            if same and number not in told:
                matches[number] = Match(number if number in same else same[0], why)
                break
    taken = {match.ours for match in matches.values()}
    rest = {number: traits for number, traits in enumerate(other) if number not in matches}
    for number, traits in rest.items():
        same = [place for place, own in enumerate(mine) if place not in taken and _agree(own, traits, "looks")]
        rivals = [each for each in rest.values() if each.looks & traits.looks]
        if same and (len(same) > 1 or len(rivals) > 1):
            raise _ambiguous(traits, same, rivals, their_file)
        matches[number] = Match(same[0], LIKELY) if same else Match(None, "new", _doubt(mine, traits))
    return [matches[number] for number in range(len(other))]


def _agree(one: _Traits, other: _Traits, trait: str) -> bool:
    if not getattr(one, trait) & getattr(other, trait):
        return False
    return trait in ("found", "content") or not _contradict(one, other)


def _contradict(one: _Traits, other: _Traits) -> bool:
    """Whether both are known by content, in the same way, and differ; embedded images may be other ones of a video."""
    for kind in ("file", "images"):
        mine, theirs = ({print for way, print in traits.content if way == kind} for traits in (one, other))
        if mine and theirs and not mine & theirs:
            return True
    return False


def _traits(columns: Columns, number: int, file: Path) -> _Traits:
    video, base = columns.videos[number], file.resolve().parent
    traits = _Traits(video.name)
    remembered = columns.provenance.get("videos")
    if isinstance(remembered, list) and number < len(remembered):
        _remember(traits, remembered[number])
    for source in _with_originals(video):
        crop = json.dumps(source.stored.get("video_crop"), sort_keys=True)
        traits.stored.add((_place(source, base), crop))
        _remember(traits, source.stored.get(FINGERPRINT))
        try:
            found = resolve(source, base)
            traits.found.add((_place(found, base), crop))
            _remember(traits, fingerprint(found))
        except VideoError:
            found = None
        traits.looks |= {(*look, crop) for look in _looks(source, found)}
    return traits


def _with_originals(video: VideoSource) -> Iterator[VideoSource]:
    source: VideoSource | None = video
    while source is not None:
        yield source
        source = source.original


def _place(source: VideoSource, base: Path) -> tuple[str, ...]:
    """Absolute paths as text, symbolic links followed where they are on this machine; and the dataset."""
    paths = source.images or (source.path,)
    return (*(_absolute(path, base) for path in paths), source.dataset or "")


def _absolute(path: Path, base: Path) -> str:
    if PureWindowsPath(path).drive and not path.is_absolute():
        return path.as_posix()  # of a Windows machine, looked at on another
    return (base / path).resolve().as_posix()


def _remember(traits: _Traits, known: Any) -> None:
    """Note a fingerprint, if it is one; names in it are for people."""
    if not isinstance(known, Mapping) or "hash" not in known:
        return
    kind = "images" if "names" in known else "embedded" if "images" in known else "file"
    traits.content.add((kind, json.dumps({key: known[key] for key in known if key != "name"}, sort_keys=True)))


def _looks(source: VideoSource, found: VideoSource | None) -> Iterator[tuple[str, int, int, int]]:
    """Name, frames, height and width of a file or an image list, where they are known."""
    if source.dataset is not None:
        return
    name = source.name if not source.images else f"{source.images[0].parent.name}/{source.name}"
    if source.shape is not None:
        yield name, *source.shape[:3]
    elif found is not None:
        try:
            seen = glance(found)
        except VideoError:
            return
        if seen["frames"]:
            yield name, seen["frames"], seen["height"], seen["width"]


def _doubt(mine: list[_Traits], traits: _Traits) -> str | None:
    """A sentence, if the project has a video of the same name that was not taken for this one."""
    names = {look[0] for look in traits.looks} | {traits.name}
    for own in mine:
        if names & ({look[0] for look in own.looks} | {own.name}):
            why = "its content is another one" if _contradict(own, traits) else (
                "its size or length is another one" if own.looks and traits.looks else "nothing shows that it is this")
            return f"The project has a video called {own.name} too, but {why}."
    return None


def _ambiguous(traits: _Traits, same: list[int], rivals: list[_Traits], file: Path) -> LabelsError:
    what = f"could be any of the project's videos {', '.join(map(str, same))}" if len(same) > 1 else \
        f"could be the project's video {same[0]}, and so could {len(rivals) - 1} more of that file"
    return LabelsError(
        f"{traits.name} of {file} {what}: name, size and length are the same, and nothing else is known of it. "
        "On the wrong video every label would be wrong. "
        "Say which it is by --video THEIRS=OURS, with the numbers that gambol inspect shows, and merge again.")


def _require_there(told: Mapping[int, int], ours: Columns, theirs: Columns, file: Path) -> None:
    for number, place in told.items():
        if not (0 <= number < len(theirs.videos) and 0 <= place < len(ours.videos)):
            raise LabelsError(
                f"Video {number} of {file} was said to be video {place} of the project, but they have "
                f"{len(theirs.videos)} and {len(ours.videos)} videos, counted from 0. "
                "Labels would land nowhere. "
                "Look the numbers up with gambol inspect.")
