"""What a result depends on: in words, what has changed since parts were made."""

import json
from dataclasses import replace

import pytest

from gambol.inference.basis import FRAMES, Basis, basis_of, block_size
from gambol.inference.plan import make_plan, read_input
from gambol.inference.predictor import load_predictor


def stored(basis: Basis) -> dict:
    return json.loads(json.dumps(basis.as_json()))


class TestDifferences:
    def test_the_same_basis_has_none(self, basis):
        assert basis.differences(stored(basis)) == []

    @pytest.mark.parametrize(("change", "said"), [
        ({"model": "beef"}, "the model was another one (its weights or settings have changed)"),
        ({"engine": "cuda:0"}, "the networks ran on cpu, and now on cuda:0"),
        ({"frames": {"0": [7, "ab"]}, "asked": "0-6"}, "other frames were asked for (all, and now 0-6)"),
        ({"block": 5}, "by another version of gambol"),
    ])
    def test_each_is_named(self, basis, change, said):
        assert replace(basis, **change).differences(stored(basis)) == [said]

    def test_options_are_named_with_their_values(self, basis):
        options = dict(basis.options) | {"animals": 2, "node_threshold": 0.5}
        assert replace(basis, options=options).differences(stored(basis)) == [
            "animals was not set, and is 2 now", "node threshold was 0.2, and is 0.5 now"]

    def test_a_video_that_has_changed_is_named(self, basis):
        before = stored(basis)
        basis.sources[1].path.write_text("the film run.mpV")
        assert basis.differences(before) == ["the content of run.mp4 has changed"]


class TestBasisOf:
    @pytest.fixture
    def made(self, request_for, geckos):
        """The basis of a request about the geckos."""
        def make(**changes) -> Basis:
            request = request_for(geckos.video, **changes)
            predictor = load_predictor(request.models, request.options, "cpu")
            labels, videos = read_input(request.source)
            with videos:
                return basis_of(request, predictor, make_plan(request, videos, labels), videos)
        return make

    def test_the_same_frames_in_other_words_are_the_same(self, made):
        assert made(frames="0-29").differences(stored(made())) == []
        assert made(frames="0-28").differences(stored(made())) == ["other frames were asked for (all, and now 0-28)"]

    def test_a_model_is_known_by_its_content(self, made, trained, tmp_path):
        import shutil

        run = shutil.copytree(trained.run, tmp_path / "copy")
        before = stored(made(models=[run]))
        assert made().differences(before) == []
        weights = run / "centroid" / "weights.safetensors"
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(content)
        assert "the model was another one" in made(models=[run]).differences(before)[0]


@pytest.mark.parametrize("batch", [1, 3, 4, 16, 17, 100])
def test_a_block_is_whole_batches_and_no_longer_than_it_needs_to_be(batch):
    block = block_size(batch)
    assert block % batch == 0
    assert FRAMES <= block < FRAMES + batch
