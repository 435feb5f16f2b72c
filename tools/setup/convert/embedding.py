"""CAM++: 192 numbers that tell voices apart (Wang et al., "CAM++: A Fast and Efficient Network for
Speaker Verification Using Context-Aware Masking", 2023).

Batch normalization right after a convolution is folded into it.
"""

import numpy as np

from graph import Graph

BLOCKS = ((12, 1), (24, 2), (16, 2))  # layers and dilation of each dense block
SEGMENT = 100  # frames whose mean is the local context of the mask
EPSILON = 1e-5


class _Network:
    def __init__(self, weights: dict):
        self.weights = weights
        self.graph = Graph("embedding")

    def scale_and_shift(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """What the batch normalization `name` does to a channel; the last one is not affine."""
        mean, variance = (self.weights[f"{name}.running_{part}"] for part in ("mean", "var"))
        scale = self.weights.get(f"{name}.weight", 1) / np.sqrt(variance + EPSILON)
        return scale, self.weights.get(f"{name}.bias", 0) - mean * scale

    def convolve(self, x: str, name: str, norm: str | None = None, **attributes) -> str:
        kernel = self.weights[f"{name}.weight"]
        bias = self.weights.get(f"{name}.bias")
        if norm:
            scale, bias = self.scale_and_shift(norm)
            kernel = kernel * scale.reshape(-1, *[1] * (kernel.ndim - 1))
        constants = [self.graph.constant(value) for value in (kernel, bias) if value is not None]
        return self.graph.add("Conv", x, *constants, **attributes)

    def relu(self, x: str) -> str:
        return self.graph.add("Relu", x)

    def normalize(self, x: str, name: str) -> str:
        """Batch normalization and ReLU of (windows, channels, frames)."""
        scale, shift = (self.graph.constant(v[:, None]) for v in self.scale_and_shift(name))
        return self.relu(self.graph.add("Add", self.graph.add("Mul", x, scale), shift))

    def mean(self, x: str) -> str:
        return self.graph.add("ReduceMean", x, axes=[-1], keepdims=1)


def _residual(net: _Network, x: str, name: str, stride: int) -> str:
    strides = [stride, 1]
    out = net.relu(
        net.convolve(x, f"{name}.conv1", f"{name}.bn1", pads=[1, 1, 1, 1], strides=strides)
    )
    out = net.convolve(out, f"{name}.conv2", f"{name}.bn2", pads=[1, 1, 1, 1])
    if f"{name}.shortcut.0.weight" in net.weights:
        x = net.convolve(x, f"{name}.shortcut.0", f"{name}.shortcut.1", strides=strides)
    return net.relu(net.graph.add("Add", out, x))


def _front(net: _Network, x: str) -> str:
    """The convolutions over time and frequency: (windows, 1, 80, frames) -> (windows, 320, frames)."""
    x = net.relu(net.convolve(x, "head.conv1", "head.bn1", pads=[1, 1, 1, 1]))
    for layer in ("layer1", "layer2"):
        x = _residual(net, x, f"head.{layer}.0", stride=2)
        x = _residual(net, x, f"head.{layer}.1", stride=1)
    x = net.relu(net.convolve(x, "head.conv2", "head.bn2", pads=[1, 1, 1, 1], strides=[2, 1]))
    return net.graph.add("Reshape", x, net.graph.integers(0, 320, -1))


def _context(net: _Network, x: str) -> str:
    """The mean of the window plus that of each SEGMENT: as the windows are no longer, twice it."""
    mean = net.mean(x)
    return net.graph.add("Add", mean, mean)


def _dense_layer(net: _Network, x: str, name: str, dilation: int) -> str:
    x = net.normalize(x, f"{name}.nonlinear1.batchnorm")
    x = net.relu(net.convolve(x, f"{name}.linear1", f"{name}.nonlinear2.batchnorm"))
    local = net.convolve(
        x, f"{name}.cam_layer.linear_local", pads=[dilation, dilation], dilations=[dilation]
    )
    mask = net.relu(net.convolve(_context(net, x), f"{name}.cam_layer.linear1"))
    mask = net.graph.add("Sigmoid", net.convolve(mask, f"{name}.cam_layer.linear2"))
    return net.graph.add("Mul", local, mask)


def _statistics(net: _Network, x: str) -> str:
    """Mean and standard deviation (of the sample, n - 1) over the frames."""
    add, one = net.graph.add, net.graph.integers(1)
    mean = net.mean(x)
    away = add("Sub", x, mean)
    squares = add("ReduceSum", add("Mul", away, away), net.graph.integers(-1), keepdims=1)
    frames = add("Slice", add("Shape", x), net.graph.integers(2), net.graph.integers(3))
    degrees = add("Cast", add("Sub", frames, one), to=1)
    return add("Concat", mean, add("Sqrt", add("Div", squares, degrees)), axis=1)


def convert(weights: dict, path: str) -> None:
    """Writes the network: filter bank (windows, frames, 80), at most 2 * SEGMENT frames ->
    embedding (windows, 192)."""
    net = _Network(weights)
    x = net.graph.add("Transpose", "features", perm=[0, 2, 1])
    x = _front(net, net.graph.add("Unsqueeze", x, net.graph.integers(1)))
    x = net.relu(
        net.convolve(
            x, "xvector.tdnn.linear", "xvector.tdnn.nonlinear.batchnorm", pads=[2, 2], strides=[2]
        )
    )
    for number, (layers, dilation) in enumerate(BLOCKS, 1):
        for layer in range(1, layers + 1):
            made = _dense_layer(net, x, f"xvector.block{number}.tdnnd{layer}", dilation)
            x = net.graph.add("Concat", x, made, axis=1)
        x = net.normalize(x, f"xvector.transit{number}.nonlinear.batchnorm")
        x = net.convolve(x, f"xvector.transit{number}.linear")
    x = _statistics(net, net.normalize(x, "xvector.out_nonlinear.batchnorm"))
    x = net.convolve(x, "xvector.dense.linear", "xvector.dense.nonlinear.batchnorm")
    net.graph.add("Squeeze", x, net.graph.integers(2), output="embedding")
    net.graph.save(path, {"features": ["windows", "frames", 80]}, {"embedding": ["windows", 192]})
