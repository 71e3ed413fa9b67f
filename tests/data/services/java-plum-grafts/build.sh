#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-build}"
mkdir -p "$out/classes"
mvn -q -B -o dependency:copy-dependencies -DoutputDirectory="$out/lib" 2>/dev/null ||
    mvn -q -B dependency:copy-dependencies -DoutputDirectory="$out/lib"
javac -g -encoding UTF-8 -cp "$out/lib/*" -d "$out/classes" App.java
