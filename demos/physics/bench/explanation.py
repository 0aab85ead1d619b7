"""The article "How it works" of all systems: one equation, one identity, one certificate."""

EXPLANATION = r"""
**The equation.** Every system here moves by $dx = -M\,\nabla E(x)\,dt$ on a set $C$: the lab's equation without
noise. The metric is physics, not taste: the same energy $E(c) = \int \tfrac\gamma2|\nabla c|^2 + \tfrac14(c^2-1)^2$
gives Allen–Cahn with $M = 1$ and Cahn–Hilliard, which keeps the mass, with $M = -\Delta$.

| system | $E$ | $M$ and $C$ |
|---|---|---|
| Cluster of atoms | $\sum_{i<j} 4\,(r_{ij}^{-12} - r_{ij}^{-6})$ | $M = 1$ |
| Charges on a sphere | $\sum_{i<j} 1/r_{ij}$ | $\lvert x_i\rvert = 1$ |
| Soap film | $\int 2\pi r\sqrt{1+r'^2}\,dz$ | mean curvature: $v = -\kappa$ |
| Phase field | above | $L^2$ or $H^{-1}$ |
| Condensate | Gross–Pitaevskii, below | $\int\lvert\varphi\rvert^2 = 1$ |
| Hanging chain | $\sum_i y_i$ | $\lvert x_{i+1} - x_i\rvert = \ell$ |
| Column under load | $\tfrac C2\sum_k(\theta_{k+1}-\theta_k)^2 + P\ell\sum_k\cos\theta_k$ | its end stays on the axis |
| Planar magnets | $-J\sum\cos(\theta_i - \theta_j)$ | angles; at $kT > 0$ Langevin dynamics |
| A network learns Poisson | $\int \tfrac12\lvert\nabla u_w\rvert^2 - u_w$ | the weights $w$ |

The condensate's energy is

$$E(\varphi) = \int \tfrac12|\nabla\varphi|^2 + V|\varphi|^2 + \tfrac\beta2|\varphi|^4 - \Omega\,\varphi^* L_z\varphi$$

and its flow carries the multiplier $\mu\varphi$ that keeps the norm.

**The identity.** Along the true flow $E(0) - E(t) = \int_0^t \langle\nabla E, M\nabla E\rangle\,ds$. An energy that
falls proves little: every stable step makes it fall, however wrong its clock. What the identity misses is the
method's own error, and it is printed beside every flow.

**An optimizer is not the flow.** FIRE gathers speed downhill and stops dead when it would run uphill; L-BFGS guesses
the curvature from its last steps and jumps to where the bottom should be. Both reach a minimum in fewer
forces, but seldom the minimum at the end of the flow: of 40 random starts of 38 atoms L-BFGS shares 3 with it and
FIRE 11. A basin of attraction belongs to the flow.

**The certificate.** At rest is not a minimum. The Hessian on the tangent space of $C$ says so: as many zero modes
as symmetries (six for a cluster), and nothing below zero.

**Stability.** An explicit step must stay below $2/L$, with $L$ the largest curvature. RKC (Runge–Kutta–Chebyshev)
stretches that: a step is made of many stages, chosen so that it stays stable for as long as possible. Implicit Euler,
BDF and exponential steps have no such limit; being stable is not being right.

**Sources.** Wales & Doye, *J. Phys. Chem. A* 101 (1997) 5111; the Cambridge Cluster Database; Thomson, *Phil. Mag.*
7 (1904) 237; Allen & Cahn, *Acta Metall.* 27 (1979) 1085; Cahn & Hilliard, *J. Chem. Phys.* 28 (1958) 258; Bao &
Du, *SIAM J. Sci. Comput.* 25 (2004) 1674; Asenjo et al., *J. Phys. Chem. B* 117 (2013) 12717; E & Yu, *Commun.
Math. Stat.* 6 (2018) 1.
"""
