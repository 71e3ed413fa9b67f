#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp app.go "$work/"
cd "$work"
go mod init turbine-fleet
go mod edit -require github.com/go-chi/chi/v5@v5.5.0
go mod tidy
go build -trimpath -o "$out/turbine-fleet" .
