# shellcheck shell=bash disable=SC2154,SC2317
# Sourced by run: starts QEMU, passes the guest's output on, waits for its report, fetches results, explains failures.

# Whoever has news writes a line into this pipe: the guest (through its port), the pumps, and the end of QEMU.
mkfifo "$work/alive"
exec {news}<>"$work/status"
pids=()

finish() {
    trap '' INT TERM HUP
    if ((${#pids[@]} > 0)); then kill -KILL "${pids[@]}" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap finish EXIT
trap 'say "interrupted"; exit 130' INT
trap 'exit 143' TERM HUP

# pump NAME: passes one stream of the guest on.
pump() {
    if cat "$work/$1"; then echo pumped >&"$news"; else echo unread >&"$news"; fi
}

start() {
    pump out & pids+=($!)
    pump err >&2 & pids+=($!)
    { cat "$work/alive"; echo gone >&"$news"; } & pids+=($!)
    # QEMU holds the other end of that pipe while it lives, and does not outlive this script, however that ends.
    TMPDIR=$work setpriv --pdeathsig KILL "${qemu[@]}" </dev/null >"$work/qemu" 2>&1 {news}>&- 9>"$work/alive" &
    guest=$!
    pids+=("$guest")
    # So that bash keeps to itself how they end.
    disown -a
}

console_tail() {
    if [[ -s $work/console ]]; then
        say "the end of the kernel's messages:"
        tail -n "$1" "$work/console" | tr -d '\r' >&2
    else
        say "the kernel has not printed anything"
    fi
    tail -n 10 "$work/qemu" >&2
}

# Whatever the kernel did not like, also when the command was content.
complaints() {
    local lines
    lines=$(tr -d '\r' 2>/dev/null <"$work/console" | grep -E -A 24 \
        'BUG:|WARNING:|Oops|kernel BUG|general protection fault|refcount_t:|blocked for more than|rcu: INFO' | head -n 120) || true
    if [[ -n $lines ]]; then
        say "the kernel complained:"
        printf '%s\n' "$lines" >&2
    fi
}

# lost STATUS WORDS [LINES]: the command's own status will not come any more.
lost() {
    local line
    kill -KILL "$guest" 2>/dev/null || true
    # What the guest has already printed comes first.
    while ((pumped < 2)) && read -r -t 5 -u "$news" line; do
        if [[ $line == pumped ]]; then pumped=$((pumped + 1)); fi
    done
    console_tail "${3:-40}"
    die "$2" "$1"
}

# fetch_results: what --get asked for, from the archives on the guest's disks.
fetch_results() {
    local i kind target
    for ((i = 0; i < ${#gets[@]}; i += 2)); do
        kind=${got[get$i]:-failed} target=${gets[i + 1]}
        case $kind in
            directory)
                mkdir -p "$target"
                tar -C "$target" --no-same-owner -xf "$work/get$i.img" ;;
            file)
                mkdir -p "$(dirname "$target")" "$work/get$i"
                tar -C "$work/get$i" --no-same-owner -xf "$work/get$i.img"
                find "$work/get$i" -mindepth 1 -maxdepth 1 -exec mv -f {} "$target" \; ;;
            *)
                say "--get: the guest has no ${gets[i]}, or could not copy it"
                if ((status == 0)); then status=1; fi ;;
        esac
    done
}

supervise() {
    local line left limit boot_limit=120 up=0 gone=0 pumped=0 status=''
    local -A got=()
    SECONDS=0 limit=$((timeout < boot_limit ? timeout : boot_limit))
    start
    until ((gone && pumped == 2)); do
        left=$((limit - SECONDS))
        if ((left <= 0)) || ! read -r -t "$left" -u "$news" line; then
            if [[ -n $status ]] && ((!gone)); then
                # Reported, but not off: nothing is missing.
                kill -KILL "$guest" 2>/dev/null || true
                limit=$((SECONDS + 10)) gone=1
            elif ((!up && limit < timeout)); then
                lost 125 "the guest has not come up in $boot_limit s"
            else
                lost 124 "not done after $timeout s: the guest was stopped (--timeout)" 120
            fi
            continue
        fi
        case $line in
            up) up=1 limit=$timeout ;;
            lost*) lost 125 "the guest is unusable: it ${line#lost }" ;;
            get*) read -r _ name kind <<<"$line"; got[$name]=$kind ;;
            exit*) status=${line#exit } limit=$((SECONDS + 15)) ;;
            gone) gone=1 limit=$((timeout > SECONDS + 10 ? timeout : SECONDS + 10)) ;;
            pumped) pumped=$((pumped + 1)) ;;
            # Our reader has gone away, as in `run -- yes | head`.
            unread) exit 141 ;;
        esac
    done
    if [[ -z $status ]]; then
        lost 125 "the guest died before COMMAND had ended" 60
    fi
    fetch_results
    complaints
    exit "$status"
}

supervise
