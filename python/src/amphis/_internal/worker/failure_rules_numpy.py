"""What NumPy and scikit-learn say of arrays that do not fit."""

from __future__ import annotations

from amphis._internal.worker.failure_rule import BROADCAST, DTYPE, EQUAL_OR_ONE, SHAPE, rule

RULES = (
    # NumPy
    rule(
        BROADCAST,
        r"operands could not be broadcast together with (?P<shapes>[^\n]{0,400})",
        advice=EQUAL_OR_ONE,
    ),
    rule(
        BROADCAST,
        r"could not broadcast input array from shape (?P<shapes>[^\n]{0,200})",
        operation="assignment",
        advice=EQUAL_OR_ONE,
    ),
    rule(
        BROADCAST,
        r"objects cannot be broadcast to a single shape(?P<shapes>[^\n]{0,400})",
        advice=EQUAL_OR_ONE,
    ),
    rule(
        SHAPE,
        r"(?P<operation>\w+): Input operand \d+ (?:has a mismatch in its core "
        r"dimension|does not have enough dimensions)",
    ),
    rule(
        SHAPE,
        r"shapes (?P<shapes>\([\d, ]*\) and \([\d, ]*\)) not aligned",
        operation="dot",
    ),
    rule(
        SHAPE,
        r"cannot reshape array of size (?P<elements>\d+) into shape (?P<shape>\([\d, ]*\))",
        operation="reshape",
        advice=(
            "{shape} does not hold {elements} elements; -1 for one length lets NumPy choose it"
        ),
    ),
    rule(
        SHAPE,
        r"all the input array dimensions except for the concatenation axis must match "
        r"exactly",
        operation="concatenate",
        advice="Make all lengths equal but those along the axis, or choose another axis",
    ),
    rule(
        SHAPE,
        r"all the input arrays must have same number of dimensions",
        operation="concatenate",
        advice="Give all the same number of dimensions, with reshape() or [:, None]",
    ),
    rule(
        SHAPE,
        r"all input arrays must have the same shape",
        operation="stack",
    ),
    rule(
        SHAPE,
        r"The requested array has an inhomogeneous shape",
        operation="array",
        advice="Make all rows equally long, or pass dtype=object",
    ),
    rule(
        SHAPE,
        r"boolean index did not match indexed array.{0,100}size of axis is "
        r"(?P<length1>\d+) but size of corresponding boolean axis is (?P<length2>\d+)",
        operation="index",
    ),
    rule(
        DTYPE,
        r"ufunc '(?P<operation>\w+)' not supported for the input types",
        advice="Convert the arguments with astype()",
    ),
    rule(
        DTYPE,
        r"Cannot cast (?:\w+ )?(?:array data|scalar|ufunc '\w+' \w+) from "
        r"dtype\('(?P<got>[^']{1,100})'\) to dtype\('(?P<expected>[^']{1,100})'\)",
        advice="Convert with astype() where losing digits is right",
    ),
    rule(
        DTYPE,
        r"The DType <class '[\w.]*?(?P<expected>\w+)DType'> could not be promoted by "
        r"<class '[\w.]*?(?P<got>\w+)DType'>",
        advice="Convert one of them with astype()",
    ),
    # scikit-learn
    rule(
        SHAPE,
        r"inconsistent numbers of samples: (?:\[(?P<length1>\d+), (?P<length2>\d+))",
        advice="Pass as many targets as there are rows",
    ),
    rule(
        SHAPE,
        r"X has (?P<length1>\d+) features, but (?P<operation>\w+) is expecting "
        r"(?P<length2>\d+) features",
        advice="Pass the {length2} columns that it was fitted with",
    ),
    rule(
        SHAPE,
        r"Expected 2D array, got \w+ array instead",
        advice="Use array.reshape(-1, 1) for one feature, array.reshape(1, -1) for one sample",
    ),
    rule(
        SHAPE,
        r"Found array with dim \d+, while dim <= (?P<most>\d+) is required",
        advice="Reshape it to at most {most} dimensions",
    ),
    rule(
        SHAPE,
        r"different number of outputs? \((?P<length1>\d+)!=(?P<length2>\d+)\)",
    ),
    rule(
        DTYPE,
        r"dtype='(?P<expected>numeric)' is not compatible with arrays of (?P<got>[\w/]+)",
        advice="Encode text as numbers first, for example with OneHotEncoder",
    ),
)
