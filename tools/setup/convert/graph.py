"""Builds an ONNX graph, one operation after the other."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


class Graph:
    """Operations in the order in which they are added. Values go by their names."""

    def __init__(self, name: str):
        self._name = name
        self._nodes = []
        self._constants = []

    def constant(self, value, kind=np.float32) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value, kind), name))
        return name

    def integers(self, *values: int) -> str:
        return self.constant(values, np.int64)

    def add(self, kind: str, *inputs: str, output: str | None = None, **attributes) -> str:
        """Adds an operation with one output and says how that is called."""
        output = output or f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def save(self, path: str, given: dict[str, list], made: dict[str, list]) -> None:
        """Writes the model; `given` and `made` are the shapes of its inputs and outputs."""

        def values(shapes):
            return [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()]

        graph = helper.make_graph(
            self._nodes, self._name, values(given), values(made), self._constants
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="steno"
        )
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, path)
