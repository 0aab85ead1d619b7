"""The condensate against its tables, the virial theorem, exact eigenstates of a rotating trap, and its own identity."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
import torch

from demos.gradient_flow import autograd_gradient, solve
from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.bench.vortices import charges, places, winding_numbers, wrapped
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.condensate.observables import angular_momentum, find_vortices, net_count
from demos.physics.condensate.reference import tables
from demos.physics.condensate.simulate import ground_state
from demos.physics.condensate.studies import multiplier_bias

ONE = [row[0] for row in tables()["harmonic_1d"]["rows"]]
TWO = [row[0] for row in tables()["harmonic_2d"]["rows"]]
LATTICE = [row[0] for row in tables()["lattice_1d"]["rows"]]
KINDS = [(1, "harmonic", 0.0), (1, "lattice", 0.0), (2, "harmonic", 0.0), (2, "harmonic", 0.6)]


def energy_and_dissipation(condensate):
    """E and 2‖Hφ − μφ‖², each (N,), as `EnergyRecorder` asks for them."""
    return lambda x, t: (condensate.energy(x), 2 * condensate.residual(x).square())


@pytest.mark.parametrize("dimensions, trap, rotation", KINDS)
def test_gradient_metric_and_stiff_part_belong_together(dimensions, trap, rotation):
    condensate = GrossPitaevskii(dimensions, 20.0, trap, rotation, points=16, width=8.0)
    system = condensate.system()
    for name in system.starts:
        x = system.start(name, 1, 2) + 0.02  # away from every symmetry
        gradient = condensate.gradient(x)
        torch.testing.assert_close(
            gradient, autograd_gradient(condensate.energy)(x), rtol=0, atol=1e-13 * float(gradient.abs().max())
        )
        velocity = system.flow().mobility.apply(gradient, 0.0)
        torch.testing.assert_close(
            condensate.stiff.preconditioned_gradient(x), velocity, rtol=0, atol=1e-13 * float(velocity.abs().max())
        )
        x = system.project.retract(x)
        assert float((condensate.torus.cell * x.flatten(1).square().sum(1) - 1).abs().max()) < 1e-14
        tangent = system.project.tangent(x, condensate.gradient(x))
        energy, dissipation = energy_and_dissipation(condensate)(x, 0.0)
        moved = system.flow().mobility.apply(tangent, 0.0)
        torch.testing.assert_close(dissipation, (tangent * moved).flatten(1).sum(1), rtol=1e-11, atol=0)
        parts = condensate.parts(x)
        torch.testing.assert_close(condensate.chemical_potential(x), energy + parts["interaction"], rtol=1e-13, atol=0)


@pytest.mark.parametrize(
    "dimensions, trap, beta", [(1, "harmonic", ONE), (1, "lattice", LATTICE), (2, "harmonic", TWO)]
)
def test_ground_states_of_the_tables(dimensions, trap, beta):
    """E, μ and the width of every row to 1e-7, the virial, the norm; all from a start without interaction."""
    for strength in beta:
        condensate = GrossPitaevskii(dimensions, strength, trap, points=512 if dimensions == 1 else 80)
        run = ground_state(condensate, condensate.system().start("gaussian"), tolerance=1e-9, most_steps=4000, frames=2)
        assert run.path.status.kind == "converged"
        known = {reference.name: reference.value for reference in condensate.system().references}
        width = float(condensate.width_rms(run.end))
        measured = {"energy": run.energies[-1], "chemical potential": run.chemical_potentials[-1], "width": width}
        assert measured == pytest.approx(known, abs=1e-7, rel=0), f"β = {strength:g}"
        assert float(condensate.torus.cell * run.end.square().sum()) == pytest.approx(1, abs=1e-13)
        if trap == "harmonic":
            assert abs(float(condensate.virial(run.end))) < 1e-6


def test_published_table_of_two_dimensions():
    """Muruganandam & Adhikari 2009: five decimals of μ and of the width, themselves good to about 1e-5."""
    for beta, mu, width in tables()["harmonic_2d"]["published"]:
        if beta >= 0:
            condensate = GrossPitaevskii(2, beta, points=64)
            end = ground_state(condensate, condensate.system().start("thomas_fermi"), 1e-7, frames=2).end
            assert float(condensate.chemical_potential(end)) == pytest.approx(mu, abs=2e-5)
            assert float(condensate.width_rms(end)) == pytest.approx(width, abs=1e-4)


def test_the_multiplier_term_makes_the_end_independent_of_the_step():
    """β = 62.742: without μφ in the step μ comes out 5e-3 too large, and by how much depends on the step."""
    table = multiplier_bias(GrossPitaevskii(2, 62.742, points=48), (0.2, 0.0125))
    with_, without = table[table["multiplier"]], table[~table["multiplier"]]
    assert (with_["error"] < 1e-7).all()
    bias = without["error"].to_numpy()
    assert bias[0] > bias[1] > 1e-3 and (without["mu"] > with_["mu"].iloc[0]).all()


def test_the_energy_falls_by_twice_the_square_of_the_speed():
    """dE/dt = −2‖φ_t‖² along the true flow, by a method that knows nothing of the linear part."""
    condensate = GrossPitaevskii(1, 10.0, points=64, width=16.0)
    recorder = EnergyRecorder(energy_and_dissipation(condensate))
    solve(
        condensate.system().flow(),
        condensate.system().start("gaussian"),
        [0.0, 1.0],
        "rkc",
        record="steps",
        observe=recorder,
        rtol=1e-8,
        atol=1e-8,
    )
    assert recorder.energies[0, 0] - recorder.energies[-1, 0] > 0.5
    assert abs(float(recorder.balance.residual[-1, 0])) < 1e-5


@pytest.mark.parametrize("rotation", [0.3, -0.7])
def test_exact_states_of_a_rotating_trap_without_interaction(rotation):
    """(x + iy) e^(−r²/2) has L_z = 1 and energy 2 − Ω; the Gaussian 0 and 1."""
    condensate = GrossPitaevskii(2, 0.0, rotation=rotation, points=64, width=17.0)
    y, x = condensate.torus.coordinates()
    gauss = torch.exp(-0.5 * (x * x + y * y))
    retract = condensate.system().project.retract
    whirl = retract(torch.stack((x * gauss, y * gauss))[None])
    assert float(condensate.energy(whirl)) == pytest.approx(2 - rotation, abs=1e-12)
    assert float(angular_momentum(condensate, whirl)) == pytest.approx(1, abs=1e-12)
    assert float(condensate.residual(whirl)) < 1e-10
    still = retract(torch.stack((gauss, 0 * gauss))[None])
    assert float(condensate.energy(still)) == pytest.approx(1, abs=1e-12)
    assert abs(float(condensate.virial(whirl))) < 1e-11
    if rotation > 0:  # the slower one takes several times as many steps, and shows nothing else
        end = ground_state(condensate, condensate.system().start("turbulent", 3), 1e-8, 4000, 2).end
        assert float(condensate.energy(end)) == pytest.approx(1, abs=1e-8)


def test_a_stirred_condensate_fills_with_vortices_of_one_sign():
    condensate = GrossPitaevskii(2, 100.0, rotation=0.9, points=64)
    run = ground_state(condensate, condensate.system().start("turbulent", 0), 1e-6, 1500, 20)
    centres, signs = find_vortices(condensate, run.end)
    assert len(signs) >= 6 and (signs == 1).all() and centres.shape == (len(signs), 2)
    assert net_count(condensate, (centres, signs), np.array([0.0, 2.0])).tolist() == [0, len(signs)]
    rigid = 0.9 * float(condensate.width_rms(run.end)) ** 2
    assert 0.7 * rigid < float(angular_momentum(condensate, run.end)) < rigid
    assert run.energies[-1] < 2.7 < 3.46  # far below the best state with a single vortex
    assert np.all(np.diff(run.energies) < 1e-9)
    assert run.phases.shape == run.densities.shape == (len(run.energies), 64, 64)


def test_refusals_say_by_how_much():
    with pytest.raises(ValueError, match="1.05 × the trap frequency"):
        GrossPitaevskii(2, 100.0, rotation=1.05)
    for bad, words in (
        ({"dimensions": 3}, "dimensions"),
        ({"beta": -1.0}, "collapse"),
        ({"trap": "box"}, "trap"),
        ({"trap": "lattice"}, "one dimension"),
        ({"dimensions": 1, "rotation": 0.5}, "two dimensions"),
        ({"points": 4}, "points"),
    ):
        with pytest.raises(ValueError, match=words):
            GrossPitaevskii(**bad)


def test_thomas_fermi_is_what_a_strong_interaction_tends_to():
    """μ of the tables over ½(3β/2)^⅔ and √(β/π): within 1 % at β = 627, and above (kinetic energy is positive)."""
    for dimensions, name in ((1, "harmonic_1d"), (2, "harmonic_2d")):
        beta, _, mu, _ = tables()[name]["rows"][-1]
        ratio = mu / GrossPitaevskii(dimensions, beta).thomas_fermi
        assert 1 < ratio < 1.01


def test_charges_of_known_phases():
    y, x = torch.meshgrid(torch.arange(12.0) - 5.7, torch.arange(12.0) - 4.3, indexing="ij")
    one = torch.atan2(y, x)[None].double()
    winding = charges(one, periodic=False)
    centres, signs = places(winding[0])
    np.testing.assert_allclose(centres, [[4.5, 5.5]])
    assert signs.tolist() == [1]
    assert places(charges(-one, periodic=False)[0])[1].tolist() == [-1]
    random = 2 * pi * torch.rand(20, 16, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    winding = charges(random)
    assert winding.abs().max() <= 2 and (winding != 0).any() and (winding.sum((1, 2), dtype=torch.int64) == 0).all()
    twist = (2 * pi * 3 * torch.arange(16) / 16).expand(1, 16, 16).double()
    assert [int(n) for n in winding_numbers(twist)] == [3, 0] and not charges(twist).any()
    assert float(wrapped(torch.tensor(3 * pi + 0.1))) == pytest.approx(-pi + 0.1, abs=1e-6)
