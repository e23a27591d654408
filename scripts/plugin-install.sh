#!/bin/sh
# Helm runs this with the word install or update, in the plugin's folder or in the checkout it has linked. Where the
# binary is missing, or an update names another version, it takes this platform's archive of the version in plugin.yaml,
# checks it against checksums.txt and puts the binary in its place. A release archive has its binary: nothing is loaded.
#
#   HELM_HOOKS_ARCHIVE   a local archive to take instead of a download, with checksums.txt beside it
#   HELM_HOOKS_BASE_URL  where to download from instead: URL/vVERSION/ARCHIVE and URL/vVERSION/checksums.txt
set -eu

base=${HELM_HOOKS_BASE_URL:-https://github.com/helm-hooks/helm-hooks/releases/download}
event=${1:-install}
dir=$(cd "$(dirname "$0")/.." && pwd)
version=$(sed -n 's/^version: //p' "$dir/plugin.yaml")
temp=

fail() { # SENTENCE [LINE...]
	printf 'helm-hooks: %s\n' "$1" >&2
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/  /' >&2
	exit 1
}

# shellcheck disable=SC2317 # the trap comes here
# When an installation fails, Helm keeps the folder, or its link to a checkout, and then refuses to install again.
withdraw() {
	plugin=${HELM_PLUGIN_DIR:-}
	if [ -z "$plugin" ]; then
		return 0
	elif [ -L "$plugin" ]; then
		rm -f "$plugin"
		return 0
	fi
	case $plugin in
	"${HELM_PLUGINS:-/nowhere}"/* | "${HELM_DATA_HOME:-/nowhere}"/plugins/*)
		rm -rf "$plugin"
		# Helm 4 keeps a copy of the archive here.
		rm -f "${plugin%/*}/hooks-$version.tgz" "${plugin%/*}/hooks-$version.tgz.prov"
		;;
	esac
}

# shellcheck disable=SC2317 # the trap comes here
end() {
	status=$?
	[ -z "$temp" ] || rm -rf "$temp"
	[ "$status" -eq 0 ] || [ "$event" != install ] || withdraw
	exit "$status"
}

# Helm unpacks what it downloads into its cache, copies it from there and leaves it. Helm 3 then cannot install the
# same URL again ("mkdir …: file exists"), and both Helms unpack another file of that URL over it without emptying it.
forget_unpacked() {
	for script in "${HELM_CACHE_HOME:-/nowhere}"/plugins/*/helm-hooks/scripts/plugin-install.sh; do
		[ ! -f "$script" ] || rm -rf "${script%/helm-hooks/scripts/plugin-install.sh}"
	done
}

# On an update Helm first removes all that git does not know ("git clean -x"), our binary too. What was downloaded is
# linked into .git/, where it survives: an update without news needs no download, a failed one leaves the older binary.
keep() {
	[ -d "$dir/.git" ] || return 0
	mkdir -p "$dir/.git/helm-hooks"
	link "$dir/bin" "$dir/.git/helm-hooks"
}

restore() {
	[ ! -e "$dir/bin/helm-hooks" ] && [ -x "$dir/.git/helm-hooks/helm-hooks" ] || return 0
	mkdir -p "$dir/bin"
	link "$dir/.git/helm-hooks" "$dir/bin"
}

link() { # FROM TO; copies where the file system has no links
	for name in THIRD_PARTY_NOTICES.txt helm-hooks; do
		ln -f "$1/$name" "$2/$name" 2>/dev/null || cp -p "$1/$name" "$2/$name"
	done
}

version_of() { # BINARY; prints nothing where it does not run
	"$1" version 2>/dev/null | sed -n '1s/^helm-hooks \([^ ]*\) .*/\1/p'
}

other_ways() { # what a person can do, a line each
	echo "Or fetch $file and checksums.txt by other means, put them"
	echo "into one folder, set HELM_HOOKS_ARCHIVE to the archive's path, and try again."
	[ ! -f "$dir/go.mod" ] || [ ! -L "${HELM_PLUGIN_DIR:-}" ] || echo "Or build the binary, with Go 1.26 or newer, and try again: make -C \"$dir\" build"
}

name_archive() {
	case $(uname -s) in
	Linux) os=linux ;;
	Darwin) os=darwin ;;
	*) fail "no archive is made for $(uname -s)" "There are archives for Linux, macOS and Windows; docs/install.md says how to install one." ;;
	esac
	case $(uname -m) in
	x86_64 | amd64) arch=amd64 ;;
	aarch64 | arm64) arch=arm64 ;;
	*) fail "no archive is made for $(uname -m)" "There are archives for amd64 and arm64." ;;
	esac
	file=helm-hooks-$version-$os-$arch.tar.gz
}

download() { # URL FILE
	echo "helm-hooks: downloading $1" >&2
	case $base in
	https:*) protocols='=https' ;;
	*) protocols='=http,https' ;;
	esac
	if command -v curl >/dev/null 2>&1; then
		curl -fsSL --proto "$protocols" --connect-timeout 30 --retry 3 -o "$2" "$1" && return 0
	elif command -v wget >/dev/null 2>&1; then
		wget -q -O "$2" "$1" && return 0 # no more options: BusyBox's has few, and crashed over -T
	else
		fail "neither curl nor wget is there to download with" "$(other_ways)"
	fi
	fail "cannot download $1" "$(other_ways)"
}

sha256() { # FILE
	if command -v sha256sum >/dev/null 2>&1; then
		sha256sum <"$1"
	elif command -v shasum >/dev/null 2>&1; then
		shasum -a 256 <"$1"
	elif command -v openssl >/dev/null 2>&1; then
		openssl dgst -sha256 -r <"$1"
	fi | cut -d ' ' -f 1
}

check() { # ARCHIVE CHECKSUMS; the archive's own name is looked up, so that a renamed one is not taken for another
	wanted=$(awk -v name="$(basename "$1")" '$2 == name || $2 == "*" name { print $1 }' "$2")
	[ -n "$wanted" ] || fail "checksums.txt has no line for $(basename "$1"): it was not installed"
	found=$(sha256 "$1")
	[ -n "$found" ] || fail "none of sha256sum, shasum and openssl is there to check $(basename "$1"): it was not installed"
	[ "$found" = "$wanted" ] || fail "the checksum of $(basename "$1") is wrong: it was not installed" "in checksums.txt: $wanted" "in the archive:   $found"
}

# take puts the binary of the right version into bin/, or fails and changes nothing there.
take() {
	name_archive
	mkdir -p "$dir/bin"
	temp=$(mktemp -d "$dir/bin/.install.XXXXXX")
	if [ -n "${HELM_HOOKS_ARCHIVE:-}" ]; then
		archive=$HELM_HOOKS_ARCHIVE
		checksums=$(dirname "$archive")/checksums.txt
		[ -f "$archive" ] || fail "HELM_HOOKS_ARCHIVE names no file: $archive"
		[ -f "$checksums" ] || fail "$checksums is missing: without it the archive cannot be checked"
	else
		archive=$temp/$file
		checksums=$temp/checksums.txt
		download "$base/v$version/checksums.txt" "$checksums"
		download "$base/v$version/$file" "$archive"
	fi
	check "$archive" "$checksums"
	tar -xzf "$archive" -C "$temp" helm-hooks/bin/helm-hooks helm-hooks/THIRD_PARTY_NOTICES.txt || fail "cannot unpack $archive"
	got=$(version_of "$temp/helm-hooks/bin/helm-hooks") || true
	[ -n "$got" ] || fail "the binary in $(basename "$archive") does not run here: this is $os/$arch"
	[ "$got" = "$version" ] || fail "$(basename "$archive") is of version $got, plugin.yaml of $version"
	mv -f "$temp/helm-hooks/THIRD_PARTY_NOTICES.txt" "$dir/bin/"
	mv -f "$temp/helm-hooks/bin/helm-hooks" "$dir/bin/helm-hooks"
	keep
}

main() {
	trap end EXIT
	trap 'exit 130' INT
	trap 'exit 143' HUP TERM
	if [ "$event" = install ]; then
		forget_unpacked
	else
		restore
	fi
	if [ ! -x "$dir/bin/helm-hooks" ]; then
		take
		return
	fi
	got=$(version_of "$dir/bin/helm-hooks") || true
	if [ -z "$got" ] && [ ! -f "$dir/go.mod" ]; then
		fail "the binary of this archive does not run here: this is $(uname -s) on $(uname -m)"
	fi
	# Whoever built a binary before installing wants that one.
	if [ -z "$got" ] || { [ "$event" = update ] && [ "$got" != "$version" ]; }; then
		take
	fi
}

# One command, so that all of this file is read before it runs: the folder may go.
{
	main
	exit 0
}
