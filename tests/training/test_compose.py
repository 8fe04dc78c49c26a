"""Settings in layers: who asked for what, and who wins."""

import pytest

from gambol.errors import JobError
from gambol.training.compose import ASKED, Composed, compose, leaves, merged
from gambol.training.job import make_job

LARGE = "pipeline.centered_instance.backbone.max_stride"


class TestMerged:
    def test_the_upper_settings_lie_on_the_lower_ones(self):
        below = {"a": 1, "group": {"b": 2, "c": 3}}
        assert merged(below, {"group": {"c": 4, "d": 5}}) == {"a": 1, "group": {"b": 2, "c": 4, "d": 5}}
        assert below == {"a": 1, "group": {"b": 2, "c": 3}}

    def test_another_kind_of_thing_inherits_nothing(self):
        below = {"backbone": {"kind": "unet", "filters": 4}}
        assert merged(below, {"backbone": {"kind": "leap", "depth": 2}}) == {"backbone": {"kind": "leap", "depth": 2}}
        assert merged(below, {"backbone": {"kind": "unet"}}) == below

    def test_a_value_takes_the_place_of_a_group_and_the_reverse(self):
        assert merged({"a": {"b": 1}}, {"a": 2}) == {"a": 2}
        assert merged({"a": 2}, {"a": {"b": 1}}) == {"a": {"b": 1}}


class TestLeaves:
    def test_settings_have_their_full_names(self):
        content = {"seed": 1, "pipeline": {"kind": "single", "single": {"batch": 2, "hard_nodes": {}}}}
        assert dict(leaves(content)) == {
            "seed": 1, "pipeline.kind": "single", "pipeline.single.batch": 2, "pipeline.single.hard_nodes": {}}


class TestRecipes:
    def test_what_a_recipe_says_lies_below_what_is_asked_for(self):
        content = {"labels": "a.slp", "pipeline": {"kind": "top-down", "anchor": "nose"}}
        made = compose(content, "top-down.large", ["pipeline.centered_instance.batch=3"])
        instance = made.job.pipeline.centered_instance
        assert (made.job.pipeline.anchor, instance.batch, instance.backbone.max_stride) == ("nose", 3, 32)
        assert made.because["pipeline.anchor"] == made.because["pipeline.centered_instance.batch"] == ASKED
        assert made.because[LARGE] == "the recipe top-down.large has it so"

    def test_a_setting_that_the_recipe_has_too_is_as_it_was_asked_for(self):
        made = compose({"labels": "a.slp"}, "top-down.large", [f"{LARGE}=8"])
        assert made.job.pipeline.centered_instance.backbone.max_stride == 8
        assert made.because[LARGE] == ASKED

    def test_another_pipeline_than_the_recipes_has_nothing_of_it(self):
        made = compose({"labels": "a.slp", "pipeline": {"kind": "single"}}, "top-down.large")
        assert made.job.pipeline == make_job({"labels": "a.slp", "pipeline": {"kind": "single"}}).pipeline

    def test_without_a_recipe_a_job_is_what_was_asked_for(self):
        content = {"labels": "a.slp", "pipeline": {"kind": "single"}}
        assert compose(content, None, ["seed=3"]).job == make_job(content, ["seed=3"])

    @pytest.mark.parametrize("content", [{}, {"labels": "a.slp"}, {"pipeline": {"kind": "single"}}])
    def test_labels_and_pipeline_are_needed(self, content):
        with pytest.raises(JobError, match="--pipeline auto"):
            compose(content)


class TestAuto:
    @pytest.mark.parametrize(("pipeline", "recipe"), [({}, "auto"), ({"pipeline": {"kind": "auto"}}, None),
                                                      ({"pipeline": {"kind": "auto"}}, "auto")])
    def test_by_either_name_the_labels_choose(self, geckos, pipeline, recipe):
        made = compose({"labels": geckos.labels} | pipeline, recipe)
        assert made.job.pipeline.kind == "top-down"
        assert made.chosen[0].setting == "pipeline.kind"
        assert "10 of" not in made.because["pipeline.kind"]  # the frames that train, not those that check

    def test_what_is_asked_for_wins_and_is_not_told_as_chosen(self, geckos):
        content = {"labels": geckos.labels, "pipeline": {"kind": "bottom-up"}}
        made = compose(content, "auto", ["pipeline.bottom_up.batch=3"])
        assert (made.job.pipeline.kind, made.job.pipeline.bottom_up.batch) == ("bottom-up", 3)
        assert made.because["pipeline.kind"] == made.because["pipeline.bottom_up.batch"] == ASKED
        told = {reason.setting for reason in made.chosen}
        assert told == {"pipeline.bottom_up.backbone.max_stride"}

    def test_settings_of_a_stage_stay_beside_a_kind_that_is_chosen(self, geckos):
        content = {"labels": geckos.labels, "pipeline": {"kind": "auto", "centroid": {"batch": 7}}}
        assert compose(content).job.pipeline.centroid.batch == 7

    def test_with_a_recipe_beside_it_nobody_knows_what_is_meant(self):
        with pytest.raises(JobError, match="Only one of them can be meant"):
            compose({"labels": "a.slp", "pipeline": {"kind": "auto"}}, "single.small")

    @pytest.mark.parametrize(
        "change", ["pipeline.kind=octopus", "pipeline.centroid.bacth=2", "sed=1", "pipeline=single"])
    def test_settings_that_do_not_exist_are_refused_as_ever(self, geckos, change):
        with pytest.raises(JobError, match="cannot be used"):
            compose({"labels": geckos.labels}, "auto", [change])


class TestOf:
    def test_whatever_is_not_as_the_pipeline_is_by_itself_was_asked_for(self):
        job = make_job({"labels": "a.slp", "pipeline": {"kind": "top-down", "centroid": {"batch": 3}}}, ["seed=2"])
        because = Composed.of(job).because
        assert because["pipeline.centroid.batch"] == because["seed"] == ASKED
        assert "pipeline.centroid.backbone.filters" not in because
