#!/usr/bin/env bash
# A cluster is made of the same program as a single Redis.
exec bash "$(dirname "$0")/../redis/install.sh"
