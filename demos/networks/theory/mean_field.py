"""Mean-field theory of a network at initialization: sizes of activations and gradients, layer by layer.

A wide network with random weights has Gaussian preactivations z_l of variance q_l, and each layer multiplies the mean
squared gradient by χ_l in the backward pass (Poole et al. 2016, arXiv:1606.05340; Schoenholz et al. 2017,
arXiv:1611.01232):

    q_{l+1} = σ_w² E φ(z_l)² + σ_b²            χ_l = E|∂L/∂z_l|² / E|∂L/∂z_{l+1}|² = σ_w² E φ'(z_l)²

iterated layer by layer, not at the fixed point, so that it holds for shallow networks as well. Normalization divides
by the variance that it measures: layer and RMS norm over features, χ = σ_w² E φ'² / (σ_w² E φ² + σ_b²); batch norm
over samples, which loses the mean, χ = E φ'² / Var φ (π/(π − 1) for ReLU: Yang et al. 2019, arXiv:1902.08129) for a
large batch, see `batch_norm` for a small one. A residual branch h + a·f(h) adds: 1 + a²χ (Yang & Schoenholz 2017,
arXiv:1712.08969).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, log, sqrt

import numpy as np

from demos.networks.theory.activations import ACTIVATIONS, Activation
from demos.networks.theory.batch_norm import LEAST, batch_moments

INITS = ("default", "xavier", "he", "orthogonal", "gain")
NORMALIZATIONS = ("none", "batch", "layer", "rms")
SKIPS = ("none", "one", "root")
MAXIMUM_DEPTH, MAXIMUM_WIDTH = 1_000, 100_000
LARGEST_SPREAD = 1.0  # largest spread of log10 of a valid prediction: a network may differ by a factor of ten
UNSTABLE_SPREAD = 0.3  # the same where deviations grow with depth, so that first order in 1/width is not enough
FEW_INPUTS = 16  # number of inputs at which random samples still have correlations of 1/4
LARGEST_DRIFT = 1.5  # largest growth factor of relative deviations of q at which they count as stable


@dataclass(frozen=True)
class Layer:
    """The parameters of a linear layer in the theory: fan_in, fan_out, weight = σ_w² = fan_in·Var W, bias = σ_b² =
    Var b."""

    fan_in: int
    fan_out: int
    weight: float
    bias: float


@dataclass(frozen=True)
class Prediction:
    """The prediction for each layer, first to last; arrays are (L,) unless another shape is given.

    variance: q_l, of the preactivations z_l (with a skip: of the stream h_l).
    activation: E φ(z_l)², after normalization if there is one.
    multiplier (L − 1,): χ_l = E|∂L/∂z_l|² / E|∂L/∂z_{l+1}|².
    gradient: log10 |∂L/∂z_l| − log10 |∂L/∂z_L|, so the last is 0.
    spread: standard deviation of `gradient` over random networks of this width, to first order in 1/width.
    forward: log10 of the root mean square of z_l; forward_spread: its standard deviation over networks.
    valid: whether a single network of this width is expected near the prediction; caveat: why it is not.
    names: of the layers.
    """

    variance: np.ndarray
    activation: np.ndarray
    multiplier: np.ndarray
    gradient: np.ndarray
    spread: np.ndarray
    forward: np.ndarray
    forward_spread: np.ndarray
    valid: bool
    caveat: str
    names: tuple[str, ...]

    @property
    def decay(self) -> float:
        """log10 of |∂L/∂z_1| / |∂L/∂z_L|: negative where gradients vanish towards the input."""
        return float(self.gradient[0])


def initial_variances(init: str, fan_in: int, fan_out: int, gain: float = 1.0) -> tuple[float, float]:
    """(σ_w², σ_b²) of a linear layer. ValueError for an unknown init.

    default: torch's nn.Linear, U(±1/√fan_in) for both, hence 1/3 and 1/(3 fan_in). xavier: 2/(fan_in + fan_out)
    (Glorot & Bengio 2010); he: 2/fan_in (He et al. 2015); orthogonal (Saxe et al. 2013); all with zero biases. "gain"
    is xavier; the argument `gain` multiplies the weights of any init except default.
    """
    g = gain * gain
    match init:
        case "default":
            return 1 / 3, 1 / (3 * fan_in)
        case "xavier" | "gain":
            return g * 2 * fan_in / (fan_in + fan_out), 0.0
        case "he":
            return g * 2.0, 0.0
        case "orthogonal":  # columns of length 1 where fan_out ≥ fan_in, else rows
            return g * min(1.0, fan_in / fan_out) if fan_out >= fan_in else g, 0.0
    raise ValueError(f"unknown init {init!r}; there are {', '.join(INITS)}.")


def predict(
    depth: int,
    width: int,
    activation: str | Activation = "relu",
    init: str = "default",
    normalization: str = "none",
    skip: str = "none",
    *,
    gain: float = 1.0,
    inputs: int | None = None,
    second_moment: float = 1.0,
    batch: int | None = None,
) -> Prediction:
    """The prediction for a perceptron with `depth` hidden layers of `width`, at initialization.

    skip: none; one, h + f(h); root, h + f(h)/√depth, from the second layer on, where f is norm, φ, linear. inputs: the
    number of inputs (default: width); second_moment: the mean of their squares; batch: the number of samples that batch
    norm looks at, at least 5 (default: very many).
    ValueError for an unknown name or a number out of bounds.
    """
    activation = _known(activation, ACTIVATIONS, "activation") if isinstance(activation, str) else activation
    for value, known, what in (
        (init, INITS, "init"),
        (normalization, NORMALIZATIONS, "normalization"),
        (skip, SKIPS, "skip"),
    ):
        _known(value, dict.fromkeys(known), what)
    inputs = width if inputs is None else inputs
    for value, high, what in (
        (depth, MAXIMUM_DEPTH, "depth"),
        (width, MAXIMUM_WIDTH, "width"),
        (inputs, MAXIMUM_WIDTH, "inputs"),
    ):
        if not (isinstance(value, int) and 1 <= value <= high):
            raise ValueError(f"{what} must be a whole number from 1 to {high:,}, not {value!r}.")
    if batch is not None and not (isinstance(batch, int) and batch >= LEAST):
        raise ValueError(f"batch must be a whole number of samples, at least {LEAST}, not {batch!r}.")
    for value, what in ((gain, "gain"), (second_moment, "second_moment")):
        if not (isfinite(value) and value > 0):
            raise ValueError(f"{what} must be a positive number, not {value!r}.")
    fans = [inputs] + [width] * (depth - 1)
    layers = [Layer(fan, width, *initial_variances(init, fan, width, gain)) for fan in fans]
    scale = {"none": 0.0, "one": 1.0, "root": 1 / sqrt(depth)}[skip]
    names = tuple(f"layer {i + 1}" for i in range(depth))
    return propagate(layers, [activation] * depth, [normalization] * depth, scale, second_moment, names, batch)


def _known(name, table, what):
    if name not in table:
        raise ValueError(f"unknown {what} {name!r}; there are {', '.join(table)}.")
    return table[name]


def propagate(
    layers: list[Layer],
    activations: list[Activation],
    normalizations: list[str],
    scale: float,
    second_moment: float,
    names: tuple[str, ...],
    batch: int | None = None,
) -> Prediction:
    """The recursions for any chain: z_1 is layer 1 of the input, z_{l+1} layer l+1 of φ_l(norm_l(z_l)), added to z_l
    with weight `scale` if that is not 0; batch: as in `predict`."""
    first = layers[0]
    q = first.weight * second_moment + first.bias
    between = first.weight * second_moment  # variance over samples: the bias is the same for all
    variance, outputs, chi = [q], [], []
    drift, worst = 1.0, 1.0  # amplification of relative fluctuations of q since the first layer
    slopes, kicks = [], []
    for index, (activation, norm) in enumerate(zip(activations, normalizations, strict=True)):
        seen = q if norm == "none" else 1.0
        m = activation.moments(seen)
        square, varying, slope_square = m.square, m.square - m.mean**2, m.slope_square
        if norm == "batch" and batch is not None:
            square, varying, slope_square = batch_moments(activation, batch)
        outputs.append(square)
        if index + 1 == len(layers):
            break
        layer = layers[index + 1]
        divisor = {"none": 1.0, "batch": between, "layer": q, "rms": q}[norm]
        branch = layer.weight * slope_square / divisor if divisor > 0 else inf
        added, added_between = layer.weight * square + layer.bias, layer.weight * varying
        share = 1.0 if scale == 0 else scale**2 * added / (q + scale**2 * added)
        # fluctuations: d log q' / d log q by a finite difference, and the noise of a finite number of units
        up = activation.moments(seen * 1.001)
        slope_q = log((layer.weight * up.square + layer.bias) / added) / log(1.001) if norm == "none" and added else 0.0
        slope_chi = log(up.slope_square / m.slope_square) / log(1.001) if norm == "none" and m.slope_square else 0.0
        slopes.append((share * slope_q + (1 - share), share * slope_chi))
        n = layer.fan_in
        kicks.append(
            (
                share**2 * _excess(m.fourth, m.square) / n,
                share**2 * (3 * _kurtosis(m.slope_fourth, m.slope_square) - 1) / n,
            )
        )
        drift *= abs(slopes[-1][0])
        worst = max(worst, drift)
        if scale == 0:
            chi.append(branch)
            q, between = added, added_between
        else:
            chi.append(1 + scale**2 * branch)
            q, between = q + scale**2 * added, between + scale**2 * added_between
        variance.append(q)
    multiplier = np.array(chi)
    with np.errstate(divide="ignore"):
        steps = 0.5 * np.log10(multiplier)
    gradient = np.concatenate((np.cumsum(steps[::-1])[::-1], [0.0]))
    spread, forward_spread = _spreads(slopes, kicks)
    valid, caveat = _validity(gradient, spread, worst)
    if valid and "batch" in normalizations and first.fan_in < FEW_INPUTS:
        valid = False
        caveat = (
            "batch norm looks at differences between samples, which theory takes for unrelated; those of "
            f"{first.fan_in} numbers are not, until a few layers have mixed them."
        )
    with np.errstate(divide="ignore"):
        forward = 0.5 * np.log10(variance)
    return Prediction(
        np.array(variance),
        np.array(outputs),
        multiplier,
        gradient,
        spread,
        forward,
        forward_spread,
        valid,
        caveat,
        names,
    )


def _kurtosis(fourth: float, square: float) -> float:
    return fourth / square**2 if square > 0 else 1.0


def _excess(fourth: float, square: float) -> float:
    """Relative variance of a mean of n squares, times n."""
    return _kurtosis(fourth, square) - 1


def _spreads(slopes: list[tuple[float, float]], kicks: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviations (L,) of log10 |∂L/∂z_l| relative to the last layer, and of log10 of the size of z_l.

    x_l = δ log q_l obeys x_{l+1} = a_l x_l + noise of variance kicks[l][0]; log|∂L/∂z_l|² collects slopes[l][1]·x_l
    plus its own noise kicks[l][1] from l to the end. All is linear and Gaussian, so the covariance of x suffices.
    """
    count = len(slopes)
    covariance = np.zeros((count, count))
    last = 0.0
    for i in range(count):
        covariance[i, i] = last
        if i:
            covariance[i, :i] = covariance[:i, i] = slopes[i - 1][0] * covariance[i - 1, :i]
        last = slopes[i][0] ** 2 * last + kicks[i][0]
    weights = np.array([chi for _, chi in slopes])
    own = np.array([kick for _, kick in kicks])
    total = weights[:, None] * covariance * weights[None, :] + np.diag(own)
    sums = np.append(total[::-1, ::-1].cumsum(0).cumsum(1).diagonal()[::-1], 0.0)  # of total[i:, i:]
    sizes = np.array([*covariance.diagonal(), last])
    return 0.5 * np.sqrt(np.maximum(sums, 0)) / log(10), 0.5 * np.sqrt(np.maximum(sizes, 0)) / log(10)


def _validity(gradient: np.ndarray, spread: np.ndarray, drift: float) -> tuple[bool, str]:
    if not np.isfinite(gradient).all():
        return False, "a layer passes no gradient at all: there is nothing for theory to predict."
    wide = spread.max()
    if wide > UNSTABLE_SPREAD and drift > LARGEST_DRIFT:
        return False, (
            f"sizes are unstable: deviations grow {drift:.1f} × a layer, and networks differ by {wide:.2f} in log10."
        )
    if wide > LARGEST_SPREAD:
        return False, f"at this width and depth log10 of the gradient scatters by {wide:.2f} between networks."
    return True, ""
