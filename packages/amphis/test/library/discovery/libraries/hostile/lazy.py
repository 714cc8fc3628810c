"""Its names are made when they are asked for."""


def __dir__():
    return ["late", "broken"]


def __getattr__(name):
    if name == "late":

        def late(x: int) -> int:
            return x

        return late
    raise ImportError(name)
