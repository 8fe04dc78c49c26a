"""Recipes: each makes a job that can be carried out."""

import pytest

from gambol.errors import JobError
from gambol.recipes.presets import names, read_recipe
from gambol.training.job import make_job


class TestRecipes:
    def test_there_is_one_for_each_pipeline(self):
        assert {"single", "top-down"} <= set(names())

    @pytest.mark.parametrize("name", names())
    def test_each_makes_a_job_as_soon_as_labels_are_named(self, name):
        assert make_job(read_recipe(name) | {"labels": "a.slp"}, []).pipeline.kind

    def test_reading_one_twice_gives_two_that_may_be_changed_apart(self):
        read_recipe("single")["pipeline"]["kind"] = "other"
        assert read_recipe("single")["pipeline"]["kind"] == "single"

    def test_another_name_is_refused_with_the_names_there_are(self):
        with pytest.raises(JobError, match=r"Choose one of: .*single.*top-down"):
            read_recipe("octopus")
