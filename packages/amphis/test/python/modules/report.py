"""A program that the tests run as a file."""

title: str = globals().get("title", "Untitled")
heading = f"{title}, by {__name__}"


def line(name: str, value: int) -> str:
    return f"{title}: {name} {value}"
