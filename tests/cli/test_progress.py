"""What a person sees while something goes on."""

import pytest

from gambol.cli.progress import in_words
from gambol.runs.events import Event


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (45.4, "45 s"), (59.7, "1:00 min"), (200, "3:20 min"), (3599.6, "1:00 h"), (7500, "2:05 h")])
def test_durations_are_said_as_people_say_them(seconds, words):
    assert in_words(seconds) == words


class TestLines:
    def test_paths_and_messages_stand_there_as_they_are(self, screen):
        screen.say("The model is in /data/[old]/[/red] " + "long/" * 60)
        assert screen.text.rstrip("\n") == "The model is in /data/[old]/[/red] " + "long/" * 60

    def test_a_training_is_told_epoch_by_epoch(self, screen):
        epoch = {"epoch": 0, "step": 200, "train_loss": 0.5, "val_loss": 0.25}
        accuracy = {"accuracy_found": 0.9, "accuracy_median": 1.5, "accuracy_p95": 7.0}
        screen.show(Event("phase", "centroid", {"phase": "build"}))
        screen.show(Event("epoch", "centroid", epoch))
        screen.show(Event("epoch", "centroid", epoch | {"epoch": 1} | accuracy))
        screen.show(Event("warning", None, {"text": "Take [care]."}))
        lines = screen.text.splitlines()
        assert lines[0] == "where animals are (centroid)"
        assert lines[1] == "  epoch 1, step 200: loss 0.5000, on validation frames 0.2500"
        assert lines[2].endswith("median error 1.50 px, 95 % within 7.0 px, 90% found")
        assert lines[3] == "Take [care]."

    def test_every_event_of_a_real_training_can_be_shown(self, screen, trained):
        with screen:
            for event in trained.events:
                screen.show(event)
        assert screen.text.count("epoch ") == 4


class TestBars:
    def test_a_step_shows_the_loss_and_the_time_left(self, screen):
        step = {"step": 10, "epoch": 0, "loss": 0.1234, "progress": 0.25, "seconds": 20.0, "waited": 0.0}
        screen.show(Event("step", "single", step))
        [bar] = screen.bars.tasks
        assert (bar.description, bar.percentage) == ("nodes of the animal", 25)
        assert bar.fields["note"] == "epoch 1, step 10, loss 0.1234, 1:00 min left"

    def test_another_title_takes_the_place_of_the_bar_before(self, screen):
        screen.bar("cache", 1, 10, "1 of 10 frames")
        screen.bar("cache", 2, 10, "2 of 10 frames")
        screen.bar("predict", 1, 3)
        assert [bar.description for bar in screen.bars.tasks] == ["predict"]
