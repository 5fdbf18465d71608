#!/bin/sh
# Does what a newcomer does: a clean clone in a folder with a space that only its
# owner can enter, `make run`, a question over HTTP, a cited answer; a second time
# with another installation beside it; a third time with the network gone. As an
# ordinary user as well where we are root.
# Downloads and compiling are reported apart from the rest.
set -eu
repo=$(cd "$(dirname "$0")/.." && pwd)

try() ( # try USER: run the whole of it as that user; empty: as we are
	user=$1
	base=$(mktemp -d "${TMPDIR:-/tmp}/frontdesk first XXXXXX")
	as=""
	if [ -n "$user" ]; then
		chown "$user" "$base"
		as="setpriv --reuid=$(id -u "$user") --regid=$(id -g "$user") --clear-groups env HOME=/tmp/frontdesk-home-$user PATH=$(dirname "$(command -v go)"):/usr/local/bin:/usr/bin:/bin"
		mkdir -p "/tmp/frontdesk-home-$user"
		chown "$user" "/tmp/frontdesk-home-$user"
	fi
	chmod 0700 "$base"
	clone=$base/clone
	finish() {
		(cd "$clone" 2>/dev/null && $as env FRONTDESK_HOME="$base/other home" ./bin/frontdesk setup --remove >/dev/null 2>&1) || true
		(cd "$clone" 2>/dev/null && $as make -s remove >/dev/null 2>&1) || true
		rm -rf "$base"
		if [ -n "$user" ]; then
			chmod -R u+w "/tmp/frontdesk-home-$user" # Go's module cache is read-only
			rm -rf "/tmp/frontdesk-home-$user"
		fi
	}
	trap finish EXIT
	git clone -q "$repo" "$clone"
	[ -z "$user" ] || chown -R "$user" "$clone"
	cd "$clone"
	echo "-- ${user:-$(id -un)}: $clone"
	start=$(date +%s)
	$as make -s build
	built=$(date +%s)
	$as ./bin/frontdesk setup >/dev/null 2>&1
	ready=$(date +%s)
	echo "compiled in $((built - start)) s, fetched in $((ready - built)) s"
	$as sh scripts/firstround.sh first
	$as sh scripts/firstround.sh second "$base/other home"
	$as env FRONTDESK_HOME="$base/other home" ./bin/frontdesk setup --remove >/dev/null 2>&1
	if unshare -n true 2>/dev/null; then
		unshare -n python3 scripts/offline.py $as sh scripts/firstround.sh offline
		unshare -n python3 scripts/offline.py $as go list -test -deps ./... >/dev/null
		echo "offline: everything that make test builds is there"
	else
		echo "NOT TRIED: a run without any network needs the right to unshare it"
	fi
)

[ -n "${FIRSTRUN_USER_ONLY:-}" ] || try ""
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	try nobody
fi
