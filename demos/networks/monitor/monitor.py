"""GradientFlowMonitor: records the gradients of any network, layer by layer, during training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from demos.networks.monitor.finite import FiniteWatch
from demos.networks.monitor.hooks import Hooks, watch_outputs
from demos.networks.monitor.layers import (
    Watched,
    first_tensor,
    has_fast_path,
    is_compiled,
    one_module,
    optimizers_of,
    watched_layers,
    wraps_functorch,
)
from demos.networks.monitor.measures import numbers, quick_norms, vector
from demos.networks.monitor.recorder import Recorder, describe
from demos.networks.monitor.report import Report
from demos.networks.monitor.rules import diagnose
from demos.networks.monitor.run import Run
from demos.networks.monitor.step import Step

INSTRUMENTS = frozenset({"gradients", "activations", "activation_gradients", "updates", "histograms", "directions"})
COMPILED = (
    "torch.compile keeps the hooks that it met when it compiled: of a compiled module gradients and updates are "
    "measured, activations are not. Monitor the module before compiling it to see them."
)


class GradientFlowMonitor:
    """A context manager that watches a model during training; the training loop need not change.

        with GradientFlowMonitor(model, optimizer, every=10) as monitor:
            ...                                    # the training loop
            monitor.log(loss)                      # if the report should include the loss
        print(monitor.report())
        monitor.save("run.json")

    model: any nn.Module, or a dictionary of several (a GAN's two). optimizer: one, or a list; anything with
    param_groups whose step can be hooked; else call `before_step()` and `after_step()` around it. every: measures steps
    0, every, 2·every … (a non-finite value is looked for at every step). scaler: AMP's GradScaler, whose scale is then
    divided out. instruments: all, or some of INSTRUMENTS. batch_size: turns the noise scale into samples.

    It adds no operation to the model's graph and draws no random number: outputs and gradients stay the same bit by
    bit. Hooks are removed at the end, also by an exception, which goes on. ValueError or TypeError in one sentence for
    what cannot be watched.
    """

    def __init__(
        self,
        model: nn.Module | Mapping[str, nn.Module],
        optimizer: Any = None,
        every: int = 10,
        *,
        scaler: Any = None,
        instruments: Iterable[str] = INSTRUMENTS,
        batch_size: int | None = None,
    ) -> None:
        if not (isinstance(every, int) and every >= 1):
            raise ValueError(f"every must be a whole number of steps, at least 1, not {every!r}.")
        self._instruments = frozenset([instruments] if isinstance(instruments, str) else instruments)
        if unknown := self._instruments - INSTRUMENTS:
            raise ValueError(f"unknown instrument {min(unknown)!r}; there are {', '.join(sorted(INSTRUMENTS))}.")
        self._sees_outputs = bool(self._instruments & {"activations", "activation_gradients"})
        self._model = one_module(model)
        self._optimizers = optimizers_of(optimizer)
        self._layers = watched_layers(self._model, self._optimizers)
        self._compiled = is_compiled(self._model)
        self._scaler = scaler
        described = describe(self._model, self._layers, self._optimizers, every, batch_size)
        self._recorder = Recorder(described)
        if self._compiled:
            self._recorder.notes.append(COMPILED)
        self._finite = FiniteWatch(self._layers)
        self._hooks, self._armed_hooks = Hooks(), Hooks()
        self._counts = [0] * max(1, len(self._optimizers))
        self._step: Step | None = None
        self._earlier: dict[int, Tensor] = {}  # layer: its gradient one step ago
        self._closure = False
        self._hook_backward = True  # whether to measure gradients during backward, because code changes them afterwards
        self._hooked = False  # whether that is done in this step
        self._moved: list[Watched] = []  # layers of the optimizer that is stepping, if this step is measured
        self._running = False

    # Beginning and end

    def __enter__(self) -> GradientFlowMonitor:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> GradientFlowMonitor:
        """Start watching, like `with`; for frameworks with callbacks."""
        if self._running:
            raise RuntimeError("the monitor is watching already.")
        self._running = True
        if not self._compiled:
            own = [layer for layer in self._layers if not layer.activation]
            watch_outputs(self._hooks, own, has_fast_path(self._model), self._saw)
        for index, optimizer in enumerate(self._optimizers):
            if hasattr(optimizer, "register_step_pre_hook"):
                self._hooks.add(
                    optimizer.register_step_pre_hook,
                    lambda _, arguments, named, index=index: self._before(
                        index, bool(arguments or named.get("closure"))
                    ),
                )
                self._hooks.add(optimizer.register_step_post_hook, lambda *_, index=index: self._after(index))
        self._arm()
        return self

    def stop(self) -> None:
        """Remove all hooks; may be called again."""
        if self._running:
            self._running = False
            self._hooks.remove()
            self._armed_hooks.remove()
            if self._finite.called and self._scaler is None:  # the loop ended before the optimizer's step
                self._finite.look(self._counts[0], suspected=True)
            self._finite.forget()
            self._step, self._earlier = None, {}

    # What a loop may call

    def log(self, loss: float | Tensor) -> None:
        """Record the loss of the current step; may be called before or after the optimizer's step."""
        value = float(loss.detach()) if isinstance(loss, Tensor) else float(loss)
        step = self._counts[0] if self._finite.called or self._counts[0] == 0 else self._counts[0] - 1
        self._recorder.loss(step, value)
        if self._scaler is None:
            self._finite.look_at_loss(step, value)

    def before_step(self, optimizer: int = 0) -> None:
        """Only for an optimizer that cannot be hooked: between backward (and clipping) and its step."""
        self._before(optimizer, False)

    def after_step(self, optimizer: int = 0) -> None:
        """Only for an optimizer that cannot be hooked: after its step."""
        self._after(optimizer)

    # Results

    @property
    def run(self) -> Run:
        """The recordings so far."""
        return self._recorder.run(max(self._counts), self._finite.found)

    def report(self) -> Report:
        """The findings so far; may be called during training."""
        return diagnose(self.run)

    def save(self, path: Any) -> None:
        """Write the run as JSON, which `load_run` and the page read. OSError if the file cannot be written."""
        from demos.networks.monitor.run_file import save_run

        save_run(self.run, path)

    def log_to(self, writer: Any, prefix: str = "gradient_flow") -> GradientFlowMonitor:
        """Send each measured step on to a TensorBoard SummaryWriter, or anything with add_scalar(tag, value, step)."""
        from demos.networks.monitor.writers import scalars

        if not callable(getattr(writer, "add_scalar", None)):
            raise TypeError(f"a writer has add_scalar(tag, value, step), but {type(writer).__name__} has not.")
        self._recorder.listeners.append(lambda run: scalars(run, writer, prefix))
        return self

    # One step

    def _arm(self) -> None:
        """Before a step: prepare its measurement if it is due for one of the optimizers."""
        every = self._recorder.every
        self._step = None
        if not any(count % every == 0 for count in self._counts):
            self._armed_hooks.remove()
            return
        scale = float(self._scaler.get_scale()) if self._scaler is not None else 1.0
        self._step = Step(self._layers, self._instruments, scale, self._hook_backward)
        if len(self._armed_hooks) and self._hooked == self._hook_backward:  # the hooks of the last step still fit
            return
        self._armed_hooks.remove()
        self._hooked = self._hook_backward
        if not self._compiled and "activations" in self._instruments:
            activations = [layer for layer in self._layers if layer.activation]
            watch_outputs(self._armed_hooks, activations, has_fast_path(self._model), self._saw)
        for layer in self._layers if self._hook_backward else ():
            for parameter in layer.trainable:
                self._armed_hooks.add(parameter.register_post_accumulate_grad_hook, self._saw_parameter)

    def _saw_parameter(self, parameter: Tensor) -> None:
        if self._step is not None:
            self._step.saw_parameter(parameter)

    def _saw(self, layer: Watched, inputs: Any, output: Any) -> None:
        quick = output.__class__ is Tensor and (self._step is None or not self._sees_outputs)
        if quick and self._finite.saw_quickly(layer, output):
            return
        if not torch.is_grad_enabled():
            return
        out = output if output.__class__ is Tensor else first_tensor(output)
        if out is None or not (out.is_floating_point() or out.is_complex()) or wraps_functorch(out):
            return
        if not layer.activation:
            self._finite.saw(layer, inputs, out)
        if self._step is not None and self._sees_outputs:
            self._step.saw(layer, inputs, out)

    def _moved_by(self, index: int) -> list[Watched]:
        if not self._optimizers:
            return [layer for layer in self._layers if layer.trainable]
        return [layer for layer in self._layers if layer.optimizer == index and layer.trainable]

    def _before(self, index: int, closure: bool) -> None:
        self._closure = closure
        self._moved = []
        if self._step is not None and self._counts[index] % self._recorder.every == 0:
            self._moved = self._moved_by(index)
            self._recorder.begin(self._model, self._step.second_moment)
            self._step.before(self._moved)
        if not closure:
            self._gradients_stand(index, weights_are_old=True)

    def _gradients_stand(self, index: int, weights_are_old: bool) -> None:
        """Measure the gradients that the optimizer uses. (With a closure it has computed them and already stepped.)"""
        count, every = self._counts[index], self._recorder.every
        suspected, measured = False, self._step is not None and count % every == 0
        if measured:
            self._step.saw_clipped(self._moved)
            self._hook_backward = not self._step.untouched
            suspected = bool(np.isinf(total := np.nansum(self._step.values["clipped"])) or np.isnan(total))
            suspected |= any(np.isnan(self._step.values["clipped"][x.index]) and _has_gradient(x) for x in self._moved)
        self._finite.look(count, suspected, weights_are_old)
        keep = (count + 1) % every == 0
        if "directions" in self._instruments and (measured or keep):
            self._directions(self._moved or self._moved_by(index), compare=measured, keep=keep)

    @torch.no_grad()
    def _directions(self, layers: list[Watched], compare: bool, keep: bool) -> None:
        now = dict(self._step.vectors) if compare and self._step is not None else {}
        for layer in layers if keep and not compare else ():
            gradients = [p.grad for p in layer.parameters if p.grad is not None]
            if gradients:
                now[layer.index] = vector(gradients)
        if compare:
            rows = [i for i, new in now.items() if i in self._earlier and self._earlier[i].shape == new.shape]
            old = [self._earlier[i] for i in rows]
            products = numbers([now[i].dot(before) for i, before in zip(rows, old, strict=True)])
            lengths = quick_norms(old)
            if rows:
                self._recorder.directions(self._step, np.array(rows), np.array(products), np.array(lengths))
        for layer in layers:
            self._earlier.pop(layer.index, None)
        if keep:  # copy, because a single tensor is the gradient itself, which the next backward may overwrite
            single = {x.index for x in layers if sum(p.grad is not None for p in x.parameters) == 1}
            self._earlier |= {i: new.clone() if i in single else new for i, new in now.items()}

    def _after(self, index: int) -> None:
        if self._closure:
            self._gradients_stand(index, weights_are_old=False)
        count = self._counts[index]
        if self._step is not None and count % self._recorder.every == 0:
            self._step.after(self._moved)
            update = self._step.values["update"][[x.index for x in self._moved if x.parameters]]
            if "updates" in self._instruments and not np.isfinite(update).all():
                self._finite.look_at_update(count, self._moved)
            self._recorder.row(self._step, index, count, self._moved, self._optimizers)
        self._counts[index] = count + 1
        self._finite.forget()
        self._arm()


def _has_gradient(layer: Watched) -> bool:
    return any(p.grad is not None for p in layer.parameters)
