DROP TABLE reservation_timeline;
DROP TABLE reservations;
DROP TABLE seasons;
DROP TABLE accommodations;
DROP EXTENSION btree_gist;
