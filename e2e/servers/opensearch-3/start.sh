#!/usr/bin/env bash
# start.sh PORT FOLDER: OpenSearch 3.5.0, without security.
exec bash "$(dirname "$0")/../opensearch/start.sh" 3 21 "$@"
