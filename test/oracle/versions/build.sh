#!/bin/sh
# Builds the oracle's driver against one version of Helm:
#
#   test/oracle/versions/build.sh 3.16.2 /tmp/driver-3.16.2
#
# Each version has a module file of its own beside this script, so that its Helm comes with the Kubernetes
# libraries it was released with. A cold build takes about two minutes of CPU.
set -eu

version=$1
out=$2
cd "$(dirname "$0")/../../.."

tags=
case $version in
3.1[0-7].*) tags=helm317 ;; # no logs of hooks
4.0.*) tags=helm40 ;;       # no wait options, no delayed clean-up of tests
esac

exec go build -modfile="test/oracle/versions/helm$version.mod" -tags "$tags" -o "$out" "./test/oracle/cmd/driver${version%%.*}"
