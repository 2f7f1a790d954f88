# lib.sh - what conf/quickstart and tests/run share: packages, the owner of the files, the build. Sourced by bash, set -eu.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*"; }
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Through sudo, what lies in the clone belongs to who called it; else to who runs this.
if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
	OWNER=$SUDO_USER
else
	OWNER=$(id -un)
fi
OWNER_HOME=$(getent passwd "$OWNER" | cut -d: -f6)

# as_owner COMMAND… - run it as the owner of the files. setpriv becomes the command: nobody stays in between.
AS_OWNER=(env)
if [ "$(id -un)" != "$OWNER" ]; then
	AS_OWNER=(setpriv --reuid="$OWNER" --regid="$(id -g "$OWNER")" --init-groups
		env HOME="$OWNER_HOME" USER="$OWNER" LOGNAME="$OWNER")
fi
as_owner() { "${AS_OWNER[@]}" "$@"; }

# ---- packages

has_package() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

has_node() {
	local major
	major=$(as_owner node -p 'process.versions.node.split(".")[0]' 2>/dev/null) || return 1
	[ "$major" -ge 18 ] && as_owner npm --version >/dev/null 2>&1
}

# missing_packages KIND… - names of conf/packages of these kinds that are not installed, and node when there is none.
missing_packages() {
	local kinds=" $* " kind name
	while read -r kind name _; do
		case $kind in '' | '#'*) continue ;; esac
		[[ $kinds == *" $kind "* ]] || continue
		has_package "$name" || printf '%s ' "$name"
	done <"$ROOT/conf/packages"
	if [[ $kinds == *" demo "* ]] && ! has_node; then
		printf 'nodejs npm '
	fi
}

# Debian's kannel starts a gateway of its own when installed, and at each boot: not wanted here, and not ours to stop
# where it was installed before.
POLICY=/usr/sbin/policy-rc.d
no_kannel_service_begin() {
	POLICY_OURS=no
	[ -e "$POLICY" ] && return
	# shellcheck disable=SC2016  # for the other shell
	printf '#!/bin/sh\nfor word; do [ "$word" = kannel ] && exit 101; done\nexit 0\n' >"$POLICY"
	chmod 755 "$POLICY"
	POLICY_OURS=yes
	trap no_kannel_service_end EXIT
}
no_kannel_service_end() {
	[ "${POLICY_OURS:-no}" = yes ] && rm -f "$POLICY"
	POLICY_OURS=no
}

# install_packages KIND… - install what is missing, as root; nothing at all when nothing is.
install_packages() {
	local missing
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	[ -r /etc/debian_version ] || die "this is not Debian: install the equivalents of: $missing"
	if [ "$(id -u)" != 0 ]; then
		die "packages are missing; run this through sudo, or install them yourself: apt-get install $missing"
	fi
	say "Installing: $missing"
	local log
	log=$(mktemp)
	no_kannel_service_begin
	# shellcheck disable=SC2086  # a list of words
	if ! { apt_get update && apt_get install --no-install-recommends $missing; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		die "apt-get failed (its last words are above)"
	fi
	rm -f "$log"
	no_kannel_service_end
	if [[ " $missing " == *" kannel "* ]]; then
		/etc/init.d/kannel stop >/dev/null 2>&1 || true
		update-rc.d kannel disable >/dev/null 2>&1 || true
		say "Kannel's own service was left stopped and disabled (update-rc.d kannel enable brings it back)."
	fi
}

apt_get() {
	RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

# ---- build

# configure_in DIR OPTION… - out of the tree, again only when the options have changed.
configure_in() {
	local dir=$1 wanted
	shift
	[ ! -e "$ROOT/config.status" ] ||
		die "the source folder itself is configured; run 'make distclean' there first"
	if [ ! -x "$ROOT/configure" ] || [ ! -e "$ROOT/Makefile.in" ]; then
		(cd "$ROOT" && as_owner autoreconf -fi)
	fi
	as_owner mkdir -p "$dir"
	wanted="$ROOT/configure $*"
	if [ ! -e "$dir/Makefile" ] || [ "$(cat "$dir/.configured" 2>/dev/null)" != "$wanted" ]; then
		(cd "$dir" && as_owner "$ROOT/configure" -q "$@")
		printf '%s\n' "$wanted" | as_owner tee "$dir/.configured" >/dev/null
	fi
}

# node_modules DIR - what package-lock.json says, again only when it has changed.
node_modules() {
	local dir=$1
	if ! cmp -s "$dir/package-lock.json" "$dir/node_modules/.from-lock"; then
		(cd "$dir" && as_owner npm ci --silent --no-audit --no-fund) ||
			die "npm ci failed in $dir: is the npm registry reachable?"
		as_owner cp "$dir/package-lock.json" "$dir/node_modules/.from-lock"
	fi
}
