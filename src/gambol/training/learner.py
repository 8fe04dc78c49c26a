"""A network that learns: its optimizer, the average of its weights, and the device and numbers that it computes in."""

import logging
from collections.abc import Callable
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from gambol.data.batch import Batch
from gambol.data.dataset import Dataset
from gambol.data.loader import Loader
from gambol.inference.engines.torch import TorchEngine
from gambol.nn.device import choose_device, gains_from_bf16
from gambol.nn.model import Model
from gambol.pipelines.saved import read_weights, write_stage
from gambol.pipelines.stage import Plan
from gambol.runs.layout import RunFolder
from gambol.training.average import Average
from gambol.training.head_start import begin
from gambol.training.job import TrainingJob
from gambol.training.state import put_back, take


class Learner:
    """The network of one stage, with what changes it. What is kept of it is the average of its weights."""

    def __init__(self, plan: Plan, job: TrainingJob, folder: RunFolder) -> None:
        """With fresh weights, or those of another run that the job starts from."""
        torch.manual_seed(job.seed)
        self._plan, self._clip = plan, job.optimizer.clip
        self._folder = folder.stage(plan.stage.name)
        device = choose_device(job.device)
        self.bf16 = gains_from_bf16(device) if job.precision == "auto" else job.precision == "bf16"
        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it announces the precision on stdout
        self.fabric = Fabric(
            accelerator=device.type,
            devices=[device.index or 0] if device.type == "cuda" else 1,
            precision="bf16-mixed" if self.bf16 else "32-true",
        )
        self.network = plan.stage.build().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        begin(self.network, folder, plan.stage.name)
        self.optimizer = job.optimizer.build(self.network.parameters())
        self._model, self.optimizer = self.fabric.setup(self.network, self.optimizer)
        self.average = Average(self.network, job.optimizer.average)

    def learn(self, batch: Batch, rate: float) -> float:
        """One step at this learning rate; the loss before it."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss = self._loss(self._model, batch)
        self.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self._clip)
        self.optimizer.step()
        self.average.update(self.network)
        return float(loss.detach())

    def loss_on(self, dataset: Dataset, empty: bool = False) -> float:
        """The averaged network's loss on all examples; empty: that of maps on which nothing is drawn."""
        model: Model = self.average.model
        loader = Loader(dataset, self._plan.batch)
        total, count = 0.0, 0
        with torch.inference_mode(), torch.autocast(self.fabric.device.type, torch.bfloat16, enabled=self.bf16):
            for batch in loader.once():
                total += float(self._loss(_blank(model) if empty else model, batch)) * len(batch)
                count += len(batch)
        return total / max(1, count)

    def engine(self) -> TorchEngine:
        """The averaged network, ready to predict."""
        return TorchEngine(self.average.model, self.fabric.device, self.bf16)

    def take(self) -> dict[str, Tensor]:
        """All that it is made of at this moment, as copies on the CPU."""
        return take(self._networks(), self.optimizer)

    def put_back(self, tensors: dict[str, Tensor], updates: int) -> None:
        """Make it what it was when these tensors were taken. Raises `Damaged` if they are of another network."""
        put_back(tensors, self._networks(), self.optimizer)
        self.average.updates = updates

    def save(self) -> None:
        """Write what is kept of it into the run, as the stage's weights."""
        write_stage(self._folder, self._plan.stage, self.average.model.state_dict())

    def load_saved(self) -> None:
        """Take the weights that were saved last."""
        best = read_weights(self._folder, self._plan.stage).state_dict()
        self.network.load_state_dict(best)
        self.average.model.load_state_dict(best)

    def _networks(self) -> dict[str, torch.nn.Module]:
        return {"network": self.network, "average": self.average.model}

    def _loss(self, model: Any, batch: Batch) -> Tensor:
        device = self.fabric.device
        images = torch.from_numpy(batch.images).permute(0, 3, 1, 2).to(device, memory_format=torch.channels_last)
        loss: Tensor = self.network.loss(model(images), torch.from_numpy(batch.points).to(device))
        return loss


def _blank(model: Model) -> Callable[[Tensor], dict[str, Tensor]]:
    """A network that draws nothing, on maps of the same sizes."""
    return lambda images: {name: torch.zeros_like(maps) for name, maps in model(images).items()}
