#!/usr/bin/env bash
# install.sh MAJOR VERSION FIRST_JDK: OpenSearch (Apache-2.0) as libraries, and the class that makes a node of them.
source "$(dirname "$0")/../recipe.sh"
home=$cache/opensearch-$1
jdk=$(java_home "$3" 99)
[ "$(cat "$home/version" 2>/dev/null)" = "$2" ] || {
  maven "$recipes/opensearch/pom.xml" "$home" "-Dopensearch.version=$2"
  echo "$2" >"$home/version"
}
[ "$home/classes/SingleNode.class" -nt "$recipes/opensearch/SingleNode.java" ] ||
  "$jdk/bin/javac" -nowarn -proc:none -cp "$home/lib/*" -d "$home/classes" "$recipes/opensearch/SingleNode.java"
