#!/bin/sh
# Builds kube-apiserver and etcd, unless they are there:
#
#   test/kube/build.sh FOLDER    (such as .tools/kube-1.36.3; it appears only when both are whole)
#
# A cold build of the API server takes four minutes of two cores, two gigabytes of memory (to link it) and two of
# Go's build cache.
set -eu

out=$1
[ -x "$out/kube-apiserver" ] && [ -x "$out/etcd" ] && exit 0

version=$(cd "$(dirname "$0")" && go list -m -f '{{.Version}}' k8s.io/kubernetes)
echo "building kube-apiserver $version and etcd into $out, once" >&2
partial=$out.partial
mkdir -p "$partial"
bin=$(cd "$partial" && pwd)
export CGO_ENABLED=0
# What a release build says of itself (k8s.io/kubernetes hack/lib/version.sh): without it the server is v0.0.0.
server=k8s.io/component-base/version
stamp="-X $server.gitVersion=$version -X $server.gitMajor=1 -X $server.gitMinor=36 -X $server.gitTreeState=clean"
(
	cd "$(dirname "$0")"
	nice go build -p 2 -trimpath -ldflags "-s -w" -o "$bin/etcd" go.etcd.io/etcd/server/v3
	nice go build -p 2 -trimpath -ldflags "-s -w $stamp" -o "$bin/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
)
rm -rf "$out"
mv "$partial" "$out"
