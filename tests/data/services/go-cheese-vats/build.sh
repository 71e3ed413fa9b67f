#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
[ -f go.mod ] || go mod init cheese-vats >/dev/null 2>&1
go get gorm.io/gorm@v1.31.2 gorm.io/driver/sqlite@v1.6.0
CGO_ENABLED=1 go build -mod=mod -trimpath -o "$out/cheese-vats" .
