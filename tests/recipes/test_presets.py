"""Recipes: each makes a job that can be carried out."""

from importlib.resources import files

import pytest

from gambol.errors import JobError
from gambol.pipelines.choose import PIPELINES
from gambol.recipes.presets import choices, names, read_recipe
from gambol.training.job import make_job

KINDS = "single", "top-down", "bottom-up"


def pipeline(name: str):
    """The pipeline that a recipe asks for."""
    return make_job(read_recipe(name) | {"labels": "a.slp"}, []).pipeline


def sees(name: str) -> int:
    """How far the network that finds the nodes sees, in its input's pixels."""
    kind = name.partition(".")[0]
    stages = {"single": "single", "top-down": "centered_instance", "bottom-up": "bottom_up"}
    return int(getattr(pipeline(name), stages[kind]).backbone.receptive_field)


class TestRecipes:
    @pytest.mark.parametrize("kind", KINDS)
    def test_there_is_one_for_each_pipeline_and_one_for_each_size_of_it(self, kind):
        assert {kind, *(f"{kind}.{size}" for size in ("small", "medium", "large"))} <= set(names())
        assert len(PIPELINES) == len(KINDS)

    @pytest.mark.parametrize("kind", KINDS)
    def test_larger_ones_see_farther_by_a_factor_of_about_two(self, kind):
        small, medium, large = (sees(f"{kind}.{size}") for size in ("small", "medium", "large"))
        assert 2 < medium / small < 2.5
        assert 2 < large / medium < 2.5

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_medium_one_is_what_the_pipeline_is_by_itself(self, kind):
        assert pipeline(f"{kind}.medium") == pipeline(kind)

    @pytest.mark.parametrize("name", names())
    def test_each_opens_with_for_whom_by_which_command_at_what_cost_and_how_good(self, name):
        lines = (files("gambol.recipes") / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
        assert [line.partition(":")[0] for line in lines[:4]] == ["# For", "# Command", "# Cost", "# Score"]
        assert lines[1].endswith(f"--recipe {name}")

    @pytest.mark.parametrize("name", [name for name in names() if "." in name])
    def test_what_one_says_about_how_far_it_sees_is_true(self, name):
        text = (files("gambol.recipes") / f"{name}.yaml").read_text(encoding="utf-8")
        assert f"sees {sees(name)} px" in text

    @pytest.mark.parametrize("name", names())
    def test_each_makes_a_job_as_soon_as_labels_are_named(self, name):
        assert make_job(read_recipe(name) | {"labels": "a.slp"}, []).pipeline.kind

    def test_reading_one_twice_gives_two_that_may_be_changed_apart(self):
        read_recipe("single")["pipeline"]["kind"] = "other"
        assert read_recipe("single")["pipeline"]["kind"] == "single"

    def test_another_name_is_refused_with_the_names_there_are(self):
        with pytest.raises(JobError, match="Choose one of: auto, ") as refusal:
            read_recipe("octopus")
        assert all(name in str(refusal.value) for name in choices())
