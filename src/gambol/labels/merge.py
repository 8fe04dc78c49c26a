"""Labels of another project brought into this one: what a person placed is never lost, nothing comes twice.

Frames are matched by video and index, nodes and tracks by name, animals by their points. What came of it is told
video by video, before anything is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Int
from pydantic import Field

from gambol.config import Config
from gambol.labels.columns import FRAME_FIELDS, ROW_FIELDS, USER, Columns, arrange
from gambol.labels.fit import on_videos_of, with_nodes_of
from gambol.labels.same_videos import Match
from gambol.video.source import VideoSource

PAIRS = 100_000  # animals that are compared at a time
SCORE_DIGITS = 1e-4  # predictions whose scores differ by less are one; files keep scores with 7 digits


class MergeConfig(Config):
    """What is done where both projects say something of a frame."""

    predictions: Literal["replace", "add", "keep"] = Field(
        "replace", description="Predictions for a frame that has some: take the place of these, stand beside them, or "
        "stay out.")
    conflicts: Literal["ours", "theirs", "both"] = Field(
        "ours", description="Frames that persons labelled differently: whose instances the result has.")
    add_nodes: bool = Field(False, description="Add nodes that only the other project has to the skeleton.")
    tolerance: float = Field(
        0.1, ge=0, description="Instances whose points are nowhere farther apart than this are the same, in pixels.")


@dataclass
class Incoming:
    """What comes into one video: figures count instances, but `frames`, `new_frames` and `conflicts` count frames.

    frames: that the other project has; new_frames: of them, those that come in without having been there. user: user
    instances that come in; same: that were there already; left_out: that stay out because of a conflict; removed: of
    the project's own, because the rule was `theirs`. conflicts: frames labelled differently. predictions: that come
    in; replaced: of the project's own, that give way; unused: that stay out because they were there already, or for
    the rule `keep`.
    """

    video: int
    name: str
    why: str
    doubt: str | None = None
    frames: int = 0
    new_frames: int = 0
    user: int = 0
    same: int = 0
    left_out: int = 0
    removed: int = 0
    conflicts: int = 0
    predictions: int = 0
    replaced: int = 0
    unused: int = 0


@dataclass
class Merged:
    """The project with what came in, and by video what that is."""

    columns: Columns
    videos: list[Incoming]
    changed: bool


@dataclass
class _Choice:
    """Which rows of both stay, and which of their rows are one with one of ours."""

    ours: Bool[np.ndarray, " our_row"]
    theirs: Bool[np.ndarray, " their_row"]
    pairs: tuple[Int[np.ndarray, " pair"], Int[np.ndarray, " pair"]]
    conflicts: Bool[np.ndarray, " their_frame"]
    our_negative: Bool[np.ndarray, " our_frame"]
    their_negative: Bool[np.ndarray, " their_frame"]


def merge(
    ours: Columns, theirs: Columns, matches: Sequence[Match], added: Sequence[VideoSource], name: str,
    config: MergeConfig | None = None,
) -> Merged:
    """Bring `theirs` into `ours`; neither is changed.

    matches: what each of their videos is (see `same_videos`). added: those that are not there yet, in their order, as
    the project has to name them. name: of their file, for messages. Raises `SkeletonMismatch` for nodes that the
    project does not have, unless they may be added.
    """
    config = config or MergeConfig()
    known = len(ours.skeleton), len(ours.videos), len(ours.tracks), len(ours.suggestions)
    ours, theirs = with_nodes_of(ours, theirs, config.add_nodes, name)
    news = iter(range(len(ours.videos), len(ours.videos) + len(added)))
    places = [next(news) if match.ours is None else match.ours for match in matches]
    ours = replace(ours, videos=[*ours.videos, *added])
    theirs = on_videos_of(ours, theirs, places)
    ours = replace(ours, tracks=theirs.tracks)
    choice = _choose(ours, theirs, config)
    told = _told(ours, theirs, choice, dict(zip(places, matches, strict=True)))
    columns = _with_suggestions(_without_unused_tracks(_together(ours, theirs, choice), known[2]), theirs)
    changed = (
        known != (len(columns.skeleton), len(columns.videos), len(columns.tracks), len(columns.suggestions))
        or not choice.ours.all() or bool(choice.theirs.any())
        or len(columns) != len(ours) or not np.array_equal(columns.negative, ours.negative))
    return Merged(columns, told, changed)


def _choose(ours: Columns, theirs: Columns, config: MergeConfig) -> _Choice:
    """Decide about every row; both have the same nodes, videos and tracks."""
    there = _positions(ours, theirs)                                                      # (their frame,) -1 nowhere
    both = there >= 0
    one, other = _pairs(ours, theirs, there, config.tolerance)
    alone, alone_there = np.ones(len(ours.kinds), bool), np.ones(len(theirs.kinds), bool)
    alone[one], alone_there[other] = False, False
    user, user_there = ours.kinds == USER, theirs.kinds == USER
    our_row, their_row = ours.row_frame, theirs.row_frame

    def at(per_frame: np.ndarray) -> np.ndarray:
        """What is known of our frames, for theirs; nothing where we have none."""
        return np.where(both, per_frame[there], 0) if len(ours) else np.zeros(len(theirs), per_frame.dtype)

    mine = at(np.bincount(our_row[alone & user], minlength=len(ours)))                    # (their frame,)
    own = np.bincount(their_row[alone_there & user_there], minlength=len(theirs))
    labelled = at(np.bincount(our_row[user], minlength=len(ours))) > 0
    empty = at(ours.negative.astype(np.int64)) > 0
    emptied = theirs.negative & labelled                                                  # "no animal" against animals
    conflicts = both & (((mine > 0) & (own > 0)) | (empty & (own > 0)) | emptied)
    theirs_win = conflicts & (config.conflicts == "theirs")

    keep_there = alone_there & user_there & ~(conflicts & (config.conflicts == "ours"))[their_row]
    given_up = _marked(len(ours), there[theirs_win])                                      # (our frame,)
    keep = ~(alone & user & given_up[our_row])

    speaks = np.bincount(their_row[~user_there], minlength=len(theirs)) > 0               # (their frame,)
    predicted = at(np.bincount(our_row[~user], minlength=len(ours))) > 0
    if config.predictions == "replace":
        made = speaks.any() and not user_there.any()  # by a model alone: then no animal means that none was found
        keep &= user | ~alone | ~_marked(len(ours), there[both & (speaks | made)])[our_row]
    keep_there |= alone_there & ~user_there & ~((config.predictions == "keep") & predicted)[their_row]

    wins = conflicts & ~emptied & (config.conflicts != "ours")
    our_negative = ours.negative & ~_marked(len(ours), there[wins])
    return _Choice(keep, keep_there, (one, other), conflicts, our_negative, theirs.negative & (~emptied | theirs_win))


def _positions(ours: Columns, theirs: Columns) -> Int[np.ndarray, " their_frame"]:
    """For each of their frames where it stands among ours, -1 if we do not have it."""
    keys = [columns.frame_video.astype(np.int64) << 40 | columns.frame_index for columns in (ours, theirs)]
    place = keys[0].searchsorted(keys[1])
    inside = place < len(ours)
    found = np.zeros(len(theirs), bool)
    found[inside] = keys[0][place[inside]] == keys[1][inside]
    return np.where(found, place, -1)


def _marked(count: int, positions: Int[np.ndarray, " chosen"]) -> Bool[np.ndarray, " frame"]:
    marked = np.zeros(count, bool)
    marked[positions] = True
    return marked


def _pairs(
    ours: Columns, theirs: Columns, there: Int[np.ndarray, " their_frame"], tolerance: float
) -> tuple[Int[np.ndarray, " pair"], Int[np.ndarray, " pair"]]:
    """Rows of both that are the same animal placed alike, each row in at most one pair."""
    frame = there[theirs.row_frame]                                                       # (their row,) our frame
    counts = np.where(frame >= 0, np.diff(ours.row_start)[frame] if len(ours) else 0, 0)  # (their row,)
    other = np.repeat(np.arange(len(frame)), counts)                                      # (candidate,)
    before = np.cumsum(counts) - counts
    one = np.arange(len(other)) - before[other] + ours.row_start[frame[other]]            # (candidate,) our row
    alike = np.concatenate([np.zeros(0, bool), *(
        _alike(ours, theirs, one[start:start + PAIRS], other[start:start + PAIRS], tolerance)
        for start in range(0, len(one), PAIRS))])
    one, other = one[alike], other[alike]
    chosen: list[tuple[np.ndarray, np.ndarray]] = []
    while len(one):
        first = np.unique(other, return_index=True)[1]
        first = first[np.unique(one[first], return_index=True)[1]]
        chosen.append((one[first], other[first]))
        rest = ~np.isin(one, one[first]) & ~np.isin(other, other[first])
        one, other = one[rest], other[rest]
    none = np.empty(0, np.int64)
    return (np.concatenate([none, *(pair[0] for pair in chosen)]),
            np.concatenate([none, *(pair[1] for pair in chosen)]))


def _alike(
    ours: Columns, theirs: Columns, one: Int[np.ndarray, " candidate"], other: Int[np.ndarray, " candidate"],
    tolerance: float,
) -> Bool[np.ndarray, " candidate"]:
    """Same kind, the same nodes visible, all within the tolerance; of predictions also scores and track."""
    mine, own = ours.take(one), theirs.take(other)
    seen = [each["visible"] & ~np.isnan(each["points"]).any(-1) for each in (mine, own)]  # (candidate, node)
    apart = np.linalg.norm(mine["points"] - own["points"], axis=-1)                       # (candidate, node)
    near = (seen[0] == seen[1]) & (~seen[0] | (apart <= tolerance))
    scores = np.isclose(mine["scores"], own["scores"], rtol=0, atol=SCORE_DIGITS, equal_nan=True)
    scores &= mine["track"] == own["track"]
    alike: np.ndarray = near.all(1) & (mine["kinds"] == own["kinds"]) & ((mine["kinds"] == USER) | scores)
    return alike


def _together(ours: Columns, theirs: Columns, choice: _Choice) -> Columns:
    """The chosen rows of both as one; our frames stay, theirs come with what they bring."""
    count = len(ours.kinds)
    one, other = choice.pairs
    is_at = np.arange(count + len(theirs.kinds) + 1)                                      # the last one serves -1
    is_at[other + count] = one  # what they made from a prediction that we have too stays linked to it
    links = np.concatenate([ours.from_predicted, np.where(theirs.from_predicted < 0, -1,
                                                          theirs.from_predicted + count)])
    links = np.where(links < 0, -1, is_at[links])
    kept = np.flatnonzero(np.concatenate([choice.ours, choice.theirs]))
    moved = np.full(len(is_at), -1)
    moved[kept] = np.arange(len(kept))
    rows: dict[str, Any] = {
        name: np.concatenate([getattr(ours, name), getattr(theirs, name)])[kept] for name in ROW_FIELDS}
    rows["from_predicted"] = moved[links[kept]]
    brings = _marked(len(theirs), theirs.row_frame[choice.theirs]) | choice.their_negative
    place = np.cumsum(brings) - 1 + len(ours)                                             # (their frame,)
    row_frame = np.concatenate([ours.row_frame, place[theirs.row_frame]])[kept]
    negative = {"negative": (choice.our_negative, choice.their_negative)}
    frames: dict[str, Any] = {}
    for name in FRAME_FIELDS:
        mine, own = negative.get(name) or (getattr(ours, name), getattr(theirs, name))
        frames[name] = np.concatenate([mine, own[brings]])
    origin = ours.origin and replace(
        ours.origin, frames=np.concatenate([ours.origin.frames, np.full(int(brings.sum()), -1)]),
        rows=np.concatenate([ours.origin.rows, np.full(len(theirs.kinds), -1)])[kept])
    return arrange(replace(ours, **rows, **frames, origin=origin), row_frame)


def _without_unused_tracks(columns: Columns, known: int) -> Columns:
    """Without tracks of theirs of which no animal came in; the first `known` are ours and stay."""
    used = np.ones(len(columns.tracks) + 1, bool)                                         # the last one serves -1
    used[known:-1] = np.isin(np.arange(known, len(columns.tracks)), columns.track)
    number = np.where(used, np.cumsum(used) - 1, -1)
    number[-1] = -1
    names = [name for name, stays in zip(columns.tracks, used, strict=False) if stays]
    return replace(columns, tracks=names, track=number[columns.track])


def _with_suggestions(columns: Columns, theirs: Columns) -> Columns:
    missing = [each for each in dict.fromkeys(theirs.suggestions) if each not in set(columns.suggestions)]
    groups = {each: theirs.suggestion_groups[each] for each in missing if each in theirs.suggestion_groups}
    return replace(columns, suggestions=[*columns.suggestions, *missing],
                   suggestion_groups={**columns.suggestion_groups, **groups})


def _told(ours: Columns, theirs: Columns, choice: _Choice, matches: dict[int, Match]) -> list[Incoming]:
    """Figures by video, those of their videos in the order of the project."""
    other = choice.pairs[1]
    user, user_there = ours.kinds == USER, theirs.kinds == USER
    paired = _marked(len(theirs.kinds), other)
    our_video, their_video = ours.frame_video[ours.row_frame], theirs.frame_video[theirs.row_frame]
    new = _positions(ours, theirs) < 0
    brings = _marked(len(theirs), theirs.row_frame[choice.theirs]) | choice.their_negative
    gone = ~choice.ours
    figures: dict[str, Any] = {
        "frames": theirs.frame_video, "new_frames": theirs.frame_video[new & brings],
        "conflicts": theirs.frame_video[choice.conflicts],
        "user": their_video[choice.theirs & user_there], "same": their_video[paired & user_there],
        "left_out": their_video[~choice.theirs & ~paired & user_there], "removed": our_video[gone & user],
        "predictions": their_video[choice.theirs & ~user_there], "replaced": our_video[gone & ~user],
        "unused": their_video[~choice.theirs & ~user_there]}
    counts = {name: np.bincount(videos, minlength=len(ours.videos)) for name, videos in figures.items()}
    return [
        Incoming(video, ours.videos[video].name, match.why, match.doubt,
                 **{name: int(count[video]) for name, count in counts.items()})
        for video, match in sorted(matches.items())]
