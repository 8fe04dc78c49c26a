import json

import cv2
import h5py
import numpy as np
import pytest
import tifffile

from gambol.errors import FrameLost, FrameOutOfRange, VideoError
from gambol.video.images import decode_image, folder_images
from gambol.video.reader import open_video
from gambol.video.source import VideoSource

from .conftest import number_in, picture, says_three_things


def write(path, image):
    cv2.imwrite(str(path), image if image.ndim == 2 else image[..., ::-1])
    return path


@pytest.fixture
def folder(tmp_path):
    """img1.png … img12.png, each showing its number; the 11th is smaller, the 12th grey."""
    for number in range(1, 11):
        write(tmp_path / f"img{number}.png", picture(number))
    write(tmp_path / "img11.png", picture(11, (36, 48)))
    write(tmp_path / "img12.png", picture(12)[..., 1])
    (tmp_path / "notes.txt").write_text("not an image")
    return tmp_path


class TestFolders:
    def test_images_are_frames_in_the_order_of_their_numbers(self, folder):
        with open_video(folder) as reader:
            assert [number_in(image) for _, image in reader.stream(range(12), 3)] == list(range(1, 13))

    def test_each_image_keeps_its_size_and_takes_the_channels_asked_for(self, folder):
        with open_video(folder) as reader:
            assert [reader.size(index) for index in (0, 10, 11)] == [(48, 64), (36, 48), (48, 64)]
            assert reader.channels == 3
            assert reader.read(11).shape == (48, 64, 3)
            assert reader.read(10, 1).shape == (36, 48, 1)

    def test_the_source_lists_the_images(self, folder):
        with open_video(folder) as reader:
            assert reader.source.images == folder_images(folder)
            assert reader.source.path == folder / "img1.png"

    def test_a_folder_without_images_is_refused(self, tmp_path):
        with pytest.raises(VideoError, match="no images") as refusal:
            open_video(tmp_path)
        assert says_three_things(refusal.value)


class TestLists:
    def test_a_list_keeps_its_own_order_and_counts_from_the_base(self, folder):
        names = [folder / "img3.png", folder / "img1.png"]
        source = VideoSource(names[0].relative_to(folder), images=tuple(name.relative_to(folder) for name in names))
        with open_video(source, base=folder) as reader:
            assert [number_in(reader.read(index, 3)) for index in reader.frame_numbers] == [3, 1]

    def test_missing_images_are_counted_before_any_is_read(self, folder):
        images = (folder / "img1.png", folder / "gone.png", folder / "away.png")
        with pytest.raises(VideoError, match=r"2 of 3 images are missing, the first of them .*gone\.png") as refusal:
            open_video(VideoSource(images[0], images=images))
        assert says_three_things(refusal.value)

    def test_a_cut_image_is_refused_when_it_is_read(self, folder):
        path = folder / "img2.png"
        path.write_bytes(path.read_bytes()[:30])
        with open_video(folder) as reader, pytest.raises(VideoError, match=r"img2\.png cannot be read") as refusal:
            reader.read(1)
        assert says_three_things(refusal.value)

    def test_a_list_whose_first_image_is_cut_shows_the_others(self, folder):
        (folder / "img1.png").write_bytes(b"cut")
        with open_video(folder) as reader:
            assert (reader.channels, len(reader)) == (3, 12)
            assert [index for index, _ in reader.stream(range(12))] == [*range(1, 12)]
            assert reader.lost == [0]

    def test_a_stream_leaves_a_cut_image_out_and_says_so(self, folder):
        path = folder / "img4.png"
        path.write_bytes(path.read_bytes()[:30])
        with open_video(folder) as reader:
            assert [(index, number_in(image)) for index, image in reader.stream([5, 3, 2, 3], 3)] == [(5, 6), (2, 3)]
            assert reader.lost == [3]

    def test_where_every_image_is_needed_all_that_are_cut_are_named(self, folder):
        for number in (2, 4, 5):
            (folder / f"img{number}.png").write_bytes(b"cut")
        with open_video(folder) as reader, pytest.raises(FrameLost, match=r"3 of the 5 frames .*: 1, 3-4\.") as refusal:
            list(reader.every([0, 1, 2, 3, 4]))
        assert says_three_things(refusal.value)

    @pytest.mark.parametrize("index", [-1, 12])
    def test_an_image_that_is_not_there_is_refused(self, folder, index):
        with open_video(folder) as reader, pytest.raises(FrameOutOfRange, match="12 frames, 0 to 11"):
            reader.read(index)


class TestKindsOfImage:
    def test_one_image_is_a_video_of_one_frame(self, folder):
        with open_video(folder / "img5.png") as reader:
            assert (len(reader), number_in(reader.read(0))) == (1, 5)

    def test_red_stays_red(self, folder):
        with open_video(folder / "img5.png") as reader:
            assert reader.read(0)[40, 5].tolist() == [200, 30, 30]

    def test_transparency_is_dropped(self, tmp_path):
        cv2.imwrite(str(tmp_path / "glass.png"), np.full((6, 6, 4), (10, 100, 200, 0), np.uint8))
        with open_video(tmp_path / "glass.png") as reader:
            assert reader.read(0)[0, 0].tolist() == [200, 100, 10]

    def test_sixteen_bits_become_eight_by_one_rule_for_the_whole_list(self, tmp_path):
        for number, level in enumerate((3000, 100, 4000)):
            cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((6, 6), level, np.uint16))
        with open_video(tmp_path) as reader:
            assert reader.channels == 1
            levels = [int(image[0, 0, 0]) for _, image in reader.stream([2, 0, 1])]
        assert levels == [4000 >> 4, 3000 >> 4, 100 >> 4]

    def test_a_palette_is_looked_up(self, tmp_path):
        indices = np.arange(36, dtype=np.uint8).reshape(6, 6)
        colours = np.zeros((3, 256), np.uint16)
        colours[0, 1] = 200 * 257  # the second colour is a red
        tifffile.imwrite(tmp_path / "x.tif", indices, photometric="palette", colormap=colours)
        with open_video(tmp_path / "x.tif") as reader:
            assert reader.channels == 3
            assert [reader.read(0)[0, column].tolist() for column in (0, 1)] == [[0, 0, 0], [200, 0, 0]]

    def test_a_photograph_is_turned_as_its_camera_noted(self, tmp_path):
        cv2.imwrite(str(tmp_path / "x.jpg"), picture(9), [cv2.IMWRITE_JPEG_QUALITY, 100])
        content = (tmp_path / "x.jpg").read_bytes()
        note = "ffe10022 457869660000 4d4d002a00000008 0001 0112 0003 00000001 0006 0000 00000000"  # EXIF: turned right
        (tmp_path / "x.jpg").write_bytes(content[:2] + bytes.fromhex(note) + content[2:])
        with open_video(tmp_path / "x.jpg") as reader:
            assert reader.size(0) == (64, 48)
            assert number_in(np.rot90(reader.read(0))) == 9

    def test_pages_of_a_tiff_file_are_frames(self, tmp_path):
        pages = [picture(number)[..., 1] for number in range(7)]
        cv2.imwritemulti(str(tmp_path / "pages.tif"), pages)
        with open_video(tmp_path / "pages.tif") as reader:
            assert (len(reader), reader.channels) == (7, 1)
            assert all(np.array_equal(reader.read(index)[..., 0], pages[index]) for index in (6, 0, 3))

    def test_bytes_that_are_no_image_are_refused_by_name(self):
        with pytest.raises(VideoError, match="frame 3 in x"):
            decode_image(b"", "frame 3 in x")


class TestRealImages:
    def test_the_reaching_mouse_has_images_of_two_sizes(self, data_folder):
        folder = data_folder / "dlc_reaching"
        with h5py.File(folder / "reaching.slp") as file:
            lists = [json.loads(text)["filename"] for text in file["videos_json"]]
        sizes = set()
        for names in lists:
            source = VideoSource(folder / names[0], images=tuple(folder / name for name in names))
            with open_video(source) as reader:
                assert len(reader) == len(names)
                sizes |= {reader.size(index) for index in reader.frame_numbers}
                assert reader.read(len(reader) - 1, 1).shape == (*reader.size(len(reader) - 1), 1)
        assert sizes == {(747, 832), (470, 640)}

    def test_a_stack_and_its_pages_are_the_same_frames(self, data_folder):
        folder = data_folder / "format_samples" / "tiff"
        pages = sorted(folder.glob("frame_*.tif"))
        with open_video(folder / "multipage.tif") as stack, \
                open_video(VideoSource(pages[0], images=tuple(pages))) as images:
            assert len(stack) == len(images) == 8
            for index in range(8):
                assert np.array_equal(stack.read(index), images.read(index))
