from dataclasses import replace

import numpy as np
import pytest

from gambol.drawing.style import NOBODY, Style, shades


class TestFitted:
    def test_widths_grow_with_the_animals_but_more_slowly(self, two_sticks):
        large = two_sticks.points[:1] * 16
        small, grown = (Style().fitted(points) for points in (large / 4, large))
        assert 1.5 * small.node < grown.node < 2.5 * small.node  # animals four times as large
        assert small.line < small.node * 2

    def test_enlarging_counts_as_growth(self, two_sticks):
        assert Style(enlarge=9).fitted(two_sticks.points).node > Style().fitted(two_sticks.points).node

    def test_what_is_asked_for_stays(self, two_sticks):
        assert Style(line=0, node=7.5).fitted(two_sticks.points) == Style(line=0, node=7.5)
        assert Style(line=3).fitted(two_sticks.points).line == 3
        assert Style(node=3).fitted(two_sticks.points).node == 3

    @pytest.mark.parametrize("points", [np.empty((0, 2, 2)), np.full((3, 2, 2), np.nan)])
    def test_works_without_animals(self, points):
        style = Style().fitted(points)
        assert style.line > 1 and style.node > 1


class TestShades:
    @pytest.mark.parametrize("palette", ["bright", "rainbow"])
    def test_a_track_keeps_its_colour_whoever_else_is_there(self, two_sticks, palette):
        style = Style(palette=palette)
        both = shades(replace(two_sticks, tracks=np.array([1, 4])), 2, style, tracks=5)
        alone = shades(replace(two_sticks, tracks=np.array([-1, 1])).select(np.array([1])), 2, style, tracks=5)
        assert alone[0] == both[0] != both[1]

    def test_without_a_track_an_animal_is_pale_where_others_have_one(self, two_sticks):
        first, second = shades(replace(two_sticks, tracks=np.array([0, -1])), 2, Style(), tracks=1)
        assert second == [NOBODY] * 2 != first

    def test_where_nothing_has_a_track_colours_tell_animals_apart(self, two_sticks):
        first, second = shades(two_sticks, 2, Style(), tracks=0)
        assert first != second and NOBODY not in first + second

    def test_animals_can_be_coloured_by_their_place_in_the_frame(self, two_sticks):
        style = Style(colour_by="animal")
        tracked = replace(two_sticks, tracks=np.array([1, 0]))
        assert shades(tracked, 2, style, tracks=2) == shades(two_sticks, 2, style, tracks=0)

    def test_nodes_can_have_the_colours(self, two_sticks):
        first, second = shades(two_sticks, 2, Style(colour_by="node"))
        assert first == second and first[0] != first[1]


class TestRim:
    def test_is_that_of_the_plain_ground(self):
        assert Style(ground="white").rim == (255, 255, 255)
        assert max(Style(ground="black").rim) < 30
