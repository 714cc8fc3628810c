"""What torch, JAX and TensorFlow say of tensors that do not fit."""

from __future__ import annotations

from amphis._internal.worker.failure_rule import BROADCAST, DEVICE, DTYPE, EQUAL_OR_ONE, SHAPE, rule

RULES = (
    # torch
    rule(
        BROADCAST,
        r"The size of tensor a \((?P<length1>\d+)\) must match the size of tensor b "
        r"\((?P<length2>\d+)\) at non-singleton dimension",
        advice="Make these lengths equal, or one of them 1",
    ),
    rule(
        BROADCAST,
        r"The expanded size of the tensor .{0,200}Target sizes: "
        r"(?P<shapes>\[.{0,200}?\]\.\s+Tensor sizes: \[.{0,200}?\])",
        operation="expand",
        advice=EQUAL_OR_ONE,
    ),
    rule(
        BROADCAST,
        r"has size (?P<length1>\d+) for operand \d+ which does not broadcast with "
        r"previously seen size (?P<length2>\d+)",
        operation="einsum",
        advice="Make the lengths of one subscript equal",
    ),
    rule(
        BROADCAST,
        r"output with shape (?P<shapes>\[.{0,200}?\] doesn't match the broadcast shape "
        r"\[.{0,200}?\])",
        advice="Give the result a place of its own instead of writing in place",
    ),
    rule(
        SHAPE,
        r"mat1 and mat2 shapes cannot be multiplied \((?P<shapes>\d+x\d+ and \d+x\d+)\)",
        operation="matmul",
    ),
    rule(
        SHAPE,
        r"Expected size for first two dimensions of batch2 tensor to be: "
        r"(?P<shapes>\[.{0,100}?\] but got: \[.{0,100}?\])",
        operation="bmm",
    ),
    rule(
        SHAPE,
        r"size mismatch, got input \(\d+\), mat \(?(?P<shapes>\(?\d+x\d+\)?, vec \(\d+\))",
        operation="mv",
    ),
    rule(
        SHAPE,
        r"inconsistent tensor size, expected tensor (?P<shapes>\[.{0,100}?\] and src "
        r"\[.{0,100}?\])",
        operation="dot",
        advice="Make both equally long",
    ),
    rule(
        SHAPE,
        r"shape '(?P<shape>\[.{0,100}?\])' is invalid for input of size (?P<elements>\d+)",
        operation="reshape",
        advice=(
            "{shape} does not hold {elements} elements; -1 for one length lets torch choose it"
        ),
    ),
    rule(
        SHAPE,
        r"Sizes of tensors must match except in dimension",
        operation="cat",
        advice="Make all lengths equal but those along the dimension, or choose another one",
    ),
    rule(
        SHAPE,
        r"stack expects each tensor to be equal size, but got (?P<shapes>\[.{0,100}?\] at "
        r"entry \d+ and \[.{0,100}?\])",
        operation="stack",
    ),
    rule(
        SHAPE,
        r"weight of size (?P<shapes>\[.{0,100}?\], expected input\[.{0,100}?\]) to have "
        r"(?P<channels>\d+) channels",
        operation="conv",
        advice="Pass {channels} channels, or make the layer for those of the input",
    ),
    rule(
        SHAPE,
        r"Expected \dD .{0,100}input to (?P<operation>\w+), but got input of size: "
        r"(?P<shapes>\[.{0,100}?\])",
        advice="Add the dimensions of batch and channels, with [None]",
    ),
    rule(
        SHAPE,
        r"target size \((?P<shapes>torch\.Size\(.{0,100}?\)\) that is different to the "
        r"input size \(torch\.Size\(.{0,100}?\))",
    ),
    rule(
        SHAPE,
        r"Expected input batch_size \((?P<length1>\d+)\) to match target batch_size "
        r"\((?P<length2>\d+)\)",
        advice="Pass as many targets as inputs",
    ),
    rule(
        SHAPE,
        r"size mismatch for (?P<operation>\S{1,200}): copying a param with shape "
        r"(?P<shapes>torch\.Size\(.{0,100}?\) from checkpoint, the shape in current model "
        r"is torch\.Size\(.{0,100}?\))",
        advice="Make the model with the sizes of the checkpoint",
    ),
    rule(
        SHAPE,
        r"The shape of the mask (?P<shapes>\[.{0,100}?\] at index \d+ does not match the "
        r"shape of the indexed tensor \[.{0,100}?\])",
        operation="index",
    ),
    rule(
        SHAPE,
        r"Given normalized_shape=(?P<shapes>\[.{0,100}?\], expected input with shape "
        r"\[.{0,100}?\], but got input of size\[.{0,100}?\])",
        operation="layer_norm",
    ),
    rule(
        SHAPE,
        r"running_mean should contain (?P<length1>\d+) elements not (?P<length2>\d+)",
        operation="batch_norm",
        advice="Make the layer for {length1} features",
    ),
    rule(
        SHAPE,
        r"must be equal to input_size\. Expected (?P<length1>\d+), got (?P<length2>\d+)",
        advice="Pass {length1} features, or make the layer for {length2}",
    ),
    rule(
        DEVICE,
        r"found at least two devices, (?P<device1>[\w:]+) and (?P<device2>[\w:]+)",
    ),
    rule(
        DEVICE,
        r"on the same device, but got \w+ is on (?P<device1>[\w:]+), different from other "
        r"tensors on (?P<device2>[\w:]+)",
    ),
    rule(
        DEVICE,
        r"Tensor on device (?P<device2>[\w:]+) is not on the expected device "
        r"(?P<device1>[\w:]+?)!",
    ),
    rule(
        DEVICE,
        r"Input type \((?P<types>torch\.(?:cuda|mps|xpu)\.\w+\) and (?:weight|bias) type "
        r"\(torch\.\w+|torch\.\w+\) and (?:weight|bias) type "
        r"\(torch\.(?:cuda|mps|xpu)\.\w+)\)",
        advice="Move the model and its input to one device",
    ),
    rule(
        DEVICE,
        r"can't convert (?P<device1>\w+(?::\d+)?) device type tensor to numpy",
        advice="Copy it to the host first: tensor.cpu()",
    ),
    rule(
        DTYPE,
        r"to have the same dtype, but got: (?P<expected>\w+) != (?P<got>\w+)",
        operation="matmul",
    ),
    rule(
        DTYPE,
        r"must have the same dtype, but got (?P<expected>\w+) and (?P<got>\w+)",
        operation="matmul",
    ),
    rule(
        DTYPE,
        r"(?:(?P<operation>\w+) : )?expected both vectors to have same dtype, but found "
        r"(?P<expected>\w+) and (?P<got>\w+)",
    ),
    rule(
        DTYPE,
        r"to have one of the following scalar types: (?P<expected>[\w, ]{1,100}); but got "
        r"(?:torch\.)?(?P<got>[\w.]{1,100}?)(?:Tensor)? instead \(while checking "
        r"arguments for (?P<operation>\w+)\)",
        advice="Convert it with to(), for indices to torch.long",
    ),
    rule(
        DTYPE,
        r"result type (?P<got>\w+) can't be cast to the desired output type "
        r"(?P<expected>\w+)",
        advice="Give the result a place of its own, or convert with to()",
    ),
    rule(
        DTYPE,
        r"expected (?:scalar type|target dtype to be) (?P<expected>[\w ]{1,100}?),? but "
        r"(?:found|got) (?P<got>\w+)",
        advice="Convert it with to()",
    ),
    rule(
        DTYPE,
        r"can't convert np\.ndarray of type numpy\.(?P<got>\w+)",
        operation="from_numpy",
        advice="Convert it to numbers with astype() first",
    ),
    rule(
        DTYPE,
        r"\"(?P<operation>\w+)\" not implemented for '(?P<got>\w+)'",
        advice="Convert it to a type that the operation has",
    ),
    rule(
        DTYPE,
        r"Input type \((?P<expected>[\w.]+)\) and (?:weight|bias) type "
        r"\((?P<got>[\w.]+)\) should be the same",
        advice="Convert the input or the model with to()",
    ),
    # JAX and TensorFlow
    rule(
        BROADCAST,
        r"[Ii]ncompatible shapes(?: for broadcasting)?: "
        r"(?P<shapes>(?:shapes=)?[\[(][^\n]{0,300})",
        advice=EQUAL_OR_ONE,
    ),
)
