# shellcheck shell=bash
# A private RabbitMQ with its own name, cookie and epmd, so that no other Erlang on the machine is touched.
# Needs process.sh and a loaded profile. The tests that kill brokers start theirs with start_rabbitmq too.

# The script in /usr/sbin changes user and writes to /var/log; this one runs as whoever calls it.
RABBITMQ_SERVER=/usr/lib/rabbitmq/bin/rabbitmq-server

rabbitmq_node() { printf 'alojamientos-%s-%s@localhost' "$CHECKOUT" "$PROFILE"; }

rabbitmq_pid() { pid_in "$HOME_OF_PROFILE/rabbitmq/pid"; }

# Its home is on its command line; the node's name is not.
rabbitmq_runs() { process_is "$(rabbitmq_pid)" "-home $HOME_OF_PROFILE/rabbitmq "; }

# What was given when the data were made (stores.sh), if anything.
rabbitmq_password() { cat "$HOME_OF_PROFILE/rabbitmq/password" 2>/dev/null || printf alojamientos; }

rabbitmq_ready() {
    rabbitmq_runs && port_answers "$RABBITMQ_AT" && curl -sf -m 5 -u "alojamientos:$(rabbitmq_password)" \
        "http://127.0.0.1:$MANAGEMENT_AT/api/health/checks/port-listener/$RABBITMQ_AT"
}

# Runs a command (server, rabbitmqctl, epmd) in the environment of our node and of nothing else.
with_rabbitmq() {
    local home=$HOME_OF_PROFILE/rabbitmq
    env -u RABBITMQ_CONFIG_FILES HOME="$home" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$EPMD_AT" \
        RABBITMQ_NODENAME="$(rabbitmq_node)" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$RABBITMQ_AT" \
        RABBITMQ_DIST_PORT="$DISTRIBUTION_AT" RABBITMQ_MNESIA_BASE="$home/mnesia" RABBITMQ_LOG_BASE="$home" \
        RABBITMQ_PID_FILE="$home/pid" RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins" RABBITMQ_CONF_ENV_FILE=/dev/null \
        ERL_CRASH_DUMP="$home/erl_crash.dump" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
        "$@"
}

# The write-ahead log of the quorum queues starts a new file at 64 MB, not at half a gigabyte.
write_rabbitmq_settings() {
    local home=$HOME_OF_PROFILE/rabbitmq
    mkdir -p "$home"
    (umask 077 && cat >"$home/rabbitmq.conf") <<END
listeners.tcp.1 = 127.0.0.1:$RABBITMQ_AT
management.tcp.ip = 127.0.0.1
management.tcp.port = $MANAGEMENT_AT
default_user = alojamientos
default_pass = $(rabbitmq_password)
log.file = rabbitmq.log
log.file.level = warning
disk_free_limit.absolute = 100MB
raft.wal_max_size_bytes = 64000000
END
    echo '[rabbitmq_management].' >"$home/enabled_plugins"
    [[ -s $home/.erlang.cookie ]] || (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$home/.erlang.cookie")
    chmod 400 "$home/.erlang.cookie"
}

refuse_busy_rabbitmq() {
    ! rabbitmq_runs || return 0
    refuse_busy_port "$RABBITMQ_AT" "$RABBITMQ_PORT_NAME" "RabbitMQ ($PROFILE)"
    refuse_busy_port "$DISTRIBUTION_AT" "$RABBITMQ_PORT_NAME" "RabbitMQ's distribution ($PROFILE, the port two above)"
    refuse_busy_port "$MANAGEMENT_AT" "$MANAGEMENT_PORT_NAME" "RabbitMQ's management ($PROFILE)"
}

launch_rabbitmq() {
    local home=$HOME_OF_PROFILE/rabbitmq
    write_rabbitmq_settings
    rm -f "$home/pid"
    with_rabbitmq setsid "$RABBITMQ_SERVER" </dev/null >"$home/console.log" 2>&1 9>&- &
    wait_until 20 rabbitmq_runs || true
}

start_rabbitmq() {
    local home=$HOME_OF_PROFILE/rabbitmq
    rabbitmq_runs || launch_rabbitmq
    wait_until 60 rabbitmq_ready || {
        tail -n 20 "$home/console.log" >&2
        fail "RabbitMQ did not start on port $RABBITMQ_AT; its logs: $home/console.log, $home/rabbitmq.log"
    }
}

# The node's epmd outlives it, so it is told to go as well.
stop_rabbitmq() {
    end_process "$(rabbitmq_pid)" "-home $HOME_OF_PROFILE/rabbitmq " 30
    ! port_answers "$EPMD_AT" || with_rabbitmq epmd -port "$EPMD_AT" -kill >/dev/null 2>&1 || true
}

# Brokers of a killed test run, which had no time to end them; those of a living one are its own business.
stop_orphaned_brokers() {
    local home owner HOME_OF_PROFILE EPMD_AT
    for home in "$REPOSITORY"/.dev/test-private/broker-*; do
        owner=$(pid_in "$home/owner")
        [[ -d $home && ! -d /proc/$owner ]] || continue
        HOME_OF_PROFILE=$home
        EPMD_AT=$(<"$home/epmd")
        stop_rabbitmq
        rm -rf "$home"
    done
}
