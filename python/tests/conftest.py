"""How property tests run everywhere: a slow machine is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "amphis",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("amphis")
