"""GradientFlowMonitor: records the gradients of any network, layer by layer, during training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from demos.networks.monitor.calls import Calls
from demos.networks.monitor.finite import FiniteWatch
from demos.networks.monitor.hooks import Hooks, watch_outputs
from demos.networks.monitor.joined import Joined
from demos.networks.monitor.layers import (
    Watched,
    first_tensor,
    has_fast_path,
    is_compiled,
    is_plain,
    one_module,
    optimizers_of,
    watched_layers,
    wraps_functorch,
)
from demos.networks.monitor.moved import Moved, Movers
from demos.networks.monitor.outputs import Outputs
from demos.networks.monitor.recorder import Recorder, describe
from demos.networks.monitor.report import Report
from demos.networks.monitor.rules import diagnose
from demos.networks.monitor.run import Run
from demos.networks.monitor.step import Step

INSTRUMENTS = frozenset({"gradients", "activations", "activation_gradients", "updates", "histograms", "directions"})
COMPILED = (
    "torch.compile keeps the hooks that it met when it compiled, and torch.jit has none: of a compiled module "
    "gradients and updates are measured, activations are not. Monitor the module before compiling it to see them."
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
        self._recorder = Recorder(described, self._model)
        if self._compiled:
            self._recorder.notes.append(COMPILED)
        several = isinstance(model, Mapping | nn.ModuleDict)  # which is not called itself
        models = list(model.values()) if several else [self._model]
        self._calls = Calls(models, self._layers)
        self._finite = FiniteWatch(self._layers, self._calls)
        self._hooks, self._armed_hooks = Hooks(), Hooks()
        self._unhooked = has_fast_path(self._model)
        self._counts = [0] * max(1, len(self._optimizers))
        self._step: Step | None = None
        # by optimizer; earlier: the gradients one step ago
        self._weights, self._now, self._earlier = ([Joined() for _ in self._counts] for _ in range(3))
        self._outputs = Outputs(self._layers)
        self._measurement = Step(self._layers, self._instruments, self._outputs, several=len(self._counts) > 1)
        self._compares = "directions" in self._instruments
        self._closure = False
        # by optimizer, whether to measure gradients during backward, because code changes them afterwards
        self._hook_backward = [True] * len(self._counts)
        self._armed = (False, False, False)  # which hooks there are in this step: see _arm
        self._repeatable = False  # whether a step's forward pass could be repeated, so that it needs no hooks on layers
        self._distributed = False
        self._moved: Moved | None = None  # layers of the optimizer that is stepping, if this step is measured
        self._movers = Movers(self._layers, self._optimizers)
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
            self._calls.watch(self._hooks, self._unhooked)
        for index, optimizer in enumerate(self._optimizers):
            if hasattr(optimizer, "register_step_pre_hook"):
                self._hooks.add(optimizer.register_step_pre_hook, self._before_hook, index)
                self._hooks.add(optimizer.register_step_post_hook, self._after_hook, index)
        self._arm()
        return self

    def stop(self) -> None:
        """Remove all hooks; may be called again."""
        if self._running:
            self._running = False
            self._hooks.remove()
            self._hook(False, False, False)
            if self._finite.called and self._scaler is None:  # the loop ended before the optimizer's step
                self._finite.look(self._counts[0], suspected=self._finite.hooked)
            self._finite.forget()
            self._step = None
            for earlier in self._earlier:
                earlier.forget()

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
        due = [count % every == 0 for count in self._counts]
        measured = any(due)
        hooked = measured and any(one and hook for one, hook in zip(due, self._hook_backward, strict=True))
        self._step = None
        if measured:
            self._distributed = _is_distributed()
            scale = float(self._scaler.get_scale()) if self._scaler is not None else 1.0
            self._step = self._measurement
            self._step.begin(scale, hooked, hooked_before=self._armed[2])
        self._hook(
            outputs=not self._compiled and (not self._repeatable or (measured and self._sees_outputs)),
            activations=not self._compiled and measured and "activations" in self._instruments,
            backward=hooked,
        )

    def _hook(self, outputs: bool, activations: bool, backward: bool) -> None:
        """Replace the hooks on layers by these, unless they are there already."""
        if (outputs, activations, backward) == self._armed:
            return
        self._armed = (outputs, activations, backward)
        self._armed_hooks.remove()
        layers = [layer for layer in self._layers if (activations if layer.activation else outputs)]
        watch_outputs(self._armed_hooks, layers, self._unhooked, self._saw)
        for layer in self._layers if backward else ():
            for parameter in layer.trainable:
                self._armed_hooks.add(parameter.register_post_accumulate_grad_hook, self._saw_parameter)

    def _saw_parameter(self, parameter: Tensor) -> None:
        if self._step is not None:
            self._step.saw_parameter(parameter)

    def _saw(self, layer: Watched, _: nn.Module, inputs: Any, output: Any) -> None:
        if output.__class__ is Tensor and output.requires_grad and is_plain(output):
            out = output
        else:
            if not torch.is_grad_enabled():
                return
            out = first_tensor(output)
            if out is None or not (out.is_floating_point() or out.is_complex()) or wraps_functorch(out):
                return
        detached = out.detach()
        if not layer.activation:
            self._finite.saw(layer, inputs, detached)
        if self._step is not None and self._sees_outputs:
            self._step.saw(layer, inputs, out, detached)

    def _before_hook(self, index: int, _: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        closure = arguments[1] if len(arguments) > 1 else named.get("closure")  # the first one is the optimizer
        self._before(index, closure is not None)

    def _after_hook(self, index: int, *_: Any) -> None:
        self._after(index)

    def _before(self, index: int, closure: bool) -> None:
        self._closure = closure
        self._moved = None
        if self._step is not None and self._counts[index] % self._recorder.every == 0:
            self._moved = self._movers.of(index)
            self._recorder.begin(self._model, self._step.outputs.second_moment)
            self._step.before(self._moved, self._weights[index])
        if not closure:
            self._gradients_stand(index, weights_are_old=True)

    def _gradients_stand(self, index: int, weights_are_old: bool) -> None:
        """Measure the gradients that the optimizer uses. (With a closure it has computed them and already stepped.)"""
        count, every = self._counts[index], self._recorder.every
        keep = (count + 1) % every == 0  # the gradient for the next measured step to be compared with
        suspected, measured = False, self._step is not None and count % every == 0
        if measured and self._step is not None and self._moved is not None:
            self._step.saw_clipped(self._moved, self._now[index], keep)
            self._hook_backward[index] = self._step.wants_hooks
            suspected = self._step.suspicious
        if suspected or not self._finite.is_sound(tested=measured):
            self._finite.look(count, suspected, weights_are_old, tested=measured)
        if self._compares and (measured or keep):
            self._directions(index, compare=measured, keep=keep)

    @torch.no_grad()
    def _directions(self, index: int, compare: bool, keep: bool) -> None:
        now, earlier = self._now[index], self._earlier[index]
        if compare and self._step is not None:
            rows, products = now.products(earlier)
            if rows:
                lengths = dict(zip(earlier.rows.tolist(), earlier.norms(), strict=True))
                self._recorder.directions(
                    self._step, rows, np.array(products), np.array([lengths[row] for row in rows])
                )
        if keep:
            if not compare:
                now.copy(*self._movers.of(index).gradients())
            self._now[index], self._earlier[index] = earlier, now
        else:
            earlier.forget()

    def _after(self, index: int) -> None:
        if self._closure:
            self._gradients_stand(index, weights_are_old=False)
        count = self._counts[index]
        if self._step is not None and self._moved is not None and count % self._recorder.every == 0:
            if not self._step.after():
                self._finite.look_at_update(count, self._moved.layers)
            self._recorder.row(self._step, index, count, self._moved, self._optimizers)
        self._counts[index] = count + 1
        if self._calls.output is not None:
            self._repeatable = not self._closure and not self._distributed
        elif len(self._counts) == 1:  # the loop calls parts of the model; of two optimizers, one may have used the call
            self._repeatable = False
        self._finite.forget()
        self._arm()


def _is_distributed() -> bool:
    """Whether this process trains together with others, whose forward passes may wait for each other."""
    return torch.distributed.is_available() and torch.distributed.is_initialized()
