#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-build}"
mkdir -p "$out/classes"
javac -g -encoding UTF-8 -d "$out/classes" $(find . -name '*.java')
