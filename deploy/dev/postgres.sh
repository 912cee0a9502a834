# shellcheck shell=bash
# A private PostgreSQL. It refuses to run as root: then it runs as the user `postgres`.
# Needs process.sh and a loaded profile.

# Debian keeps the server's programs out of PATH, one directory per major version; the newest serves.
postgres_programs() {
    local directory
    directory=$(find /usr/lib/postgresql/*/bin -maxdepth 1 -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
    [[ -n $directory ]] && printf '%s' "$directory"
}

# Runs a command as the owner of the data, from `/`, since that user may not enter the current directory.
as_postgres() {
    if ((EUID == 0)); then
        (cd / && exec runuser -u postgres -- "$@")
    else
        (cd / && exec "$@")
    fi
}

# Sets POSTGRES_HOME: under .dev/, unless the user `postgres` cannot get there (a checkout below /root).
find_postgres_home() {
    POSTGRES_HOME=$HOME_OF_PROFILE/postgres
    if ((EUID == 0)) && id postgres >/dev/null 2>&1 && ! as_postgres test -x "$HOME_OF_PROFILE"; then
        POSTGRES_HOME=/var/tmp/alojamientos-$CHECKOUT/$PROFILE/postgres
        printf '%s\n' "/var/tmp/alojamientos-$CHECKOUT" >"$REPOSITORY/.dev/elsewhere"
    fi
    POSTGRES_DATA=$POSTGRES_HOME/data
    POSTGRES_ROLE_PASSWORD=$HOME_OF_PROFILE/postgres-role-password
}

postgres_pid() { pid_in "$POSTGRES_DATA/postmaster.pid"; }

postgres_runs() { process_is "$(postgres_pid)" "$POSTGRES_DATA"; }

postgres_ready() { postgres_runs && as_superuser -d alojamientos_db -c 'SELECT 1'; }

# The password of the role `alojamientos`: what was given when the data were made (stores.sh), if anything.
postgres_role_password() { cat "$POSTGRES_ROLE_PASSWORD" 2>/dev/null || printf alojamientos; }

# shellcheck disable=SC2153
as_superuser() {
    PGPASSWORD=$(<"$HOME_OF_PROFILE/postgres-password") PGCONNECT_TIMEOUT=5 \
        psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$POSTGRES_AT" -U postgres "$@"
}

make_postgres_cluster() {
    mkdir -p "$POSTGRES_HOME"
    ((EUID != 0)) || chown postgres: "$POSTGRES_HOME"
    local password=$POSTGRES_HOME/password
    (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$HOME_OF_PROFILE/postgres-password")
    as_postgres tee "$password" <"$HOME_OF_PROFILE/postgres-password" >/dev/null
    # Made aside and moved: an interrupted run leaves no half a cluster.
    as_postgres rm -rf "$POSTGRES_DATA.new"
    as_postgres "$POSTGRES_PROGRAMS/initdb" -D "$POSTGRES_DATA.new" --username=postgres --pwfile="$password" \
        --auth=password --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$HOME_OF_PROFILE/initdb.log" 2>&1 ||
        { tail -n 20 "$HOME_OF_PROFILE/initdb.log" >&2 && fail "initdb failed."; }
    as_postgres rm -f "$password"
    echo "include 'alojamientos.conf'" | as_postgres tee -a "$POSTGRES_DATA.new/postgresql.conf" >/dev/null
    as_postgres mv "$POSTGRES_DATA.new" "$POSTGRES_DATA"
}

postgres_settings() {
    cat <<END
port = $POSTGRES_AT
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
shared_preload_libraries = 'pg_stat_statements'
log_line_prefix = '%m [%p] %a '
END
    # Every test has its own database, and none outlives a power cut.
    [[ $PROFILE != test ]] || cat <<END
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
checkpoint_timeout = 30min
jit = off
END
}

# The role owns its database; CREATEDB lets each test make its own. btree_gist is trusted: the owner may create it.
make_database() {
    as_superuser -d postgres <<END
SELECT 'CREATE ROLE alojamientos' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'alojamientos') \gexec
ALTER ROLE alojamientos LOGIN CREATEDB PASSWORD '$(postgres_role_password)';
SELECT 'CREATE DATABASE alojamientos_db OWNER alojamientos'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'alojamientos_db') \gexec
\connect alojamientos_db
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
GRANT pg_read_all_stats TO alojamientos;
END
}

refuse_busy_postgres() { postgres_runs || refuse_busy_port "$POSTGRES_AT" "$POSTGRES_PORT_NAME" "PostgreSQL ($PROFILE)"; }

start_postgres() {
    # Data that lies elsewhere outlives a .dev/ that somebody removed by hand, and nobody knows its password any more.
    if [[ ! -s $HOME_OF_PROFILE/postgres-password ]]; then
        stop_postgres
        as_postgres rm -rf "$POSTGRES_DATA"
    fi
    if postgres_runs; then
        wait_until 20 postgres_ready && return 0
        fail "PostgreSQL (pid $(postgres_pid)) runs but does not answer on port $POSTGRES_AT." \
            "Its log: $POSTGRES_HOME/log"
    fi
    POSTGRES_PROGRAMS=$(postgres_programs)
    [[ -d $POSTGRES_DATA ]] || make_postgres_cluster
    postgres_settings | as_postgres tee "$POSTGRES_DATA/alojamientos.conf" >/dev/null
    # After a kill −9 the children of the old server hold its memory for a moment: hence a few tries.
    local attempt
    for attempt in 1 2 3; do
        as_postgres "$POSTGRES_PROGRAMS/pg_ctl" start -w -s -t 60 -D "$POSTGRES_DATA" -l "$POSTGRES_HOME/log" \
            >/dev/null 2>&1 9>&- && break
        ((attempt < 3)) || {
            as_postgres tail -n 20 "$POSTGRES_HOME/log" >&2
            fail "PostgreSQL did not start; the lines above are its log, $POSTGRES_HOME/log"
        }
        sleep 2
    done
    as_superuser -d alojamientos_db -c 'SELECT 1' >/dev/null 2>&1 || make_database >/dev/null
}

stop_postgres() {
    postgres_runs || return 0
    local programs
    programs=$(postgres_programs)
    as_postgres "$programs/pg_ctl" stop -s -m fast -w -t 20 -D "$POSTGRES_DATA" ||
        as_postgres "$programs/pg_ctl" stop -s -m immediate -w -t 10 -D "$POSTGRES_DATA"
}
