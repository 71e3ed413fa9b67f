#!/bin/sh
set -eu
out="${CASE_BUILD_DIR:-$HOME/.cache/casebook/$(basename "$PWD")}"
mkdir -p "$out/mod"
cp app.go "$out/mod/"
cd "$out/mod"
cat > go.mod <<MOD
module orchestrahire

go 1.24

require (
	github.com/jackc/pgx/v5 v5.7.2
)
MOD
go mod tidy
go build -trimpath -o "$out/orchestra-hire" .
