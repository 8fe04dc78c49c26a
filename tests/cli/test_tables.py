"""Figures as tables."""

import pytest

from gambol.cli.tables import node_table, summary_table


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
