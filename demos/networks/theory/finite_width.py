"""What a finite width adds to mean-field theory, to first order in 1/n: how sizes and gradients scatter between random
networks, and how far the mean of their logarithms lies from the logarithm of the mean.

A layer of n units averages over n random numbers, so that each size is multiplied by 1 + noise of variance ~ 1/n: its
logarithm walks (log-normal: Hanin & Nica 2020, arXiv:1812.05994; 5/n a layer for ReLU). A norm over a batch averages
the walks of its inputs, whose noise is shared as far as the inputs are alike: the correlation c_l of two of them, and
Gaussian averages over pairs, say how far. Gradients of different inputs stay unrelated, because the loss is random.

Batch norm couples the inputs of a batch, and is left out: of its fluctuations nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from demos.networks.theory.activations import Activation
from demos.networks.theory.mean_field import Layer
from demos.networks.theory.pairs import Moments, carried, kinked, pair_moments, single

BEND = 0.05  # of log q, in second differences


@dataclass(frozen=True)
class FiniteWidth:
    """In log10 of a norm, (L,): by how much the mean over networks differs from `Prediction.gradient` and `.forward`,
    and its standard deviation from network to network. second: about the size of what is left out, (1/n)²."""

    gradient_shift: np.ndarray
    gradient_spread: np.ndarray
    forward_shift: np.ndarray
    forward_spread: np.ndarray
    second: float


def finite_width(
    layers: list[Layer], activation: Activation, norm: str, scale: float, orthogonal: bool, batch: int
) -> FiniteWidth:
    """Of a chain as `mean_field.propagate` has it, inputs standard normal, for norms over a batch of such inputs.

    ValueError for batch norm. Below, of each layer: share, back: what the branch adds to the size of z and to the
    gradient's, of the whole (1 without skips); a, y: by how much log q of the next layer, and log |∂L/∂z|² of this one,
    follow log q (a2, y2: second derivatives); loose: variance of the correlation c; mean_x, mean_y: means of both
    logarithms beside mean-field theory's.
    """
    if norm == "batch":
        raise ValueError("of batch norm's fluctuations theory says nothing.")
    normed = norm != "none"
    # whether x is the size of the very numbers z, and not their variance: where it is divided out, or stays in a stream
    seen_itself = (normed or scale != 0) and not orthogonal
    fixed = orthogonal or seen_itself
    first = layers[0]
    n_in = first.fan_in
    q = first.weight + first.bias
    share_weight = first.weight / q
    c = first.bias / q  # correlation of two inputs: their own is 0
    same, pair = _Walk(), _Walk()
    # z_1: |x|² of each input, and, where sizes are divided out, the z themselves
    start = 2 / n_in * share_weight**2 if not orthogonal else 2 / n_in
    same.begin(start + (2 / first.fan_out if seen_itself else 0.0))
    pair.begin(2 * c * c / first.fan_out if seen_itself else 0.0)
    mean_x, mean_y = -0.5 * same.variance, []
    loose = (share_weight**2 / n_in) + (1 / first.fan_out if seen_itself else 0.0)  # variance of c itself
    seen_c, sizes, ways = [c * c + loose], [(mean_x, same.variance, pair.variance)], []
    streams: list[Stream] = []
    turns: list[Turn] = []
    for layer in layers[1:]:
        n = layer.fan_in
        seen = 1.0 if normed else q
        one, two = pair_moments(activation, seen, 1.0), _loosely(activation, seen, c, loose)
        square, slope_square, along, of_value, of_slope = single(activation, seen)
        divisor = q if normed else 1.0
        branch = layer.weight * slope_square / divisor
        added = layer.weight * square + layer.bias
        share = 1.0 if scale == 0 else scale**2 * added / (q + scale**2 * added)
        back = 1.0 if scale == 0 else scale**2 * branch / (1 + scale**2 * branch)
        rho = layer.weight * square / added
        slope, bend, chi_slope, chi_bend = _slopes(activation, seen, layer)
        # numbers of a fixed size scatter less than normal ones, which are such numbers of all sizes, of variance 2/n
        flat_x, flat_y = (
            (share * (bend + slope**2 - slope) / n, back * (chi_bend + chi_slope**2 - chi_slope) / n)
            if fixed
            else (0.0, 0.0)
        )
        if normed:
            slope, bend, chi_slope, chi_bend = 0.0, 0.0, -1.0, 0.0
        a, a2 = share * slope + (1 - share), share * bend + share * (1 - share) * (slope - 1) ** 2
        y, y2 = back * chi_slope, back * chi_bend + back * (1 - back) * chi_slope**2
        towards = (layer.weight * two.product + layer.bias) / added
        steep = share * rho * two.alike * slope_square * seen / square + (1 - share)
        noise = share**2 * rho**2 * max(0.0, 1 + two.values - (two.product / square) ** 2)
        noise += 2 * share * (1 - share) * (1 - c * c) if not orthogonal else 0.0
        noise += share**2 * (1 - towards**2) if seen_itself else 0.0
        loose_next = max(0.0, min(steep**2 * loose + noise / n, 1 - min(1.0, towards**2)))
        _next = sqrt(min(1.0, towards**2 + loose_next))
        cut = lambda value, first, second, at: value - (at * at * first * second / 2 if fixed else 0.0)
        for walk, m, at in ((same, one, 1.0), (pair, two, sqrt(c * c + loose))):
            own = walk is same
            values = cut(m.values, of_value, of_value, at)
            slopes = cut(m.slopes, of_slope, of_slope, at)
            slopes += (2 * (m.slopes + 1) - (2 if orthogonal else 0)) if own else 0.0
            after = (layer.weight * m.product + layer.bias) / added if own else _next  # correlation of the branches
            forward = share**2 * rho**2 * values + 4 * share * (1 - share) * at * after
            if seen_itself:
                forward += share**2 * 2 * after**2
            gradient = back**2 * slopes + (4 * back * (1 - back) if own else 0.0)
            walk.step(a, y, forward / n, gradient / n, share * back * cut(m.mixed, of_value, of_slope, at) / n)
        kick_x, kick_y = same.forward[-1], same.own[-1]
        tilt = share * rho * back * _tilt(along, one.mixed, normed, orthogonal)
        kept = carried(activation, seen)
        if normed and scale == 0:  # ∂L/∂z is across z, so that Wᵀ brings nothing along φ(z), and the norm takes less
            tilt = -rho * (one.mixed + (not orthogonal)) - (along - kept * rho)
        elif normed:
            tilt -= back * along
        tilt /= n
        mean_y.append(y * mean_x + 0.5 * y2 * same.before - 0.5 * kick_y + tilt - flat_y)
        turns.append((along, kept, rho, one.mixed + (not orthogonal)))
        mean_x = a * mean_x + 0.5 * a2 * same.before - 0.5 * kick_x - flat_x
        ways.append((back, two))
        streams.append((q, back, share * rho, one, two, of_value))
        c, loose = share * towards + (1 - share) * c, loose_next
        q = added if scale == 0 else q + scale**2 * added
        seen_c.append(c * c + loose)
        sizes.append((mean_x, same.variance, pair.variance))
    if scale:
        _stay(same, pair, streams, q, layers[-1].fan_in, activation)
        sizes = [
            (mean, *both) for (mean, *_), both in zip(sizes, zip(same.ways(), pair.ways(), strict=True), strict=True)
        ]
    elif not normed:
        mean_y = _turned(mean_y, turns, single(activation, q)[2], layers[-1].fan_in)
    _meet(pair, ways, layers[-1].fan_out, orthogonal)
    return _together(same, pair, np.array(mean_y), sizes, seen_c, layers, batch, fixed)


class _Walk:
    """The linear walk of x = δ log q, and what log |∂L/∂z|² collects: noise (forward, own, both) of each layer."""

    def __init__(self) -> None:
        self.a: list[float] = []
        self.y: list[float] = []
        self.forward: list[float] = []
        self.own: list[float] = []
        self.both: list[float] = []
        self.variance = self.before = self.start = 0.0

    def begin(self, variance: float) -> None:
        self.variance = self.start = variance

    def step(self, a: float, y: float, forward: float, own: float, both: float) -> None:
        self.a.append(a)
        self.y.append(y)
        self.forward.append(forward)
        self.own.append(own)
        self.both.append(both)
        self.before = self.variance
        self.variance = a * a * self.variance + forward

    def ways(self) -> list[float]:
        """(L,): variances of x."""
        found = [self.start]
        for a, forward in zip(self.a, self.forward, strict=True):
            found.append(a * a * found[-1] + forward)
        return found

    def sums(self) -> np.ndarray:
        """(L,): variance of Σ_{l ≥ i} (y_l x_l + own noise)."""
        count = len(self.a)
        found = np.zeros(count + 1)
        for i in range(count):
            reach, total = 0.0, 0.0  # how a disturbance of x_{l+1} is collected from there on
            for m in range(count - 1, -1, -1):
                total += reach**2 * self.forward[m]
                if m >= i:
                    total += self.own[m] + 2 * reach * self.both[m]
                reach = (self.y[m] if m >= i else 0.0) + self.a[m] * reach
            found[i] = total + reach**2 * self.start
        return found


def _together(same, pair, mean_y, sizes, seen_c, layers, batch, fixed) -> FiniteWidth:
    """Over a batch: E log mean e^Y = E Y + (V_same − V_batch)/2, V_batch that of a mean of log-normal numbers taken for
    one (Fenton 1960)."""
    grown = lambda v: np.expm1(np.minimum(v, 50.0))
    mixed = lambda one, two: np.log1p(np.maximum(0, grown(one) + (batch - 1) * grown(two)) / batch)
    v_same, v_pair = (np.maximum(walk.sums(), 0) for walk in (same, pair))
    v_batch = mixed(v_same, v_pair)
    mean = np.concatenate((np.cumsum(mean_y[::-1])[::-1], [0.0]))
    gradient = mean + (v_same - v_batch) / 2
    shifts, spreads = [], []
    for (mean_x, one, two), c, layer in zip(sizes, seen_c, layers, strict=True):
        if not fixed:  # the numbers z themselves, whose variance q is
            one, two, mean_x = one + 2 / layer.fan_out, two + 2 * c / layer.fan_out, mean_x - 1 / layer.fan_out
        both = float(mixed(one, two))
        shifts.append(mean_x + (one - both) / 2)
        spreads.append(sqrt(both))
    units = 1 / (2 * log(10))
    return FiniteWidth(
        units * gradient,
        units * np.sqrt(v_batch),
        units * np.array(shifts),
        units * np.array(spreads),
        units * float(np.max(v_same)) ** 2 / 4,
    )


def _loosely(activation: Activation, q: float, c: float, loose: float) -> Moments:
    """`pair_moments` in the mean over correlations that scatter about c with this variance."""
    if loose <= 0:
        return pair_moments(activation, q, c)
    one, other = (pair_moments(activation, q, c + sign * sqrt(loose)) for sign in (1, -1))
    mean = lambda name: (getattr(one, name) + getattr(other, name)) / 2
    return Moments(*map(mean, ("product", "alike", "values", "slopes", "mixed")))


Stream = tuple[float, float, float, Moments, Moments, float]  # q, back, share of φ², moments of one input and of two


def _stay(same: _Walk, pair: _Walk, streams: list[Stream], last: float, n: int, activation: Activation) -> None:
    """With skips a unit keeps much of its z, and with it φ and φ': what one layer finds, the next ones find again.

    Averages over units scatter alike at all layers; and where a gradient has come through a steep unit of a later
    layer, this layer's is steep too, which ∂L/∂z · φ' Wᵀ∂L/∂z feels, of variance 4 back (1 − back)/n without.
    """
    sizes = [q for q, *_ in streams] + [last]
    for index, (q, back, share, one, two, of_value) in enumerate(streams):
        left, more = 1.0, 0.0  # of the gradient's square that arrives, what has entered the stream at later layers
        for later in range(index + 1, len(sizes)):
            alike = sqrt(min(1.0, q / sizes[later]))
            m = kinked(activation.kink, 1.0, alike) if activation.kink is not None else None
            slopes = m.slopes if m else one.slopes * alike**2
            rest = (m.values if m else one.values * alike**2) - alike**2 * of_value**2 / 2
            entered = streams[later][1] if later < len(streams) else 1.0
            more += left * entered * slopes
            left *= 1 - entered
            if later < len(streams):
                backs, shares = 2 * back * streams[later][1] / n, 2 * share * streams[later][2] / n
                same.own[index] += backs * slopes
                pair.own[index] += backs * two.slopes * alike**2
                same.forward[later] += shares * rest
                pair.forward[later] += shares * rest * max(0.0, two.values / one.values) if one.values > 0 else 0.0
        same.own[index] += 4 * back * (1 - back) * more / n


def _meet(pair: _Walk, ways: list[tuple[float, Moments]], n: int, orthogonal: bool) -> None:
    """Gradients of two inputs are unrelated in the mean; the square of their cosine is 1/n at the last layer and grows
    on the way back, as random matrices turn all vectors towards the same directions."""
    fixed = 1.0 if orthogonal else 0.0
    square = (1 + ways[-1][1].slopes) / n
    for index in range(len(ways) - 1, -1, -1):
        back, m = ways[index]
        pair.own[index] += (back**2 * 2 * square * (1 + m.slopes - fixed) + 4 * back * (1 - back) * square) / n
        kept = (back * m.alike + 1 - back) ** 2 * square
        square = min(1.0, kept + (back**2 * (1 + m.slopes - fixed) + 2 * back * (1 - back)) / n)


def _tilt(along: float, mixed: float, normed: bool, orthogonal: bool) -> float:
    """n times what the gradient gains in the mean because W has met the forward signal before: along φ(z) it is known.
    (z · ∂L/∂z is 0 behind a norm.)"""
    if normed:
        return -(1 + mixed)
    return (along - 1) * (mixed if orthogonal else 1 + mixed)


Turn = tuple[float, float, float, float]  # along, carried, rho, what the gradient gains by a squared cosine


def _turned(mean_y: list[float], turns: list[Turn], last: float, n: int) -> list[float]:
    """`_tilt` takes the squared cosine of z and ∂L/∂z for that of one layer, along/n. But W leads it back to φ(z) and
    ∂L/∂z of the layer before: n cos² − 1 is along − 1 and what is carried of the next layer's."""
    found, excess = list(mean_y), last - 1
    for index in range(len(turns) - 1, -1, -1):
        along, kept, rho, gain = turns[index]
        found[index] += rho * gain * (excess - (along - 1)) / n
        excess = along - 1 + kept * rho * excess
    return found


def _slopes(activation: Activation, q: float, layer: Layer) -> tuple[float, float, float, float]:
    """First and second derivative by log q of the logarithms of the next q, and of E φ'²."""
    if activation.kink is not None:
        share = layer.weight * activation.moments(q).square
        share /= share + layer.bias
        return share, share * (1 - share), 0.0, 0.0
    found = [activation.moments(q * 2.718281828459045**step) for step in (-BEND, 0.0, BEND)]
    values = np.log([layer.weight * m.square + layer.bias for m in found])
    slopes = np.log([m.slope_square for m in found])
    first = lambda y: float(y[2] - y[0]) / (2 * BEND)
    second = lambda y: float(y[2] - 2 * y[1] + y[0]) / BEND**2
    return first(values), second(values), first(slopes), second(slopes)
