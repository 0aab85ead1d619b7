"""Gradients through time, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.networks.time.config import TimeConfig
from demos.networks.time.run import run
from demos.networks.time.scenes import SCENES

ARTICLE = r"""
**The equation.** A recurrent network is as deep as its sequence is long, with the same weights in every layer. The
gradient by the state $s_t$ comes back through one Jacobian per step,
$\partial\mathcal L/\partial s_t = J_{t+1}^\top\cdots J_T^\top\,\partial\mathcal L/\partial s_T$. Here $s$ is what a
cell carries: $c$ of an LSTM, $h$ of the others; the loss is a random linear function of the last one.

**RNN.** $J = \mathrm{diag}(\varphi'(a_t))\,W$. Without $\varphi$ and with $W = \rho Q$, $Q$ orthogonal, every step
multiplies by $\rho$: exactly. With tanh, wide networks have $\chi_t = \rho^2\,\mathbb E\,\varphi'(z_t)^2$ per step for
$|\partial\mathcal L/\partial h|^2$. Gaussian weights have the same average, but one matrix acts at every step: after
about $\sqrt n$ steps its largest eigenvalues decide, the mean over networks belongs to few of them, and the theory of
averages is drawn no further.

**Gates.** $c_t = f_t\,c_{t-1} + i_t\,g_t$ leads back by $f_t$, and $h_t = z_t\,h_{t-1} + (1 - z_t)\,n_t$ by $z_t$.
Without recurrent weights that is all, and $\prod f_t$ is exact in every unit; with them the dashed line is this path
alone. A gate starts at $\sigma(b)$: at $b = 0$ half is forgotten at each step. A forget bias of 1 to 3 is the cure, and
it costs nothing.

**Independent of autograd.** Formulas derived by hand bring every gradient of every network back, along the recorded
states.

**Sources.** Bengio, Simard & Frasconi 1994; Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000;
Jozefowicz, Zaremba & Sutskever 2015; Arjovsky, Shah & Bengio 2016; Chen, Pennington & Schoenholz 2018; Tallec &
Ollivier 2018.
"""

CHARTS = (
    Chart(
        "steps",
        "What a step does",
        "step",
        "factor",
        "time step t",
        "|∂ℒ/∂s_t| over |∂ℒ/∂s_{t+1}|",
        "By what each step multiplies the gradient on its way back, mean over networks.",
    ),
)


PRODUCT = (
    r"\frac{\partial\mathcal L}{\partial s_t} = \prod_{\tau > t} J_\tau^\top\,\frac{\partial\mathcal L}{\partial s_T}"
)
STEP = {
    "lstm": r"\frac{\partial c_t}{\partial c_{t-1}} = f_t + \dots",
    "gru": r"\frac{\partial h_t}{\partial h_{t-1}} = z_t + \dots",
    "rnn": r"J_t = \mathrm{diag}(\varphi'(a_t))\,W",
    "linear": "J_t = W",
}


def equation(config: TimeConfig) -> str:
    return PRODUCT + r" \qquad " + STEP[config.cell]


DEMO = Demo(
    name="time",
    title="Through time",
    sentence="Gradients on their way back through a hundred steps: RNN, GRU and LSTM, and the bias that cures them.",
    equation=equation,
    config=TimeConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.networks.time.law import law_of\nlaw_of(config, config.cell)"),
    charts=lambda config: CHARTS,
    explanation=ARTICLE,
)
