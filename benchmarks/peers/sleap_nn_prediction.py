"""sleap-nn's half of a comparison of speed: make a model of given weights, or take one turn of predicting a video.

For: benchmarks/prediction_speed.py, which calls it with the python of an environment that has sleap-nn.
Command: `PEER_PYTHON sleap_nn_prediction.py model --train T.slp --val V.slp --spec JSON --weights W.npz --out FOLDER`
or `PEER_PYTHON sleap_nn_prediction.py turn --models FOLDER ... --video V.mp4 --frames N --out FIGURES.json`.
Needs nothing of gambol.
"""

import argparse
import json
import resource
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

BATCH = 4  # its fastest on a CPU: 1 and 16 are slower


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    model, turn = verbs.add_parser("model"), verbs.add_parser("turn")
    for name in ("train", "val", "spec", "weights"):
        model.add_argument(f"--{name}", required=True)
    model.add_argument("--out", type=Path, required=True)
    model.set_defaults(act=make_model)
    turn.add_argument("--models", nargs="+", required=True)
    turn.add_argument("--video", required=True)
    turn.add_argument("--frames", type=int, required=True)
    turn.add_argument("--out", type=Path, required=True)
    turn.set_defaults(act=take_turn)
    asked = parser.parse_args()
    asked.act(asked)


def make_model(asked: argparse.Namespace) -> None:
    """Train for two steps, which writes all that belongs to a model; then put the given weights into its checkpoint."""
    peer, torch, numpy = (import_module(name) for name in ("sleap_nn.train", "torch", "numpy"))
    spec = json.loads(asked.spec)
    peer.train(
        train_labels_path=[asked.train], val_labels_path=[asked.val], ckpt_dir=str(asked.out.parent),
        run_name=asked.out.name, save_ckpt=True, scale=spec["scale"], crop_size=spec.get("crop"), batch_size=1,
        use_augmentations_train=False, data_pipeline_fw="torch_dataset", max_epochs=1, min_train_steps_per_epoch=2,
        train_steps_per_epoch=2, enable_progress_bar=False, trainer_accelerator="cpu",
        backbone_config={"unet": {
            "in_channels": 1, "kernel_size": 3, "stem_stride": None, "middle_block": True, "up_interpolate": True,
            "stacks": 1, "convs_per_block": 2, **spec["unet"],
        }},
        head_configs={spec["stage"]: {
            name: {"sigma": 2.5 if name == "confmaps" else 15.0, "output_stride": stride}
            for name, stride in spec["heads"].items()
        }},
    )
    file = asked.out / "best.ckpt"
    checkpoint, given = torch.load(file, map_location="cpu", weights_only=False), numpy.load(asked.weights)
    names = [name for words in spec["order"] for name in checkpoint["state_dict"] if words in name]
    for number, name in enumerate(names):
        old, new = checkpoint["state_dict"][name], torch.from_numpy(given[str(number)])
        if old.shape != new.shape:
            raise ValueError(f"{name}: {tuple(new.shape)} does not fit into {tuple(old.shape)}")
        checkpoint["state_dict"][name] = new
    if len(names) != len(given.files) or len(names) != len(checkpoint["state_dict"]):
        raise ValueError(f"{len(given.files)} weights for {len(names)} of {len(checkpoint['state_dict'])} places")
    torch.save(checkpoint, file)


def take_turn(asked: argparse.Namespace) -> None:
    """Predict the first frames and write them; the model is loaded, and has seen a frame, before the clock starts."""
    inference, io = import_module("sleap_nn.inference.predictor"), import_module("sleap_io")
    predictor = inference.Predictor.from_model_paths(asked.models, device="cpu", batch_size=BATCH)
    predictor.predict(io.load_video(asked.video), frames=[0])
    in_networks = timed(import_module("sleap_nn.architectures.model").Model)
    began = time.perf_counter()
    labels = predictor.predict(io.load_video(asked.video), frames=list(range(asked.frames)))
    with tempfile.TemporaryDirectory() as folder:
        labels.save(str(Path(folder) / "out.slp"))
        seconds = time.perf_counter() - began
    figures: dict[str, Any] = {
        "frames_per_second": asked.frames / seconds, "engine": "torch fp32",
        "animals": sum(len(frame.instances) for frame in labels) / asked.frames,
        "peak_mb": peak_memory(), "network_share": sum(in_networks) / seconds,
    }
    asked.out.write_text(json.dumps(figures))


def timed(network: Any) -> list[float]:
    """The seconds of each call of this class of networks from now on; the list grows with the calls."""
    forward, spent = network.forward, []

    def timing(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return forward(*given, **named)
        finally:
            spent.append(time.perf_counter() - began)

    network.forward = timing
    return spent


def peak_memory() -> float:
    """MB that this process had at most. Linux counts in `ru_maxrss` what the caller had before this program began."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
