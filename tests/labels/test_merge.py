"""Merging: nothing that a person placed is lost, nothing comes twice, and it is told what came."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gambol.errors import SkeletonMismatch
from gambol.labels.columns import PREDICTED, ROW_FIELDS, USER, Columns, arrange, empty_rows
from gambol.labels.merge import MergeConfig, merge
from gambol.labels.same_videos import Match
from gambol.labels.skeleton import Skeleton
from gambol.video.source import VideoSource

NODES = ("nose", "left", "right")


def merged(ours: Columns, theirs: Columns, **rules):
    """Both have the same videos in the same order."""
    matches = [Match(number, "same path") for number in range(len(theirs.videos))]
    return merge(ours, theirs, matches, [], "theirs.slp", MergeConfig(**rules))


def beetle_at(*animals: tuple, frames: tuple = (), skeleton: Skeleton | None = None, negative: tuple = ()) -> Columns:
    """One video; each animal is (frame, kind, x of all nodes), tracks are not used."""
    skeleton = skeleton or Skeleton(NODES)
    numbers = sorted({frame for frame, *_ in animals} | set(frames) | set(negative))
    rows = empty_rows(len(skeleton), len(animals))
    rows["visible"][:] = True
    for row, (_, kind, x) in enumerate(animals):
        rows["points"][row], rows["kinds"][row] = x, kind
        if kind == PREDICTED:
            rows["scores"][row], rows["point_scores"][row] = 0.5, 0.5
    columns = Columns(
        skeleton, [VideoSource(Path("walk.mp4"))], [], np.zeros(len(numbers), int), np.array(numbers, int),
        np.zeros(len(numbers) + 1, int), **rows, negative=np.isin(numbers, negative))
    return arrange(columns, np.array([numbers.index(frame) for frame, *_ in animals], int))


def content(columns: Columns) -> set[tuple]:
    """(frame, kind, x) of every animal."""
    return {(int(columns.frame_index[frame]), int(kind), float(x)) for frame, kind, x in zip(
        columns.row_frame, columns.kinds, columns.points[:, 0, 0], strict=True)}


@st.composite
def projects(draw) -> Columns:
    """Up to a dozen animals in four frames, at few places, so that many of two such projects are the same."""
    animals = draw(st.lists(st.tuples(
        st.integers(0, 3), st.sampled_from([USER, PREDICTED]), st.integers(0, 4).map(lambda place: 10.0 * place)),
        max_size=12, unique=True))
    labelled = {frame for frame, kind, _ in animals if kind == USER}
    negative = draw(st.sets(st.integers(0, 3))) - labelled
    return beetle_at(*animals, negative=tuple(negative))


RULES = st.fixed_dictionaries({
    "predictions": st.sampled_from(["replace", "add", "keep"]),
    "conflicts": st.sampled_from(["ours", "theirs", "both"])})


class TestWithItself:
    @pytest.mark.parametrize("predictions", ["replace", "add", "keep"])
    @pytest.mark.parametrize("conflicts", ["ours", "theirs", "both"])
    def test_nothing_changes(self, beetles, assert_same, predictions, conflicts):
        result = merged(beetles, beetles, predictions=predictions, conflicts=conflicts)
        assert_same(result.columns, beetles)
        assert not result.changed

    def test_nothing_changes_where_scores_are_missing(self):
        project = beetle_at((3, PREDICTED, 10.0))
        project.scores[:] = np.nan
        assert not merged(project, project, predictions="add").changed

    @given(project=projects(), rules=RULES)
    def test_nothing_changes_in_any_project(self, project, rules):
        result = merged(project, project, **rules)
        assert not result.changed
        assert [*result.columns.kinds] == [*project.kinds]
        np.testing.assert_array_equal(result.columns.points, project.points)
        np.testing.assert_array_equal(result.columns.negative, project.negative)


class TestUserInstances:
    @given(ours=projects(), theirs=projects(), predictions=st.sampled_from(["replace", "add", "keep"]))
    def test_those_of_both_are_there_with_both(self, ours, theirs, predictions):
        found = content(merged(ours, theirs, conflicts="both", predictions=predictions).columns)
        assert {each for each in found if each[1] == USER} == {
            each for each in content(ours) | content(theirs) if each[1] == USER}

    @given(ours=projects(), theirs=projects(), rules=RULES)
    def test_ours_stay_unless_theirs_are_to_win(self, ours, theirs, rules):
        found = content(merged(ours, theirs, **rules).columns)
        mine, own = ({each for each in content(columns) if each[1] == USER} for columns in (ours, theirs))
        if rules["conflicts"] != "theirs":
            assert mine <= found
        else:
            assert own <= found

    @given(ours=projects(), theirs=projects(), rules=RULES)
    def test_no_animal_stands_there_twice(self, ours, theirs, rules):
        result = merged(ours, theirs, **rules).columns
        assert len(content(result)) == len(result.kinds)

    def test_the_same_within_the_tolerance_are_one(self):
        ours, theirs = beetle_at((3, USER, 10.0)), beetle_at((3, USER, 10.05), (3, USER, 50.0))
        assert content(merged(ours, theirs).columns) == {(3, USER, 10.0), (3, USER, 50.0)}
        assert len(merged(ours, theirs, tolerance=0.01, conflicts="both").columns.kinds) == 3

    def test_a_hidden_node_more_makes_them_differ(self):
        ours, theirs = beetle_at((3, USER, 10.0)), beetle_at((3, USER, 10.0))
        theirs.visible[0, 1] = False
        assert merged(ours, theirs).videos[0].conflicts == 1

    @pytest.mark.parametrize("rule, expected", [
        ("ours", {10.0, 90.0}), ("theirs", {20.0, 90.0}), ("both", {10.0, 20.0, 90.0})])
    def test_differing_ones_on_one_frame_follow_the_rule(self, rule, expected):
        ours = beetle_at((3, USER, 10.0), (3, USER, 90.0))
        theirs = beetle_at((3, USER, 20.0), (3, USER, 90.0))
        result = merged(ours, theirs, conflicts=rule)
        assert {x for *_, x in content(result.columns)} == expected
        [told] = result.videos
        assert (told.conflicts, told.same) == (1, 1)
        assert (told.user, told.left_out, told.removed) == {
            "ours": (0, 1, 0), "theirs": (1, 0, 1), "both": (1, 0, 0)}[rule]

    @pytest.mark.parametrize("rule, animals, empty", [("ours", 0, True), ("theirs", 1, False), ("both", 1, False)])
    def test_a_frame_marked_as_empty_is_at_odds_with_animals(self, rule, animals, empty):
        result = merged(beetle_at(negative=(3,)), beetle_at((3, USER, 10.0)), conflicts=rule)
        assert (len(result.columns.kinds), bool(result.columns.negative[0])) == (animals, empty)
        assert result.videos[0].conflicts == 1

    @pytest.mark.parametrize("rule, animals, empty", [("ours", 1, False), ("theirs", 0, True), ("both", 1, False)])
    def test_and_the_other_way_round(self, rule, animals, empty):
        result = merged(beetle_at((3, USER, 10.0)), beetle_at(negative=(3,)), conflicts=rule)
        assert (len(result.columns.kinds), bool(result.columns.negative[0])) == (animals, empty)
        assert result.videos[0].conflicts == 1

    def test_corrections_of_a_prediction_stay_linked_to_it(self, beetles):
        before = beetles.select_rows(np.arange(7) != 4)  # without the user instance that was made from row 2
        result = merged(before, beetles).columns
        [row] = np.flatnonzero(result.from_predicted >= 0)
        assert result.kinds[row] == USER
        np.testing.assert_array_equal(result.points[result.from_predicted[row]], beetles.points[2])


class TestPredictions:
    @pytest.mark.parametrize("rule, expected", [("replace", {20.0}), ("add", {10.0, 20.0}), ("keep", {10.0})])
    def test_for_a_frame_that_has_some_follow_the_rule(self, rule, expected):
        result = merged(beetle_at((3, PREDICTED, 10.0)), beetle_at((3, PREDICTED, 20.0)), predictions=rule)
        assert {x for *_, x in content(result.columns)} == expected
        [told] = result.videos
        assert (told.predictions, told.replaced, told.unused) == {
            "replace": (1, 1, 0), "add": (1, 0, 0), "keep": (0, 0, 1)}[rule]

    @pytest.mark.parametrize("rule", ["replace", "add", "keep"])
    def test_come_in_where_there_are_none_beside_user_instances(self, rule):
        ours, theirs = beetle_at((3, USER, 10.0)), beetle_at((3, PREDICTED, 11.0), (4, PREDICTED, 20.0))
        result = merged(ours, theirs, predictions=rule).columns
        assert content(result) == content(ours) | content(theirs)

    def test_of_a_model_that_found_nothing_replace_those_that_are_there(self):
        ours = beetle_at((3, PREDICTED, 10.0), (3, USER, 30.0))
        found_nothing = beetle_at((4, PREDICTED, 20.0), frames=(3,))
        assert content(merged(ours, found_nothing).columns) == {(3, USER, 30.0), (4, PREDICTED, 20.0)}

    def test_are_not_replaced_by_labels_of_a_person(self):
        ours, theirs = beetle_at((3, PREDICTED, 10.0)), beetle_at((3, USER, 20.0), (4, PREDICTED, 5.0))
        assert (3, PREDICTED, 10.0) in content(merged(ours, theirs).columns)

    def test_the_same_places_with_other_scores_are_other_predictions(self):
        ours, theirs = beetle_at((3, PREDICTED, 10.0)), beetle_at((3, PREDICTED, 10.0))
        theirs.scores[0] = 0.9
        assert merged(ours, theirs).columns.scores.tolist() == [0.9]


class TestNodes:
    @given(order=st.permutations(range(3)), seed=st.integers(0, 9))
    def test_their_order_does_not_matter(self, order, seed):
        random = np.random.default_rng(seed)
        theirs = beetle_at(*((frame, USER, 0.0) for frame in range(4)))
        theirs.points[:] = random.uniform(0, 100, theirs.points.shape)
        theirs.visible[:] = random.uniform(size=theirs.visible.shape) > 0.3
        shuffled = replace(
            theirs, skeleton=Skeleton(tuple(NODES[node] for node in order)), points=theirs.points[:, order],
            visible=theirs.visible[:, order], complete=theirs.complete[:, order],
            point_scores=theirs.point_scores[:, order])
        ours = beetle_at((9, USER, 1.0))
        one, other = merged(ours, theirs).columns, merged(ours, shuffled).columns
        for name in ROW_FIELDS:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
        assert other.skeleton.nodes == NODES

    def test_that_the_other_project_lacks_are_not_visible(self):
        theirs = beetle_at((3, USER, 20.0), skeleton=Skeleton(("right",)))
        result = merged(beetle_at((1, USER, 10.0)), theirs).columns
        assert result.visible.tolist() == [[True] * 3, [False, False, True]]
        assert np.isnan(result.points[1, :2]).all()

    def test_that_the_project_lacks_are_refused_by_name(self):
        theirs = beetle_at((3, USER, 20.0), skeleton=Skeleton(("nose", "sting", "horn")))
        with pytest.raises(SkeletonMismatch, match="does not know: sting, horn"):
            merged(beetle_at((1, USER, 10.0)), theirs)

    def test_or_added_with_what_connects_them_if_asked_for(self):
        skeleton = Skeleton(("horn", "nose"), edges=((1, 0),))
        result = merged(beetle_at((1, USER, 10.0)), beetle_at((3, USER, 20.0), skeleton=skeleton), add_nodes=True)
        assert result.columns.skeleton == Skeleton((*NODES, "horn"), edges=((0, 3),))
        assert result.columns.visible.tolist() == [[True, True, True, False], [True, False, False, True]]

    def test_two_of_one_name_are_refused(self):
        theirs = beetle_at((3, USER, 20.0), skeleton=Skeleton(("nose", "nose")))
        with pytest.raises(SkeletonMismatch, match="more than one node called nose"):
            merged(beetle_at(), theirs)


class TestTracksAndVideos:
    def test_tracks_are_matched_by_name(self, beetles):
        renamed = replace(beetles, tracks=["B", "C"], frame_index=beetles.frame_index + 100, suggestions=[])
        result = merged(beetles, renamed).columns
        assert result.tracks == ["A", "B", "C"]
        later = result.frame_index[result.row_frame] >= 100
        assert [result.tracks[track] for track in result.track[later]] == ["B", "C", "B", "C", "B", "B", "C"]

    def test_a_track_of_which_nothing_comes_in_does_not_come_in(self, beetles):
        theirs = replace(beetles.select_rows(np.array([True] + 6 * [False])), tracks=["Z"])
        result = merged(beetles, theirs)
        assert result.columns.tracks == ["A", "B"] and not result.changed

    def test_videos_stand_where_they_are_matched_and_others_are_added(self, beetles):
        theirs = beetle_at((3, USER, 500.0), (4, USER, 600.0))
        swapped = merge(beetles, theirs, [Match(1, "same file")], [], "theirs.slp")
        assert swapped.columns.position(1, 3) is not None
        added = merge(beetles, theirs, [Match(None, "new")], [VideoSource(Path("run.mp4"))], "theirs.slp")
        assert [video.name for video in added.columns.videos] == ["walk.mp4", "rest.mp4", "run.mp4"]
        assert added.columns.points[added.columns.rows(2, 3), 0, 0] == [500.0]
        [told] = added.videos
        assert (told.name, told.why, told.new_frames, told.user) == ("run.mp4", "new", 2, 2)

    def test_suggestions_come_once(self, beetles):
        theirs = replace(beetle_at(), suggestions=[(0, 20), (0, 30)], suggestion_groups={(0, 30): 2})
        result = merged(beetles, theirs)
        assert (result.columns.suggestions, result.columns.suggestion_groups) == ([(0, 20), (0, 30)], {(0, 30): 2})
        assert result.changed
