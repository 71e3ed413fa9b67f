#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp app.go "$work/"
cd "$work"
go mod init lounge-guests
go mod edit -require github.com/labstack/echo/v4@v4.16.0
go mod tidy
go build -trimpath -o "$out/lounge-guests" .
