DROP INDEX calendar_blocks_removed;
DROP INDEX calendar_blocks_by_end;
