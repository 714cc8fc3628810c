"""Layouts of the kinds that values.md defines: the fields of a variant, or a whole value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.codec.compact.layout import Layout
from amphis._internal.codec.compact.read_value import read_attachment, read_int, read_value
from amphis._internal.codec.compact.scalar import SCALARS
from amphis._internal.codec.compact.write_value import write_attachment, write_int, write_value
from amphis._internal.codec.kinds import describe_kind, plain
from amphis._internal.codec.refusal import Refusal, unsupported
from amphis._internal.values import Attachment

if TYPE_CHECKING:
    from amphis._internal.codec.compact.reader import CompactReader
    from amphis._internal.codec.compact.writer import CompactWriter


class AnyValue(Layout):
    """A value of any kind with its kind in front."""

    __slots__ = ()

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append it."""
        write_value(writer, value)

    def read(self, reader: CompactReader) -> object:
        """Read it."""
        return read_value(reader)

    def fits(self, value: object) -> bool:  # noqa: ARG002
        """Tell that anything may be one; a part that is no value is refused with its path."""
        return True


class AnyInt(Layout):
    """An int of any size with its variant in front."""

    __slots__ = ()

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append it."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise unsupported("an int", describe_kind(value))
        write_int(writer, value)

    def read(self, reader: CompactReader) -> int:
        """Read it."""
        return read_int(reader)

    def fits(self, value: object) -> bool:
        """Tell whether it is an int."""
        return isinstance(value, int) and not isinstance(value, bool)

    def least(self, within: frozenset[int] = frozenset()) -> float:  # noqa: ARG002
        """Return the size of variant and int."""
        return 2


class ScalarKind(Layout):
    """The fields of one kind."""

    __slots__ = ("_scalar",)

    def __init__(self, name: str) -> None:
        self._scalar = SCALARS[name]

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append them."""
        value = plain(value)
        if not self._scalar.accepts(value):
            raise unsupported(self._scalar.word, describe_kind(value))
        self._scalar.write(writer, value)

    def read(self, reader: CompactReader) -> object:
        """Read them."""
        return self._scalar.read(reader)

    def fits(self, value: object) -> bool:
        """Tell whether it is of the kind."""
        try:
            return self._scalar.accepts(plain(value))
        except Refusal:
            return False

    def least(self, within: frozenset[int] = frozenset()) -> float:  # noqa: ARG002
        """Return the fewest bytes of the fields."""
        return self._scalar.least


class AttachmentKind(Layout):
    """The fields of an attachment."""

    __slots__ = ()

    def write(self, writer: CompactWriter, value: object) -> None:
        """Append them."""
        if not isinstance(value, Attachment):
            raise unsupported("an attachment", describe_kind(value))
        write_attachment(writer, value)

    def read(self, reader: CompactReader) -> Attachment:
        """Read them."""
        return read_attachment(reader)

    def fits(self, value: object) -> bool:
        """Tell whether it is an attachment."""
        return isinstance(value, Attachment)

    def least(self, within: frozenset[int] = frozenset()) -> float:  # noqa: ARG002
        """Return the fewest bytes of the fields."""
        return 3
