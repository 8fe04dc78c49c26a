"""What a path is."""

import pytest

from gambol.errors import GambolError
from gambol.runs.look import facts_of


class TestFactsOf:
    def test_each_kind_is_known(self, geckos, trained, finished, stopped):
        paths = {
            "project": geckos.truth, "predictions": trained.run / "predictions.train.slp", "video": geckos.video,
            "run": finished, "runs": finished.parent}
        assert {kind: facts_of(path)["kind"] for kind, path in paths.items()} == {kind: kind for kind in paths}

    def test_a_stage_is_shown_with_its_run(self, finished):
        assert facts_of(finished / "centroid")["path"] == finished.resolve().as_posix()

    @pytest.mark.parametrize("name", ["diary.txt", "nothing", "folder", "broken.slp", "broken.mp4"])
    def test_others_are_refused(self, tmp_path, name):
        if name == "folder":
            (tmp_path / name).mkdir()
        elif name != "nothing":
            (tmp_path / name).write_text("Dear diary, today I saw two geckos.\n" * 200)
        with pytest.raises(GambolError, match=name):
            facts_of(tmp_path / name)
