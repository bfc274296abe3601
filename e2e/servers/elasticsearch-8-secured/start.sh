#!/usr/bin/env bash
# start.sh PORT FOLDER: Elasticsearch 8 with accounts, for tests of rights. The superuser is that of recipe.sh.
STRATA_SERVERS_SECURITY=on exec bash "$(dirname "$0")/../elasticsearch-8/start.sh" "$@"
