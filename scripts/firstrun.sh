#!/bin/sh
# Does what a newcomer does: a clean clone in a folder with a space that only its
# owner can enter, `make run`, a question over HTTP, a cited answer; twice, so that
# the second start is seen too. As an ordinary user as well where we are root.
# Downloads and compiling are reported apart from the rest.
set -eu
repo=$(cd "$(dirname "$0")/.." && pwd)

try() ( # try USER: run the whole of it as that user; empty: as we are
	user=$1
	base=$(mktemp -d "${TMPDIR:-/tmp}/frontdesk first XXXXXX")
	as="" pid=""
	if [ -n "$user" ]; then
		chown "$user" "$base"
		as="setpriv --reuid=$(id -u "$user") --regid=$(id -g "$user") --clear-groups env HOME=/tmp/frontdesk-home-$user PATH=$(dirname "$(command -v go)"):/usr/local/bin:/usr/bin:/bin"
		mkdir -p "/tmp/frontdesk-home-$user"
		chown "$user" "/tmp/frontdesk-home-$user"
	fi
	chmod 0700 "$base"
	clone=$base/clone
	finish() {
		[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
		[ -z "$pid" ] || wait "$pid" 2>/dev/null || true
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
	for round in first second; do
		from=$(date +%s%N)
		$as make -s run >"$base/out.txt" 2>"$base/err.txt" &
		pid=$!
		url=""
		while [ -z "$url" ]; do
			kill -0 "$pid" 2>/dev/null || { cat "$base/out.txt" "$base/err.txt"; echo "make run ended early"; exit 1; }
			url=$(sed -n 's/.*\(http:\/\/127\.0\.0\.1:[0-9]*\)\/* *$/\1/p' "$base/out.txt" | head -n 1)
			[ -n "$url" ] || sleep 0.1
		done
		python3 - "$url" <<'PY'
import json, sys, urllib.request
url = sys.argv[1]
def post(path, body, token=None):
    req = urllib.request.Request(url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    if token:
        req.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(req, timeout=20) as r:
        return json.load(r)
c = post("/v1/conversations", {})
a = post("/v1/conversations/%s/messages" % c["conversation"], {"client_msg_id": "first-1", "text": "When do my Steam points expire?"}, c["token"])
cited = [m for m in a["messages"] if m.get("citations")]
assert a["outcome"] == "answer" and cited, a
print("cited answer from", cited[0]["citations"][0]["article"])
PY
		to=$(date +%s%N)
		echo "$round run: $(((to - from) / 1000000)) ms from make run to a cited answer"
		kill "$pid"
		wait "$pid" 2>/dev/null || true
		pid=""
	done
)

[ -n "${FIRSTRUN_USER_ONLY:-}" ] || try ""
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	try nobody
fi
