#!/bin/sh
# Builds golangci-lint at the pinned version on first use (about two minutes), then runs it.
# usage: lint.sh VERSION
set -eu
version=$1
dir=$(pwd)/bin
lint=$dir/golangci-lint-$version
if [ ! -x "$lint" ]; then
	echo "building golangci-lint $version (once)" >&2
	mkdir -p "$dir"
	GOBIN="$dir" go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version"
	mv "$dir/golangci-lint" "$lint"
fi
exec "$lint" run ./...
