import cv2
import numpy as np
import pytest
import tifffile

from gambol.errors import FrameOutOfRange, VideoError
from gambol.video.reader import open_video

from .conftest import number_in, picture, says_three_things

PAGES = 20
GREY = np.stack([picture(number)[..., 1] for number in range(PAGES)])          # (page, height, width)
DEEP = GREY.astype(np.uint16) * 16 + 3                                         # 12 of 16 bits
COMPRESSIONS = {"LZW": 5, "deflate": 8, "PackBits": 32773, "none": 1}


def pages_read(path):
    """Every frame by itself, the last first, in the order of their numbers."""
    with open_video(path) as reader:
        return [reader.read(index, 1)[..., 0] for index in reversed(reader.frame_numbers)][::-1]


class TestPages:
    @pytest.mark.parametrize("compression", list(COMPRESSIONS))
    @pytest.mark.parametrize("pixels", ["grey", "RGB", "12 bits"])
    def test_pages_are_frames_however_they_are_stored(self, tmp_path, pixels, compression):
        pages = {"grey": list(GREY), "12 bits": list(DEEP),
                 "RGB": [picture(number)[..., ::-1] for number in range(PAGES)]}[pixels]
        cv2.imwritemulti(str(tmp_path / "x.tif"), pages, [cv2.IMWRITE_TIFF_COMPRESSION, COMPRESSIONS[compression]])
        with open_video(tmp_path / "x.tif") as reader:
            assert len(reader) == PAGES
            streamed = dict(reader.stream(range(PAGES)))
            for index in (19, 0, 7, 6, 12):
                expected = picture(index) if pixels == "RGB" else GREY[index][..., None]
                assert np.array_equal(reader.read(index), expected)
                assert np.array_equal(streamed[index], expected)

    @pytest.mark.parametrize("kind", [{"bigtiff": True}, {"imagej": True}, {"byteorder": ">"}, {"ome": True}])
    def test_the_kinds_that_microscopes_write(self, tmp_path, kind):
        tifffile.imwrite(tmp_path / "x.tif", DEEP, photometric="minisblack", **kind)
        assert np.array_equal(pages_read(tmp_path / "x.tif"), GREY)

    def test_a_large_stack_of_imagej_has_one_page_and_all_frames_behind_it(self, tmp_path):
        tifffile.imwrite(tmp_path / "x.tif", DEEP, imagej=True, metadata={"axes": "TYX"}, byteorder=">")
        content = bytearray((tmp_path / "x.tif").read_bytes())
        begin = int.from_bytes(content[4:8], "big")
        end = begin + 2 + 12 * int.from_bytes(content[begin:begin + 2], "big")
        content[end:end + 4] = bytes(4)  # no page follows, as ImageJ leaves it beyond 4 GB
        (tmp_path / "x.tif").write_bytes(content)
        with tifffile.TiffFile(tmp_path / "x.tif") as file:
            assert len(file.pages) == 1
        assert np.array_equal(pages_read(tmp_path / "x.tif"), GREY)

    def test_an_array_with_its_frames_along_the_last_axis(self, tmp_path):
        tifffile.imwrite(tmp_path / "x.tif", np.moveaxis(GREY[:8], 0, 2), photometric="minisblack")
        assert np.array_equal(pages_read(tmp_path / "x.tif"), GREY[:8])

    def test_pages_of_several_sizes(self, tmp_path):
        with tifffile.TiffWriter(tmp_path / "x.tif") as file:
            for size in ((48, 64), (36, 48)):
                file.write(picture(3, size)[..., 1], contiguous=False)
        with open_video(tmp_path / "x.tif") as reader:
            assert [reader.size(index) for index in (1, 0)] == [(36, 48), (48, 64)]
            assert [number_in(image) for _, image in reader.stream([0, 1])] == [3, 3]

    def test_fractions_of_white(self, tmp_path):
        tifffile.imwrite(tmp_path / "x.tif", GREY / np.float32(255), photometric="minisblack")
        assert np.array_equal(pages_read(tmp_path / "x.tif"), GREY)


class TestRefusals:
    def test_a_page_that_is_not_there(self, tmp_path):
        tifffile.imwrite(tmp_path / "x.tif", GREY, photometric="minisblack")
        with open_video(tmp_path / "x.tif") as reader, pytest.raises(FrameOutOfRange, match="20 frames, 0 to 19"):
            reader.read(20)

    def test_a_stack_that_is_cut_shows_the_pages_that_are_there(self, tmp_path):
        with tifffile.TiffWriter(tmp_path / "x.tif") as file:
            for page in GREY:
                file.write(page, contiguous=False)
        with tifffile.TiffFile(tmp_path / "x.tif") as file:
            place = file.pages[12].dataoffsets[0]
        content = bytearray((tmp_path / "x.tif").read_bytes())
        content[place - 250:place + 20] = bytes(270)  # the page's own description, too
        (tmp_path / "x.tif").write_bytes(content)
        with open_video(tmp_path / "x.tif") as reader:
            for index, image in reader.stream(reader.frame_numbers):
                assert number_in(image) == index

    def test_channels_on_pages_of_their_own(self, tmp_path):
        tifffile.imwrite(tmp_path / "x.tif", np.stack([GREY, GREY], axis=1), imagej=True, metadata={"axes": "TCYX"})
        with pytest.raises(VideoError, match="2 channels on pages of their own") as refusal:
            open_video(tmp_path / "x.tif")
        assert says_three_things(refusal.value)

    def test_depths_below_black(self, tmp_path):
        tifffile.imwrite(tmp_path / "x.tif", -GREY.astype(np.float32), photometric="minisblack")
        with pytest.raises(VideoError, match="black and which is white"):
            open_video(tmp_path / "x.tif")

    def test_what_is_no_tiff(self, tmp_path):
        (tmp_path / "x.tif").write_bytes(b"words" * 50)
        with pytest.raises(VideoError, match="cannot be read as a TIFF") as refusal:
            open_video(tmp_path / "x.tif")
        assert says_three_things(refusal.value)


class TestRealStacks:
    def test_frames_along_the_last_axis_are_those_of_the_single_images(self, data_folder):
        folder = data_folder / "format_samples" / "tiff"
        with open_video(folder / "stacked_as_channels.tif") as stack:
            assert len(stack) == 8
            for index in range(8):
                alone = cv2.imread(str(folder / f"frame_{index:03d}.tif"), cv2.IMREAD_GRAYSCALE)
                assert np.array_equal(stack.read(index, 1)[..., 0], alone)
