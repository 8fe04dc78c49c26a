"""`gambol merge`: what comes in is shown before it is written."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gambol.formats import load, save
from gambol.labels.skeleton import Skeleton


@pytest.fixture
def project(geckos, tmp_path) -> Path:
    return Path(shutil.copy(geckos.labels, tmp_path / "project.slp"))


class TestMerge:
    def test_it_says_what_came_and_where_the_former_project_is(self, command, project, geckos):
        outcome = command("merge", project, geckos.truth)
        assert outcome.code == 0, outcome.err
        row = next(line for line in outcome.out.splitlines() if "film.mp4" in line)
        assert row.split()[-4:] == ["30", "20", "40", "20"]  # frames, of them new, instances in, already there
        assert "40 user instances and 0 predictions come in." in outcome.out
        assert "project.before-merge.slp" in outcome.out
        assert len(load(project)) == 30

    def test_a_dry_run_writes_nothing(self, command, project, geckos, tmp_path):
        before = project.read_bytes()
        outcome = command("merge", project, geckos.truth, "--dry-run", "-o", tmp_path / "out.slp")
        assert outcome.code == 0 and "Nothing was written." in outcome.out
        assert project.read_bytes() == before and [path.name for path in tmp_path.iterdir()] == ["project.slp"]

    def test_conflicts_are_counted_and_decided_by_the_rule(self, command, project, tmp_path):
        moved = load(project)
        moved.points += 5
        save(moved, tmp_path / "moved.slp")
        outcome = command("merge", project, tmp_path / "moved.slp", "--dry-run")
        assert "10 frames are labelled differently in both: those of the project stay, 20 of the other file stay out" \
            in outcome.out
        outcome = command("merge", project, tmp_path / "moved.slp", "--conflicts", "theirs")
        assert "20 of the project give way" in outcome.out
        np.testing.assert_array_equal(load(project).points, moved.points)

    def test_with_itself_it_says_that_all_is_there(self, command, project):
        outcome = command("merge", project, project)
        assert outcome.code == 0 and "has all of it already" in outcome.out

    def test_a_video_of_the_same_name_but_other_content_is_pointed_out(self, command, project, coloured_geckos):
        outcome = command("merge", project, coloured_geckos.labels, "--dry-run")
        assert "film.mp4 comes in as a video of its own" in outcome.out

    def test_a_person_may_say_which_video_it_is(self, command, project, coloured_geckos):
        outcome = command("merge", project, coloured_geckos.labels, "--video", "0=0", "--dry-run")
        assert outcome.code == 0 and "as told" in outcome.out and "video of its own" not in outcome.out

    def test_predictions_follow_their_rule(self, command, project, trained, geckos, tmp_path):
        command("predict", geckos.video, "-m", trained.run, "-o", tmp_path / "found.slp", "--device", "cpu",
                "--threshold", 0, "--animal-threshold", 0.001)
        assert command("merge", project, tmp_path / "found.slp").code == 0
        found = len(load(tmp_path / "found.slp").kinds)
        assert len(load(project).kinds) == 20 + found > 20
        command("merge", project, tmp_path / "found.slp", "--predictions", "add")
        assert len(load(project).kinds) == 20 + found


class TestRefusals:
    def test_nodes_that_the_project_does_not_have_are_named(self, refused, project, tmp_path):
        other = load(project)
        names = ("horn", *other.skeleton.nodes[1:])
        save(replace(other, skeleton=Skeleton(names)), tmp_path / "other.slp")
        assert "horn" in refused("merge", project, tmp_path / "other.slp")

    def test_unless_they_may_be_added(self, command, project, tmp_path):
        other = load(project)
        save(replace(other, skeleton=Skeleton(("horn", *other.skeleton.nodes[1:]))), tmp_path / "other.slp")
        assert command("merge", project, tmp_path / "other.slp", "--add-nodes").code == 0
        assert load(project).skeleton.nodes == (*other.skeleton.nodes, "horn")

    @pytest.mark.parametrize("name", ["nothing.slp", "diary.slp"])
    def test_files_that_are_no_projects(self, refused, project, tmp_path, name):
        if name == "diary.slp":
            (tmp_path / name).write_text("Dear diary, two geckos.\n" * 300)
        assert name in refused("merge", project, tmp_path / name)
        assert name in refused("merge", tmp_path / name, project)

    @pytest.mark.parametrize("words", [("--video", "film=0"), ("--video", "0"), ("--video", "0=7")])
    def test_videos_that_cannot_be_meant(self, refused, project, geckos, words):
        assert words[1].split("=")[-1] in refused("merge", project, geckos.truth, *words)

    def test_videos_of_several_files_at_once(self, refused, project, geckos):
        assert "several files" in refused("merge", project, geckos.truth, geckos.labels, "--video", "0=0")

    def test_an_output_that_exists(self, refused, project, geckos, tmp_path):
        (tmp_path / "out.slp").write_text("mine")
        assert "out.slp" in refused("merge", project, geckos.truth, "-o", tmp_path / "out.slp")
