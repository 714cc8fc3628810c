"""What docstrings say, in each style that is common."""
