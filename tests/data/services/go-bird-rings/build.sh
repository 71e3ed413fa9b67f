#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out/mod"
cp app.go "$out/mod/"
cd "$out/mod"
cat > go.mod <<MOD
module birdrings

go 1.24

require (
	github.com/go-chi/chi/v5 v5.2.1
	github.com/hashicorp/golang-lru/v2 v2.0.7
)
MOD
go mod tidy
go build -trimpath -o "$out/bird-rings" .
