"""A frame as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amphis._internal.printing.style import (
    Paint,
    PrintLimits,
    PrintStyle,
    choose_limits,
    choose_paint,
)
from amphis._internal.printing.text import bytes_text

if TYPE_CHECKING:
    from amphis._internal.frame.frame import Frame


def format_frame(frame: Frame, *, style: PrintStyle = "compact", color: bool | None = None) -> str:
    """Show a frame to a person: its header in words, its body as bytes."""
    limits, paint = choose_limits(style), choose_paint(color)
    fields = [("version", str(frame.version))] if style == "verbose" else []
    if frame.call_id:
        fields.append(("callId", str(frame.call_id)))
    fields.append(("priority", frame.priority.name.lower()))
    fields.append(("codec", frame.codec))
    fields.append(("body", paint(bytes_text(frame.body, limits.bytes), "scalar")))
    attachments = _attachments(frame, limits, paint)
    head = f"frame {frame.kind.name.lower()}"
    if style == "compact":
        if attachments:
            fields.append(("attachments", f"[{', '.join(attachments)}]"))
        return " ".join([head, *(f"{name}={text}" for name, text in fields)])
    if attachments:
        numbered = [
            f"{index}: {text}" if index < limits.items else text
            for index, text in enumerate(attachments)
        ]
        lines = "\n    ".join([f"list of {len(frame.attachments)}", *numbered])
        fields.append(("attachments", lines))
    return "\n  ".join([head, *(f"{name}: {text}" for name, text in fields)])


def _attachments(frame: Frame, limits: PrintLimits, paint: Paint) -> list[str]:
    texts = [
        f"{kind.name.lower()} {paint(bytes_text(data, limits.bytes), 'scalar')}"
        for kind, data in frame.attachments[: limits.items]
    ]
    rest = len(frame.attachments) - len(texts)
    return [*texts, paint(f"… {rest} more", "note")] if rest > 0 else texts
