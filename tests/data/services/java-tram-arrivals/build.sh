#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out/classes" "$out/lib"
mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$out/lib"
javac -g -parameters -encoding UTF-8 -cp "$out/lib/*" -d "$out/classes" *.java
