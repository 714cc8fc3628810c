"""Objects that raise, lie or never end when they are asked."""


class Meta(type):
    def __getattribute__(cls, name):
        if name in ("__doc__", "__module__", "__qualname__", "__signature__"):
            raise RuntimeError("not you")
        return super().__getattribute__(name)

    def __dir__(cls):
        raise SystemExit


class Guarded(metaclass=Meta):
    def method(self, a, b=2):
        pass


class Everything:
    """Each attribute is another one of these."""

    def __getattr__(self, name):
        return Everything()

    def __call__(self, *args):
        return self

    @property
    def __class__(self):
        raise RuntimeError("no class")

    def __repr__(self):
        raise RuntimeError("no text")


class Descriptor:
    asked = 0

    def __get__(self, instance, owner):
        Descriptor.asked += 1
        raise RuntimeError("asked")


class Holder:
    lazy = Descriptor()


class Text(str):
    pass


everything = Everything()


def unsaid(a, b=everything):
    """Has a default that cannot be shown."""


def signed():
    pass


signed.__signature__ = 7
Holder.itself = Holder
