-- What makes events and requests exactly-once. Written by every service, in the transaction of its effect.

CREATE TABLE outbox_events (
    id uuid NOT NULL,
    name text NOT NULL,
    payload bytea NOT NULL,
    correlation_id text NOT NULL,
    traceparent text,
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    CONSTRAINT outbox_events_pkey PRIMARY KEY (id)
);

CREATE INDEX outbox_events_unpublished ON outbox_events (created_at, id) WHERE published_at IS NULL;
CREATE INDEX outbox_events_published ON outbox_events (published_at) WHERE published_at IS NOT NULL;
CREATE INDEX outbox_events_by_correlation ON outbox_events (correlation_id, created_at);

CREATE FUNCTION outbox_events_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox_events', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER outbox_events_notify AFTER INSERT ON outbox_events
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_events_notify();

CREATE TABLE inbox_events (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    processed_at timestamptz NOT NULL,
    CONSTRAINT inbox_events_pkey PRIMARY KEY (consumer, event_id)
);

CREATE INDEX inbox_events_by_age ON inbox_events (processed_at);

CREATE TABLE idempotency_keys (
    caller text NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status integer NOT NULL,
    headers jsonb NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (caller, operation, key),
    CONSTRAINT idempotency_keys_status_is_http CHECK (status BETWEEN 200 AND 599)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Written by the service `webhooks`, before a delivery is acknowledged.
CREATE TABLE webhook_deliveries (
    id uuid NOT NULL,
    source text NOT NULL,
    dedupe_key text NOT NULL,
    query text NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    verdict text NOT NULL,
    topic text,
    resource_id text,
    trace_id text,
    received_at timestamptz NOT NULL,
    processed_at timestamptz,
    outcome text,
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_deliveries_dedupe_key UNIQUE (source, dedupe_key),
    CONSTRAINT webhook_deliveries_source_known CHECK (source IN ('whatsapp', 'mercadopago'))
);

CREATE INDEX webhook_deliveries_unprocessed ON webhook_deliveries (received_at) WHERE processed_at IS NULL;
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (received_at DESC, id DESC);
CREATE INDEX webhook_deliveries_by_resource ON webhook_deliveries (resource_id, received_at)
    WHERE resource_id IS NOT NULL;
