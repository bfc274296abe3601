#!/usr/bin/env bash
# PostgreSQL 15 (Debian's package): a primary and a streaming standby of it.
source "$(dirname "$0")/../recipe.sh"
debian postgresql-15 /usr/lib/postgresql/15/bin/postgres
