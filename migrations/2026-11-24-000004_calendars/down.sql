DROP TRIGGER reservations_no_blocked_night_on_update ON reservations;
DROP TRIGGER reservations_no_blocked_night_on_insert ON reservations;
DROP TABLE ical_export_tokens;
DROP TABLE calendar_conflicts;
DROP TABLE calendar_blocks;
DROP TABLE ical_feeds;
DROP FUNCTION calendar_blocks_lock_accommodation();
DROP FUNCTION reservations_refuse_blocked_nights();
