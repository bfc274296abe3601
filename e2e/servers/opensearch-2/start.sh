#!/usr/bin/env bash
# start.sh PORT FOLDER: OpenSearch 2.19.5, without security.
exec bash "$(dirname "$0")/../opensearch/start.sh" 2 17 "$@"
