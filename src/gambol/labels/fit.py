"""The labels of one project in the terms of another: its videos, its nodes in its order, its tracks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Int

from gambol.errors import SkeletonMismatch
from gambol.labels.columns import Columns, arrange, empty_rows
from gambol.labels.skeleton import Skeleton

NODE_FIELDS = ("points", "visible", "complete", "point_scores")


def with_nodes_of(ours: Columns, theirs: Columns, add: bool, name: str) -> tuple[Columns, Columns]:
    """Both with one skeleton: that of `ours`, nodes matched by name; a node that one lacks is not visible there.

    add: whether nodes that only `theirs` has are put behind those of `ours`, with their edges and symmetries.
    name: of their file, for messages. Raises `SkeletonMismatch` if there are such nodes and they may not be added, or
    if a name stands for two nodes.
    """
    if theirs.skeleton.nodes == ours.skeleton.nodes:
        return ours, replace(theirs, skeleton=ours.skeleton)
    for skeleton, whose in ((ours.skeleton, "The project"), (theirs.skeleton, name)):
        twice = [node for node, count in Counter(skeleton.nodes).items() if count > 1]
        if twice:
            raise SkeletonMismatch(
                f"{whose} has more than one node called {', '.join(twice)}. "
                "Nodes are matched by their names, so points could land on the wrong body part. "
                "Rename one of them, then merge again.")
    unknown = tuple(node for node in theirs.skeleton.nodes if node not in ours.skeleton.nodes)
    if unknown and not add:
        raise SkeletonMismatch(
            f"{name} has nodes that the project does not know: {', '.join(unknown)}. "
            "Their points would be lost. "
            "Rename them if the project calls them otherwise, or pass --add-nodes to add them to its skeleton.")
    skeleton = _extended(ours.skeleton, theirs.skeleton, unknown)
    return _with_skeleton(ours, skeleton), _with_skeleton(theirs, skeleton)


def on_videos_of(ours: Columns, theirs: Columns, places: Sequence[int]) -> Columns:
    """Their labels with the numbers that videos and tracks have in `ours`; frames in the order of these.

    places: for each of their videos its number. Tracks are matched by name; those that `ours` lacks come behind its
    own. Videos stay those of `ours`; who calls adds what is missing.
    """
    names, numbers = list(ours.tracks), []
    for track, name in enumerate(theirs.tracks):
        same_place = track < len(ours.tracks) and ours.tracks[track] == name
        if not same_place and name not in names:
            names.append(name)
        numbers.append(track if same_place else names.index(name))
    of_track = np.array([*numbers, -1], np.int64)                                        # the last one serves -1
    of_video = np.array(places, np.int64)
    suggestions = [(places[video], frame) for video, frame in theirs.suggestions]
    groups = {(places[video], frame): group for (video, frame), group in theirs.suggestion_groups.items()}
    moved = replace(
        theirs, videos=list(ours.videos), tracks=names, track=of_track[theirs.track], origin=None,
        frame_video=of_video[theirs.frame_video] if len(theirs) else theirs.frame_video,
        suggestions=suggestions, suggestion_groups=groups)
    return arrange(moved, theirs.row_frame)


def _extended(ours: Skeleton, theirs: Skeleton, unknown: tuple[str, ...]) -> Skeleton:
    """Our skeleton with their unknown nodes behind it, and what connects these."""
    nodes = ours.nodes + unknown
    pairs: dict[str, tuple[tuple[int, int], ...]] = {}
    for kind in ("edges", "symmetries"):
        named = [(theirs.nodes[one], theirs.nodes[other]) for one, other in getattr(theirs, kind)]
        added = [(nodes.index(one), nodes.index(other)) for one, other in named if {one, other} & set(unknown)]
        pairs[kind] = getattr(ours, kind) + tuple(added)
    return Skeleton(nodes, pairs["edges"], pairs["symmetries"], ours.name)


def _with_skeleton(columns: Columns, skeleton: Skeleton) -> Columns:
    """The columns with the nodes of another skeleton, each by its name."""
    if columns.skeleton == skeleton:
        return columns
    old = {name: number for number, name in enumerate(columns.skeleton.nodes)}
    here = np.array([name in old for name in skeleton.nodes], bool)                       # (node,)
    source: Int[np.ndarray, " known_node"] = np.array([old[name] for name in skeleton.nodes if name in old], np.int64)
    rows = empty_rows(len(skeleton), len(columns.kinds))
    fields: dict[str, Any] = {}
    for name in NODE_FIELDS:
        fields[name] = rows[name]
        fields[name][:, here] = getattr(columns, name)[:, source]
    return replace(columns, skeleton=skeleton, **fields)
