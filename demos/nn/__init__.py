"""Small networks and their training, shared by the demos: knows none of them.

adam         AveragedAdam: Adam on all weights as one vector, and their running average
loop         TrainingLoop: warm-up, cosine to zero, snapshots, cancellation and resumption
fourier_mlp  a perceptron with random Fourier features and conditions, weights as named tensors
ritz_mlp     many tanh perceptrons at once, with the derivatives by their inputs, weights as one vector each
"""
