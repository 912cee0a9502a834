-- What a calendar said a while ago: when an export last changed, and which block a feed lists again.
CREATE INDEX calendar_blocks_by_end ON calendar_blocks (accommodation_id, ends_on);
CREATE INDEX calendar_blocks_removed ON calendar_blocks (feed_id, removed_at) WHERE removed_at IS NOT NULL;
