#!/usr/bin/env bash
# OpenSearch 2.19.5.
exec bash "$(dirname "$0")/../opensearch/install.sh" 2 2.19.5 17
