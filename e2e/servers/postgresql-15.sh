#!/usr/bin/env bash
# Finds PostgreSQL 15's programs, or installs Debian's package, and exports STRATA_TEST_POSTGRES_BIN.
# The tests start and end their own server from it. Source this file.
bin=/usr/lib/postgresql/15/bin
if [ ! -x "$bin/postgres" ] && command -v apt-get >/dev/null; then
  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends postgresql-15 || true
fi
if [ -x "$bin/postgres" ]; then
  export STRATA_TEST_POSTGRES_BIN="$bin"
else
  echo "PostgreSQL 15 is not here: its conformance tests are skipped"
fi
