#!/bin/sh
# Checks what has to be there before anything else happens, names all that is
# missing at once with the package to install, and changes nothing.
set -u

missing=""  # in words, one a line
packages="" # as Debian and Ubuntu name them

need() { # need WORDS PACKAGE…
	missing="$missing  - $1
"
	shift
	for p in "$@"; do
		case " $packages " in
		*" $p "*) ;;
		*) packages="${packages:+$packages }$p" ;;
		esac
	done
}

# Go 1.21 and later fetch the version that go.mod names by themselves.
if ! command -v go >/dev/null 2>&1; then
	need "go, 1.21 or newer" golang-go
else
	version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//')
	major=${version%%.*}
	rest=${version#*.}
	minor=${rest%%[!0-9]*}
	if ! [ "${major:-0}" -gt 1 ] 2>/dev/null && ! [ "${minor:-0}" -ge 21 ] 2>/dev/null; then
		need "go, 1.21 or newer (found ${version:-an unknown version}; where your release has only an older one, its backports or the Go project have a newer one)" golang-go
	fi
fi

command -v git >/dev/null 2>&1 || need "git" git

# Python is there to fetch the private parts and to run the embedder; with both
# replaced it is not asked for.
if [ -z "${DATABASE_URL:-}${DATABASE_URL_FILE:-}" ] || [ -z "${EMBEDDINGS_BASE_URL:-}${EMBEDDINGS_BASE_URL_FILE:-}" ]; then
	state=none found=""
	for python in python3 /usr/bin/python3 /usr/local/bin/python3; do
		answer=$("$python" -c '
import sys
try:
    import pip
    pip = "pip"
except ImportError:
    pip = "none"
print("%s %d.%d %s" % ("new" if sys.version_info >= (3, 10) else "old", sys.version_info[0], sys.version_info[1], pip))
' 2>/dev/null) || continue
		case $answer in
		"new "*" pip")
			state=good
			break
			;;
		"new "*) state=nopip ;;
		"old "*)
			found=$(echo "$answer" | cut -d' ' -f2)
			[ "$state" = none ] && state=old
			;;
		esac
	done
	case $state in
	none) need "python3, 3.10 or newer, with pip" python3 python3-pip ;;
	old) need "python3, 3.10 or newer, with pip (found $found)" python3 python3-pip ;;
	nopip) need "pip for python3" python3-pip ;;
	esac
fi

if [ -n "$missing" ]; then
	printf 'Missing:\n%s\nOn Debian and Ubuntu:\n\n    apt install %s\n\nNothing has been changed.\n' "$missing" "$packages" >&2
	exit 1
fi
