"""Projects that are opened without being read: the same content, and a file that changes is noticed."""

import os
from dataclasses import replace

import h5py
import numpy as np
import pytest

from gambol.errors import LabelsError
from gambol.formats import load
from gambol.formats.slp import read, read_lazily, write
from gambol.formats.slp_layout import tables
from gambol.labels.lazy_columns import LazyColumns


@pytest.fixture
def project(crickets, tmp_path):
    """The crickets on disk."""
    write(crickets, tmp_path / "crickets.slp")
    return tmp_path / "crickets.slp"


class TestReadLazily:
    def test_it_is_what_is_read_otherwise(self, project, same_labels):
        lazy, whole = read_lazily(project), read(project)
        assert isinstance(lazy, LazyColumns)
        same_labels(lazy, whole)
        assert (lazy.videos, lazy.provenance) == (whole.videos, whole.provenance)
        assert lazy.origin.complete

    def test_real_projects_too(self, data_folder, same_labels):
        kinds = set()
        for path in sorted(data_folder.rglob("centered_pair*.slp")):
            lazy = read_lazily(path)
            kinds.add(type(lazy))
            same_labels(lazy, read(path))
        assert LazyColumns in kinds

    def test_every_frame_can_be_taken_by_itself(self, project, crickets, same_labels):
        for place in range(len(crickets)):
            same_labels(read_lazily(project).select_frames([place]), crickets.select_frames([place]))

    def test_opening_reads_no_more_than_one_animal(self, project, monkeypatch):
        read_rows, counts = tables.read_rows, []

        def watched(file, instances, *rest):
            counts.append(len(instances))
            return read_rows(file, instances, *rest)

        monkeypatch.setattr(tables, "read_rows", watched)
        columns = read_lazily(project)
        assert (counts, len(columns)) == ([1], 4)

    def test_written_back_into_its_own_place_it_is_the_same(self, project, crickets, same_labels):
        write(read_lazily(project), project)
        same_labels(read(project), crickets)

    def test_the_table_of_formats_leads_to_it(self, project):
        assert isinstance(load(project, lazy=True), LazyColumns)
        assert not isinstance(load(project), LazyColumns)

    def test_of_the_corner_convention_it_is_moved_to_pixel_centres(self, project, crickets):
        with h5py.File(project, "a") as file:
            file["metadata"].attrs["format_id"] = 1.0
        np.testing.assert_array_equal(read_lazily(project).points, crickets.points - 0.5)


class TestFilesInAnotherOrder:
    @pytest.mark.parametrize("column", ["frame_idx", "instance_id_start"])
    def test_are_read_whole(self, project, same_labels, column):
        with h5py.File(project, "a") as file:
            frames = file["frames"][()]
            if column == "frame_idx":
                frames = frames[::-1]
            else:
                frames["instance_id_start"][1] = 0  # the second frame has the animals of the first as well
            file["frames"][...] = frames
        lazy = read_lazily(project)
        assert not isinstance(lazy, LazyColumns)
        same_labels(lazy, read(project))

    def test_so_are_those_whose_animals_are_numbered_otherwise(self, project, crickets, same_labels):
        with h5py.File(project, "a") as file:
            instances = file["instances"][()]
            instances["instance_id"] += 10
            instances["from_predicted"][instances["from_predicted"] >= 0] += 10
            file["instances"][...] = instances
        assert not isinstance(read_lazily(project), LazyColumns)
        same_labels(read_lazily(project), crickets)


class TestBadInput:
    def test_a_file_that_was_written_again_is_not_mixed_with_the_old_one(self, project, crickets):
        lazy = read_lazily(project)
        write(replace(crickets, points=crickets.points + 1, origin=None), project)
        os.utime(project, (1, 1))
        with pytest.raises(LabelsError, match="changed by another program while it was open"):
            _ = lazy.points

    def test_a_file_that_is_gone(self, project):
        lazy = read_lazily(project)
        project.unlink()
        with pytest.raises(LabelsError, match="cannot be read any more"):
            lazy.take(slice(0, 1))

    @pytest.mark.parametrize("lost", ["metadata", "frames", "instances", "points", "videos_json"])
    def test_a_file_that_lacks_a_part(self, project, lost):
        with h5py.File(project, "a") as file:
            del file[lost]
        with pytest.raises(LabelsError):
            read_lazily(project)

    def test_a_file_that_names_tracks_which_it_does_not_have(self, project):
        with h5py.File(project, "a") as file:
            instances = file["instances"][()]
            instances["track"] = 7
            file["instances"][...] = instances
        for way in (read, read_lazily):
            with pytest.raises(LabelsError, match="tracks"):
                way(project)
