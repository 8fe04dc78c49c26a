"""The table behind a learning curve."""

from gambol.cli.facts.learning import learning


class TestLearning:
    def test_each_point_has_its_line(self, screen):
        point = {"labels": 40, "runs": 2, "median": 1.234, "mAP": None}
        curves = {"part": "val", "frames": 7, "left_out": ["models/a"],
                  "curves": [{"pipeline": "single", "backbone": "unet", "points": [point], "runs": []}]}
        for part in learning(curves):
            screen.console.print(part)
        text = " ".join(screen.text.split())
        assert "single unet 40 2 1.23 –" in text
        assert "same 7 validation frames" in text and "models/a" in text
