#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp app.go "$work/"
cd "$work"
go mod init dye-lots
go mod edit -require github.com/sourcegraph/conc@v0.3.1-0.20240121214520-5f936abd7ae8
go mod tidy
go build -trimpath -o "$out/service" .
