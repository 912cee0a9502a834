-- PostgreSQL commits transactions that have notified one after the other, flush included: the old trigger let no two
-- of ours commit together. Now only one transaction notifies at a time, and none waits to: who finds another in its
-- commit leaves the waking to that one, and the relay looks again a moment later. Deferred, so that the lock is held
-- for the commit only.

DROP TRIGGER outbox_events_notify ON outbox_events;
DROP FUNCTION outbox_events_notify();

CREATE FUNCTION outbox_events_wake_relays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_try_advisory_xact_lock(7246003) THEN
        PERFORM pg_notify('outbox_events', '');
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER outbox_events_wake_relays AFTER INSERT ON outbox_events
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION outbox_events_wake_relays();
