import cv2
import h5py
import numpy as np
import pytest
import sleap_io

from gambol.errors import FrameOutOfRange, VideoError
from gambol.video.reader import open_video
from gambol.video.source import VideoSource

from .conftest import number_in, picture, says_three_things

HELD = [5, 40, 7]  # frame indices in the order of the package's rows


def package(path, *, padded=False, suffix="png", order="RGB", version=None):
    """A package as SLEAP (rows of varying length) or sleap-io (rows padded with zeros) writes it."""
    encoded = []
    for number in HELD:
        image = picture(number) if order == "BGR" else picture(number)[..., ::-1]
        encoded.append(cv2.imencode(f".{suffix}", image)[1].ravel().view(np.int8))
    with h5py.File(path, "w") as file:
        if padded:
            longest = max(len(row) for row in encoded)
            rows = np.array([np.pad(row, (0, longest - len(row))) for row in encoded])
            video = file.create_dataset("video0/video", data=rows)
        else:
            video = file.create_dataset("video0/video", (len(encoded),), dtype=h5py.vlen_dtype(np.int8))
            for row, content in enumerate(encoded):
                video[row] = content
        video.attrs["format"] = suffix
        if version is None:
            video.attrs["channel_order"] = order
        else:
            file.create_group("metadata").attrs["format_id"] = version
        file["video0/frame_numbers"] = HELD
    return path


class TestPackages:
    @pytest.mark.parametrize("padded", [False, True])
    @pytest.mark.parametrize("suffix", ["png", "jpg"])
    def test_frames_are_found_by_the_index_they_had_in_their_video(self, tmp_path, padded, suffix):
        with open_video(package(tmp_path / "x.pkg.slp", padded=padded, suffix=suffix)) as reader:
            assert list(reader.frame_numbers) == [5, 7, 40]
            assert len(reader) == 3
            shown = [(index, number_in(image)) for index, image in reader.stream([40, 5, 7])]
            assert shown == [(40, 40), (5, 5), (7, 7)]
            assert reader.size(40) == (48, 64)

    @pytest.mark.parametrize(("order", "version"), [("RGB", None), ("BGR", None), ("BGR", 1.2), ("RGB", 1.4)])
    def test_red_is_red_in_whatever_order_the_package_was_made(self, tmp_path, order, version):
        with open_video(package(tmp_path / "x.pkg.slp", order=order, version=version)) as reader:
            assert reader.channels == 3
            assert np.array_equal(reader.read(40), picture(40))
            assert reader.read(40, 1).shape == (48, 64, 1)

    def test_a_frame_that_is_not_in_the_package_is_refused_with_those_that_are(self, tmp_path):
        with open_video(package(tmp_path / "x.pkg.slp")) as reader, \
                pytest.raises(FrameOutOfRange, match=r"holds only 3 frames \(5, 7, 40\)") as refusal:
            reader.read(6)
        assert says_three_things(refusal.value)

    @pytest.mark.parametrize("dataset", [None, "video0", "video0/video"])
    def test_the_dataset_may_be_named_by_its_group_or_not_at_all(self, tmp_path, dataset):
        with open_video(VideoSource(package(tmp_path / "x.pkg.slp"), dataset=dataset)) as reader:
            assert reader.source.dataset == "video0/video"


class TestRawFrames:
    @pytest.mark.parametrize("channels", [1, 3])
    def test_an_array_of_frames_is_read_as_it_is(self, tmp_path, channels):
        frames = np.stack([picture(number)[..., :channels] for number in range(4)])
        with h5py.File(tmp_path / "raw.h5", "w") as file:
            file["box"] = frames
        with open_video(tmp_path / "raw.h5") as reader:
            assert list(reader.frame_numbers) == [0, 1, 2, 3]
            assert np.array_equal(reader.read(2, channels), frames[2])

    def test_fractions_of_white_become_levels_and_channels_first_is_turned_round(self, tmp_path):
        frames = np.stack([picture(number)[..., 1:2] for number in range(4)])
        with h5py.File(tmp_path / "raw.h5", "w") as file:
            file["box"] = frames.transpose(0, 3, 2, 1) / np.float32(255)
        source = VideoSource(tmp_path / "raw.h5", dataset="box", stored={"backend": {"input_format": "channels_first"}})
        with open_video(source) as reader:
            assert np.array_equal(reader.read(3), frames[3])


    @pytest.mark.parametrize("channels", [1, 3])
    def test_channels_first_is_seen_where_nothing_else_fits(self, tmp_path, channels):
        frames = np.stack([picture(number)[..., :channels] for number in range(4)])
        with h5py.File(tmp_path / "raw.h5", "w") as file:
            file["box"] = frames.transpose(0, 3, 2, 1)
        with open_video(tmp_path / "raw.h5") as reader:
            assert np.array_equal(reader.read(2, channels), frames[2])

    def test_twelve_bits_become_eight(self, tmp_path):
        frames = np.stack([picture(number)[..., 1:2] for number in range(4)])
        with h5py.File(tmp_path / "raw.h5", "w") as file:
            file["box"] = frames.astype(np.uint16) * 16 + 3
        with open_video(tmp_path / "raw.h5") as reader:
            assert np.array_equal(reader.read(3), frames[3])

    def test_arrays_that_are_no_frames_do_not_count(self, tmp_path):
        with h5py.File(tmp_path / "raw.h5", "w") as file:
            file["tracks"] = np.zeros((2, 2, 13, 400))
            file["pixels"] = np.stack([picture(number) for number in range(4)])
        with open_video(tmp_path / "raw.h5") as reader:
            assert reader.source.dataset == "pixels"

    def test_a_chunk_that_is_damaged_is_lost_alone(self, tmp_path):
        with h5py.File(tmp_path / "raw.h5", "w") as file:
            frames = np.stack([picture(number) for number in range(6)])
            box = file.create_dataset("box", data=frames, chunks=(1, 48, 64, 3), compression="gzip")
            chunk = box.id.get_chunk_info(2)
        content = bytearray((tmp_path / "raw.h5").read_bytes())
        content[chunk.byte_offset:chunk.byte_offset + chunk.size] = bytes(chunk.size)
        (tmp_path / "raw.h5").write_bytes(content)
        with open_video(tmp_path / "raw.h5") as reader:
            assert [index for index, _ in reader.stream(range(6))] == [0, 1, 3, 4, 5]
            assert reader.lost == [2]


class TestRefusals:
    def test_several_sets_of_images_are_named(self, tmp_path):
        with h5py.File(tmp_path / "raw.h5", "w") as file:
            for camera in ("left", "right"):
                file[f"{camera}/frames"] = np.zeros((3, 8, 8, 1), np.uint8)
        with pytest.raises(VideoError, match="2 sets of images in it: left/frames, right/frames") as refusal:
            open_video(tmp_path / "raw.h5")
        assert says_three_things(refusal.value)
        with open_video(VideoSource(tmp_path / "raw.h5", dataset="right/frames")) as reader:
            assert len(reader) == 3

    def test_an_array_of_another_shape_is_refused(self, tmp_path):
        with h5py.File(tmp_path / "raw.h5", "w") as file:
            file["tracks"] = np.zeros((2, 2, 13, 400))
        with pytest.raises(VideoError, match="second or last axis") as refusal:
            open_video(VideoSource(tmp_path / "raw.h5", dataset="tracks"))
        assert says_three_things(refusal.value)

    def test_a_project_without_images(self, tmp_path):
        with h5py.File(tmp_path / "x.slp", "w") as file:
            file["frames"] = np.zeros(3)
        with pytest.raises(VideoError, match="no images embedded") as refusal:
            open_video(tmp_path / "x.slp")
        assert says_three_things(refusal.value)

    def test_a_dataset_that_is_not_there(self, tmp_path):
        with pytest.raises(VideoError, match="at video9/video"):
            open_video(VideoSource(package(tmp_path / "x.pkg.slp"), dataset="video9/video"))

    def test_a_cut_package(self, tmp_path):
        path = package(tmp_path / "x.pkg.slp")
        path.write_bytes(path.read_bytes()[:-500])
        with pytest.raises(VideoError, match="cut short") as refusal:
            open_video(path)
        assert says_three_things(refusal.value)

    def test_an_image_that_is_damaged(self, tmp_path):
        path = package(tmp_path / "x.pkg.slp")
        with h5py.File(path, "r+") as file:
            file["video0/video"][1] = np.zeros(20, np.int8)
        with open_video(path) as reader, pytest.raises(VideoError, match=r"frame 40 in .*x\.pkg\.slp") as refusal:
            reader.read(40)
        assert says_three_things(refusal.value)


class TestRealPackages:
    @pytest.mark.parametrize(("name", "count", "size"), [
        ("mirror_mouse/mirror_mouse.train.pkg.slp", 63, (406, 396)),
        ("centered_pair/centered_pair.hand.train.pkg.slp", 46, (384, 384)),
        ("legacy_sleap/labels/minimal_instance.pkg.slp", 1, (384, 384)),
        ("format_samples/slp/cropped_format_2_3.pkg.slp", 1, (384, 384)),
    ])
    def test_images_are_those_that_sleap_io_reads(self, data_folder, name, count, size):
        theirs = sleap_io.load_video(str(data_folder / name), dataset="video0/video")
        with open_video(data_folder / name) as reader:
            assert (len(reader), reader.channels) == (count, 1)
            for index in list(reader.frame_numbers)[:: max(1, count // 5)]:
                assert reader.size(index) == size
                assert np.array_equal(reader.read(index), theirs.backend.get_frame(index)[..., :1])

    def test_a_package_that_sleap_io_cannot_open_is_read(self, data_folder):
        with open_video(data_folder / "format_samples/slp/spilled_source_video.pkg.slp") as reader:
            assert [image.shape for _, image in reader.stream(reader.frame_numbers)] == [(384, 384, 1)]

    def test_a_package_whose_images_are_only_headers_is_refused(self, data_folder):
        with pytest.raises(VideoError, match=r"frame 0 in .*vlen_multiframe\.pkg\.slp .* cannot be read as an image"):
            open_video(data_folder / "format_samples/slp/vlen_multiframe.pkg.slp")

    def test_embedded_images_are_the_frames_of_their_video(self, data_folder):
        folder = data_folder / "centered_pair"
        with open_video(folder / "centered_pair.hand.train.pkg.slp") as package, \
                open_video(folder / "centered_pair_small.mp4") as video:
            for index in list(package.frame_numbers)[::9]:
                difference = package.read(index, 1).astype(int) - video.read(index, 1)
                assert np.abs(difference).max() <= 2
