//! Conditions spelled as the partial indexes spell them, so that prepared statements may use those.

use diesel::pg::Pg;
use diesel::sql_types::{Nullable, Text};

diesel::postfix_operator!(TakesNights, " IN ('pre_reserved', 'confirmed')", backend: Pg);
diesel::postfix_operator!(IsHold, " = 'pre_reserved'", backend: Pg);
diesel::postfix_operator!(IsConfirmed, " = 'confirmed'", backend: Pg);
// Of the indexes only those that count a guest's holds are spelled so; see their migration.
diesel::postfix_operator!(IsHoldOfSomebody, " IS NOT DISTINCT FROM 'pre_reserved'", backend: Pg);
diesel::postfix_operator!(FirstKey, "[1]", Nullable<Text>, backend: Pg);
diesel::postfix_operator!(SecondKey, "[2]", Nullable<Text>, backend: Pg);
