# shellcheck shell=bash
# Processes and ports: what lives, what listens, how to wait for it and how to end it.

say() { printf '%s\n' "$*" >&2; }

# One line for each argument, and the end.
fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# The content of a pid file, or nothing.
pid_in() {
    local pid=''
    [[ ! -r $1 ]] || read -r pid <"$1" || true
    [[ ! $pid =~ ^[0-9]+$ ]] || printf '%s' "$pid"
}

# Whether process $1 lives and its command line contains $2: a pid from before a reboot may be somebody else's now.
process_is() {
    local command_line
    [[ -n $1 && -r /proc/$1/cmdline ]] || return 1
    command_line=$(tr '\0' ' ' </proc/"$1"/cmdline 2>/dev/null) || return 1
    [[ $command_line == *"$2"* ]]
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Stops with a message that names the port and the variable, if something listens on port $1 already.
refuse_busy_port() {
    local port=$1 variable=$2 what=$3 owner=''
    port_answers "$port" || return 0
    if command -v ss >/dev/null; then
        owner=$(ss -Hltnp "sport = :$port" 2>/dev/null | sed -n 's/.*users:((\(.*\))).*/ by \1/p' | head -n 1)
    fi
    fail "Port $port, wanted for $what, is taken${owner}." \
        "Free it, or choose another: $variable=<port> before the same command."
}

# Waits at most $1 seconds until the command (the rest) succeeds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

gone() { ! process_is "$1" "$2"; }

# Ends process $1 (whose command line contains $2): asks, waits $3 seconds, then kills.
end_process() {
    local pid=$1 words=$2 patience=$3
    process_is "$pid" "$words" || return 0
    kill -TERM "$pid" 2>/dev/null || true
    wait_until "$patience" gone "$pid" "$words" && return 0
    say "Process $pid ($words) did not stop within $patience s: killed."
    kill -KILL "$pid" 2>/dev/null || true
    wait_until 5 gone "$pid" "$words"
}
