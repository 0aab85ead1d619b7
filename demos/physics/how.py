from demos.physics.bench.explanation import EXPLANATION as HOW  # noqa: F401
