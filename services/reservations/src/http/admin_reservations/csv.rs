//! Reservations as CSV (RFC 4180) in the hosts' words, which a spreadsheet opens without running anything.

use domain::reservation::{Channel, PaymentStatus, Status};
use storage::reservations::Summary;

/// The first line, and before it the mark by which Excel knows UTF-8.
pub(super) const HEADER: &str = "\u{feff}Código,Estado,Pago,N.º de alojamiento,Alojamiento,Entrada,Salida,Noches,\
Huéspedes,Canal,Nombre,Teléfono,Correo,Moneda,Total,Seña,Pagado,Creada (UTC)\r\n";

/// The line of one reservation.
pub(super) fn line(found: &Summary) -> String {
    let created_at = found
        .created_at
        .format(&time::format_description::well_known::Rfc3339);
    let cells = [
        found.code.clone(),
        status(found.status).to_owned(),
        payment(found.payment_status).to_owned(),
        found.accommodation.to_string(),
        found.accommodation_name.clone(),
        found.stay.check_in().to_string(),
        found.stay.check_out().to_string(),
        found.stay.nights().to_string(),
        found.guests.to_string(),
        channel(found.channel).to_owned(),
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

fn status(status: Status) -> &'static str {
    match status {
        Status::PreReserved => "a la espera de la seña",
        Status::Confirmed => "confirmada",
        Status::Cancelled => "cancelada",
        Status::Expired => "vencida",
        Status::Completed => "cumplida",
        Status::NoShow => "no se presentó",
    }
}

fn payment(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Pending => "pendiente",
        PaymentStatus::PartiallyPaid => "parcial",
        PaymentStatus::Paid => "seña recibida",
        PaymentStatus::Refunded => "devuelto",
        PaymentStatus::Disputed => "en disputa",
    }
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "web",
        Channel::Whatsapp => "WhatsApp",
        Channel::Staff => "casa",
    }
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
