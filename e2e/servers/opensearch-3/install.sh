#!/usr/bin/env bash
# OpenSearch 3.5.0.
exec bash "$(dirname "$0")/../opensearch/install.sh" 3 3.5.0 21
