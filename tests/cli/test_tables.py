"""Figures as tables."""

import pytest

from gambol.cli.tables import in_bytes, node_table, plain_settings, summary_table, thousands


def cells(table) -> list[list[str]]:
    return [list(column.cells) for column in table.columns]


class TestSummaryTable:
    def test_each_set_of_frames_has_a_row(self, figures):
        table = summary_table({"train": figures, "val": figures})
        assert table.row_count == 2
        assert cells(table)[0] == ["train", "val"]
        assert str(figures["frames"]) == cells(table)[1][0]

    @pytest.mark.parametrize("missing", [None, float("nan")])
    def test_what_there_is_no_number_for_is_a_dash(self, figures, missing):
        error = dict.fromkeys(figures["error_px"], missing)
        assert "–" in {column[0] for column in cells(summary_table({"val": figures | {"error_px": error}}))}


class TestNodeTable:
    def test_each_node_has_a_row(self, figures, geckos):
        assert cells(node_table(figures["nodes"]))[0] == list(geckos.world.skeleton.nodes)


class TestWords:
    @pytest.mark.parametrize(("count", "words"), [(None, "–"), (0, "0"), (950, "950"), (12_345, "12k"),
                                                  (999_600, "1.0M"), (1_940_000, "1.9M")])
    def test_large_numbers(self, count, words):
        assert thousands(count) == words

    @pytest.mark.parametrize(("count", "words"), [(512, "512 bytes"), (1234, "1.2 kB"), (5_600_000, "5.6 MB")])
    def test_sizes(self, count, words):
        assert in_bytes(count) == words

    def test_settings_are_named_as_set_names_them(self):
        settings = {"seed": 3, "optimizer": {"rate": 1, "more": {}}, "pipeline": {"single": {"batch": 2}}}
        assert list(plain_settings(settings)) == [
            ("seed", 3), ("optimizer.rate", 1), ("optimizer.more", {}), ("pipeline.single.batch", 2)]
