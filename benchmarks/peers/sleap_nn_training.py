"""One turn of sleap-nn: train one model for some seconds by its own public function, and time the steps.

For: benchmarks/training_step.py, which calls it with the python of an environment that has sleap-nn.
Command: `PEER_PYTHON sleap_nn_training.py --train T.slp --val V.slp --spec JSON --out FIGURES.json`.
Writes: FIGURES.json. Needs nothing of gambol.
"""

import argparse
import json
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any


class Clock:
    """Times steps from end to end within an epoch, after a warm-up; what lies between steps is waiting for data."""

    def __init__(self, warmup: float, seconds: float) -> None:
        self.warmup, self.limit = warmup, warmup + seconds
        self.began: float | None = None
        self.last: float | None = None
        self.steps, self.seconds, self.waited, self.parameters = 0, 0.0, 0.0, 0

    def epoch_starts(self, trainer: Any, module: Any) -> None:
        """Forget when the last step was: validation lies between."""
        self.last = None
        self.parameters = sum(weights.numel() for weights in module.parameters())

    def step_starts(self, trainer: Any, module: Any, batch: Any, index: int) -> None:
        """The batch is there; the first one starts the clock."""
        self.asked = time.perf_counter()
        self.began = self.began or self.asked

    def step_ends(self, trainer: Any, module: Any, outputs: Any, batch: Any, index: int) -> None:
        """Count the step; when the time is up, ask the trainer to stop."""
        now, began = time.perf_counter(), self.began or 0.0
        if self.last is not None and self.last - began >= self.warmup:
            self.steps += 1
            self.seconds += now - self.last
            self.waited += self.asked - self.last
        self.last = now
        trainer.should_stop = now - began >= self.limit

    def figures(self) -> dict[str, Any]:
        """Milliseconds from step to step, the share of waiting, and what was trained."""
        return {
            "period_ms": 1e3 * self.seconds / max(1, self.steps), "waiting": self.waited / (self.seconds or 1),
            "steps": self.steps, "parameters": self.parameters, "precision": "fp32",
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("train", "val", "spec"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--warmup", type=float, default=5)
    asked = parser.parse_args()
    clock = Clock(asked.warmup, asked.seconds)
    with tempfile.TemporaryDirectory() as folder:
        train(asked, json.loads(asked.spec), clock, folder)
    asked.out.write_text(json.dumps(clock.figures()))


def train(asked: argparse.Namespace, spec: dict[str, Any], clock: Clock, folder: str) -> None:
    """Train with the stock settings of sleap-nn's profiles, images cached in memory, no evaluation afterwards."""
    peer = import_module("sleap_nn.train")  # by name: gambol's own environment, which checks this file, lacks it
    lightning = import_module("lightning")
    callbacks = import_module("lightning.pytorch.callbacks")
    timing = callbacks.LambdaCallback(
        on_train_epoch_start=clock.epoch_starts, on_train_batch_start=clock.step_starts,
        on_train_batch_end=clock.step_ends,
    )
    trainer = lightning.Trainer
    vars(lightning)["Trainer"] = lambda *given, callbacks=(), **named: trainer(
        *given, callbacks=[*(callbacks or ()), timing], **named)
    stride = spec["unet"]["output_stride"]
    peer.train(
        train_labels_path=[asked.train], val_labels_path=[asked.val],
        data_pipeline_fw="torch_dataset_cache_img_memory", ckpt_dir=folder, run_name="turn", save_ckpt=False,
        scale=spec["scale"], crop_size=spec.get("crop"), batch_size=spec["batch"],
        geometry_aug={
            "rotation_min": spec["rotation"][0], "rotation_max": spec["rotation"][1],
            "scale_min": spec["scaling"][0], "scale_max": spec["scaling"][1], "affine_p": 1.0,
        },
        backbone_config={"unet": {
            "in_channels": 1, "kernel_size": 3, "stem_stride": None, "middle_block": True, "up_interpolate": True,
            "stacks": 1, "convs_per_block": 2, **spec["unet"],
        }},
        head_configs={spec["stage"]: {"confmaps": {"anchor_part": None, "sigma": 2.5, "output_stride": stride}}},
        learning_rate=1e-4, max_epochs=200, enable_progress_bar=False, trainer_accelerator="cpu",
    )


if __name__ == "__main__":
    main()
