#!/bin/sh
# One round of a first run, inside a clone that is built and set up: `make run`, a
# question over HTTP, a cited answer, and stopped again.
# usage: firstround.sh LABEL [HOME]
# With HOME a second installation of that home is started beside the first one:
# its ports are others, its addresses true, and both answer.
set -eu
label=$1 beside=${2:-}
out=$(mktemp -d "${TMPDIR:-/tmp}/frontdesk-round-XXXXXX")
pids=""
finish() {
	for pid in $pids; do kill "$pid" 2>/dev/null || true; done
	for pid in $pids; do wait "$pid" 2>/dev/null || true; done
	rm -rf "$out"
}
trap finish EXIT

start() { # start NAME COMMAND…: in the background, until it prints its address
	name=$1
	shift
	: >"$out/$name.out"
	"$@" >"$out/$name.out" 2>"$out/$name.err" &
	pid=$!
	pids="$pids $pid"
	url=""
	while [ -z "$url" ]; do
		kill -0 "$pid" 2>/dev/null || { cat "$out/$name.out" "$out/$name.err"; echo "it ended early"; exit 1; }
		url=$(sed -n 's/.*\(http:\/\/127\.0\.0\.1:[0-9]*\)\/* *$/\1/p' "$out/$name.out" | head -n 1)
		[ -n "$url" ] || sleep 0.1
	done
}

ask() { # ask URL
	python3 - "$1" <<'PY'
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
}

from=$(date +%s%N)
start run make -s run
ask "$url"
to=$(date +%s%N)
echo "$label run: $(((to - from) / 1000000)) ms from make run to a cited answer"
if [ -n "$beside" ]; then
	first=$url
	start beside env FRONTDESK_HOME="$beside" FRONTDESK_WHEELS="$PWD/.frontdesk/wheels" ./bin/frontdesk demo
	[ "$url" != "$first" ] || { echo "two installations print the same address: $url"; exit 1; }
	ask "$url"
	ask "$first"
	echo "beside it: $url and $first both answer"
fi
