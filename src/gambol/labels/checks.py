"""Labels that cannot be trained on, refused before anything is computed; and those that teach less than it seems."""

from collections import Counter
from pathlib import Path

import numpy as np

from gambol.errors import LabelsError
from gambol.labels.columns import USER, Columns
from gambol.labels.convert import labelled_for_training


def require_trainable(columns: Columns, path: Path) -> Columns:
    """The labels that teach (`labelled_for_training`), if there are any; `path` is named in the message.

    Raises `LabelsError` if there are no labels, none is visible, or two nodes have the same name. (Two skeletons
    are refused on reading.)
    """
    repeated = [name for name, count in Counter(columns.skeleton.nodes).items() if count > 1]
    if repeated:
        raise LabelsError(
            f"{path} has more than one node called {', '.join(repeated)}. "
            "A model could not tell them apart, and its predictions would be mixed up. "
            "Rename the nodes in the label app (Skeleton panel), then train again.")
    if not (columns.kinds == USER).any():
        there = f"only predictions ({len(columns.kinds)} animals)" if len(columns.kinds) else "no labelled animals"
        raise LabelsError(
            f"{path} has {there}. "
            "A model learns from what a person labelled, so there is nothing to train on. "
            "Label at least one frame, or turn good predictions into labels, then train again.")
    labelled = labelled_for_training(columns)
    if not len(labelled.kinds):
        raise LabelsError(
            f"No node of any labelled animal in {path} is visible. "
            "All points are missing, so there is nothing to train on. "
            "Place the nodes of at least one animal, then train again.")
    return labelled


def doubt_nodes(labels: Columns) -> list[str]:
    """The nodes that none of the labels shows, in words for a person; an empty list if each is shown."""
    shown = (~np.isnan(labels.visible_points).any(-1)).any(0)  # (node,)
    missing = [name for name, seen in zip(labels.skeleton.nodes, shown, strict=True) if not seen]
    if not missing:
        return []
    which = f"nodes {', '.join(missing)} are" if len(missing) > 1 else f"node {missing[0]} is"
    return [
        f"The {which} labelled in none of the frames to learn from. "
        "Nothing teaches where to find it, so what is predicted there means nothing. "
        "Label it in some frames, or remove it from the skeleton."
    ]
