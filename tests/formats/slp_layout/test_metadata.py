"""Under which numbers videos stand in the frames table."""

from pathlib import Path

import numpy as np
import pytest

from gambol.formats.slp_layout.metadata import video_ids, video_positions
from gambol.video.source import VideoSource


def packed(*numbers):
    return [VideoSource(Path("x.pkg.slp"), dataset=f"video{number}/video") for number in numbers]


FILES = [VideoSource(Path(f"{number}.mp4")) for number in range(3)]


class TestVideoNumbers:
    def test_usually_number_and_position_are_the_same(self):
        np.testing.assert_array_equal(video_positions(np.array([0, 2, 2]), FILES), [0, 2, 2])

    def test_packages_with_gaps_number_by_their_groups(self):
        np.testing.assert_array_equal(video_positions(np.array([0, 15, 29]), packed(0, 15, 29)), [0, 1, 2])
        np.testing.assert_array_equal(video_positions(np.array([15]), packed(0, 15, 29)), [1])

    @pytest.mark.parametrize("videos", [FILES, packed(0, 1, 2), packed(4, 0, 9), packed(0, 0, 1), packed(2, 1, 0)])
    @pytest.mark.parametrize("used", [{0}, {1}, {0, 2}, {0, 1, 2}])
    def test_reading_undoes_writing(self, videos, used):
        positions = np.array(sorted(used))
        np.testing.assert_array_equal(video_positions(video_ids(videos, used)[positions], videos), positions)
