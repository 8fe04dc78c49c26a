"""Files that are brought into a project: whole or not at all, and never without a way back."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sleap_io

from gambol.errors import LabelsError, OutputError
from gambol.formats import load, save
from gambol.formats.merging import merge_files, write_merged
from gambol.formats.slp_layout.extras import LossWarning
from gambol.labels.columns import USER
from gambol.labels.convert import to_sleap_io
from gambol.labels.merge import MergeConfig
from gambol.video.reader import open_video


@pytest.fixture
def project(geckos, tmp_path) -> Path:
    """The geckos' labels in a project of their own, ten frames of thirty."""
    return Path(shutil.copy(geckos.labels, tmp_path / "project.slp"))


class TestInPlace:
    def test_the_project_has_all_and_its_former_self_is_kept_beside_it(self, project, geckos):
        before = project.read_bytes()
        merging = merge_files(project, [geckos.truth])
        kept = write_merged(merging)
        assert (kept, kept.read_bytes()) == (project.with_name("project.before-merge.slp"), before)
        assert len(load(project)) == 30
        assert len(load(project).kinds) == 60

    def test_sleap_io_opens_it(self, project, geckos):
        write_merged(merge_files(project, [geckos.truth]))
        labels = sleap_io.load_slp(str(project))
        assert (len(labels), len(labels.videos)) == (30, 1)
        assert labels.videos[0].filename == geckos.video.as_posix()

    def test_former_selves_never_replace_each_other(self, project, geckos, tmp_path):
        half = tmp_path / "half.slp"
        save(load(geckos.truth).select_frames(np.arange(15)), half)
        names = [write_merged(merge_files(project, [path])).name for path in (half, geckos.truth)]
        assert names == ["project.before-merge.slp", "project.before-merge-2.slp"]

    def test_where_nothing_comes_in_nothing_is_written(self, project, geckos):
        stamp = project.stat().st_mtime_ns
        assert write_merged(merge_files(project, [geckos.labels])) is None
        assert project.stat().st_mtime_ns == stamp
        assert not list(project.parent.glob("*before-merge*"))

    def test_it_is_noted_where_labels_came_from(self, project, geckos):
        write_merged(merge_files(project, [geckos.truth]))
        [noted] = load(project).provenance["merged"]
        assert noted["file"] == geckos.truth.as_posix()

    def test_a_package_keeps_its_images(self, geckos, tmp_path):
        package = tmp_path / "labels.pkg.slp"
        save(load(geckos.labels), package, embed=True)
        write_merged(merge_files(package, [geckos.truth]))
        columns = load(package)
        assert len(columns) == 30
        with open_video(columns.videos[0]) as reader:
            assert list(reader.frame_numbers) == list(range(0, 30, 3))

    def test_a_link_to_the_project_stays_a_link(self, project, geckos, tmp_path):
        link = tmp_path / "links" / "link.slp"
        link.parent.mkdir()
        link.symlink_to(project)
        assert write_merged(merge_files(link, [geckos.truth])).parent == project.parent
        assert link.is_symlink() and len(load(project)) == 30

    def test_a_system_without_second_names_gets_a_copy(self, project, geckos, monkeypatch):
        def refuse(*_: object) -> None:
            raise OSError("no links here")

        monkeypatch.setattr("os.link", refuse)
        before = project.read_bytes()
        assert write_merged(merge_files(project, [geckos.truth])).read_bytes() == before

    def test_what_gambol_would_lose_is_not_lost_and_nothing_is_left_beside(self, project, geckos, tmp_path):
        labels = to_sleap_io(load(project))
        labels.labeled_frames[1][0].identity = sleap_io.Identity(name="Gordon")
        sleap_io.save_slp(labels, str(project), embed=False)
        before = project.read_bytes()
        merging = merge_files(project, [geckos.truth])
        with pytest.raises(LabelsError, match="identit"):
            write_merged(merging)
        assert project.read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == ["project.slp"]
        with pytest.warns(LossWarning):
            write_merged(merging, tmp_path / "other.slp")
        assert len(load(tmp_path / "other.slp")) == 30


class TestElsewhere:
    def test_the_project_stays_as_it_is(self, project, geckos, tmp_path):
        before = project.read_bytes()
        assert write_merged(merge_files(project, [geckos.truth]), tmp_path / "deep" / "both.slp") is None
        assert project.read_bytes() == before
        assert len(load(tmp_path / "deep" / "both.slp")) == 30

    def test_what_exists_is_not_replaced_without_being_asked(self, project, geckos, tmp_path):
        (tmp_path / "both.slp").write_text("mine")
        merging = merge_files(project, [geckos.truth])
        with pytest.raises(OutputError):
            write_merged(merging, tmp_path / "both.slp")
        write_merged(merging, tmp_path / "both.slp", overwrite=True)
        assert len(load(tmp_path / "both.slp")) == 30


class TestVideos:
    def test_of_the_other_project_come_in_as_themselves_not_as_images_taken_of_them(
        self, project, coloured_geckos, tmp_path
    ):
        package = tmp_path / "colour.pkg.slp"
        save(load(coloured_geckos.labels), package, embed=True)
        merging = merge_files(project, [package])
        [incoming] = merging.incoming[0][1]
        assert (incoming.video, incoming.why) == (1, "new")
        write_merged(merging)
        assert load(project).videos[1].path == coloured_geckos.video

    def test_several_files_come_in_one_after_another(self, project, geckos, coloured_geckos):
        merging = merge_files(project, [geckos.truth, coloured_geckos.labels, coloured_geckos.truth])
        assert len(merging.columns.videos) == 2
        assert [videos[0].why for _, videos in merging.incoming] == ["same path", "new", "same path"]

    def test_a_crop_that_the_project_does_not_have_is_refused(self, project, geckos, tmp_path, monkeypatch):
        columns = load(geckos.truth)
        [video] = columns.videos
        stored = {**video.stored, "video_crop": {"crop": [0, 0, 9, 9]}}
        cropped = replace(columns, videos=[replace(video, stored=stored)])
        monkeypatch.setattr("gambol.formats.merging.load", lambda path: load(path) if path == project else cropped)
        with pytest.raises(LabelsError, match="cropped on reading"):
            merge_files(project, [geckos.truth])


class TestRules:
    def test_reach_the_labels(self, project, geckos, tmp_path):
        moved = load(geckos.labels)
        moved.points += 5
        save(moved, tmp_path / "moved.slp")
        counts = {rule: int((merge_files(project, [tmp_path / "moved.slp"], MergeConfig(conflicts=rule))
                             .columns.kinds == USER).sum()) for rule in ("ours", "both")}
        assert counts == {"ours": 20, "both": 40}
