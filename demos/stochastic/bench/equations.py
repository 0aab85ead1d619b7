"""The equation of all panels, as LaTeX."""

SGD = r"dx = -\nabla E(x)\,dt + \sqrt{\eta\,C(x)/B}\;dW \qquad M = 1,\ T = \eta\sigma^2/2B"
