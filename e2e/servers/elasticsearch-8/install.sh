#!/usr/bin/env bash
# Elasticsearch 8.16.3 (Elastic License 2.0: fetched for tests, never shipped), out of SonarQube's zip: 857 MB to
# fetch, 142 MB kept unpacked.
source "$(dirname "$0")/../recipe.sh"
java_home 17 23 >/dev/null
home=$cache/elasticsearch-8
compgen -G "$home/sonarqube-*/elasticsearch/lib/elasticsearch-8*.jar" >/dev/null ||
  maven "$recipes/elasticsearch-8/pom.xml" "$home"
