//! Conditions spelled as the partial indexes spell them, so that prepared statements may use those.

use diesel::pg::Pg;

diesel::postfix_operator!(TakesNights, " IN ('pre_reserved', 'confirmed')", backend: Pg);
diesel::postfix_operator!(IsHold, " = 'pre_reserved'", backend: Pg);
diesel::postfix_operator!(IsConfirmed, " = 'confirmed'", backend: Pg);
