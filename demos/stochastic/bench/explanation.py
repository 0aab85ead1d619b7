"""The beginning of the article "How it works" of all panels."""

EXPLANATION = r"""
**The equation.** A mini-batch gradient is $g_B(x) = \nabla E(x) + \xi$, with covariance $C/B$.
A step $x' = x - \eta\, g_B(x)$ is explicit Euler for the flow $dx = -\nabla E\,dt$ with $dt = \eta$; from afar it is
$dx = -\nabla E\,dt + \sqrt{\eta\, C/B}\;dW$, the lab's equation at the temperature $T = \eta\sigma^2/2B$: its
*diffusion limit*. Truths on this page are the limit's, where it has one; predictions are those of the discrete steps.
"""
