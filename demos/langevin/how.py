"""The mathematics of the page, short."""

HOW = r"""
**The equation.** $dx = -\nabla U\,dt + \sqrt{2\,kT}\,dW$ is the gradient flow of the lab with energy $E = U$, mobility
$M = 1$ and temperature $T = kT$. Its density obeys the Fokker–Planck equation
$\partial_t\rho = \nabla\!\cdot(\rho\nabla U) + kT\,\Delta\rho$, whose resting state is Boltzmann's law $e^{-U/kT}/Z$.
With momenta, $dq = p/m\,dt,\; dp = -\nabla U\,dt - \gamma p\,dt + \sqrt{2\gamma m\,kT}\,dW$.

**The step.** A computer takes steps of size $h$, and samples a slightly different law. On a valley of stiffness $k$:

| method | one step | variance over $kT/k$, with $z = hk$ | bias |
|---|---|---|---|
| Euler–Maruyama | $x - h\nabla U + \sqrt{2hkT}\,R$ | $1/(1 - z/2)$ | order 1 |
| Stochastic Heun | trapezoid, the same $R$ | $(1-z/2)/(1-z/2+z^2/4)$ | order 2 |
| Leimkuhler–Matthews | $x - h\nabla U + \sqrt{hkT/2}\,(R_n + R_{n+1})$ | $1$ | order 2 |
| MALA | Euler's move, accepted or refused | $1$ | none |
| BAOAB | $V R O R V$ | $1$ | order 2 |

Leimkuhler–Matthews is for averages; for rates it is of order 1, and stochastic Heun is the better choice. Explicit
steps are stable only below $h = 2/L$, with $L$ the largest curvature (underdamped: $h < 2/\sqrt{L/m}$).

**The truth.** Averages by quadrature of $e^{-U/kT}$. The law in motion from a master equation on a grid whose hopping
rates keep detailed balance, so that Boltzmann's law is its exact resting state. The law of the discretised dynamics
from the method's own one-step kernel, where the potential separates; in closed form on the quadratic; to first order in
$h$ for Euler elsewhere: it samples $U - \tfrac h4|\nabla U|^2 + \tfrac{h\,kT}{2}\Delta U$. Beside a law in continuous
time stands what the step neglects: how far two paths of the same noise differ, one with twice the step. Escape times
from the mean first-passage integral, with inertia from the Kramers–Fokker–Planck equation in phase space. Each
difference stands in units of its own standard error σ; 4 σ are allowed.

**Sources.** Leimkuhler & Matthews, *Appl. Math. Res. eXpress* 2013, 34; Roberts & Tweedie, *Bernoulli* 2 (1996) 341;
Hänggi, Talkner & Borkovec, *Rev. Mod. Phys.* 62 (1990) 251; Holubec et al., *Phys. Rev. E* 99 (2019) 032117; Jordan,
Kinderlehrer & Otto, *SIAM J. Math. Anal.* 29 (1998) 1; Vehtari et al., *Bayesian Anal.* 16 (2021) 667.
"""
