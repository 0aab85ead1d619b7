"""Small networks and their training, shared by the demos.

adam         AveragedAdam: Adam on all weights as one vector, and their running average
loop         TrainingLoop: warm-up, cosine decay to zero, snapshots, cancellation and resumption
fourier_mlp  a perceptron with random Fourier features and a condition vector, weights as named tensors
tanh_mlp     many tanh perceptrons at once, with derivatives with respect to their inputs, one weight vector each
"""
