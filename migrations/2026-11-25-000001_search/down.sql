DROP INDEX reservations_by_status;
DROP INDEX reservations_by_words;
DROP FUNCTION search_words(text, text, text, text);
DROP FUNCTION without_accents(text);
DROP EXTENSION pg_trgm;
