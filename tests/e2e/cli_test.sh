#!/bin/sh
# The command line, typed as a person would, against a daemon of its own.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${ONGGI_BIN:-$top/build/release/bin}
work=$(mktemp -d /var/tmp/onggi-cli.XXXXXX)
daemon=""
clean() {
  status=$?
  if [ -n "$daemon" ]; then
    "$bin/onggi" rm --all --force > /dev/null 2>&1 || true
    kill "$daemon" 2> /dev/null || true
    wait "$daemon" 2> /dev/null || true
  fi
  [ $status = 0 ] || tail -20 "$work/onggid.log"
  ip link delete onggi-cli0 2> /dev/null || true
  rm -rf "$work"
}
trap clean EXIT
mkdir -p "$work/cni"
cat > "$work/config.yaml" <<YAML
socket: $work/onggi.sock
root: $work/root
state: $work/state
network:
  cni:
    conf_dir: $work/cni
YAML
cat > "$work/cni/10-cli.conflist" <<JSON
{ "cniVersion": "1.0.0", "name": "cli", "plugins": [ { "type": "bridge", "bridge": "onggi-cli0",
  "isDefaultGateway": true, "ipMasq": true,
  "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.97.5.0/24" }]] } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
JSON
export ONGGI_SOCKET="$work/onggi.sock"
"$bin/onggid" --config "$work/config.yaml" > "$work/onggid.log" 2>&1 &
daemon=$!
tries=0
until "$bin/onggi" version > /dev/null 2>&1; do
  tries=$((tries + 1))
  [ $tries -lt 100 ]
  sleep 0.1
done

# Fails the test unless the command's output holds TEXT.
shows() {
  text=$1
  shift
  out=$("$@" 2>&1) || { echo "FAILED: $*"; echo "$out"; exit 1; }
  case $out in *"$text"*) ;; *) echo "'$*' does not show '$text':"; echo "$out"; exit 1 ;; esac
}
# Fails the test unless the command fails with CODE and its output holds TEXT.
refuses() {
  code=$1 text=$2
  shift 2
  got=0
  out=$("$@" 2>&1) || got=$?
  [ "$got" = "$code" ] || { echo "'$*' ended with $got instead of $code: $out"; exit 1; }
  case $out in *"$text"*) ;; *) echo "'$*' does not show '$text':"; echo "$out"; exit 1 ;; esac
}

"$top/deploy/make-busybox-image" "$work/busybox.tar"
shows busybox "$bin/onggi" image load -i "$work/busybox.tar"
shows busybox "$bin/onggi" images
shows '"repo_tags"' "$bin/onggi" images -o json
shows "hello out" "$bin/onggi" run --rm busybox echo hello out
refuses 7 "" "$bin/onggi" run --rm busybox sh -c 'exit 7'
shows value "$bin/onggi" run --rm -e KEY=value busybox sh -c 'echo $KEY'
id=$("$bin/onggi" run -d --name web -p 127.0.0.1:28300:80 busybox sh -c 'mkdir /w; echo page > /w/index.html; exec httpd -f -p 80 -h /w')
[ ${#id} = 64 ]
shows web "$bin/onggi" ps
shows "$(printf %.12s "$id")" "$bin/onggi" ps -q
shows ready "$bin/onggi" pods
shows '"state": "CONTAINER_RUNNING"' "$bin/onggi" inspect web
shows page curl -s --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:28300/
shows root "$bin/onggi" exec web id
shows in "$bin/onggi" exec -i web cat <<TEXT
in
TEXT
refuses 3 "" "$bin/onggi" exec web sh -c 'exit 3'
refuses 125 "exists" "$bin/onggi" run -d --name web busybox true
refuses 1 "running" "$bin/onggi" rm web
shows web "$bin/onggi" stop -t 0 web
shows exited "$bin/onggi" ps -a
shows web "$bin/onggi" rm web
refuses 1 "no container" "$bin/onggi" logs nobody
"$bin/onggi" run -d --name talk busybox sh -c 'echo one; echo two >&2' > /dev/null
sleep 0.3
shows one "$bin/onggi" logs talk
shows two "$bin/onggi" logs talk
shows talk "$bin/onggi" rm talk
shows onggid "$bin/onggi" version
shows RuntimeReady "$bin/onggi" info
"$bin/onggi" tag busybox localhost:5000/tools/box:1
shows tools/box "$bin/onggi" images
shows untagged "$bin/onggi" rmi localhost:5000/tools/box:1
shows deleted "$bin/onggi" rmi busybox
refuses 2 "" "$bin/onggi" frobnicate
refuses 125 "not/there" "$bin/onggi" run --rm localhost:1/not/there
echo "cli: passed"
