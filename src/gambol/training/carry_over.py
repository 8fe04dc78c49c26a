"""Weights of one stage for another: tensors by name and shape, heads map by map, by the names of nodes.

Source of the change of colours: a convolution of a grey image that is repeated into three equal channels is that of
the grey image with the sum of the three kernels.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from gambol.errors import JobError
from gambol.labels.skeleton import Skeleton
from gambol.nn.heads import AnyHead, CentroidsConfig, ConfidenceMapsConfig, PartAffinityFieldsConfig
from gambol.pipelines.stage import StageConfig

Weights = Mapping[str, Tensor]
Rows = list[tuple[int, int, float]]  # (map here, map there, sign)


@dataclass(frozen=True)
class Carried:
    """A stage's weights with those of another in them; notes: what was not used and what begins fresh, in words.

    maps: how many maps of its heads had a counterpart. backbone: whether that was taken over.
    """

    weights: dict[str, Tensor]
    notes: list[str]
    maps: int
    backbone: bool

    @property
    def anything(self) -> bool:
        """Whether it has anything of the other stage."""
        return self.backbone or self.maps > 0


def carry_over(
    source: StageConfig, learnt: Weights, target: StageConfig, fresh: Weights, parts: str = "all"
) -> Carried:
    """The fresh weights of a stage with those that another has learnt, wherever both mean the same.

    Nodes are matched by their names and edges by those of their ends; an edge that runs the other way changes its sign.
    parts: all, backbone or heads. Raises `JobError` if the backbone is asked for and is another one.
    """
    weights, notes, maps = dict(fresh), list[str](), 0
    if parts != "heads":
        weights |= _backbone(source, learnt, target, fresh)
    for name in target.heads if parts != "backbone" else ():
        own, note, count = _head(name, source, learnt, target, fresh)
        weights |= own
        notes += note
        maps += count
    if parts != "backbone" and (dropped := [name for name in source.heads if name not in target.heads]):
        notes.append(f"its heads {', '.join(dropped)} have no place here")
    return Carried(weights, notes, maps, backbone=parts != "heads")


def _backbone(source: StageConfig, learnt: Weights, target: StageConfig, fresh: Weights) -> dict[str, Tensor]:
    theirs = {name: tensor for name, tensor in learnt.items() if name.startswith("backbone.")}
    own = {name: tensor for name, tensor in fresh.items() if name.startswith("backbone.")}
    taken = {name: _coloured(tensor, own[name]) for name, tensor in theirs.items() if name in own}
    if taken.keys() != own.keys() or taken.keys() != theirs.keys() or any(
        tensor.shape != own[name].shape for name, tensor in taken.items()
    ):
        raise JobError(
            f"The backbone of the stage '{target.name}' is not that of the run to start from: "
            f"{_difference(source, target)}. "
            "Its weights have no place in this network. "
            f"Ask for the same with --set pipeline.{target.name}.backbone…, or train without --start-from.")
    return {name: tensor.to(own[name].dtype) for name, tensor in taken.items()}


def _difference(source: StageConfig, target: StageConfig) -> str:
    there, here = source.backbone.model_dump(mode="json"), target.backbone.model_dump(mode="json")
    if there["kind"] != here["kind"]:
        return f"{there['kind']} there, {here['kind']} here"
    names = [name for name in there if there[name] != here.get(name)]
    return ", ".join(f"{name} {there[name]} there and {here.get(name)} here" for name in names) or "its layers differ"


def _coloured(there: Tensor, here: Tensor) -> Tensor:
    """A tensor fitted to images of the other colours, where that is all that differs; else as it is.

    Channels of the input stand colour by colour: red's, green's, blue's (as also `PixelUnshuffle` has them).
    """
    if there.ndim != 4 or there.shape[0] != here.shape[0] or there.shape[2:] != here.shape[2:]:
        return there
    out, channels, *kernel = there.shape
    if channels == 3 * here.shape[1]:
        return there.reshape(out, 3, channels // 3, *kernel).sum(1)  # (out, channel, h, w)
    if 3 * channels == here.shape[1]:
        return there.repeat(1, 3, 1, 1) / 3
    return there


def _head(
    name: str, source: StageConfig, learnt: Weights, target: StageConfig, fresh: Weights
) -> tuple[dict[str, Tensor], list[str], int]:
    """The tensors of a head, what is to be said of it, and how many of its maps were taken over."""
    here, there, prefix = target.heads[name], source.heads.get(name), f"heads.{name}."
    own = {key: tensor for key, tensor in fresh.items() if key.startswith(prefix)}
    weight = f"{prefix}maps.weight"
    if there is None or there.kind != here.kind:
        return own, [f"its head {name} begins fresh, as the run has none of its kind"], 0
    if there.stride != here.stride or learnt[weight].shape[1:] != own[weight].shape[1:]:
        features = f"{_features(there, learnt[weight])} there, {_features(here, own[weight])} here"
        return own, [f"its head {name} begins fresh, as it reads other features ({features})"], 0
    rows = rows_of(there, source.skeleton, here, target.skeleton)
    for key, tensor in own.items():
        own[key] = tensor.clone()
        for place, old, sign in rows:
            own[key][place] = sign * learnt[key][old]
    return own, _unmatched(name, there, source.skeleton, here, target.skeleton), len(rows)


def _features(head: AnyHead, weight: Tensor) -> str:
    return f"{weight.shape[1]} channels at stride {head.stride}"


def rows_of(there: AnyHead, old: Skeleton, here: AnyHead, new: Skeleton) -> Rows:
    """Which map of the head here is which map there, and with which sign."""
    if isinstance(here, CentroidsConfig):
        return [(0, 0, 1.0)]
    if isinstance(here, ConfidenceMapsConfig):
        return [(place, old.nodes.index(node), 1.0) for place, node in enumerate(new.nodes) if node in old.nodes]
    if not isinstance(here, PartAffinityFieldsConfig) or not isinstance(there, PartAffinityFieldsConfig):
        return []
    known = {ends: number for number, ends in enumerate(_ends(there, old))}
    rows: Rows = []
    for place, ends in enumerate(_ends(here, new)):
        sign, number = (1.0, known.get(ends)) if ends in known else (-1.0, known.get(ends[::-1]))
        if number is not None:
            rows += [(2 * place + axis, 2 * number + axis, sign) for axis in (0, 1)]
    return rows


def _ends(head: PartAffinityFieldsConfig, skeleton: Skeleton) -> list[tuple[str, str]]:
    return [(skeleton.nodes[one], skeleton.nodes[other]) for one, other in head.edges]


def _unmatched(name: str, there: AnyHead, old: Skeleton, here: AnyHead, new: Skeleton) -> list[str]:
    """What is on one side only, in words."""
    if isinstance(here, ConfidenceMapsConfig):
        what, ours, theirs = "nodes", list(new.nodes), list(old.nodes)
    elif isinstance(here, PartAffinityFieldsConfig) and isinstance(there, PartAffinityFieldsConfig):
        what = "edges"
        ours, theirs = (["–".join(sorted(ends)) for ends in _ends(head, skeleton)]
                        for head, skeleton in ((here, new), (there, old)))
    else:
        return []
    fresh, unused = [each for each in ours if each not in theirs], [each for each in theirs if each not in ours]
    notes = [f"the {what} {', '.join(fresh)} begin untrained, as the run does not know them"] if fresh else []
    return notes + ([f"what it knows of the {what} {', '.join(unused)} is not used"] if unused else [])

