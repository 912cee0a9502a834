-- How many holds a contact or an address has: each by an equality, in an index that no other condition fits.
--
-- A prepared statement keeps its plan. One that was made while there were no holds, at night or after a start, found
-- reading every hold by whatever partial index as cheap as looking one up: then, in a rush, each hold cost as much as
-- there were holds. `IS NOT DISTINCT FROM` says what `=` says, but to the planner only these indexes are of use for it,
-- and each `IS NOT NULL` keeps them apart.
CREATE INDEX reservations_holds_of_first_key ON reservations ((contact_keys[1]))
    WHERE reservation_status IS NOT DISTINCT FROM 'pre_reserved' AND contact_keys[1] IS NOT NULL;
CREATE INDEX reservations_holds_of_second_key ON reservations ((contact_keys[2]))
    WHERE reservation_status IS NOT DISTINCT FROM 'pre_reserved' AND contact_keys[2] IS NOT NULL;
CREATE INDEX reservations_holds_of_address ON reservations (client_address)
    WHERE reservation_status IS NOT DISTINCT FROM 'pre_reserved' AND client_address IS NOT NULL;
DROP INDEX reservations_holds_by_contact;
DROP INDEX reservations_holds_by_address;
