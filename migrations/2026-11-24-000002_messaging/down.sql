DROP TABLE webhook_deliveries;
DROP TABLE idempotency_keys;
DROP TABLE inbox_events;
DROP TABLE outbox_events;
DROP FUNCTION outbox_events_notify();
