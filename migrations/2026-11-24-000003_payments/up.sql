-- Links to pay by, the provider's payments as last read, and money that goes back. Written by the service `payments`.

CREATE TABLE payment_links (
    id uuid NOT NULL,
    reservation_id uuid NOT NULL,
    reservation_code text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    -- Both are null until the provider has answered.
    preference_id text,
    url text,
    expires_at timestamptz NOT NULL,
    replaced_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    last_polled_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT payment_links_pkey PRIMARY KEY (id),
    CONSTRAINT payment_links_reservation_fkey FOREIGN KEY (reservation_id) REFERENCES reservations (id),
    CONSTRAINT payment_links_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT payment_links_answered_whole CHECK (num_nulls(preference_id, url) IN (0, 2))
);

-- Never two live links for one debt.
CREATE UNIQUE INDEX payment_links_one_live ON payment_links (reservation_id) WHERE replaced_at IS NULL;
CREATE INDEX payment_links_unanswered ON payment_links (next_attempt_at) WHERE url IS NULL AND replaced_at IS NULL;
CREATE INDEX payment_links_by_poll ON payment_links (last_polled_at NULLS FIRST) WHERE replaced_at IS NULL;
CREATE INDEX payment_links_by_reservation ON payment_links (reservation_id, created_at);

CREATE TABLE payments (
    id uuid NOT NULL,
    provider text NOT NULL DEFAULT 'mercadopago',
    provider_payment_id text NOT NULL,
    external_reference text,
    reservation_id uuid,
    state text NOT NULL,
    state_detail text NOT NULL DEFAULT '',
    amount_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL DEFAULT 0,
    currency text NOT NULL,
    collector_id text NOT NULL DEFAULT '',
    operation_type text NOT NULL DEFAULT '',
    provider_created_at timestamptz,
    provider_approved_at timestamptz,
    provider_updated_at timestamptz NOT NULL,
    found_by text NOT NULL,
    -- What became of approved money: null while it is not approved or not yet judged.
    resolution text,
    resolved_at timestamptz,
    park_reason text,
    parked_at timestamptz,
    -- A person's decision on parked money.
    dismissed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT payments_pkey PRIMARY KEY (id),
    CONSTRAINT payments_provider_payment_key UNIQUE (provider, provider_payment_id),
    CONSTRAINT payments_reservation_fkey FOREIGN KEY (reservation_id) REFERENCES reservations (id),
    CONSTRAINT payments_money_in_range CHECK (amount_minor >= 0 AND refunded_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT payments_found_by_known CHECK (found_by IN ('webhook', 'poll', 'person')),
    CONSTRAINT payments_resolution_known CHECK (resolution IN
        ('confirmed', 'revived', 'partially_paid', 'refunded', 'parked', 'dismissed'))
);

CREATE INDEX payments_by_reservation ON payments (reservation_id, created_at);
CREATE INDEX payments_by_external_reference ON payments (external_reference);
CREATE INDEX payments_newest ON payments (created_at DESC, id DESC);
CREATE INDEX payments_approved_unresolved ON payments (updated_at) WHERE state = 'approved' AND resolution IS NULL;
CREATE INDEX payments_parked ON payments (parked_at) WHERE parked_at IS NOT NULL AND dismissed_at IS NULL;

CREATE TABLE refunds (
    id uuid NOT NULL,
    payment_id uuid NOT NULL,
    reservation_id uuid,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    state text NOT NULL,
    provider_refund_id text,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    failure text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT refunds_pkey PRIMARY KEY (id),
    CONSTRAINT refunds_payment_fkey FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT refunds_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT refunds_state_known CHECK (state IN ('requested', 'in_process', 'done', 'refused'))
);

CREATE INDEX refunds_open ON refunds (next_attempt_at) WHERE state IN ('requested', 'in_process');
CREATE INDEX refunds_by_payment ON refunds (payment_id, created_at);
CREATE UNIQUE INDEX refunds_provider_refund_key ON refunds (provider_refund_id) WHERE provider_refund_id IS NOT NULL;
