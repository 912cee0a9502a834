-- What people decided on parked money, kept also when no reservation's timeline could tell it. Only ever added to.
-- Written by the service `payments`.

CREATE TABLE payment_decisions (
    id bigint GENERATED ALWAYS AS IDENTITY,
    payment_id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    trace_id text,
    -- credit, refund or dismiss.
    decision text NOT NULL,
    reason text NOT NULL,
    was_parked_for text NOT NULL,
    -- The reservation that was credited.
    reservation_id uuid,
    CONSTRAINT payment_decisions_pkey PRIMARY KEY (id),
    CONSTRAINT payment_decisions_payment_fkey FOREIGN KEY (payment_id) REFERENCES payments (id),
    CONSTRAINT payment_decisions_reservation_fkey FOREIGN KEY (reservation_id) REFERENCES reservations (id),
    CONSTRAINT payment_decisions_decision_known CHECK (decision IN ('credit', 'refund', 'dismiss'))
);

CREATE INDEX payment_decisions_by_payment ON payment_decisions (payment_id, id);
CREATE INDEX payment_decisions_by_reservation ON payment_decisions (reservation_id) WHERE reservation_id IS NOT NULL;

-- For the sweep behind reservation.refund_requested.v1: money that must go back and still stands as approved.
CREATE INDEX payments_to_go_back ON payments (resolved_at) WHERE state = 'approved' AND resolution = 'refunded';
