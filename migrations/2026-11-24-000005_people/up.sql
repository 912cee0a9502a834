-- People of the house (written by the service `gateway`) and talk with guests (written by `concierge`).

CREATE TABLE staff (
    id uuid NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    roles text[] NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT staff_pkey PRIMARY KEY (id),
    CONSTRAINT staff_email_key UNIQUE (email),
    CONSTRAINT staff_email_lower_case CHECK (email = lower(email)),
    CONSTRAINT staff_roles_known CHECK (roles <@ ARRAY['host', 'oncall'] AND cardinality(roles) > 0)
);

CREATE TABLE conversations (
    id uuid NOT NULL,
    -- At least one of the two is known: with usernames a guest may show no phone.
    wa_id text,
    business_scoped_id text,
    last_user_message_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT conversations_pkey PRIMARY KEY (id),
    CONSTRAINT conversations_wa_id_key UNIQUE (wa_id),
    CONSTRAINT conversations_business_scoped_id_key UNIQUE (business_scoped_id),
    CONSTRAINT conversations_someone CHECK (num_nonnulls(wa_id, business_scoped_id) > 0)
);

CREATE TABLE messages (
    id uuid NOT NULL,
    conversation_id uuid,
    direction text NOT NULL,
    -- The fact that an outgoing message tells, once: `reservation.confirmed.v1:RES…`; for an incoming one the wamid.
    fact text NOT NULL,
    recipient text NOT NULL,
    content jsonb NOT NULL,
    state text NOT NULL,
    wamid text,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    failure text,
    reservation_id uuid,
    correlation_id text,
    traceparent text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (id),
    CONSTRAINT messages_fact_key UNIQUE (fact),
    CONSTRAINT messages_conversation_fkey FOREIGN KEY (conversation_id) REFERENCES conversations (id),
    CONSTRAINT messages_reservation_fkey FOREIGN KEY (reservation_id) REFERENCES reservations (id),
    CONSTRAINT messages_direction_known CHECK (direction IN ('in', 'out')),
    CONSTRAINT messages_state_known CHECK (state IN
        ('received', 'queued', 'sending', 'accepted', 'unknown', 'sent', 'delivered', 'read', 'played', 'failed'))
);

CREATE UNIQUE INDEX messages_wamid_key ON messages (wamid) WHERE wamid IS NOT NULL;
CREATE INDEX messages_to_send ON messages (next_attempt_at)
    WHERE direction = 'out' AND state IN ('queued', 'sending', 'unknown');
CREATE INDEX messages_by_conversation ON messages (conversation_id, created_at);
CREATE INDEX messages_by_reservation ON messages (reservation_id, created_at) WHERE reservation_id IS NOT NULL;
