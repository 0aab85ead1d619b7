"""Named presets of the page: each makes one point in one sentence with its number, and suggests one change to try."""

from __future__ import annotations

from demos.contract import Scene, State, Try
from demos.diffusion.claims import (
    as_true_samples,
    both,
    distances,
    lengths,
    near_the_foot,
    row,
    squares,
    state_is,
    width,
)
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN, encode_points


def _few(count: int) -> str:
    """The first `count` points of the moons, encoded as text."""
    return encode_points(BUILT_IN["moons"].sample(count, 1)[0].numpy())


SCENES = (
    Scene(
        "noise_to_data",
        "Noise becomes data",
        "Random points slide down −log density as the noise σ falls; eight valleys open, and 2,000 samples "
        "fill them as true data do.",
        DiffusionConfig(),
        claim=both(state_is(State.AGREES), as_true_samples),
        tries=Try(
            "evaluations",
            9,
            "Drag the evaluations to 9.",
            "The samples end 0.91 from the data, where true samples are 0.10 apart.",
            both(state_is(State.PREDICTED), distances((0.86, 0.96))),
        ),
    ),
    Scene(
        "few",
        "With eight evaluations the finer method loses",
        "Same noise, eight evaluations: Heun makes four steps and ends 1.7 from the data, Euler eight and ends "
        "0.23; true samples are 0.10 apart.",
        DiffusionConfig(sampler="heun", compare=("ddim", "dpmpp_2m"), evaluations=8),
        claim=both(state_is(State.PREDICTED), distances((1.6, 1.8), (0.2, 0.26), (0.27, 0.35))),
        tries=Try(
            "evaluations",
            50,
            "Drag the evaluations to 50.",
            "All three end 0.15 from the data, as true samples may.",
            both(as_true_samples, distances((0.13, 0.16), (0.13, 0.16), (0.13, 0.16))),
        ),
        label="Few steps",
    ),
    Scene(
        "same_law",
        "Two ways to one distribution",
        "The ODE keeps neighbours together, the SDE stirs them with fresh noise; both end 0.15 from the data, "
        "as true samples may.",
        DiffusionConfig(sampler="heun", compare=("sde",), evaluations=64, color="start"),
        claim=both(state_is(State.AGREES), distances((0.13, 0.16), (0.13, 0.16)), lengths((1.0, 1.1), (4.0, 7.0))),
        tries=Try(
            "stochasticity",
            4.0,
            "Drag the stochasticity λ to 4.",
            "The SDE’s paths grow to 11 times their chords; it still ends as near to the data as true samples.",
            both(as_true_samples, lengths((1.0, 1.1), (10.0, 11.6))),
        ),
        label="ODE, SDE",
    ),
    Scene(
        "last_step",
        "The last step decides the width",
        "Stopped at σ = 0.13 the curve is twice as wide as the data, 0.16 instead of 0.078: the noise of σ is "
        "left in every sample.",
        DiffusionConfig(data="scurve", last="stop", sigma_min=0.08, evaluations=40),
        claim=both(state_is(State.PREDICTED), width(0.15, 0.165)),
        tries=Try(
            "last",
            "denoise",
            "Let the last step go to σ = 0.",
            "One evaluation more, and the curve is half as wide as the data: 0.043 instead of 0.078.",
            width(0.04, 0.047),
        ),
    ),
    Scene(
        "churn",
        "Fresh noise forgets a wrong score",
        "The score is wrong near σ = 7: the ODE carries that to the end, 0.60 from the data; churn (0.11) and "
        "SDE (0.17) mostly forget it.",
        DiffusionConfig(
            data="checkerboard", score_error=1.0, sampler="heun", compare=("churn", "sde"), evaluations=70, churn=40.0
        ),
        claim=both(state_is(State.PREDICTED), distances((0.55, 0.65), (0.1, 0.14), (0.14, 0.2))),
        tries=Try(
            "score_error",
            0.0,
            "Set the error of the score to 0.",
            "All three end as near to the data as true samples: the fault was the score’s.",
            as_true_samples,
        ),
    ),
    Scene(
        "memory",
        "Forty points give back forty points",
        "The exact score of forty points: each of 2,000 samples ends on one of the forty, and none between them.",
        DiffusionConfig(data="points", points=_few(40), evaluations=40),
        claim=row("Share on a data point", 0.999, 1.0),
        tries=Try(
            "evaluations",
            6,
            "Drag the evaluations to 6.",
            "Still each sample ends on one of the forty, but unevenly: 1.1 from the data.",
            both(row("Share on a data point", 0.999, 1.0), distances((1.0, 1.2))),
        ),
    ),
    Scene(
        "learn",
        "A network learns the squares",
        "Watch its loss and samples for 700 steps; then it takes the exact score’s place, and 95 % of its "
        "points lie inside the squares.",
        DiffusionConfig(data="checkerboard", score="learned", network="trained", training_steps=700),
        claim=both(row("Share inside the squares", 0.945, 0.96), as_true_samples),
        tries=Try(
            "training_steps",
            100,
            "Drag the steps of training to 100.",
            "A network that has seen less: 89 % of the points lie inside the squares.",
            row("Share inside the squares", 0.86, 0.91),
        ),
        label="Learned",
    ),
    Scene(
        "guidance",
        "Guidance makes samples purer, and wrong",
        "Asked for class A with w = 4, 0.3 % of the points are left near the foot of the trunk, where 38 % of "
        "class A (grey) lie.",
        DiffusionConfig(data="tree", target="0", guidance=4.0),
        claim=both(state_is(State.PREDICTED), near_the_foot((0.001, 0.006), (0.33, 0.43))),
        tries=Try(
            "guidance",
            1.0,
            "Drag w to 1.",
            "37 % of the points lie near the foot of the trunk: the class itself.",
            both(state_is(State.AGREES), near_the_foot((0.35, 0.39), (0.33, 0.43))),
        ),
    ),
    Scene(
        "word",
        "A word out of noise",
        "The letters dissolve into noise, and other noise condenses into them: every sample ends on a point of "
        "the word.",
        DiffusionConfig(data="word", word="score", story="both", color="start", evaluations=40),
        claim=row("Share on a data point", 0.995, 1.0),
        tries=Try(
            "word",
            "wave",
            "Type another word: wave.",
            "Other noise ends on its points, again every sample.",
            row("Share on a data point", 0.995, 1.0),
        ),
        label="Word",
    ),
    Scene(
        "too_little",
        "Too little noise leaves its mark",
        "DDPM’s β with T = 50 keeps 78 % of the amplitude, yet sampling starts from pure noise: bent moons, "
        "0.19 from the data.",
        DiffusionConfig(data="moons", process="vp", beta_min=0.01, beta_max=1.0, grid="time", evaluations=50),
        claim=both(state_is(State.PREDICTED), distances((0.17, 0.21))),
        tries=Try(
            "start",
            "data",
            "Start from data with noise.",
            "The moons are straight again, as near to the data as true samples.",
            as_true_samples,
        ),
        label="Too little",
    ),
    Scene(
        "straight",
        "Straight steps, bent paths",
        "On the linear path Euler’s steps are DDIM’s; from pure noise the exact flow bends: its paths are 1.7 "
        "times their chords.",
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
        claim=both(state_is(State.AGREES), lengths((1.65, 1.85), (1.65, 1.85))),
        tries=Try(
            "evaluations",
            5,
            "Drag the evaluations to 5.",
            "Five straight steps cannot follow the bend: 0.32 from the data.",
            distances((0.29, 0.35), (0.29, 0.35)),
        ),
        label="Straight",
    ),
    Scene(
        "pairs",
        "Matched pairs make the flow straight",
        "Learned from pairs matched by optimal transport, paths are 1.01 times their chords: five Euler steps "
        "end 0.11 from the data.",
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
        claim=both(as_true_samples, lengths((1.0, 1.02)), distances((0.09, 0.12))),
        tries=Try(
            "score",
            "exact",
            "Choose the exact score.",
            "Without matched pairs the paths bend, and five steps end 0.32 from the data.",
            distances((0.29, 0.35)),
        ),
        label="Pairs",
    ),
    Scene(
        "langevin",
        "Langevin needs time at every level",
        "Annealed Langevin walks 5 steps at each noise level and ends 0.27 from the data; the "
        "predictor–corrector ends 0.10 away.",
        DiffusionConfig(data="checkerboard", sampler="annealed", compare=("predictor_corrector",), evaluations=150),
        claim=both(state_is(State.PREDICTED), distances((0.24, 0.3), (0.08, 0.12))),
        tries=Try(
            "langevin_size",
            0.5,
            "Drag the Langevin step to 0.5 σ².",
            "Its steps are longer, and it ends 0.10 from the data too.",
            both(as_true_samples, distances((0.08, 0.11), (0.08, 0.12))),
        ),
    ),
    Scene(
        "there_and_back",
        "There by chance, back without",
        "The Swiss roll dissolves by a random walk; an ODE without any noise rolls it up again, 0.09 from the data.",
        DiffusionConfig(data="swissroll", story="both", sampler="dpmpp_2m", evaluations=30, color="start"),
        claim=both(state_is(State.AGREES), as_true_samples, distances((0.08, 0.1))),
        tries=Try(
            "evaluations",
            5,
            "Drag the evaluations to 5.",
            "Five steps do not roll it up: 0.37 from the data.",
            state_is(State.PREDICTED),
        ),
        label="Back again",
    ),
    Scene(
        "neighbours",
        "Neighbours part",
        "Nine points of noise side by side end on three squares with gaps between; click to try another place.",
        DiffusionConfig(data="checkerboard", probe=True, probe_x=0.565, probe_y=3.0, evaluations=60),
        claim=both(squares(3), as_true_samples),
        tries=Try(
            "probe_x",
            3.0,
            "Click at x = 3: start the nine points further to the right.",
            "There they stay together and end on one square.",
            squares(1),
        ),
    ),
)
