class Rude(BaseException):
    def __str__(self):
        raise RuntimeError("no text either")


raise Rude
