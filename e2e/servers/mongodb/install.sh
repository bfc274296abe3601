#!/usr/bin/env bash
# mongo-java-server 1.47 (BSD-3-Clause): MongoDB's wire protocol 8, as of 4.2.
source "$(dirname "$0")/../recipe.sh"
home=$cache/mongodb
jdk=$(java_home 17 99)
compgen -G "$home/lib/mongo-java-server-1.47.0.jar" >/dev/null || maven "$recipes/mongodb/pom.xml" "$home"
[ "$home/classes/MongoProtocol.class" -nt "$recipes/mongodb/MongoProtocol.java" ] ||
  "$jdk/bin/javac" -cp "$home/lib/*" -d "$home/classes" "$recipes/mongodb/MongoProtocol.java"
