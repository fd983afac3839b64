# shellcheck shell=bash
# What every script here shares: messages, packages, the cache outside the tree.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export REPO
REPO=$(cd "$VM/../.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/cachefiles-vm

say() { printf 'vm: %s\n' "$*" >&2; }
die() { say "$1"; exit "${2:-1}"; }

# make and QEMU give a meaning to spaces and commas in paths.
[[ $CACHE =~ ^[A-Za-z0-9_./+@=~-]+$ ]] || die "the cache's path '$CACHE' is not plain enough: set XDG_CACHE_HOME to another"
mkdir -p "$CACHE"

# The first 16 hexadecimal digits of the SHA-256 of standard input.
digest() { sha256sum | cut -c1-16; }

as_root() {
    if ((EUID == 0)); then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "need root for '$1': run as root, or install and allow sudo"
    fi
}

# Runs a command with its output in a log that is shown only when the command fails.
quietly() {
    local log status=0
    log=$(mktemp)
    ("$@") >"$log" 2>&1 </dev/null || status=$?
    if ((status != 0)); then
        say "failed ($status): $*"
        tail -n 40 "$log" >&2
    fi
    rm -f "$log"
    return "$status"
}

# with_lists shared|exclusive COMMAND...: uses apt's package lists, which nobody may refresh meanwhile, or refreshes them.
with_lists() {
    (
        exec {lists}>"$CACHE/lists.lock"
        flock "--$1" -w 1800 "$lists" || die "somebody has held $CACHE/lists.lock for 30 minutes"
        "${@:2}"
    )
}

apt_update() {
    say "refreshing the package lists"
    with_lists exclusive quietly as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
}

apt_install() {
    with_lists shared quietly as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "$@"
}

# need COMMAND=PACKAGE...: installs the packages whose command (or file, if it starts with a slash) is missing.
need() {
    local pair missing=()
    for pair; do
        if [[ $pair == /* ]]; then [[ -e ${pair%=*} ]] || missing+=("${pair#*=}")
        else command -v "${pair%=*}" >/dev/null || missing+=("${pair#*=}")
        fi
    done
    if ((${#missing[@]} == 0)); then return; fi
    command -v apt-get >/dev/null || die "missing: ${missing[*]} (only Debian's apt is known here; install them by hand)"
    say "installing ${missing[*]}"
    if apt_install "${missing[@]}" 2>/dev/null; then return; fi
    apt_update
    apt_install "${missing[@]}" || die "could not install ${missing[*]}: see the messages above"
}

# cached NAME KEY FUNCTION: prints the directory for this key; if it is missing, FUNCTION fills an empty one,
# which then takes its place in one step. Builds of the same NAME wait for each other.
cached() {
    local name=$1 dir=$CACHE/$1-$2 build=$3
    if [[ ! -e $dir ]]; then
        (
            exec {lock}>"$CACHE/$name.lock"
            flock -w 1800 "$lock" || die "another build of '$name' has held $CACHE/$name.lock for 30 minutes"
            if [[ ! -e $dir ]]; then
                as_root_rm "$CACHE/.new-$name"
                mkdir "$CACHE/.new-$name"
                # What it leaves running, as the build servers of .NET, does not hold the lock.
                "$build" "$CACHE/.new-$name" >&2 {lock}>&-
                mv -T "$CACHE/.new-$name" "$dir"
                find "$CACHE" -maxdepth 1 -name "$name-*" -mtime +14 -exec rm -rf {} +
            fi
        )
    fi
    touch -c "$dir"
    printf '%s\n' "$dir"
}

# An interrupted build of the guest's root leaves files that belong to root.
as_root_rm() {
    if [[ ! -e $1 ]]; then return; fi
    rm -rf "$1" 2>/dev/null || as_root rm -rf "$1"
}

# image FILE SIZE [DIRECTORY]: a sparse ext4 image, filled from DIRECTORY without mounting anything.
image() {
    truncate -s "$2" "$1"
    mke2fs -q -F -t ext4 -m 0 -E assume_storage_prezeroed=1,root_owner=0:0 ${3:+-d "$3"} "$1" >&2
    debugfs -w -R 'rmdir lost+found' "$1" 2>/dev/null >&2 || true
}
