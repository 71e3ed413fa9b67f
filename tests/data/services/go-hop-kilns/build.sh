#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp app.go "$work/"
cd "$work"
go mod init go-hop-kilns
go mod edit -require github.com/gammazero/workerpool@v1.1.3
go mod tidy
go build -trimpath -o "$out/service" .
