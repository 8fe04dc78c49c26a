"""The command line as a whole: how it ends, and what it says then."""

import pytest

from gambol.cli import VERBS
from gambol.errors import GambolError


class TestMain:
    def test_without_words_it_says_what_it_can_do(self, command):
        outcome = command()
        assert outcome.code in (0, 2)
        assert all(verb in outcome.out + outcome.err for verb in ("demo", "train", "predict", "evaluate"))

    @pytest.mark.parametrize("verb", [verb.__name__ for verb in VERBS])
    def test_every_verb_explains_itself(self, command, verb):
        outcome = command(verb, "--help")
        assert outcome.code == 0
        assert "Usage" in outcome.out

    def test_what_a_person_can_mend_is_told_without_a_traceback(self, refused, tmp_path):
        assert "Traceback" not in refused("evaluate", tmp_path / "a.slp", tmp_path / "b.slp")

    def test_debug_shows_where_it_came_from_wherever_the_word_stands(self, command, tmp_path):
        for words in (("--debug", "evaluate"), ("evaluate", "--debug")):
            with pytest.raises(GambolError):
                command(*words, tmp_path / "a.slp", tmp_path / "b.slp")

    @pytest.mark.parametrize("words", [(), *((verb.__name__,) for verb in VERBS)])
    def test_debug_is_explained_everywhere(self, command, words):
        assert "--debug" in command(*words, "--help").out

    def test_ctrl_c_ends_with_130(self, command, monkeypatch, tmp_path):
        def interrupted(path):
            raise KeyboardInterrupt

        monkeypatch.setattr("gambol.formats.load", interrupted)
        assert command("evaluate", tmp_path / "a.slp", tmp_path / "b.slp").code == 130

    def test_names_with_brackets_are_told_as_they_are(self, refused, tmp_path):
        assert "[red]odd[/red].slp" in refused("evaluate", tmp_path / "[red]odd[/red].slp", tmp_path / "b.slp")
