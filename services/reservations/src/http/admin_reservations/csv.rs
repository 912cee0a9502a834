//! Reservations as CSV (RFC 4180) that a spreadsheet opens without running anything.

use storage::reservations::Summary;

/// The first line.
pub(super) const HEADER: &str = "code,status,payment_status,accommodation_id,accommodation,check_in,check_out,\
nights,guests,channel,contact_name,contact_phone,contact_email,currency,total,deposit,paid,created_at\r\n";

/// The line of one reservation.
pub(super) fn line(found: &Summary) -> String {
    let created_at = found
        .created_at
        .format(&time::format_description::well_known::Rfc3339);
    let cells = [
        found.code.clone(),
        found.status.as_str().to_owned(),
        found.payment_status.as_str().to_owned(),
        found.accommodation.to_string(),
        found.accommodation_name.clone(),
        found.stay.check_in().to_string(),
        found.stay.check_out().to_string(),
        found.stay.nights().to_string(),
        found.guests.to_string(),
        found.channel.as_str().to_owned(),
        found.contact_name.clone(),
        found.contact_phone.clone().unwrap_or_default(),
        found.contact_email.clone().unwrap_or_default(),
        found.total.currency().code().to_owned(),
        found.total.decimal(),
        found.deposit.decimal(),
        found.paid.decimal(),
        created_at.unwrap_or_default(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that begins like a formula gets an apostrophe before it (OWASP, "CSV Injection").
fn escaped(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if formula || text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}
