-- The open conflicts of a lodging, at every feed that is read; and every foreign key has an index.
CREATE INDEX calendar_conflicts_by_accommodation ON calendar_conflicts (accommodation_id) WHERE closed_at IS NULL;
CREATE INDEX calendar_conflicts_by_reservation ON calendar_conflicts (reservation_id);
