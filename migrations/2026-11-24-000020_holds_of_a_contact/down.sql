CREATE INDEX reservations_holds_by_contact ON reservations USING gin (contact_keys)
    WHERE reservation_status = 'pre_reserved';
CREATE INDEX reservations_holds_by_address ON reservations (client_address)
    WHERE reservation_status = 'pre_reserved';
DROP INDEX reservations_holds_of_address;
DROP INDEX reservations_holds_of_second_key;
DROP INDEX reservations_holds_of_first_key;
