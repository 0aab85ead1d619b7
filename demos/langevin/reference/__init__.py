"""Exact and reference results: formulas on plain arguments, which know no config and no run.

    distribution        Distribution: weighted points with marginals, of which any mean can be taken
    boltzmann           exp(−U/kT)/Z by quadrature, and samples of it
    discretised         what a method with its step size samples, where the potential separates
    annealed            the same under a temperature that changes
    gaussian            distributions and free energies on a quadratic potential
    underdamped         the distribution of underdamped dynamics and methods at any time, where the potential separates
    density_evolution   the Fokker–Planck equation: the density at any time, relaxation rates
    step_error          how far the step size alone moves a mean
    acceptance          the acceptance rate of Metropolis methods in equilibrium
    losses              the share of particles that a step size beyond the limit loses
    cloud_energy        the free energy of a cloud of particles, from its histogram

The numerical methods behind them are in `demos.langevin.exact`.
"""
