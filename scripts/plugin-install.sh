#!/bin/sh
# Runs when Helm installs or updates the plugin. It downloads nothing: the binary is built from the checkout.
set -eu

dir=${HELM_PLUGIN_DIR:-$(dirname "$0")/..}
[ -x "$dir/bin/helm-hooks" ] && exit 0

# Helm has made its link to the checkout by now and keeps it when this script fails, so that building is all
# that is left to do.
cat >&2 <<TEXT
helm-hooks: bin/helm-hooks is not built yet. Build it, with Go 1.26 or newer:

  make -C "$dir" build

The plugin then works as it is; there is no need to install it again.
TEXT
exit 1
