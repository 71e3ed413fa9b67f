#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$PWD}"
mkdir -p "$out"
go build -trimpath -o "$out/service" main.go
