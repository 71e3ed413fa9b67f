#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp app.go "$work/"
cd "$work"
go mod init dog-shows
go mod edit -require gorm.io/gorm@v1.31.2
go mod edit -require gorm.io/driver/postgres@v1.6.3
go mod edit -require github.com/gin-gonic/gin@v1.12.0
go mod tidy
go build -trimpath -o "$out/dog-shows" .
