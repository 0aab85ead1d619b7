"""Exact results without sampling, with which the Langevin pictures are compared.

    quadrature      Boltzmann averages, marginals, occupancies and samples on a grid
    fokker_planck   the exact distribution over time (a master equation with Boltzmann's stationary distribution)
    escape          mean first-passage times, Kramers' formulas, survival curves
    phase_space     escape with inertia, at any friction
    phase_density   the density in phase space of underdamped methods and of their equation
    kernel          stationary law and slowest rate of the *discretised* dynamics in one dimension
    quadratic       means and covariances of every method on a quadratic potential, stability limits
    modified        the first-order step-size bias of Euler-Maruyama on any potential

Everything here is numpy and scipy on plain arrays and callables; energies and kT share a unit.
"""
