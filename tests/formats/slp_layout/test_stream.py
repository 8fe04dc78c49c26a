"""Writing piece by piece: the same file as in one go, or none at all."""

import resource
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from gambol.errors import OutputError
from gambol.formats.slp import SlpWriter, read, write


def stream(path, columns, blocks, **options):
    with SlpWriter(path, columns.skeleton, columns.videos, **options) as writer:
        for block in blocks:
            writer.append(block)
        writer.finish(columns.provenance, columns)


@contextmanager
def small_disk():
    """No file may grow beyond 16 KiB, as on a disk that is full: not even the log that pytest writes to."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestSlpWriter:
    def test_blocks_give_the_same_project_as_the_whole(self, crickets, tmp_path, same_labels):
        stream(tmp_path / "x.slp", crickets, [crickets.select_frames([place]) for place in range(4)])
        same_labels(read(tmp_path / "x.slp"), crickets)

    def test_no_block_at_all_gives_an_empty_project(self, crickets, tmp_path):
        stream(tmp_path / "x.slp", crickets, [])
        assert len(read(tmp_path / "x.slp")) == 0

    def test_tracks_that_appear_later_are_kept(self, crickets, tmp_path):
        first = replace(crickets.select_frames([0]), tracks=[])
        stream(tmp_path / "x.slp", crickets, [first, crickets.select_frames([1])])
        back = read(tmp_path / "x.slp")
        assert (back.tracks, back.track.tolist()) == (["Buddy", "Jiminy"], [-1, -1, 1, 1])

    def test_provenance_and_absolute_paths_are_recorded(self, crickets, tmp_path):
        with SlpWriter(tmp_path / "x.slp", crickets.skeleton, crickets.videos) as writer:
            writer.finish({"seconds": 1.5, "model": tmp_path})
        back = read(tmp_path / "x.slp")
        assert back.provenance == {"seconds": 1.5, "model": str(tmp_path)}
        assert back.videos == crickets.videos

    def test_a_long_provenance_is_kept_whole(self, crickets, tmp_path):
        with SlpWriter(tmp_path / "x.slp", crickets.skeleton, crickets.videos) as writer:
            writer.finish({"history": "x" * 100_000})
        assert len(read(tmp_path / "x.slp").provenance["history"]) == 100_000


class TestNothingHalfWritten:
    def test_an_error_leaves_nothing_behind(self, crickets, tmp_path):
        with pytest.raises(KeyboardInterrupt), SlpWriter(tmp_path / "x.slp", crickets.skeleton, []) as writer:
            writer.append(crickets)
            raise KeyboardInterrupt
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []

    def test_neither_does_forgetting_to_finish(self, crickets, tmp_path):
        with SlpWriter(tmp_path / "x.slp", crickets.skeleton, crickets.videos) as writer:
            writer.append(crickets)
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []

    def test_an_error_leaves_the_old_file_as_it_was(self, crickets, tmp_path):
        write(crickets, tmp_path / "x.slp")
        before = (tmp_path / "x.slp").read_bytes()
        with (pytest.raises(ZeroDivisionError),
              SlpWriter(tmp_path / "x.slp", crickets.skeleton, [], overwrite=True) as writer):
            writer.append(crickets.select_frames([0]))
            raise ZeroDivisionError
        assert (tmp_path / "x.slp").read_bytes() == before

    def test_a_file_that_exists_is_refused(self, crickets, tmp_path):
        write(crickets, tmp_path / "x.slp")
        with pytest.raises(OutputError, match="exists already"):
            SlpWriter(tmp_path / "x.slp", crickets.skeleton, crickets.videos)

    @pytest.mark.parametrize("times", [1, 2, 400])
    def test_a_full_disk_is_said_and_leaves_nothing_behind(self, crickets, tmp_path, times):
        """Whether the disk fills while rows come or only when the file is closed."""
        with pytest.raises(OutputError, match="could not be written"), small_disk():
            stream(tmp_path / "x.slp", crickets, [crickets] * times)
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []

    def test_rows_go_to_the_disk_as_they_come(self, crickets, tmp_path):
        """So that predictions of a day need not fit into memory."""
        many = crickets.select_frames([0])
        with SlpWriter(tmp_path / "x.slp", crickets.skeleton, crickets.videos) as writer:
            for frame in range(3000):
                writer.append(replace(many, frame_index=np.array([frame])))
            assert sum(path.stat().st_size for path in tmp_path.glob(".x.slp*")) > 300_000
            writer.finish({})
        assert len(read(tmp_path / "x.slp")) == 3000
