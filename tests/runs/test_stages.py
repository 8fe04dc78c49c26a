"""What came of the stages of a training."""

import math

import pytest

from gambol.pipelines.saved import read_stage
from gambol.runs.events import Event
from gambol.runs.layout import RunFolder
from gambol.runs.stages import stage_facts


def told(kind: str, **data) -> dict:
    return {"kind": kind, "stage": "centroid", **Event(kind, data=data).data}


class TestStageFacts:
    def test_its_weights_are_counted_without_reading_them(self, finished):
        network = read_stage(finished / "centroid").build()
        expected = sum(math.prod(tensor.shape) for tensor in network.state_dict().values())
        assert stage_facts(RunFolder(finished), "centroid", [])["parameters"] == expected

    @pytest.mark.parametrize("content", [b"", b"\x05", b"\xff" * 8, b"\x02" + bytes(7) + b"[]",
                                         b"\x0a" + bytes(7) + b'{"a": "b"}'])
    def test_damaged_weights_are_not_counted(self, finished, content):
        (finished / "centroid" / "weights.safetensors").write_bytes(content)
        assert stage_facts(RunFolder(finished), "centroid", [])["parameters"] is None

    def test_an_epoch_that_was_told_again_counts_as_it_was_told_last(self, finished):
        events = [told("epoch", epoch=0, train_loss=3.0, val_loss=4.0), told("epoch", epoch=1, train_loss=2.0),
                  told("epoch", epoch=1, train_loss=1.5, val_loss=2.5)]
        assert stage_facts(RunFolder(finished), "centroid", events)["curve"] == [[1, 3.0, 4.0], [2, 1.5, 2.5]]
