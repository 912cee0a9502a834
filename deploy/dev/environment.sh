# shellcheck shell=bash
# Ports, URLs and secrets of the running system: computed here, written to .dev/env.
# Needs ports.sh and profile.sh.

ENV_FILE=$REPOSITORY/.dev/env
SECRETS_FILE=$REPOSITORY/.dev/secrets

SERVICE_PORTS_FILE=$REPOSITORY/.dev/ports
SERVICE_PORTS=(
    GATEWAY_PORT=8000 RESERVATIONS_PORT=8001 WEBHOOKS_PORT=8002 PAYMENTS_PORT=8003 ICAL_SYNC_PORT=8004
    CONCIERGE_PORT=8005 SANDBOX_PORT=8100
)

# Sets each of the port variables.
load_service_ports() {
    local pair name
    for pair in "${SERVICE_PORTS[@]}"; do
        name=${pair%%=*}
        printf -v "$name" '%s' "$(port_for "$name" "${pair#*=}" "$SERVICE_PORTS_FILE")"
    done
}

write_service_ports() {
    local pair name
    for pair in "${SERVICE_PORTS[@]}"; do
        name=${pair%%=*}
        printf '%s=%s\n' "$name" "${!name}"
    done >"$SERVICE_PORTS_FILE"
}

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Names and first values; what looks like a provider's value has that provider's shape.
secrets_and_defaults() {
    cat <<END
MERCADOPAGO_COLLECTOR_ID=1234567890
MERCADOPAGO_ACCESS_TOKEN=APP_USR-$(random_hex 16)-1234567890
MERCADOPAGO_WEBHOOK_SECRET=$(random_hex 32)
WHATSAPP_PHONE_NUMBER_ID=106540352242922
WHATSAPP_APP_SECRET=$(random_hex 16)
WHATSAPP_VERIFY_TOKEN=$(random_hex 16)
WHATSAPP_ACCESS_TOKEN=EAA$(random_hex 24)
INTERNAL_API_TOKEN=$(random_hex 32)
GUEST_TOKEN_SECRET=$(random_hex 32)
JWT_SECRET=$(random_hex 32)
ADMIN_EMAIL=admin@example.com
ADMIN_PASSWORD=$(random_hex 8)
END
}

# Sets every secret: from the environment, else as in the last run (.dev/secrets), else new.
load_secrets() {
    local line name kept
    while IFS= read -r line; do
        name=${line%%=*}
        kept=$(grep -m 1 "^$name=" "$SECRETS_FILE" 2>/dev/null) || kept=$line
        printf -v "$name" '%s' "${!name:-${kept#*=}}"
        SECRETS+=("$name")
    done < <(secrets_and_defaults)
    (
        umask 077
        for name in "${SECRETS[@]}"; do printf '%s=%s\n' "$name" "${!name}"; done >"$SECRETS_FILE.new"
        mv "$SECRETS_FILE.new" "$SECRETS_FILE"
    )
}

SECRETS=()

# Writes .dev/env: the stores' file, then ours. Only its owner may read it.
write_environment() {
    local name
    (
        umask 077
        {
            echo "# Written by 'make up'. To use: source .dev/env"
            grep '^export' "$REPOSITORY/.dev/dev/env"
            local port
            for name in GATEWAY RESERVATIONS WEBHOOKS PAYMENTS ICAL_SYNC CONCIERGE SANDBOX; do
                port=${name}_PORT
                printf "export %s_URL='http://127.0.0.1:%s'\n" "$name" "${!port}"
            done
            # The outside world is the sandbox. A loopback feed is refused unless it is named.
            cat <<END
export PUBLIC_BASE_URL='http://127.0.0.1:$GATEWAY_PORT'
export MERCADOPAGO_BASE_URL='http://127.0.0.1:$SANDBOX_PORT'
export WHATSAPP_BASE_URL='http://127.0.0.1:$SANDBOX_PORT'
export ICAL_ALLOWED_HOSTS='127.0.0.1:$SANDBOX_PORT'
# Everybody who tries this system does so from one address: only here, limits by address are generous.
export RATE_LIMIT_READS='${RATE_LIMIT_READS:-1000000}'
export RATE_LIMIT_WRITES='${RATE_LIMIT_WRITES:-1000000}'
export RATE_LIMIT_STAFF='${RATE_LIMIT_STAFF:-1000000}'
export LOGIN_ATTEMPTS_PER_ADDRESS='${LOGIN_ATTEMPTS_PER_ADDRESS:-1000}'
export MAX_UNPAID_HOLDS_PER_ADDRESS='${MAX_UNPAID_HOLDS_PER_ADDRESS:-100000}'
END
            for name in "${SECRETS[@]}"; do printf 'export %s=%q\n' "$name" "${!name}"; done
            for name in LOG_FORMAT RUST_LOG OTEL_EXPORTER_OTLP_ENDPOINT TRUSTED_PROXIES; do
                [[ -z ${!name:-} ]] || printf 'export %s=%q\n' "$name" "${!name}"
            done
        } >"$ENV_FILE.new"
        mv "$ENV_FILE.new" "$ENV_FILE"
    )
}
