"""Projects: what is read is what sleap-io reads, what is written opens in sleap-io with the same content."""

import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import sleap_io

from gambol.errors import LabelsError, OutputError, VideoError
from gambol.formats.slp import read, write
from gambol.formats.slp_layout.extras import LossWarning
from gambol.labels.convert import from_sleap_io, to_sleap_io
from gambol.labels.skeleton import Skeleton
from gambol.video.reader import open_video
from gambol.video.source import VideoSource

UNREADABLE = {"spilled_source_video.pkg.slp", "vlen_multiframe.pkg.slp"}  # sleap-io 0.9.5 fails on them


def real_projects(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.slp")) if path.name not in UNREADABLE]


def opened_by_sleap_io(path: Path):
    """What sleap-io reads, without what it adds: the file's own name in the provenance."""
    labels = sleap_io.load_slp(str(path), open_videos=False)
    labels.provenance.pop("filename", None)
    return labels


def assert_as_sleap_io_reads(columns, path, same_labels):
    expected = from_sleap_io(opened_by_sleap_io(path))
    user = columns.kinds == 0
    same_labels(replace(columns, scores=np.where(user, 0, columns.scores)), expected)  # there, users have no score
    assert [str(video.path) for video in columns.videos] == [str(video.path) for video in expected.videos]
    assert [video.images for video in columns.videos] == [video.images for video in expected.videos]
    assert {**columns.provenance, "filename": 0} == {**expected.provenance, "filename": 0}


class TestRealProjects:
    def test_read_as_sleap_io_reads_them(self, data_folder, same_labels):
        projects = real_projects(data_folder)
        assert projects
        for path in projects:
            assert_as_sleap_io_reads(read(path), path, same_labels)

    def test_written_and_opened_by_sleap_io_they_are_the_same(self, data_folder, tmp_path, same_labels):
        for number, path in enumerate(real_projects(data_folder)):
            columns = read(path)
            copy = tmp_path / f"{number}.slp"
            write(columns, copy)
            same_labels(from_sleap_io(opened_by_sleap_io(copy)), from_sleap_io(opened_by_sleap_io(path)))
            same_labels(read(copy), columns)
            assert read(copy).provenance == columns.provenance

    def test_everything_beyond_columns_goes_along(self, data_folder, tmp_path):
        for name, attribute in (("multiview", "sessions"), ("py_written_28_multiview3d", "sessions"),
                                ("py_written_25_identity", "identities"), ("py_written_27_category", "categories")):
            path = data_folder / "format_samples" / "slp" / f"{name}.slp"
            write(read(path), tmp_path / path.name)
            copy, original = opened_by_sleap_io(tmp_path / path.name), opened_by_sleap_io(path)
            assert len(getattr(copy, attribute)) == len(getattr(original, attribute)) > 0
        members = [[group.instances for group in frame.instance_groups]
                   for labels in map(opened_by_sleap_io, (tmp_path / "multiview.slp",
                                                          data_folder / "format_samples/slp/multiview.slp"))
                   for frame in labels.sessions[0].frame_groups.values()]
        half = len(members) // 2
        for ours, theirs in zip(members[:half], members[half:], strict=True):
            np.testing.assert_array_equal(*[[i.numpy() for group in side for i in group] for side in (ours, theirs)])

    def test_a_package_whose_source_spills_out_of_its_attribute_is_read(self, data_folder):
        columns = read(data_folder / "format_samples" / "slp" / "spilled_source_video.pkg.slp")
        assert len(columns.videos[0].original.images) > 1000

    def test_a_package_gives_its_images_and_names_their_source(self, data_folder):
        columns = read(data_folder / "centered_pair" / "centered_pair.hand.train.pkg.slp")
        assert columns.videos[0].dataset == "video0/video"
        assert columns.videos[0].original.path == Path("centered_pair_small.mp4")


class TestMadeUpProject:
    def test_comes_back_as_it_was(self, crickets, tmp_path, same_labels):
        write(crickets, tmp_path / "crickets.slp")
        back = read(tmp_path / "crickets.slp")
        same_labels(back, crickets)
        assert (back.videos, back.provenance) == (crickets.videos, crickets.provenance)

    def test_opens_in_sleap_io_with_the_same_content(self, crickets, tmp_path, same_labels):
        write(crickets, tmp_path / "crickets.slp")
        labels = opened_by_sleap_io(tmp_path / "crickets.slp")
        same_labels(from_sleap_io(labels), crickets)
        assert labels.videos[0].filename == [image.as_posix() for image in crickets.videos[0].images]
        assert labels.provenance == crickets.provenance

    def test_sleap_ios_own_file_is_read_as_it_was(self, crickets, tmp_path, same_labels):
        sleap_io.save_slp(to_sleap_io(crickets), str(tmp_path / "theirs.slp"), embed=False)
        same_labels(read(tmp_path / "theirs.slp"), crickets)

    def test_frames_in_any_order_are_read_sorted(self, crickets, jumbled, tmp_path, same_labels):
        sleap_io.save_slp(to_sleap_io(jumbled(crickets)), str(tmp_path / "theirs.slp"), embed=False)
        same_labels(read(tmp_path / "theirs.slp"), crickets)

    def test_writing_it_back_keeps_the_files_order(self, crickets, jumbled, tmp_path):
        path = tmp_path / "theirs.slp"
        sleap_io.save_slp(to_sleap_io(jumbled(crickets)), str(path), embed=False)
        write(read(path), tmp_path / "ours.slp")
        with h5py.File(path) as theirs, h5py.File(tmp_path / "ours.slp") as ours:
            for name in ("frames", "instances", "points", "pred_points"):
                for column in theirs[name].dtype.names:
                    np.testing.assert_array_equal(theirs[name][column], ours[name][column])

    def test_a_project_of_the_corner_convention_is_moved_to_pixel_centres(self, crickets, tmp_path):
        """Before format 1.1, (0, 0) was the corner of the first pixel."""
        path = tmp_path / "old.slp"
        write(crickets, path)
        with h5py.File(path, "a") as file:
            file["metadata"].attrs["format_id"] = 1.0
        np.testing.assert_array_equal(read(path).points, crickets.points - 0.5)

    def test_a_project_in_a_new_folder_still_finds_its_video(self, crickets, tmp_path):
        (tmp_path / "walk.mp4").touch()
        write(replace(crickets, videos=[VideoSource(Path("x"), stored={"backend": {"filename": "walk.mp4"}})] * 2),
              tmp_path / "x.slp")
        with h5py.File(tmp_path / "x.slp", "a") as file:
            file["videos_json"][...] = ['{"backend": {"filename": "walk.mp4"}}'] * 2
        write(read(tmp_path / "x.slp"), tmp_path / "runs" / "y.slp")
        write(read(tmp_path / "x.slp"), tmp_path / "z.slp")
        assert read(tmp_path / "runs" / "y.slp").videos[0].path == tmp_path / "walk.mp4"
        assert read(tmp_path / "z.slp").videos[0].path == Path("walk.mp4")

    def test_an_empty_project_is_a_project(self, crickets, tmp_path, same_labels):
        empty = replace(crickets.select_frames([]), tracks=[], videos=[])
        write(replace(empty, suggestions=[], suggestion_groups={}), tmp_path / "empty.slp")
        assert len(opened_by_sleap_io(tmp_path / "empty.slp")) == 0
        assert len(read(tmp_path / "empty.slp")) == 0


class TestPackages:
    def test_embedded_frames_are_those_of_the_video(self, crickets, tmp_path, same_labels):
        write(crickets, tmp_path / "crickets.pkg.slp", embed=True)
        back = read(tmp_path / "crickets.pkg.slp")
        same_labels(back, crickets)
        assert back.videos[0].original.images == crickets.videos[0].images
        with open_video(back.videos[0]) as reader:
            assert list(reader.frame_numbers) == [0, 2, 3, 4, 5]
            assert [reader.read(frame)[0, 0, 0] for frame in (0, 2, 4)] == [0, 20, 40]

    def test_sleap_io_sees_the_same_images(self, crickets, tmp_path):
        write(crickets, tmp_path / "crickets.pkg.slp", embed=True)
        labels = sleap_io.load_slp(str(tmp_path / "crickets.pkg.slp"))
        assert [frame.image[0, 0, 0] for frame in labels] == [0, 20, 50, 110]

    def test_colours_come_back_in_their_order(self, crickets, tmp_path):
        red = np.zeros((8, 9, 3), np.uint8)
        red[..., 0] = 200
        sleap_io.save_video([red] * 6, tmp_path / "red.mp4")
        write(replace(crickets, videos=[VideoSource(tmp_path / "red.mp4")] * 2, suggestions=[]),
              tmp_path / "red.pkg.slp", embed=True)
        labels = sleap_io.load_slp(str(tmp_path / "red.pkg.slp"))
        assert labels[0].image[4, 4, 0] > 150 > 50 > labels[0].image[4, 4, 2]

    def test_saving_a_package_in_its_place_keeps_its_images(self, crickets, tmp_path):
        path = tmp_path / "crickets.pkg.slp"
        write(crickets, path, embed=True)
        write(read(path), path)
        with open_video(read(path).videos[1]) as reader:
            assert reader.read(6)[0, 0, 0] == 160

    def test_a_project_made_from_a_package_refers_to_its_images(self, crickets, tmp_path, same_labels):
        package = tmp_path / "crickets.pkg.slp"
        write(crickets, package, embed=True)
        for name, frames in (("all.slp", [0, 1, 2, 3]), ("second.slp", [3])):
            write(read(package).select_frames(frames), tmp_path / name)
            assert (tmp_path / name).stat().st_size < 100_000
            assert read(tmp_path / name).videos[1].path == package
            labels = sleap_io.load_slp(str(tmp_path / name))
            assert labels.labeled_frames[-1].image[0, 0, 0] == 110
            same_labels(read(tmp_path / name), crickets.select_frames(frames))

    def test_a_package_made_from_a_package_copies_the_images(self, crickets, tmp_path):
        write(crickets, tmp_path / "one.pkg.slp", embed=True)
        write(read(tmp_path / "one.pkg.slp"), tmp_path / "two.pkg.slp", embed=True)
        (tmp_path / "one.pkg.slp").unlink()
        with open_video(read(tmp_path / "two.pkg.slp").videos[0]) as reader:
            assert reader.read(2)[0, 0, 0] == 20

    def test_a_video_that_is_gone_cannot_be_embedded(self, crickets, tmp_path):
        shutil.rmtree(tmp_path / "sing")
        with pytest.raises(VideoError):
            write(crickets, tmp_path / "crickets.pkg.slp", embed=True)
        assert list(tmp_path.glob("*crickets*")) == []


class TestNothingIsLostSilently:
    @pytest.fixture
    def with_identities(self, crickets, tmp_path) -> Path:
        """A project that also names individuals."""
        labels = to_sleap_io(crickets)
        labels.labeled_frames[1][0].identity = sleap_io.Identity(name="Jiminy Cricket")
        sleap_io.save_slp(labels, str(tmp_path / "named.slp"), embed=False)
        return tmp_path / "named.slp"

    def test_identities_stay_while_frames_and_animals_do(self, with_identities, tmp_path):
        write(read(with_identities), tmp_path / "copy.slp")
        assert opened_by_sleap_io(tmp_path / "copy.slp")[1][0].identity.name == "Jiminy Cricket"

    def test_moving_a_point_keeps_them_in_the_project_itself(self, with_identities):
        columns = read(with_identities)
        columns.points[0, 0] = (1, 2)
        write(columns, with_identities)
        assert opened_by_sleap_io(with_identities)[1][0].identity.name == "Jiminy Cricket"

    def test_a_part_of_the_project_is_written_with_a_warning(self, with_identities, tmp_path):
        with pytest.warns(LossWarning, match="identity"):
            write(read(with_identities).select_frames([0]), tmp_path / "part.slp")
        assert len(read(tmp_path / "part.slp")) == 1

    def test_the_only_copy_is_not_overwritten_without_them(self, with_identities):
        before = with_identities.read_bytes()
        with pytest.raises(LabelsError, match="only copy"):
            write(read(with_identities).select_frames([0]), with_identities)
        assert with_identities.read_bytes() == before

    def test_a_project_of_labels_alone_is_written_without_a_word(self, crickets, tmp_path):
        write(crickets, tmp_path / "crickets.slp")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            write(read(tmp_path / "crickets.slp").select_frames([0]), tmp_path / "crickets.slp")


class TestBadInput:
    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(LabelsError, match="does not exist"):
            read(tmp_path / "gone.slp")

    def test_a_folder(self, tmp_path):
        with pytest.raises(LabelsError, match="is a folder"):
            read(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"no HDF5 at all", b"\x89HDF\r\n\x1a\n"])
    def test_a_file_of_another_kind(self, tmp_path, content):
        (tmp_path / "x.slp").write_bytes(content)
        with pytest.raises(LabelsError, match="cannot be read as a SLEAP project"):
            read(tmp_path / "x.slp")

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
    def test_a_file_that_was_cut_off(self, crickets, tmp_path, share):
        write(crickets, tmp_path / "x.slp")
        whole = (tmp_path / "x.slp").read_bytes()
        (tmp_path / "x.slp").write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(LabelsError):
            read(tmp_path / "x.slp")

    @pytest.mark.parametrize("lost", ["metadata", "frames", "instances", "points", "videos_json"])
    def test_a_file_that_lacks_a_part(self, crickets, tmp_path, lost):
        write(crickets, tmp_path / "x.slp")
        with h5py.File(tmp_path / "x.slp", "a") as file:
            del file[lost]
        with pytest.raises(LabelsError):
            read(tmp_path / "x.slp")

    def test_two_skeletons(self, crickets, tmp_path):
        labels = to_sleap_io(crickets)
        labels.skeletons.append(sleap_io.Skeleton(["wing"], name="moth"))
        sleap_io.save_slp(labels, str(tmp_path / "x.slp"), embed=False)
        with pytest.raises(LabelsError, match=r"2 skeletons \(cricket, moth\)"):
            read(tmp_path / "x.slp")

    def test_a_format_of_the_future(self, crickets, tmp_path):
        write(crickets, tmp_path / "x.slp")
        with h5py.File(tmp_path / "x.slp", "a") as file:
            file["metadata"].attrs["format_id"] = 3.0
        with pytest.raises(LabelsError, match="format 3"):
            read(tmp_path / "x.slp")

    def test_points_that_do_not_fit_the_skeleton(self, crickets, tmp_path):
        write(replace(crickets, skeleton=Skeleton(("head", "leg", "tail"))), tmp_path / "x.slp")
        with h5py.File(tmp_path / "x.slp", "a") as file:
            instances = file["instances"][()]
            instances["point_id_end"] -= 1
            file["instances"][...] = instances
        with pytest.raises(LabelsError, match="3 points"):
            read(tmp_path / "x.slp")

    def test_a_place_where_nothing_can_be_written(self, crickets, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(OutputError):
            write(crickets, tmp_path / "file" / "x.slp")
