"""What processes tell about themselves: logs, traces and metrics, all without personal data."""
