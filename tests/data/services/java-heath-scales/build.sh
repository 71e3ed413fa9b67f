#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out/classes" "$out/lib"
javac -g -encoding UTF-8 -cp "$out/lib/*" -d "$out/classes" *.java
