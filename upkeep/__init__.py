"""Keeping the dependencies fit: their advisories and their bill of materials. Run in `.venv-tools`, by make."""
