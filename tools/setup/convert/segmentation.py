"""pyannote segmentation 3.0: who of three local speakers is heard in each frame of a window.

Sinc filters, two convolutions, four bidirectional LSTM layers, two linear ones (Bredin and Laurent,
"End-to-end speaker segmentation for overlap-aware resegmentation", 2021; Plaquet and Bredin,
"Powerset multi-class cross entropy loss for neural speaker diarization", 2023).
"""

import numpy as np

from graph import Graph

RATE = 16000
MIN_HZ = 50  # of a filter's lower edge, and of its width
SLOPE = 0.01  # of leaky ReLU
HIDDEN = 128


def sinc_filters(weights: dict) -> np.ndarray:
    """The 40 cosine and 40 sine band-pass filters that the two trained edges of each stand for.

    In float32 throughout, as when the network was trained: in double, outputs differ by more than
    the conversion may.
    """
    low_hz, band_hz, half_window, steps = (
        weights[f"sincnet.conv1d.0.filterbank.{name}_"] for name in ("low_hz", "band_hz", "window", "n")
    )
    low = np.float32(MIN_HZ) + np.abs(low_hz)
    high = np.clip(low + np.float32(MIN_HZ) + np.abs(band_hz), MIN_HZ, RATE / 2)
    band = high - low
    low_phase, high_phase = low @ steps, high @ steps
    cosine = (np.sin(high_phase) - np.sin(low_phase)) / (steps / 2) * half_window
    sine = (np.cos(low_phase) - np.cos(high_phase)) / (steps / 2) * half_window
    middle = np.zeros_like(band)
    even = np.concatenate([cosine, 2 * band, cosine[:, ::-1]], axis=1)
    odd = np.concatenate([sine, middle, -sine[:, ::-1]], axis=1)
    return (np.concatenate([even, odd]) / np.tile(2 * band, (2, 1))).astype(np.float32)[:, None, :]


def _norm(graph: Graph, x: str, weights: dict, name: str) -> str:
    scale, shift = (graph.constant(weights[f"{name}.{part}"]) for part in ("weight", "bias"))
    return graph.add("InstanceNormalization", x, scale, shift, epsilon=1e-5)


def _sincnet(graph: Graph, x: str, weights: dict) -> str:
    x = _norm(graph, x, weights, "sincnet.wav_norm1d")
    for layer in range(3):
        if layer == 0:
            x = graph.add("Conv", x, graph.constant(sinc_filters(weights)), strides=[10])
            x = graph.add("Abs", x)
        else:
            kernel, bias = (
                graph.constant(weights[f"sincnet.conv1d.{layer}.{part}"]) for part in ("weight", "bias")
            )
            x = graph.add("Conv", x, kernel, bias)
        x = graph.add("MaxPool", x, kernel_shape=[3], strides=[3])
        x = _norm(graph, x, weights, f"sincnet.norm1d.{layer}")
        x = graph.add("LeakyRelu", x, alpha=SLOPE)
    return x


def _onnx_gates(values: np.ndarray) -> np.ndarray:
    """Torch orders the gates input, forget, cell, output; ONNX input, output, forget, cell."""
    i, f, c, o = np.split(values, 4)
    return np.concatenate([i, o, f, c])


def _lstm(graph: Graph, x: str, weights: dict, layer: int) -> str:
    """One layer, both directions: (frames, windows, n) -> (frames, windows, 2 * HIDDEN)."""

    def both(part):
        return [_onnx_gates(weights[f"lstm.{part}_l{layer}{way}"]) for way in ("", "_reverse")]

    bias = [np.concatenate(pair) for pair in zip(both("bias_ih"), both("bias_hh"))]
    x = graph.add(
        "LSTM",
        x,
        graph.constant(np.stack(both("weight_ih"))),
        graph.constant(np.stack(both("weight_hh"))),
        graph.constant(np.stack(bias)),
        direction="bidirectional",
        hidden_size=HIDDEN,
    )
    x = graph.add("Transpose", x, perm=[0, 2, 1, 3])  # frames, windows, directions, hidden
    return graph.add("Reshape", x, graph.integers(0, 0, 2 * HIDDEN))


def _linear(graph: Graph, x: str, weights: dict, name: str) -> str:
    x = graph.add("MatMul", x, graph.constant(weights[f"{name}.weight"].T))
    return graph.add("Add", x, graph.constant(weights[f"{name}.bias"]))


def convert(weights: dict, path: str) -> None:
    """Writes the network: samples (windows, 1, n) -> log-probabilities (windows, frames, 7)."""
    graph = Graph("segmentation")
    x = _sincnet(graph, "samples", weights)
    x = graph.add("Transpose", x, perm=[2, 0, 1])
    for layer in range(4):
        x = _lstm(graph, x, weights, layer)
    for layer in range(2):
        x = graph.add("LeakyRelu", _linear(graph, x, weights, f"linear.{layer}"), alpha=SLOPE)
    x = graph.add("LogSoftmax", _linear(graph, x, weights, "classifier"), axis=-1)
    graph.add("Transpose", x, perm=[1, 0, 2], output="log_probabilities")
    graph.save(
        path,
        {"samples": ["windows", 1, "length"]},
        {"log_probabilities": ["windows", "frames", 7]},
    )
