#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
cat > go.mod <<'MOD'
module fencequotes

go 1.25.0

require github.com/prometheus/client_golang v1.23.2
MOD
go mod tidy
go build -trimpath -o "$out/fence-quotes" .
