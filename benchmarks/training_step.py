"""How long a training step takes, beside sleap-nn's, at the same architecture, batch, crop and augmentation.

For: whoever changes the training loop, the loader or the networks, and for docs/benchmarks.md.
Command: `GAMBOL_DATA=... GAMBOL_PEER=.../python python benchmarks/training_step.py`, where GAMBOL_PEER is the python of
an environment with sleap-nn. The programs take turns, each turn a process of its own, some six minutes in all.
Writes: benchmarks/results/training_step.json (not without the peer, which is then skipped).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gambol.runs.events import Event
from gambol.storage import write_text

HERE = Path(__file__).parent
RESULT = HERE / "results" / "training_step.json"
BATCH = 4
# The U-Nets of sleap-nn's stock profiles (docs/sample_configs of 0.3.5: centroid, and centred instance with the medium
# receptive field); crop and scale as there, too.
STAGES: dict[str, dict[str, Any]] = {
    "centroid": {"unet": {"filters": 16, "filters_rate": 2.0, "max_stride": 16, "output_stride": 2}, "scale": 0.5},
    "centered_instance": {
        "unet": {"filters": 24, "filters_rate": 2.0, "max_stride": 16, "output_stride": 4}, "scale": 1.0, "crop": 192,
    },
}
# Their augmentation, and nothing else: both programs do the same work.
ROTATION, SCALING = (-15.0, 15.0), (0.9, 1.1)
AUGMENT = {
    "rotation": {"degrees": ROTATION}, "scale": {"factor": SCALING},
    **{name: {"probability": 0}
       for name in ("flip", "translation", "blur", "brightness", "contrast", "erasing", "noise")},
}


@dataclass
class StepClock:
    """What steps took, from the events of a stage: only time between steps of one epoch counts, so no validation."""

    warmup: float = 0.0
    steps: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    last: dict[str, Any] | None = None

    def show(self, event: Event) -> None:
        """Take in one event of the stage; those other than `step` are ignored."""
        if event.kind != "step" or event.data["seconds"] < self.warmup:
            return
        now, last = event.data, self.last
        if last is not None and last["epoch"] == now["epoch"]:
            self.steps += now["step"] - last["step"]
            self.seconds += now["seconds"] - last["seconds"]
            self.waited += now["waited"] - last["waited"]
        self.last = now

    def figures(self) -> dict[str, float]:
        """Milliseconds from step to step, and the share of them in which the next batch was waited for."""
        return {"period_ms": 1e3 * self.seconds / max(1, self.steps), "waiting": self.waited / (self.seconds or 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15, help="of measured steps, each stage and turn")
    parser.add_argument("--warmup", type=float, default=5, help="seconds of steps before them")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--result", type=Path, default=RESULT)
    parser.add_argument("--turn-of-gambol", type=Path, help=argparse.SUPPRESS)  # used by this program on itself
    asked = parser.parse_args()
    labels = recordings()
    if asked.turn_of_gambol:
        figures = turn_of_gambol(labels, asked.seconds, asked.warmup, asked.turn_of_gambol.parent / "run")
        asked.turn_of_gambol.write_text(json.dumps(figures))
        return
    peer = os.environ.get("GAMBOL_PEER")
    if not peer:
        print("SKIPPED: sleap-nn. Set GAMBOL_PEER to the python of an environment with it; nothing is written.")
    turns: dict[str, list[dict[str, Any]]] = {"gambol": [], "sleap-nn": []}
    for turn in range(asked.turns):
        for program in turns if peer else ("gambol",):
            turns[program].append(take_turn(program, peer or "", labels, asked))
            shown = {stage: f"{turns[program][-1][stage]['period_ms']:.0f} ms" for stage in STAGES}
            print(f"turn {turn + 1}, {program}: {shown}", flush=True)
    result = {"batch": BATCH, "threads": asked.threads, "seconds": asked.seconds, "turns": asked.turns}
    result |= {"stages": {stage: summary(stage, turns) for stage in STAGES}}
    print(json.dumps(result, indent=1))
    if peer:
        write_text(asked.result, json.dumps(result, indent=1) + "\n")


def recordings() -> Path:
    """The folder of the recordings that are trained on."""
    if not os.environ.get("GAMBOL_DATA"):
        sys.exit("Set GAMBOL_DATA to the folder of recordings; nothing was measured.")
    return Path(os.environ["GAMBOL_DATA"]).resolve() / "centered_pair"


def take_turn(program: str, peer: str, labels: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """One turn of one program over both stages: its figures by stage."""
    limits = [f"--seconds={asked.seconds}", f"--warmup={asked.warmup}"]
    own = [sys.executable, str(Path(__file__).resolve()), *limits]
    other = [
        peer, str(HERE.resolve() / "peers" / "sleap_nn_training.py"), *limits,
        f"--train={labels / 'centered_pair.gt.train.slp'}", f"--val={labels / 'centered_pair.gt.val.slp'}",
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": str(asked.threads)}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"

        def call(command: list[str]) -> Any:
            done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{program} did not finish its turn:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
            return json.loads(out.read_text())

        if program == "gambol":
            figures: dict[str, Any] = call([*own, f"--turn-of-gambol={out}"])
            return figures
        common = {"batch": BATCH, "rotation": ROTATION, "scaling": SCALING}
        specs = {stage: json.dumps({"stage": stage, **common, **own}) for stage, own in STAGES.items()}
        return {stage: call([*other, f"--out={out}", f"--spec={spec}"]) for stage, spec in specs.items()}


def turn_of_gambol(labels: Path, seconds: float, warmup: float, out: Path) -> dict[str, Any]:
    """Train both stages for a short while, as `gambol train` does, and time their steps."""
    from gambol.nn.device import choose_device, gains_from_bf16
    from gambol.pipelines.saved import read_stage
    from gambol.training.job import make_job
    from gambol.training.run import run

    content: dict[str, Any] = {
        "labels": labels / "centered_pair.gt.train.slp", "validation": labels / "centered_pair.gt.val.slp", "out": out,
        "pipeline": {"kind": "top-down"}, "minutes": (seconds + warmup) / 60, "device": "cpu",
    }
    changes = [f"pipeline.centered_instance.crop_size={STAGES['centered_instance']['crop']}"]
    for stage, wanted in STAGES.items():
        backbone = {"kind": "unet", **wanted["unet"]}
        given = {"backbone": backbone, "scale": wanted["scale"], "batch": BATCH, "augment": AUGMENT}
        changes += [f"pipeline.{stage}.{key}={json.dumps(value)}" for key, value in given.items()]
    clocks = {stage: StepClock(warmup) for stage in STAGES}
    for event in run(make_job(content, changes)):
        if event.stage in clocks:
            clocks[event.stage].show(event)
        if (event.kind, event.stage) == ("finished", "centered_instance"):
            break
    precision = "bf16" if gains_from_bf16(choose_device("cpu")) else "fp32"
    return {
        stage: {
            **clock.figures(), "steps": clock.steps, "precision": precision,
            "parameters": sum(weights.numel() for weights in read_stage(out / stage).build().parameters()),
        }
        for stage, clock in clocks.items()
    }


def summary(stage: str, turns: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The medians of a stage over the turns, for each program, and how many times faster gambol is."""
    programs: dict[str, Any] = {}
    for program, own in turns.items():
        if own:
            figures = [turn[stage] for turn in own]
            programs[program] = {
                "parameters": figures[0]["parameters"], "precision": figures[0]["precision"],
                "steps": [turn["steps"] for turn in figures],
                "turns_ms": [round(turn["period_ms"], 1) for turn in figures],
                "period_ms": round(statistics.median(turn["period_ms"] for turn in figures), 1),
                "waiting": round(statistics.median(turn["waiting"] for turn in figures), 4),
            }
    if len(programs) < 2:
        return {"programs": programs}
    ratio = programs["sleap-nn"]["period_ms"] / programs["gambol"]["period_ms"]
    return {"programs": programs, "times_faster": round(ratio, 2)}


if __name__ == "__main__":
    main()
