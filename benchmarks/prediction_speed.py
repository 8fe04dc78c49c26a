"""How fast `gambol predict` is, beside sleap-nn at the same networks with the same weights, and where its time goes.

For: whoever changes an engine, a pipeline or what is loaded at the start, and for docs/benchmarks.md.
Command: `GAMBOL_DATA=... GAMBOL_PEER=.../python python benchmarks/prediction_speed.py`, where GAMBOL_PEER is the python
of an environment with sleap-nn. The networks are trained first (once; some 15 minutes), by gambol, and their weights
are put into models of sleap-nn. Then the programs take turns, each turn a process of its own.
Writes: benchmarks/results/prediction_speed.json (not without the peer, which is then skipped).
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULT = HERE / "results" / "prediction_speed.json"
LABELS, VIDEO = "centered_pair/centered_pair.gt", "centered_pair/centered_pair_small.mp4"
FLIES, FLIES_VIDEO = "flies13_clip/flies13_clip.gt", "flies13_clip/flies13_clip.mp4"
SHOWN = 60  # frames of which the networks' inputs are kept, to time the networks by themselves
# The U-Nets of sleap-nn's stock profiles (docs/sample_configs of 0.3.5: centroid; centred instance and bottom-up with
# the medium receptive field), with the scales and crops that they have there. order: of the peer's weights.
ENCODED = [".encoders.", "middle_blocks", ".decoders."]
PEER_SIZED: dict[str, dict[str, dict[str, Any]]] = {
    "top-down": {
        "centroid": {
            "unet": {"filters": 16, "filters_rate": 2.0, "max_stride": 16, "output_stride": 2}, "scale": 0.5,
            "heads": {"confmaps": 2}, "order": [*ENCODED, "head_layers"],
        },
        "centered_instance": {
            "unet": {"filters": 24, "filters_rate": 2.0, "max_stride": 16, "output_stride": 4}, "scale": 1.0,
            "crop": 192, "heads": {"confmaps": 4}, "order": [*ENCODED, "head_layers"],
        },
    },
    "bottom-up": {
        "bottom_up": {
            "unet": {"filters": 16, "filters_rate": 2.0, "max_stride": 32, "output_stride": 4}, "scale": 1.0,
            "heads": {"confmaps": 4, "pafs": 8}, "order": [*ENCODED, "ConfmapsHead", "PartAffinityFieldsHead"],
        },
    },
}
PEER_STAGES = {"bottom_up": "bottomup"}  # what sleap-nn calls a stage, if otherwise
FIRST_RESULT = """
import sys, time
import gambol.cli
from pathlib import Path
from gambol.inference.predict import PredictionRequest, predict
video, run, out = map(Path, sys.argv[2:])
for state in predict(PredictionRequest(video, [run], out, frames="0", device="cpu", overwrite=True)):
    if state.done:
        print(time.time() - float(sys.argv[1]))
        break
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--frames", type=int, default=400, help="that are predicted in each turn")
    parser.add_argument("--minutes", type=float, default=3, help="of training, each stage")
    parser.add_argument("--threads", type=int, default=2, help="of the peer; gambol takes all cores")
    parser.add_argument("--pipeline", dest="pipelines", action="append", choices=PEER_SIZED, help="may be repeated")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks/prediction_speed"))
    parser.add_argument("--result", type=Path, default=RESULT)
    parser.add_argument("--turn-of-gambol", help=argparse.SUPPRESS)  # used by this program on itself
    asked = parser.parse_args()
    if asked.turn_of_gambol:
        print(json.dumps(turn_of_gambol(**json.loads(asked.turn_of_gambol))))
        return
    asked.out = asked.out.resolve()
    data, peer = recordings(), os.environ.get("GAMBOL_PEER", "")
    if not peer:
        print("SKIPPED: sleap-nn. Set GAMBOL_PEER to the python of an environment with it; nothing is written.")
    pipelines = asked.pipelines or list(PEER_SIZED)
    result: dict[str, Any] = {"frames": asked.frames, "turns": asked.turns, "threads": asked.threads}
    result["speed"] = {pipeline: compare(pipeline, data, peer, asked) for pipeline in pipelines}
    flies = trained("flies13.top-down", "top-down", {}, data / FLIES, asked)
    result["flies13"] = take_turns({"gambol": own_turn(flies, data / FLIES_VIDEO, "auto", asked)}, asked)["gambol"]
    default = trained(f"default.{pipelines[0]}", pipelines[0], {}, data / LABELS, asked)
    result["start"] = start(default, data / VIDEO, asked.turns)
    print(json.dumps(result, indent=1))
    if peer:
        from gambol.storage import write_text

        write_text(asked.result, json.dumps(rounded(result), indent=1) + "\n")


def recordings() -> Path:
    """The folder of the recordings."""
    if not os.environ.get("GAMBOL_DATA"):
        sys.exit("Set GAMBOL_DATA to the folder of recordings; nothing was measured.")
    return Path(os.environ["GAMBOL_DATA"]).resolve()


def compare(pipeline: str, data: Path, peer: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Turns of both programs with the peer's networks, and of gambol with its own; ratios of the medians."""
    stages, video = PEER_SIZED[pipeline], data / VIDEO
    same = trained(f"peer_sized.{pipeline}", pipeline, stages, data / LABELS, asked)
    default = trained(f"default.{pipeline}", pipeline, {}, data / LABELS, asked)
    commands = {
        "gambol bf16": own_turn(same, video, "auto", asked), "gambol fp32": own_turn(same, video, "fp32", asked),
        "gambol, its own networks": own_turn(default, video, "auto", asked),
    }
    if peer:
        models = [peer_model(peer, same / stage, spec, data / LABELS, asked) for stage, spec in stages.items()]
        commands["sleap-nn"] = [
            peer, str(HERE.resolve() / "peers" / "sleap_nn_prediction.py"), "turn", "--models", *map(str, models),
            "--video", str(video), "--frames", str(asked.frames), "--out", "FIGURES",
        ]
    programs = take_turns(commands, asked)
    theirs = programs.get("sleap-nn", {})
    for name, own in programs.items():
        if peer and name != "sleap-nn":
            own["times_faster"] = own["frames_per_second"] / theirs["frames_per_second"]
            own["networks_times_faster"] = own["times_faster"] * theirs["network_share"] / own["network_share"]
    return programs


def take_turns(commands: dict[str, list[str]], asked: argparse.Namespace) -> dict[str, Any]:
    """Run the commands in turns; for each the medians of its figures, and the speed of each turn."""
    turns: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for turn in range(asked.turns):
        for name, command in commands.items():
            turns[name].append(call(command, asked))
            print(f"turn {turn + 1}, {name}: {turns[name][-1]['frames_per_second']:.1f} frames/s", flush=True)
    return {
        name: median(own) | {"turns": [one["frames_per_second"] for one in own]} for name, own in turns.items()
    }


def call(command: list[str], asked: argparse.Namespace) -> dict[str, Any]:
    """Run one turn in a process of its own; FIGURES among its words stands for a file, else figures are printed."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(asked.threads)}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        words = [str(file) if word == "FIGURES" else word for word in command]
        done = subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"A turn did not finish:\n{' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        figures: dict[str, Any] = json.loads(file.read_text() if file.exists() else done.stdout.splitlines()[-1])
        return figures


def median(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of each number, also of numbers within; what is no number is the last turn's."""
    merged: dict[str, Any] = {}
    for name, value in turns[-1].items():
        every = [turn[name] for turn in turns]
        if isinstance(value, dict):
            merged[name] = median(every)
        else:
            merged[name] = statistics.median(every) if isinstance(value, int | float) else value
    return merged


def trained(
    name: str, pipeline: str, stages: dict[str, dict[str, Any]], labels: Path, asked: argparse.Namespace
) -> Path:
    """A run with these networks, or with gambol's own if none are given; trained if it is not there yet."""
    run = Path(asked.out) / name
    if (run / "metrics.val.json").is_file():
        return run
    from gambol.training.job import make_job
    from gambol.training.run import run as train

    print(f"training {name}, {asked.minutes:g} minutes a stage", flush=True)
    content: dict[str, Any] = {
        "labels": f"{labels}.train.slp", "validation": f"{labels}.val.slp", "out": run, "overwrite": True,
        "pipeline": {"kind": pipeline}, "minutes": asked.minutes, "device": "cpu",
    }
    changes = []
    for stage, spec in stages.items():
        backbone = {"kind": "unet", "stem": "conv", "stem_stride": 1, **spec["unet"]}
        wanted = {"backbone": backbone, "scale": spec["scale"], "batch": 4, "effort": 1.0}
        wanted |= {"crop_size": spec["crop"]} if "crop" in spec else {}
        wanted |= {"edge_stride": spec["heads"]["pafs"]} if "pafs" in spec["heads"] else {}
        changes += [f"pipeline.{stage}.{key}={json.dumps(value)}" for key, value in wanted.items()]
    for _ in train(make_job(content, changes)):
        pass
    return run


def peer_model(
    peer: str, folder: Path, spec: dict[str, Any], labels: Path, asked: argparse.Namespace
) -> Path:
    """A model of sleap-nn with the weights of a stage of gambol."""
    model = folder.parent.with_name(f"{folder.parent.name}.sleap_nn") / folder.name
    if not (model / "weights.npz").is_file():
        import numpy as np

        from gambol.pipelines.saved import read_stage, read_weights

        weights = read_weights(folder, read_stage(folder)).state_dict()
        parts = ("backbone.encoder", "backbone.middle", "backbone.decoder", "heads.centroids", "heads.nodes",
                 "heads.edges")
        ordered = [values.numpy() for part in parts for name, values in weights.items() if name.startswith(part)]
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / "weights.npz"
            np.savez(file, **{str(number): values for number, values in enumerate(ordered)})
            words = {"stage": PEER_STAGES.get(folder.name, folder.name), **spec}
            subprocess.run(
                [peer, str(HERE.resolve() / "peers" / "sleap_nn_prediction.py"), "model", "--train",
                 f"{labels}.train.slp", "--val", f"{labels}.val.slp", "--spec", json.dumps(words), "--weights",
                 str(file), "--out", str(model)],
                check=True, stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": str(asked.threads)},
            )
            file.replace(model / "weights.npz")
    return model


def own_turn(run: Path, video: Path, precision: str, asked: argparse.Namespace) -> list[str]:
    """The command of one turn of gambol."""
    words = {"run": str(run), "video": str(video), "frames": asked.frames, "precision": precision}
    return [sys.executable, str(Path(__file__).resolve()), "--turn-of-gambol", json.dumps(words)]


def turn_of_gambol(run: str, video: str, frames: int, precision: str) -> dict[str, Any]:
    """Do as `gambol predict` does; the clock starts when the networks are loaded, and ends with the finished file."""
    page: Any = import_module("gambol.inference.predict")
    loaded: list[Any] = []
    load = page.load_predictor

    def remembering(*given: Any) -> Any:
        loaded.append(load(*given))
        return loaded[0]

    vars(page)["load_predictor"] = remembering
    request = page.PredictionRequest(
        Path(video), [Path(run)], Path("out.slp"), frames=f"0-{frames - 1}", device="cpu", precision=precision)
    states = page.predict(request)
    next(states)
    began = time.perf_counter()
    *_, end = states
    seconds = time.perf_counter() - began
    peak = peak_memory()
    work = {name: 1e3 * spent / frames for name, spent in loaded[0].timings.items()}  # ms a frame, all threads together
    within = work["network"] + work["cutting inputs"] + work["waiting for a turn"]
    work["reading maps"] = work.pop("predicting") - within
    return {
        "frames_per_second": frames / seconds, "engine": loaded[0].engine, "animals": end.instances / frames,
        "peak_mb": peak, "ms": work,
        "network_share": network_alone(loaded[0], video) * frames / seconds,
    }


def peak_memory() -> float:
    """MB that this process had at most. Linux counts in `ru_maxrss` what the caller had before this program began."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def network_alone(predictor: Any, video: str) -> float:
    """Seconds a frame that the networks take by themselves, as many calls at a time as they take."""
    from concurrent.futures import ThreadPoolExecutor

    from gambol.video.reader import open_video

    calls: list[tuple[Any, Any]] = []
    networks = predictor.pipeline.networks

    def recording(network: Any) -> Any:
        def run(inputs: Any) -> Any:
            calls.append((network, inputs))
            return network(inputs)

        return run

    networks |= {name: recording(network) for name, network in networks.items()}
    with open_video(Path(video)) as reader:
        images = [image for _, image in reader.stream(range(SHOWN), predictor.channels)]
    size = predictor.pipeline.options.batch
    for first in range(0, SHOWN, size):
        predictor.pipeline.predict(images[first : first + size])
    with ThreadPoolExecutor(predictor.workers) as pool:
        began = time.perf_counter()
        list(pool.map(lambda one: one[0](one[1]), calls))
        return (time.perf_counter() - began) / SHOWN


def start(run: Path, video: Path, turns: int) -> dict[str, float]:
    """Medians of the seconds from the start of a process to its end: of `--help`, and of the first result."""
    gambol = Path(sys.executable).with_name("gambol")
    helps, firsts = [], []
    for _ in range(turns + 1):  # the first one warms the disk's cache
        began = time.time()
        subprocess.run([gambol, "--help"], check=True, stdout=subprocess.DEVNULL)
        helps.append(time.time() - began)
        with tempfile.TemporaryDirectory() as folder:
            words = [repr(time.time()), str(video), str(run), f"{folder}/out.slp"]
            command = [sys.executable, "-c", FIRST_RESULT, *words]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            firsts.append(float(done.stdout.splitlines()[-1]))
    return {"help_seconds": statistics.median(helps[1:]), "first_result_seconds": statistics.median(firsts[1:])}


def rounded(value: Any) -> Any:
    """The same with numbers to four significant digits."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
