"""What the monitor costs, in turn with the same training unmonitored and with wandb.watch and Cockpit, where installed.

A perceptron of 20 layers of 64 with ReLU, batch 128, SGD with momentum, one thread: processor time of a step, and its
ratio to the unmonitored one of the same round. Also each recipe of the README, run once on a tiny random model.

python -m tests.benchmarks.bench_monitor [--rounds N] [--steps N]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import torch
from torch import nn

from demos.networks import GradientFlowMonitor
from tests.networks.cases import he, perceptron, quadrants, sgd

README = Path(__file__).resolve().parents[2] / "README.md"
BARS = {"all instruments, every 10 steps": 1.25, "gradient norms, every step": 1.15}


def model_and_optimizer():
    torch.manual_seed(0)
    model = perceptron(nn.ReLU, he)
    return model, torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)


def train(steps: int, watch: Callable[..., object]) -> tuple[float, torch.Tensor]:
    """Seconds of the processor a step, and the first layer's weights."""
    model, optimizer = model_and_optimizer()
    generator = torch.Generator().manual_seed(0)
    batches = [quadrants(generator) for _ in range(8)]
    with watch(model, optimizer):
        start = time.process_time()
        for step in range(steps):
            x, y = batches[step % 8]
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        seconds = time.process_time() - start
    return seconds / steps, model[0].weight.detach()


def monitored(every: int, **options) -> Callable[..., object]:
    return lambda model, optimizer: GradientFlowMonitor(model, optimizer, every=every, **options)


def wandb_watch(frequency: int) -> Callable[..., object]:
    import wandb

    os.environ.setdefault("WANDB_SILENT", "true")

    class Watch:
        def __init__(self, model):
            self.model = model

        def __enter__(self):
            self.run = wandb.init(mode="disabled" if frequency == 0 else "offline", dir=tempfile.mkdtemp())
            self.run.watch(self.model, log="gradients", log_freq=frequency)

        def __exit__(self, *_):
            self.run.unwatch(self.model)
            self.run.finish()

    return lambda model, optimizer: Watch(model)


def train_with_cockpit(steps: int, interval: int) -> tuple[float, torch.Tensor]:
    """The same for Cockpit's smallest configuration, which needs BackPACK's model, loss and call around backward."""
    from backpack import extend
    from cockpit import Cockpit
    from cockpit.utils import schedules
    from cockpit.utils.configuration import configuration

    model, optimizer = model_and_optimizer()
    model, losses_of = extend(model), extend(nn.CrossEntropyLoss(reduction="none"))
    mean_of = extend(nn.CrossEntropyLoss(reduction="mean"))
    schedule = schedules.linear(interval=interval, offset=0)
    cockpit = Cockpit(model.parameters(), configuration("economy", track_schedule=schedule))
    generator = torch.Generator().manual_seed(0)
    batches = [quadrants(generator) for _ in range(8)]
    start = time.process_time()
    for step in range(steps):
        x, y = batches[step % 8]
        optimizer.zero_grad()
        outputs = model(x)
        loss = mean_of(outputs, y)
        if step % interval == 0:
            told = {"batch_size": len(x), "individual_losses": losses_of(outputs, y), "loss": loss}
            with cockpit(step, info=told | {"optimizer": optimizer}):
                loss.backward(create_graph=cockpit.create_graph(step))
        else:
            loss.backward()
        optimizer.step()
    return (time.process_time() - start) / steps, model[0].weight.detach()


def ways() -> dict[str, Callable[[int], tuple[float, torch.Tensor]]]:
    """steps -> seconds a step, first weights."""
    watches = {
        "unmonitored": lambda model, optimizer: nullcontext(),
        "all instruments, every 10 steps": monitored(10),
        "all instruments, every step": monitored(1),
        "gradient norms, every step": monitored(1, instruments=["gradients"]),
    }
    if importlib.util.find_spec("wandb"):
        watches |= {"wandb.watch, every 10 steps": wandb_watch(10), "wandb.watch, every step": wandb_watch(1)}
    found = {name: partial(train, watch=watch) for name, watch in watches.items()}
    if importlib.util.find_spec("cockpit"):
        for interval, words in ((10, "every 10 steps"), (1, "every step")):
            found[f"Cockpit, economy, {words}"] = partial(train_with_cockpit, interval=interval)
    return found


def block(words: str) -> str:
    """The Python block of the README with these words."""
    blocks = README.read_text(encoding="utf-8").split("```python\n")[1:]
    return next(code for code in (each.split("```")[0] for each in blocks) if words in code)


def lightning_recipe() -> str:
    import lightning

    space: dict = {}
    exec(block("lightning.Callback"), space)

    class Tiny(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))

        def training_step(self, batch, _):
            return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

        def configure_optimizers(self):
            return sgd(self.parameters())

    data = torch.utils.data.TensorDataset(*quadrants(torch.Generator().manual_seed(0), 256))
    watch = space["Watch"]()
    trainer = lightning.Trainer(
        max_steps=21, callbacks=[watch], logger=False, enable_checkpointing=False, gradient_clip_val=0.1,
        enable_progress_bar=False, enable_model_summary=False, accelerator="cpu", default_root_dir=tempfile.mkdtemp(),
    )  # fmt: skip
    trainer.fit(Tiny(), torch.utils.data.DataLoader(data, batch_size=16))
    run = watch.monitor.run
    assert run.total_steps == 21 and run.steps == [0, 10, 20] and run.clip_fraction() > 0
    return f"{run.total_steps} steps, measured {run.steps}, clipped {run.clip_fraction():.0%}"


def transformers_recipe() -> str:
    import transformers

    space: dict = {}
    exec(block("transformers.TrainerCallback"), space)
    shape = {"vocab_size": 31, "n_positions": 16, "n_embd": 16, "n_layer": 2, "n_head": 2}
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**shape, bos_token_id=0, eos_token_id=0))
    tokens = torch.randint(0, 31, (64, 16), generator=torch.Generator().manual_seed(0))
    data = [{"input_ids": row, "labels": row} for row in tokens]
    watch = space["Watch"]()
    arguments = transformers.TrainingArguments(
        output_dir=tempfile.mkdtemp(), max_steps=21, per_device_train_batch_size=4, use_cpu=True, report_to=[],
        save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    transformers.Trainer(model=model, args=arguments, train_dataset=data, callbacks=[watch]).train()
    run = watch.monitor.run
    assert run.total_steps == 21 and run.steps == [0, 10, 20] and any(layer.tied for layer in run.layers)
    return f"{run.total_steps} steps, measured {run.steps}, {len(run.layers)} layers"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=100)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    compared = ways()
    seconds: dict[str, list[float]] = {name: [] for name in compared}
    weights = {}
    for name, way in compared.items():
        weights[name] = way(20)[1]  # warm
    for name, found in weights.items():
        changed = not torch.equal(found, weights["unmonitored"])
        assert not changed or "Cockpit" in name, f"{name} changed the training"  # it has a backward pass of its own
        if changed:
            print(f"{name} changed the training by {float((found - weights['unmonitored']).norm()):.2g}")
    for _ in range(asked.rounds):
        for name, way in compared.items():
            seconds[name].append(way(asked.steps)[0])
    good = True
    print(f"{'':<34} ms/step   ratio: median (least … greatest of {asked.rounds} rounds)")
    for name, times in seconds.items():
        ratios = [one / other for one, other in zip(times, seconds["unmonitored"], strict=True)]
        held = statistics.median(ratios) <= BARS.get(name, 1e9)
        good &= held
        bar = f"   bar {BARS[name]}: {'held' if held else 'MISSED'}" if name in BARS else ""
        middle = f"{statistics.median(ratios):5.2f} ({min(ratios):.2f} … {max(ratios):.2f})"
        print(f"{name:<34} {1e3 * statistics.median(times):7.3f}   {middle}{bar}")
    for name in ("wandb", "cockpit"):
        if not importlib.util.find_spec(name):
            print(f"{name} is not installed: left out")
    for name, recipe in (("lightning", lightning_recipe), ("transformers", transformers_recipe)):
        print(f"recipe {name}: {recipe() if importlib.util.find_spec(name) else 'not installed: left out'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
