"""Named presets: each teaches one thing in one sentence."""

from __future__ import annotations

from demos.contract import Scene
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN, encode_points


def _few(count: int) -> str:
    """The first points of the moons, as a text."""
    return encode_points(BUILT_IN["moons"].sample(count, 1)[0].numpy())


SCENES = (
    Scene(
        "noise_to_data",
        "Noise to data",
        "Points of pure noise roll down −log p_σ while the noise level falls; eight valleys open beneath them.",
        DiffusionConfig(),
    ),
    Scene(
        "few",
        "Few steps",
        "From the same noise, Euler is nearly there; Heun has made four steps, too few. Fifty make all equal.",
        DiffusionConfig(sampler="heun", compare=("ddim", "dpmpp_2m"), evaluations=8),
    ),
    Scene(
        "same_law",
        "Same law",
        "The ODE keeps neighbours together, the SDE stirs them; colours mix, and yet both end in the same law.",
        DiffusionConfig(sampler="heun", compare=("sde",), evaluations=64, color="start"),
    ),
    Scene(
        "last_step",
        "Last step",
        "Stopped at σ_min the curve stays blurred by exactly that noise; one more evaluation takes it away.",
        DiffusionConfig(data="scurve", last="stop", sigma_min=0.08, evaluations=40),
    ),
    Scene(
        "churn",
        "Churn",
        "The score is wrong at large noise: the ODE carries the error to the end, churn and the SDE forget it.",
        DiffusionConfig(
            data="checkerboard", score_error=1.0, sampler="heun", compare=("churn", "sde"), evaluations=70, churn=40.0
        ),
    ),
    Scene(
        "memory",
        "Memory",
        "Forty points and their exact score: 2,000 samples end on the forty, and nowhere between.",
        DiffusionConfig(data="points", points=_few(40), evaluations=40),
    ),
    Scene(
        "learn",
        "Learn",
        "A network learns the squares while you watch its loss and samples; then it takes the exact score's place.",
        DiffusionConfig(data="checkerboard", score="learned", network="trained", training_steps=700),
    ),
    Scene(
        "guidance",
        "Guidance",
        "Asked for class A with w = 4, the flow leaves the trunk and crowds the tips: purer, and not the law of A.",
        DiffusionConfig(data="tree", target="0", guidance=4.0),
    ),
    Scene(
        "word",
        "Word",
        "Type a word: its letters dissolve into noise, and other noise condenses into them.",
        DiffusionConfig(data="word", word="score", story="both", color="start", evaluations=40),
    ),
    Scene(
        "too_little",
        "Too little",
        "DDPM's β with T = 50 keeps 78 % of the signal, yet sampling starts from pure noise: the moons are bent.",
        DiffusionConfig(data="moons", process="vp", beta_min=0.01, beta_max=1.0, grid="time", evaluations=50),
    ),
    Scene(
        "straight",
        "Straight?",
        "Flow matching's linear path: Euler's steps on it are DDIM, and from noise as wide as the data it bends.",
        DiffusionConfig(
            data="moons",
            process="flow",
            sigma_max=100.0,
            grid="time",
            sampler="ode",
            compare=("ddim",),
            evaluations=30,
            trails=True,
        ),
    ),
    Scene(
        "pairs",
        "Pairs",
        "Learned from pairs matched by optimal transport the flow is straight: five Euler steps do as well as forty.",
        DiffusionConfig(
            data="moons",
            score="flow_ot",
            process="flow",
            sigma_max=100.0,
            grid="time",
            sampler="ode",
            evaluations=5,
            color="start",
            trails=True,
        ),
    ),
    Scene(
        "langevin",
        "Langevin",
        "Annealed Langevin dynamics pauses at each noise level; the corrector does it in passing. Edges stay sharp.",
        DiffusionConfig(data="checkerboard", sampler="annealed", compare=("predictor_corrector",), evaluations=150),
    ),
    Scene(
        "there_and_back",
        "Round trip",
        "The Swiss roll dissolves by a random walk, and an ODE without any noise rolls it up again.",
        DiffusionConfig(data="swissroll", story="both", sampler="dpmpp_2m", evaluations=30, color="start"),
    ),
    Scene(
        "neighbours",
        "Neighbours",
        "Nine points of noise side by side end on two squares with a gap between; click to try another place.",
        DiffusionConfig(data="checkerboard", probe=True, probe_x=0.565, probe_y=3.0, evaluations=60),
    ),
)
