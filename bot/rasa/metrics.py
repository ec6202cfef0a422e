"""What Rasa's process counts, for Prometheus."""

from prometheus_client import Histogram

MESSAGE_SECONDS = Histogram(
    "rasa_message_seconds",
    "Time from a message at Rasa's door to its replies",
    ("outcome",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0),
)
