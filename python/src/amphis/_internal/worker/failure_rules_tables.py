"""What pandas, Polars and pyarrow say of columns that do not fit."""

from __future__ import annotations

from amphis._internal.worker.failure_rule import BROADCAST, DTYPE, SHAPE, rule

RULES = (
    # pandas
    rule(
        SHAPE,
        r"^All arrays must be of the same length",
        operation="DataFrame",
        advice="Make all columns equally long",
    ),
    rule(
        SHAPE,
        r"Shape of passed values is (?P<shapes>\([\d, ]*\), indices imply \([\d, ]*\))",
        operation="DataFrame",
        advice="Pass as many names as there are columns and rows",
    ),
    rule(
        SHAPE,
        r"Length of values \((?P<length1>\d+)\) does not match length of index "
        r"\((?P<length2>\d+)\)",
        operation="assignment",
        advice="Pass {length2} values",
    ),
    rule(
        SHAPE,
        r"Dot product shape mismatch, (?P<shapes>\([\d, ]*\) vs \([\d, ]*\))",
        operation="dot",
    ),
    rule(
        SHAPE,
        r"^Lengths must (?:be equal|match)|^matrices are not aligned",
    ),
    rule(
        DTYPE,
        r"operation '(?P<operation>\w+)' not supported for dtype "
        r"'(?P<expected>[^']{1,100})' with dtype '(?P<got>[^']{1,100})'",
    ),
    rule(
        DTYPE,
        r"trying to merge on (?P<expected>\S{1,100}) and (?P<got>\S{1,100}) columns",
        operation="merge",
        advice="Convert one of the key columns with astype()",
    ),
    # Polars
    rule(
        BROADCAST,
        r"can't broadcast .{0,200}of length (?P<length1>\d+) to length (?P<length2>\d+)",
        operation="with_columns",
        advice="Pass {length2} values, or one",
    ),
    rule(
        SHAPE,
        r"height of column '.{0,200}' \((?P<length1>\d+)\) does not match height of "
        r"column '.{0,200}' \((?P<length2>\d+)\)",
        operation="DataFrame",
        advice="Make all columns equally long",
    ),
    rule(
        SHAPE,
        r"operation on series of different lengths: got (?P<length1>\d+) and "
        r"(?P<length2>\d+)",
        advice="Make both equally long",
    ),
    rule(
        DTYPE,
        r"arithmetic on dtypes (?P<expected>[^\n]{1,100}?) and (?P<got>[^\n]{1,100}?) is "
        r"not allowed",
        advice="Convert one of them with cast()",
    ),
    rule(
        DTYPE,
        r"\w{1,20} operation not supported for dtypes `(?P<expected>[^\n`]{1,100})` and "
        r"`(?P<got>[^\n`]{1,100})`",
        advice="Convert one of them with cast()",
    ),
    rule(
        DTYPE,
        r"type (?P<got>[^\n]{1,100}?) is incompatible with expected type "
        r"(?P<expected>[^\n]{1,100})",
        advice="Convert it with cast()",
    ),
    rule(
        DTYPE,
        r"datatypes of join keys don't match - .{0,200}: (?P<expected>\w+) on left does "
        r"not match .{0,200}: (?P<got>\w+) on right",
        operation="join",
        advice="Convert one of the keys with cast()",
    ),
    # pyarrow
    rule(
        SHAPE,
        r"expected length (?P<length1>\d+) but got length (?P<length2>\d+)",
        operation="table",
        advice="Make all columns equally long",
    ),
    rule(
        SHAPE,
        r"Array arguments must all be the same length",
    ),
    rule(
        DTYPE,
        r"Function '(?P<operation>\w+)' has no kernel matching input types "
        r"\((?P<dtypes>[^\n)]{0,400})\)",
        advice="Convert one of them with cast()",
    ),
    rule(
        DTYPE,
        r"must be identically typed, but (?P<expected>.{1,100}?) and (?P<got>.{1,100}?) "
        r"were encountered",
        operation="concat",
        advice="Convert one of them with cast()",
    ),
    rule(
        DTYPE,
        r"Could not convert .{0,400} with type (?P<got>\w+): tried to convert to "
        r"(?P<expected>\w+)",
        operation="array",
        advice="Make all values of one type, or name the type",
    ),
)
