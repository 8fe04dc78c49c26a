"""Torch to OpenVINO: the one page of the engine that needs torch."""

import tempfile
import warnings
from collections.abc import Set
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import torch
from torch import Tensor, nn

from gambol.inference.engines.base import EngineUnavailable
from gambol.inference.engines.exported import Exported
from gambol.inference.engines.openvino import load_openvino
from gambol.nn.model import Model
from gambol.pipelines.saved import read_weights
from gambol.pipelines.stage import StageConfig

KEEP_FLOAT32 = "precise"  # OpenVINO's mark on a node whose precision no hint may lower


def export(folder: Path, stage: StageConfig) -> Exported:
    """Convert the network of a stage's folder, for images of any size and number.

    Raises `EngineUnavailable` if OpenVINO is not there or does not understand a layer, `ModelError` if the weights
    cannot be read.
    """
    converter = load_openvino(converter=True)
    network = _Door(read_weights(folder, stage)).eval()
    side = 2 * stage.backbone.max_stride
    example = torch.zeros(1, side, side, stage.channels, dtype=torch.uint8)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of torch, about how OpenVINO calls it
            graph = converter.tools.ovc.convert_model(
                network, example_input=example, input=[converter.PartialShape([-1, -1, -1, stage.channels])]
            )
    except RuntimeError as error:
        raise EngineUnavailable(f"OpenVINO cannot convert the network ({str(error).splitlines()[0]})") from error
    with tempfile.TemporaryDirectory(prefix="gambol-engine-") as workplace:
        file = Path(workplace) / "network.xml"
        converter.save_model(graph, file, compress_to_fp16=False)
        return Exported(_marked(file.read_bytes(), _outer_layers(graph)), file.with_suffix(".bin").read_bytes())


class _Door(nn.Module):
    """The network as an engine calls it: images (batch, h, w, channel), uint8, to maps in the order of the heads."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.model(images.permute(0, 3, 1, 2)).values())


def _outer_layers(graph: Any) -> set[str]:
    """Names of the nodes from each output back to the first convolution: the heads."""
    names: set[str] = set()
    waiting = [output.get_node() for output in graph.outputs]
    while waiting:
        node = waiting.pop()
        if node.get_type_name() != "Constant":
            names.add(node.get_friendly_name())
            if node.get_type_name() != "Convolution":
                waiting += [source.get_source_output().get_node() for source in node.inputs()]
    return names


def _marked(graph: bytes, names: Set[str]) -> bytes:
    """The graph with these nodes kept in float32: in bfloat16 neighbouring cells of a peak would often be equal."""
    root = ElementTree.fromstring(graph)
    for layer in root.iter("layer"):
        if layer.get("name") in names:
            info = layer.find("rt_info")
            info = ElementTree.SubElement(layer, "rt_info") if info is None else info
            ElementTree.SubElement(info, "attribute", name=KEEP_FLOAT32, version="0")
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
