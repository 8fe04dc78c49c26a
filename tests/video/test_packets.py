import numpy as np
import pytest

from gambol.video.packets import holds_frame, marks_of, number_at, numbered, open_stream

from .conftest import FILMS, FRAMES, packets_of


class TestMarks:
    def test_there_is_one_for_each_packet_in_the_order_of_the_file(self, b_frames):
        container, stream = open_stream(b_frames)
        with container:
            marks = marks_of(container, stream)
        packets = packets_of(b_frames)
        assert marks["pts"].tolist() == [packet.pts for packet in packets]
        assert marks["place"].tolist() == [packet.pos for packet in packets]
        assert marks["is_key"].sum() == 3
        assert not marks["is_blank"].any() and not marks["is_gone"].any()

    def test_a_packet_that_was_wiped_is_seen(self, b_frames, tmp_path):
        wiped, path = packets_of(b_frames)[30], tmp_path / "film.mp4"
        content = bytearray(b_frames.read_bytes())
        content[wiped.pos:wiped.pos + wiped.size] = bytes(wiped.size)
        path.write_bytes(content)
        container, stream = open_stream(path)
        with container:
            assert np.flatnonzero(marks_of(container, stream)["is_blank"]).tolist() == [30]

    def test_a_hole_between_two_packets_of_matroska_is_seen(self, tmp_path):
        path = FILMS["B-frames in Matroska"](tmp_path)
        packets, content = packets_of(path), bytearray(path.read_bytes())
        content[packets[20].pos - 4:packets[28].pos] = bytes(packets[28].pos - packets[20].pos + 4)
        path.write_bytes(content)
        container, stream = open_stream(path)
        with container:
            marks = marks_of(container, stream)
        assert len(marks) < FRAMES - 8
        assert np.flatnonzero(marks["is_after_gap"]).tolist() in ([], [20])


class TestNumbers:
    @pytest.mark.parametrize(("place", "number"), [(10, 0), (40, 2), (11, None), (99, None), (None, None)])
    def test_a_packet_is_known_by_where_it_lies(self, place, number):
        assert number_at(np.array([10, 20, 40]), place) == number

    @pytest.mark.parametrize("is_placed", [True, False])
    def test_packets_get_their_numbers_in_place_of_time_stamps(self, b_frames, is_placed):
        packets = packets_of(b_frames)
        places = np.array([packet.pos for packet in packets] if is_placed else [], np.int64)
        assert [packet.pts for packet in numbered(packets, places)] == list(range(FRAMES))

    def test_an_empty_packet_holds_no_frame(self, b_frames):
        container, stream = open_stream(b_frames)
        with container:
            *full, flush = container.demux(stream)
            assert [holds_frame(packet) for packet in (full[0], flush)] == [True, False]
