import pytest

from gambol.video.matroska import CLUSTER, ends_well, first_cluster

from .conftest import FILMS, packets_of

KINDS = ["B-frames in Matroska", "VP9 in WebM", "odd sides"]


@pytest.mark.parametrize("kind", KINDS)
class TestWhereThePacketsAre:
    def test_the_first_cluster_lies_just_before_the_first_packet(self, tmp_path, kind):
        path = FILMS[kind](tmp_path)
        place, time = first_cluster(path)
        assert path.read_bytes()[place:].startswith(CLUSTER)
        assert 0 < packets_of(path)[0].pos - place < 64
        assert time == 0

    def test_a_destroyed_cluster_is_missed_where_it_should_be(self, tmp_path, kind):
        path = FILMS[kind](tmp_path)
        place, _ = first_cluster(path)
        content = bytearray(path.read_bytes())
        content[place:place + 200] = b"\x55" * 200
        path.write_bytes(content)
        assert first_cluster(path) == (place, 0)

    def test_after_the_last_packet_something_known_follows(self, tmp_path, kind):
        path = FILMS[kind](tmp_path)
        last, before = packets_of(path)[-1], packets_of(path)[20]
        assert ends_well(path, last.pos + last.size)
        content = bytearray(path.read_bytes())
        content[before.pos:] = b"\x55" * (len(content) - before.pos)
        path.write_bytes(content)
        assert not ends_well(path, before.pos)
