"""A script that a signal ends."""

import reviews

reviews.crash()
