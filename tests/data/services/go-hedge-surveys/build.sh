#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out"
cat > go.mod <<'MOD'
module hedgesurveys

go 1.24

require github.com/valyala/fasthttp v1.51.0
MOD
go mod tidy
go build -trimpath -o "$out/hedge-surveys" .
