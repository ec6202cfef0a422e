"""The content studio: what editors change in answers, example messages and credentials, tried out and published."""
