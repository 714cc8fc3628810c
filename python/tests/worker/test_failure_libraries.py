"""Codes for what libraries raise, proven against the libraries themselves."""

from __future__ import annotations

import io
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from amphis import msgpack
from amphis._internal.worker.failure import error_body
from amphis._internal.worker.failure_codes import Raised
from amphis._internal.worker.failure_memory import out_of_memory

if TYPE_CHECKING:
    from collections.abc import Callable

CODEC = msgpack()


def described(act: Callable[[], object], *arguments: object) -> Any:  # noqa: ANN401 - of any kind
    """Code and context of what was raised."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the subject
        data = error_body(error, call="library:function", arguments=arguments)
    else:
        raise AssertionError("nothing was raised")
    wire: Any = CODEC.decode(data)
    return wire["code"], wire["context"]


# What is run, its code, and what its context says. `a` is (2, 3) and `b` is (4, 5).
NUMPY: list[tuple[str, str, dict[str, object]]] = [
    ("a + b", "BROADCAST_FAILED", {"shapes": [[2, 3], [4, 5]]}),
    ("a.__iadd__(b)", "BROADCAST_FAILED", {"shapes": [[2, 3], [4, 5], [2, 3]]}),
    ("np.where(np.ones(2), np.ones(3), 1)", "BROADCAST_FAILED", {"shapes": [[2], [3], []]}),
    ("np.broadcast_to(a, (5, 5))", "BROADCAST_FAILED", {"shapes": [[2, 3], [5, 5]]}),
    ("np.broadcast_arrays(a, b)", "BROADCAST_FAILED", {"shapes": [[2, 3], [4, 5]]}),
    ("np.einsum('ij,jk', a, b)", "BROADCAST_FAILED", {"shapes": [[2, 3], [4, 5]]}),
    (
        "a.__setitem__(slice(None), b)",
        "BROADCAST_FAILED",
        {"shapes": [[4, 5], [2, 3]], "operation": "assignment"},
    ),
    (
        "a @ b",
        "SHAPE_MISMATCH",
        {"shapes": [[2, 3], [4, 5]], "operation": "matmul"},
    ),
    (
        "np.dot(a, b)",
        "SHAPE_MISMATCH",
        {
            "shapes": [[2, 3], [4, 5]],
            "operation": "dot",
            "suggestion": "Give the first as many columns as the second has rows, 4",
        },
    ),
    ("np.dot(a, a)", "SHAPE_MISMATCH", {"suggestion": "Transpose the second array"}),
    (
        "np.dot(np.ones((3, 2)), np.ones((3, 4)))",
        "SHAPE_MISMATCH",
        {"suggestion": "Transpose the first array"},
    ),
    ("np.dot(np.ones(3), np.ones(4))", "SHAPE_MISMATCH", {"shapes": [[3], [4]]}),
    (
        "a.reshape(7)",
        "SHAPE_MISMATCH",
        {"suggestion": "(7,) does not hold 6 elements; -1 for one length lets NumPy choose it"},
    ),
    ("np.concatenate([a, b])", "SHAPE_MISMATCH", {"operation": "concatenate"}),
    ("np.concatenate([a, np.ones(2)])", "SHAPE_MISMATCH", {"operation": "concatenate"}),
    ("np.stack([a, b])", "SHAPE_MISMATCH", {"operation": "stack"}),
    ("np.array([[1], [1, 2]])", "SHAPE_MISMATCH", {"operation": "array"}),
    ("a[np.ones((3, 3), bool)]", "SHAPE_MISMATCH", {"shapes": [[2], [3]]}),
    (
        "np.add('a', 1)",
        "DTYPE_MISMATCH",
        {"dtypes": ["<U1", "int64"], "operation": "add"},
    ),
    ("np.sin(np.array(['x']))", "DTYPE_MISMATCH", {"operation": "sin"}),
    (
        "np.array([1]).__iadd__(1.5)",
        "DTYPE_MISMATCH",
        {"expected": "int64", "got": "float64", "suggestion": "Convert with astype('int64')"},
    ),
    (
        "np.result_type(np.dtype('M8[s]'), np.dtype('f8'))",
        "DTYPE_MISMATCH",
        {"dtypes": ["DateTime64", "Float64"]},
    ),
    (
        "np.empty((10**9, 10**6))",
        "PYTHON_OUT_OF_MEMORY",
        {"requestedBytes": 8 * 10**15, "device": "cpu"},
    ),
    ("np.arrayy", "PYTHON_ATTRIBUTE_MISSING", {"missing": "arrayy"}),
    ("a[:, :, 0]", "PYTHON_ERROR", {}),
]


def _check(code: str, names: dict[str, object], expected: str, fields: dict[str, object]) -> None:
    arguments = [names[name] for name in ("a", "b") if name in names]
    found, context = described(lambda: eval(code, dict(names)), *arguments)  # noqa: S307 - from above
    assert found == expected
    assert {name: context.get(name) for name in fields} == fields


@pytest.mark.parametrize(("code", "expected", "fields"), NUMPY, ids=lambda each: str(each)[:40])
def test_what_numpy_raises_has_a_code(code: str, expected: str, fields: dict[str, object]) -> None:
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    _check(code, {"np": np, "a": np.ones((2, 3)), "b": np.ones((4, 5))}, expected, fields)


PANDAS: list[tuple[str, str, dict[str, object]]] = [
    ("pd.DataFrame({'a': [1], 'b': [1, 2]})", "SHAPE_MISMATCH", {"operation": "DataFrame"}),
    (
        "pd.DataFrame(np.ones((2, 3)), columns=['x'])",
        "SHAPE_MISMATCH",
        {"shapes": [[2, 3], [2, 1]]},
    ),
    (
        "pd.DataFrame({'a': [1, 2]}).__setitem__('b', [1, 2, 3])",
        "SHAPE_MISMATCH",
        {"shapes": [[3], [2]], "suggestion": "Pass 2 values"},
    ),
    (
        "pd.DataFrame({'a': [1]}).dot(np.ones((3, 3)))",
        "SHAPE_MISMATCH",
        {"shapes": [[1, 1], [3, 3]], "operation": "dot"},
    ),
    (
        "pd.DataFrame({'a': [1]}).merge(pd.DataFrame({'a': ['x']}, dtype=object), on='a')",
        "DTYPE_MISMATCH",
        {"dtypes": ["int64", "object"], "operation": "merge"},
    ),
    ("pd.DataFrame({'a': [1]})['b']", "PYTHON_ERROR", {"type": "KeyError"}),
    ("pd.DataFrame({'a': [1]}).colums", "PYTHON_ATTRIBUTE_MISSING", {"missing": "colums"}),
]


@pytest.mark.parametrize(("code", "expected", "fields"), PANDAS, ids=lambda each: str(each)[:40])
def test_what_pandas_raises_has_a_code(code: str, expected: str, fields: dict[str, object]) -> None:
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    _check(code, {"pd": pd, "np": np}, expected, fields)


TEXT_TO_NUMBER = "pl.Series([1, 2]) + pl.Series(['x', 'y'])"
POLARS: list[tuple[str, str, dict[str, object]]] = [
    ("pl.DataFrame({'a': [1], 'b': [1, 2]})", "SHAPE_MISMATCH", {"shapes": [[2], [1]]}),
    (
        "pl.DataFrame({'a': [1, 2]}).with_columns(pl.Series('b', [1, 2, 3]))",
        "BROADCAST_FAILED",
        {"shapes": [[3], [2]], "suggestion": "Pass 2 values, or one"},
    ),
    ("pl.Series([1, 2]) + pl.Series([1, 2, 3])", "SHAPE_MISMATCH", {"shapes": [[2], [3]]}),
    (TEXT_TO_NUMBER, "DTYPE_MISMATCH", {"dtypes": ["i64", "str"]}),
    (
        "pl.Series([1, 2]) + pl.Series([1, 2]).cast(pl.Date)",
        "DTYPE_MISMATCH",
        {"dtypes": ["i64", "date"]},
    ),
    (
        "pl.Series([1, 2]).append(pl.Series(['a']))",
        "DTYPE_MISMATCH",
        {"expected": "Int64", "got": "String"},
    ),
    (
        "pl.DataFrame({'a': [1]}).join(pl.DataFrame({'a': ['x']}), on='a')",
        "DTYPE_MISMATCH",
        {"dtypes": ["i64", "str"], "operation": "join"},
    ),
    ("pl.DataFrame({'a': ['x']}).select(pl.col('a') * 2)", "DTYPE_MISMATCH", {"expected": "str"}),
    ("pl.DataFrame({'a': [1]}).select('b')", "PYTHON_ERROR", {"type": "ColumnNotFoundError"}),
]


@pytest.mark.parametrize(("code", "expected", "fields"), POLARS, ids=lambda each: str(each)[:40])
def test_what_polars_raises_has_a_code(code: str, expected: str, fields: dict[str, object]) -> None:
    pl = pytest.importorskip("polars", reason="polars is not installed")
    if code == TEXT_TO_NUMBER and pl.__version__.startswith(("1.", "2.0.")):
        pytest.skip("polars before 2.1 adds numbers to texts")
    _check(code, {"pl": pl}, expected, fields)


PYARROW: list[tuple[str, str, dict[str, object]]] = [
    ("pa.table({'a': [1], 'b': [1, 2]})", "SHAPE_MISMATCH", {"shapes": [[1], [2]]}),
    (
        "pc.add(pa.array([1]), pa.array(['x']))",
        "DTYPE_MISMATCH",
        {"dtypes": ["int64", "string"], "operation": "add"},
    ),
    (
        "pa.concat_arrays([pa.array([1]), pa.array(['x'])])",
        "DTYPE_MISMATCH",
        {"dtypes": ["int64", "string"]},
    ),
    ("pa.array([1, 'x'])", "DTYPE_MISMATCH", {"expected": "int64", "got": "str"}),
    ("pc.add(pa.array([1]), pa.array([1, 2]))", "SHAPE_MISMATCH", {}),
]


@pytest.mark.parametrize(("code", "expected", "fields"), PYARROW, ids=lambda each: str(each)[:40])
def test_what_pyarrow_raises_has_a_code(
    code: str, expected: str, fields: dict[str, object]
) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    pc = pytest.importorskip("pyarrow.compute", reason="pyarrow is not installed")
    _check(code, {"pa": pa, "pc": pc}, expected, fields)


SKLEARN: list[tuple[str, str, dict[str, object]]] = [
    ("Linear().fit(x, np.ones(4))", "SHAPE_MISMATCH", {"shapes": [[3], [4]]}),
    (
        "Linear().fit(x, np.ones(3)).predict(np.ones((3, 5)))",
        "SHAPE_MISMATCH",
        {
            "shapes": [[5], [2]],
            "operation": "LinearRegression",
            "suggestion": "Pass the 2 columns that it was fitted with",
        },
    ),
    ("Linear().fit(np.ones(3), np.ones(3))", "SHAPE_MISMATCH", {"operation": "function"}),
    (
        "Linear().fit(np.ones((3, 2, 2)), np.ones(3))",
        "SHAPE_MISMATCH",
        {"suggestion": "Reshape it to at most 2 dimensions"},
    ),
    ("Linear().fit(np.array([['a']] * 3), np.ones(3))", "DTYPE_MISMATCH", {"expected": "numeric"}),
    ("Linear().predict(x)", "PYTHON_ERROR", {"type": "NotFittedError"}),
]


@pytest.mark.parametrize(("code", "expected", "fields"), SKLEARN, ids=lambda each: str(each)[:40])
def test_what_scikit_learn_raises_has_a_code(
    code: str, expected: str, fields: dict[str, object]
) -> None:
    models = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed")
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    names = {"Linear": models.LinearRegression, "np": np, "x": np.ones((3, 2))}
    _check(code, names, expected, fields)


TORCH: list[tuple[str, str, dict[str, object]]] = [
    ("a + b", "BROADCAST_FAILED", {"shapes": [[3], [5]]}),
    ("a.expand(4, 5)", "BROADCAST_FAILED", {"shapes": [[4, 5], [2, 3]], "operation": "expand"}),
    ("torch.einsum('ij,jk', a, b)", "BROADCAST_FAILED", {"operation": "einsum"}),
    ("a @ b", "SHAPE_MISMATCH", {"shapes": [[2, 3], [4, 5]], "operation": "matmul"}),
    ("torch.bmm(torch.ones(2, 3, 4), torch.ones(2, 5, 6))", "SHAPE_MISMATCH", {"operation": "bmm"}),
    ("torch.mv(a, torch.ones(7))", "SHAPE_MISMATCH", {"shapes": [[2, 3], [7]]}),
    ("torch.dot(torch.ones(3), torch.ones(4))", "SHAPE_MISMATCH", {"shapes": [[3], [4]]}),
    ("a.view(7)", "SHAPE_MISMATCH", {"operation": "reshape"}),
    ("torch.cat([a, b])", "SHAPE_MISMATCH", {"operation": "cat"}),
    ("torch.stack([a, b])", "SHAPE_MISMATCH", {"shapes": [[2, 3], [4, 5]]}),
    ("torch.nn.Linear(4, 2)(a)", "SHAPE_MISMATCH", {"shapes": [[2, 3], [4, 2]]}),
    (
        "torch.nn.Conv2d(3, 4, 3)(torch.ones(1, 1, 8, 8))",
        "SHAPE_MISMATCH",
        {"shapes": [[4, 3, 3, 3], [1, 1, 8, 8]]},
    ),
    ("torch.nn.LayerNorm(5)(a)", "SHAPE_MISMATCH", {"shapes": [[5], [2, 3]]}),
    ("torch.nn.BatchNorm1d(5)(a)", "SHAPE_MISMATCH", {"shapes": [[3], [5]]}),
    (
        "torch.nn.functional.cross_entropy(a, torch.ones(5, dtype=torch.long))",
        "SHAPE_MISMATCH",
        {"shapes": [[2], [5]]},
    ),
    (
        "torch.nn.Linear(3, 2).load_state_dict(torch.nn.Linear(4, 2).state_dict())",
        "SHAPE_MISMATCH",
        {"shapes": [[2, 4], [2, 3]], "operation": "weight"},
    ),
    (
        "a @ torch.ones(3, 2, dtype=torch.float64)",
        "DTYPE_MISMATCH",
        {"dtypes": ["float32", "float64"]},
    ),
    ("torch.nn.Linear(3, 2)(a.double())", "DTYPE_MISMATCH", {"dtypes": ["float64", "float32"]}),
    (
        "torch.nn.Embedding(3, 2)(torch.ones(2))",
        "DTYPE_MISMATCH",
        {"got": "float32", "operation": "embedding"},
    ),
    (
        "torch.ones(2, dtype=torch.long).add_(1.5)",
        "DTYPE_MISMATCH",
        {"expected": "int64", "got": "float32"},
    ),
    ("torch.nn.functional.cross_entropy(a, torch.ones(2))", "DTYPE_MISMATCH", {"got": "float32"}),
    ("torch.bitwise_and(a, a)", "DTYPE_MISMATCH", {"got": "float32"}),
    (
        "a + torch.ones(2, 3, device='meta')",
        "TENSOR_DEVICE_MISMATCH",
        {"devices": ["cpu", "meta"], "suggestion": "Move the other one: tensor.to('cpu')"},
    ),
    ("torch.empty(10**13)", "PYTHON_OUT_OF_MEMORY", {"requestedBytes": 4 * 10**13}),
    ("torch.save(lambda: 1, io.BytesIO())", "SERIALIZATION_FAILED", {}),
    ("a[5]", "PYTHON_ERROR", {"type": "IndexError"}),
]


@pytest.mark.parametrize(("code", "expected", "fields"), TORCH, ids=lambda each: str(each)[:40])
def test_what_torch_raises_has_a_code(code: str, expected: str, fields: dict[str, object]) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    _check(
        code,
        {"torch": torch, "io": io, "a": torch.ones(2, 3), "b": torch.ones(4, 5)},
        expected,
        fields,
    )


# As the libraries say it on machines with such devices; recorded, as this one may have none.
CUDA = (
    "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 14.75 GiB of "
    "which 9.06 MiB is free. Process 5 has 14.73 GiB memory in use."
)
OLDER_CUDA = (
    "CUDA out of memory. Tried to allocate 2.50 GiB (GPU 1; 7.80 GiB total capacity; 5.00 GiB "
    "already allocated; 1.00 GiB free; 5.10 GiB reserved in total by PyTorch)"
)
HIP = (
    "HIP out of memory. Tried to allocate 1.00 GiB. GPU 0 has a total capacity of 24.00 GiB of "
    "which 512.00 MiB is free."
)
MPS = (
    "MPS backend out of memory (MPS allocated: 8.00 GB, other allocations: 1.00 GB, max allowed: "
    "9.07 GB). Tried to allocate 256.00 MB on private pool."
)
MEMORY: list[tuple[str, dict[str, object]]] = [
    (CUDA, {"device": "cuda:0", "requestedBytes": 20 << 20, "availableBytes": 9_500_098}),
    (OLDER_CUDA, {"device": "cuda:1", "requestedBytes": 5 << 29, "availableBytes": 1 << 30}),
    (HIP, {"device": "cuda:0", "requestedBytes": 1 << 30, "availableBytes": 512 << 20}),
    (MPS, {"device": "mps", "requestedBytes": 256 << 20}),
]


@pytest.mark.parametrize(("text", "fields"), MEMORY, ids=lambda each: str(each)[:12])
def test_memory_that_a_device_lacks_is_told_with_its_numbers(
    text: str, fields: dict[str, object]
) -> None:
    kind = type("OutOfMemoryError", (RuntimeError,), {})
    found = out_of_memory(Raised(kind(text), text, "", (), ()))
    assert found is not None
    assert found[0] == "PYTHON_OUT_OF_MEMORY"
    assert {name: found[1].get(name) for name in fields} == fields


def test_an_error_is_described_without_loading_any_library() -> None:
    program = """
        import sys
        from amphis._internal.worker.failure import error_body
        before = set(sys.modules)
        try:
            {}["key"]
        except KeyError as error:
            error_body(error, call="m:f")
        libraries = {"numpy", "pandas", "polars", "pyarrow", "torch", "inspect", "logging"}
        print(sorted(libraries & (set(sys.modules) - before)))
    """
    run = subprocess.run(  # noqa: S603 - of this test
        [sys.executable, "-c", textwrap.dedent(program)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "[]\n"
