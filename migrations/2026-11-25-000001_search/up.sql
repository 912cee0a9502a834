-- Staff search reservations by any part of a code, a name, a telephone number or an e-mail address. They type without
-- accents, and guests do not.

-- A trusted extension: the database's owner may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE FUNCTION without_accents(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(lower(words), 'áàâäãåéèêëíìîïóòôöõúùûüñç', 'aaaaaaeeeeiiiiooooouuuunc');

CREATE FUNCTION search_words(code text, contact_name text, contact_phone text, contact_email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN without_accents(
    code || E'\n' || contact_name || E'\n' || coalesce(contact_phone, '') || E'\n' || coalesce(contact_email, '')
);

-- New rows wait in a list that a search reads as well; a short one, since the hold that finds it full empties it.
CREATE INDEX reservations_by_words ON reservations
    USING gin (search_words(code, contact_name, contact_phone, contact_email) gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);

-- The staff's list of one state. Holds have their own indexes, and a new one is not to pay for another.
CREATE INDEX reservations_by_status ON reservations (reservation_status, created_at DESC, id DESC)
    WHERE reservation_status <> 'pre_reserved';
