#!/bin/sh
# A backup into a folder of its own under $1, named by the time; those that are older than 30 days go once it is whole.
set -eu
python -m bot backup "$1/$(date +%Y-%m-%d-%H%M%S)"
find "$1" -mindepth 1 -maxdepth 1 -type d -mtime +30 -exec rm -rf {} +
