"""A network that learns from batches, and the running average of its weights: in PyTorch.

No extra of the package brings PyTorch, as it is large: `pip install torch ninja`, and have a C++
compiler.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from models.training.making.learner import Batch
from models.training.making.torch_network import Lite0

NOT_DECAYED = ("gamma", "beta", "bias")


class TorchLearner:
    """Learns in PyTorch, on a GPU where there is one; see `learner.Learner`.

    Args:
        model: the Keras model to start from, as `network.build` makes it.
        settings: as in settings.toml.
    """

    FILE = "checkpoint.pt"

    def __init__(self, model: keras.Model, settings: dict[str, Any]) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.settings = settings
        self.averaged = model
        torch.manual_seed(settings["seed"])
        self.net = Lite0(
            settings["middle"], settings["dropout"], settings["first_block"], settings["top"]
        )
        self.net.read(model)
        self.net.to(self.device, memory_format=torch.channels_last).train()

        learns = [(name, x) for name, x in self.net.named_parameters() if x.requires_grad]
        self.learns = [x for _, x in learns]
        decayed = [x for name, x in learns if not name.endswith(NOT_DECAYED)]
        others = [x for name, x in learns if name.endswith(NOT_DECAYED)]
        groups = [
            {"params": decayed, "weight_decay": settings["weight_decay"]},
            {"params": others, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, foreach=True)
        self.mean = self._state()

    def learn_head(self, batches: Iterable[Batch]) -> None:
        """Let the new head learn alone, or its first errors would spoil what lies below."""
        head = [self.net.logit.weight, self.net.logit.bias]
        optimizer = torch.optim.AdamW(head, lr=self.settings["head_rate"])
        self.net.eval()
        for batch in batches:
            optimizer.zero_grad()
            self._loss(batch).backward()
            optimizer.step()
        self.net.train()
        self.mean = self._state()

    def learn(self, batch: Batch, rate: float) -> float:
        """Learn from a batch at this rate; returns the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss = self._loss(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.learns, 1.0)
        self.optimizer.step()
        return float(loss.detach())

    def follow(self, keep: float) -> None:
        """Move the running average, of which the fraction `keep` stays."""
        for name, x in self.net.state_dict().items():
            self.mean[name].lerp_(x, 1 - keep)

    def average(self) -> keras.Model:
        """The Keras model whose weights are the running average."""
        now = self._state()
        self.net.load_state_dict(self.mean)
        self.net.write(self.averaged)
        self.net.load_state_dict(now)
        return self.averaged

    def save(self, folder: Path) -> None:
        """Write down where it stands."""
        stands = {
            "net": self.net.state_dict(),
            "mean": self.mean,
            "optimizer": self.optimizer.state_dict(),
        }
        torch.save(stands, folder / "checkpoint.part")
        os.replace(folder / "checkpoint.part", folder / self.FILE)

    def restore(self, folder: Path) -> None:
        """Go on from where `save` wrote it down."""
        stands = torch.load(folder / self.FILE, map_location=self.device, weights_only=True)
        self.net.load_state_dict(stands["net"])
        self.optimizer.load_state_dict(stands["optimizer"])
        self.mean = stands["mean"]

    def _loss(self, batch: Batch) -> torch.Tensor:
        """As `network.TwinLoss`."""
        x, y = (torch.from_numpy(part).to(self.device) for part in batch)
        logits = self.net(x)
        loss = binary_cross_entropy_with_logits(logits, y)
        twins = self.settings["twins"]
        if not twins:
            return loss
        pairs = logits[-2 * twins :].reshape(twins, 2)
        apart = (pairs[:, 0] - pairs[:, 1]).square().mean()
        return loss + self.settings["twin_weight"] * apart

    def _state(self) -> dict[str, torch.Tensor]:
        return {name: x.detach().clone() for name, x in self.net.state_dict().items()}
