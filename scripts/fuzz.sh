#!/bin/sh
# Runs every fuzz target of the module for a short while, one after another.
# usage: fuzz.sh HOWLONG   (5000x: so many inputs; 1m: so long)
set -eu
time=${1:-5000x}
go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}' ./... | while IFS= read -r dir; do
	[ -n "$dir" ] || continue
	grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go 2>/dev/null | sed 's/^func //' | while IFS= read -r target; do
		echo "fuzz $target ($time)"
		(cd "$dir" && go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -parallel 2 . >/tmp/frontdesk-fuzz.$$ 2>&1) || {
			cat /tmp/frontdesk-fuzz.$$
			rm -f /tmp/frontdesk-fuzz.$$
			exit 1
		}
		rm -f /tmp/frontdesk-fuzz.$$
	done
done
