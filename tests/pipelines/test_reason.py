"""Reasons: settings that follow from the labels, each with the numbers that it follows from."""

import numpy as np
import pytest

from gambol.labels.skeleton import Skeleton
from gambol.pipelines.reason import clipped, of_variety
from gambol.pipelines.single import SingleConfig
from gambol.pipelines.top_down import TopDownConfig

FRAME = (120, 160)


def variety(labels) -> dict[str, str]:
    """Why examples are turned and mirrored, by the last word of the setting."""
    [plan] = SingleConfig().plan(labels, 1, FRAME)
    return {reason.setting.split(".")[-2]: reason.because for reason in of_variety(plan, labels)}


class TestOfVariety:
    def test_animals_that_look_everywhere_are_said_to(self, project, seven_beetles, two_beetles):
        assert "may look anywhere" in variety(project(*seven_beetles[:, None]))["rotation"]
        assert "by 0° only" in variety(project(two_beetles[:1]))["rotation"]

    def test_symmetric_nodes_are_counted(self, project, two_beetles):
        assert variety(project(two_beetles[:1]))["flip"].startswith("1 pairs of nodes")
        plain = Skeleton(("a", "b", "c", "d"))
        assert "neither symmetries nor names" in variety(project(two_beetles[:1], skeleton=plain))["flip"]

    def test_values_are_those_of_the_plan(self, project, two_beetles):
        config = SingleConfig.model_validate({"single": {"augment": {"rotation": {"degrees": [-5, 7]}}}})
        [plan] = config.plan(project(two_beetles[:1]), 1, FRAME)
        assert of_variety(plan, project(two_beetles[:1]))[0].value == [-5, 7]


class TestClipped:
    def test_bounds_are_told_where_they_hold(self):
        assert clipped(0.1, 40, 2.5, 8) == "10 % of an animal's length of 40 px in the input"
        assert clipped(0.1, 400, 2.5, 8).endswith("within 2.5 and 8 px")


class TestPipelines:
    def test_a_crop_is_told_with_the_reach_that_it_follows_from(self, project, two_beetles):
        labels, config = project(two_beetles), TopDownConfig()
        reasons = {one.setting: one for one in config.reasons(labels, FRAME, config.plan(labels, 1, FRAME))}
        told = reasons["pipeline.centered_instance.crop_size"]
        middles = (np.nanmin(two_beetles, 1) + np.nanmax(two_beetles, 1)) / 2
        reach = np.nanmax(np.linalg.norm(two_beetles - middles[:, None], axis=-1))
        assert f"{reach:.0f} px from the middle" in told.because
        assert told.value == config.plan(labels, 1, FRAME)[1].stage.view.size

    @pytest.mark.parametrize(("frame", "told"), [
        ((120, 160), "seen as it is"), ((270, 300), "shows it large enough"), ((3000, 4000), "512 px at most")])
    def test_a_frames_scale_is_told_by_what_decided_it(self, project, two_beetles, frame, told):
        labels, config = project(two_beetles[:1] * (5 if frame[0] == 270 else 1)), SingleConfig()
        scale = config.reasons(labels, frame, config.plan(labels, 1, frame))[0]
        assert told in scale.because
