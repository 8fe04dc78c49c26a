"""The page of benchmarks shows what was measured, and nothing else."""

import importlib.util
import json
from types import ModuleType

import pytest

REST = (
    "training", "nodes", "training_step", "decoding", "predictions_file", "prediction_speed", "prediction_time",
    "prediction_start", "recipes", "hard_nodes", "warm_start",
    "backbones",
)
MARKERS = "".join(f"<!-- begin {name} -->\n<!-- end {name} -->\n" for name in REST)
PAGE = f"# Before\n<!-- begin accuracy -->\nan old table\n<!-- end accuracy -->\nBetween\n{MARKERS}After\n"

TEST = {
    "instances": 40, "predicted_instances": 41, "missed_instances": 1, "extra_instances": 2, "complete_frames": 0.95,
    "frames_per_second": 25.4321, "oks": {"mAP": 0.8125, "mAP_sleap": 0.83}, "pck": {"5": 0.875},
    "error_px": {"median": 1.234, "mean": 2.5, "p95": 123.4},
    "nodes": {"head": {"visible": 40, "missed": 40, "error_px": {"median": None, "mean": None, "p95": None}}},
}
SET = {
    "minutes": 10.0, "pipeline": "top-down", "tests": {"pair.test": TEST},
    "training": {
        "frames": {"train": 120, "val": 12},
        "stages": {"centroid": {"steps": 2000, "seconds": 600.4, "waiting": 0.0123}},
    },
}
PEER = {
    "rows": [{
        "test": "pair.test", "pipeline": "top-down", "program": "another",
        "minutes": "7 and 10", "instances": 40, "predicted_instances": 39,
        "error_px": {"median": 6.0, "mean": 21.8, "p95": 86.7},
    }],
}
STEP = {
    "stages": {"centroid": {"times_faster": 2.5, "programs": {
        "gambol": {"parameters": 1953105, "precision": "bf16", "period_ms": 70.0, "turns_ms": [69.0, 70.0, 71.5],
                   "waiting": 0.01},
        "sleap-nn": {"parameters": 1953105, "precision": "fp32", "period_ms": 175.0, "turns_ms": [175.0],
                     "waiting": 0.05},
    }}},
}
DECODING = {
    "scenes": [{"animals": 2, "nodes": 24, "side": 384, "ms": 0.912, "peaks_ms": 0.5, "grouping_ms": 0.412}],
}

FILES = {
    "rows": [{
        "frames": 1000, "megabytes": 1.5, "write": {"seconds": 0.25, "memory": 5.5},
        "parts": {"seconds": 0.5, "memory": 8.25}, "open": {"seconds": 0.0125, "frame_ms": 2.5, "memory": 1.25},
        "read": {"seconds": 0.75, "memory": 40.0},
    }],
}
SPEED = {
    "speed": {"bottom-up": {
        "gambol bf16": {"engine": "openvino bf16", "frames_per_second": 50.0, "turns": [49.0, 50.0], "animals": 2.0,
                        "peak_mb": 230.4, "network_share": 0.91, "times_faster": 3.25, "networks_times_faster": 3.5,
                        "ms": {
                            "network": 36.0, "waiting for a turn": 15.0, "reading maps": 1.5, "cutting inputs": 0.25,
                            "waiting for frames": 0.125}},
        "sleap-nn": {"engine": "torch fp32", "frames_per_second": 15.4, "turns": [15.4], "animals": 2.0,
                     "peak_mb": 920.0},
    }},
    "start": {"help_seconds": 0.17, "first_result_seconds": 0.9},
}
WARM = {
    "ways": {"warm": {"frames": "20", "begun": "the weights of ten", "minutes": 5.0},
             "scratch": {"frames": "20", "begun": "nothing", "minutes": 5.0}},
    "rows": [{"way": "warm", "seed": seed, "oks": {"mAP": mean}, "pck": {"5": 0.5}, "missed_instances": 0,
              "error_px": {"median": 10 * mean, "mean": 5.0, "p95": 20.0}}
             for seed, mean in enumerate((0.5, 0.25, 0.75))],
}


RECIPES = {
    "sets": {"pair": {
        "top-down.small": {"minutes": 2.0, "steps": {"centroid": 90, "centered_instance": 300}, "mean": 4.0,
                           "median": 2.0, "p95": 9.5, "mAP": 0.5},
        "top-down.medium": {"minutes": 2.0, "steps": {"centroid": 91, "centered_instance": 200}, "mean": None,
                            "median": None, "p95": None, "mAP": 0.0},
        "auto": {"minutes": 2.0, "steps": {"centroid": 92, "centered_instance": 301}, "mean": 4.2, "median": 2.1,
                 "p95": 9.0, "mAP": 0.55, "as": "top-down.small"},
    }},
}
HARD = {
    "runs": [
        {"variant": variant, "minutes": 5.0, "seed": seed, "steps": 100, "mean": error, "median": 1.0, "p95": 8.0,
         "pck5": 0.75, "nodes": {"head": 1.0, **{f"leg{number}": error + number for number in range(6)}}}
        for variant, errors in (("off", (3.0, 5.0)), ("as SLEAP", (2.5, 3.5))) for seed, error in enumerate(errors)
    ],
}


BACKBONES = {
    "pair, unet": {
        "minutes": 5.0, "parameters": 1950000, "gflop": 3.25, "receptive_field": 220, "steps": 1700,
        "steps_per_second": 5.75, "training_mb": 900.0, "median": 1.5, "mean": 2.5, "p95": 8.0,
        "looks_per_second": 90.0},
}


@pytest.fixture(scope="module")
def tables(root) -> ModuleType:
    """The program that writes the tables."""
    spec = importlib.util.spec_from_file_location("tables", root / "benchmarks" / "tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def results(tmp_path):
    """A folder with one set of recordings, another program's figures and one measurement of steps."""
    kept = {"pair": SET, "peer": PEER, "training_step": STEP, "decoding": DECODING, "predictions_file": FILES,
            "prediction_speed": SPEED, "recipes": RECIPES, "hard_nodes": HARD, "warm_start": WARM,
            "backbones": BACKBONES}
    for name, content in kept.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    return tmp_path


def rows_of(page: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]


class TestTables:
    def test_every_figure_has_its_cell_and_a_missing_one_a_dash(self, tables, results):
        rows = rows_of(tables.render(PAGE, results))
        assert ["pair.test", "top-down", "gambol", "10", "0.812", "0.83", "1.23", "2.5", "123", "87.5 %", "41 / 40",
                "1", "2", "95.0 %", "25.4"] in rows
        assert ["pair.test", "top-down", "another", "7 and 10", "–", "–", "6", "21.8", "86.7", "–", "39 / 40",
                *"––––"] in rows
        assert ["1000", "1.5", "0.25", "5.5", "0.5", "8.25", "0.0125", "2.5", "1.25", "0.75", "40"] in rows
        assert ["bottom-up", "gambol bf16", "openvino bf16", "50", "49, 50", "2", "230", "3.25 × faster",
                "3.5 × faster"] in rows
        assert ["bottom-up", "sleap-nn", "torch fp32", "15.4", "15.4", "2", "920", "", ""] in rows
        assert ["centered_pair", "bottom-up", "gambol bf16", "20", "91.0 %", "36", "15", "1.5", "0.25", "0.125"] in rows
        assert ["`gambol predict`, first frame", "0.9"] in rows
        assert ["pair", "120 / 12", "centroid", "2000", "600", "1.2 %"] in rows
        assert ["pair.test", "top-down", "head", "40", "40", "–", "–", "–"] in rows
        assert ["centroid", "gambol", "1.95 M", "bf16", "70", "69, 70, 71.5", "1.0 %", "2.5 × faster"] in rows
        assert ["2", "24", "384", "0.912", "0.5", "0.412"] in rows
        assert ["pair, unet", "5", "1.95", "3.25", "220", "1700", "5.75", "900", "1.5", "2.5", "8", "90"] in rows
        assert ["pair", "auto (the networks of top-down.small)", "2", "92 + 301", "4.2", "2.1", "9", "0.55",
                "1.05 ×"] in rows
        assert ["pair", "top-down.medium", "2", "91 + 200", "–", "–", "–", "0", "–"] in rows
        assert ["off", "5", "2", "100", "4", "1", "8", "75.0 %", "6.5"] in rows  # legs without the head
        assert ["as SLEAP", "5", "2", "100", "3", "1", "8", "75.0 %", "5.5"] in rows
        assert ["20", "the weights of ten", "5", "3", "0.5 (0.25 to 0.75)", "5 (2.5 to 7.5)", "5 (5 to 5)",
                "20 (20 to 20)", "50.0 % (50.0 % to 50.0 %)", "0 (0 to 0)"] in rows

    def test_the_text_around_the_tables_stays_and_an_old_table_goes(self, tables, results):
        page = tables.render(PAGE, results)
        assert [line for line in page.splitlines() if line and line[0] not in "|<"] == ["# Before", "Between", "After"]

    def test_the_same_results_give_the_same_page(self, tables, results):
        page = tables.render(PAGE, results)
        assert tables.render(page, results) == page

    def test_without_results_no_figure_is_shown(self, tables, tmp_path):
        page = tables.render(PAGE, tmp_path)
        assert len(rows_of(page)) == 2 * len(tables.TABLES)  # a header and a rule each

    def test_a_page_without_a_place_for_a_table_is_refused(self, tables, results):
        with pytest.raises(ValueError, match="accuracy"):
            tables.render(MARKERS, results)

    def test_the_page_shows_the_results_that_are_kept(self, tables):
        page = tables.PAGE.read_text(encoding="utf-8")
        assert tables.render(page, tables.RESULTS) == page
