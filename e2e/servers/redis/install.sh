#!/usr/bin/env bash
# Redis (Debian's package).
source "$(dirname "$0")/../recipe.sh"
debian redis-server redis-server
