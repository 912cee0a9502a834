//! The texts that guests get, as they are approved at Meta.
//!
//! Within the 24 hours after a guest's message the same text goes out as a plain one, which costs nothing.
//! A body keeps Meta's rules: no place at its start or end, none beside another, at most 1024 characters.

/// A text with numbered places, `{{1}}` and on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Its name at Meta.
    pub name: &'static str,
    /// Its text.
    pub body: &'static str,
    /// What fills each place, for whoever asks Meta for approval.
    pub examples: &'static [&'static str],
}

/// A stay is confirmed.
pub const CONFIRMED: Template = Template {
    name: "reserva_confirmada",
    body: "¡Hola, {{1}}! Tu reserva {{2}} en {{3}} está confirmada.\n\n\
           Entrada: {{4}}\nSalida: {{5}}\nHuéspedes: {{6}}\n\n\
           Total: {{7}}\nPagado: {{8}}\nResta pagar: {{9}}\n\n\
           Acá están todos los detalles: {{10}}\n\n¡Gracias por elegirnos!",
    examples: &[
        "Lucía",
        "RES261124K7M2QX",
        "Cabaña del Bosque",
        "jueves 10 de diciembre de 2026",
        "domingo 13 de diciembre de 2026",
        "2",
        "ARS 150.000,00",
        "ARS 45.000,00",
        "ARS 105.000,00",
        "https://ejemplo.com/reservas/RES261124K7M2QX#k3J0…",
    ],
};

/// A hold can be paid.
pub const PAYMENT_LINK: Template = Template {
    name: "link_de_pago",
    body: "¡Hola, {{1}}! Te guardamos {{2}} del {{3}} al {{4}} (reserva {{5}}).\n\n\
           Para confirmar la reserva falta el pago de {{6}}, antes del {{7}}: {{8}}\n\n¡Te esperamos!",
    examples: &[
        "Lucía",
        "Cabaña del Bosque",
        "jueves 10 de diciembre de 2026",
        "domingo 13 de diciembre de 2026",
        "RES261124K7M2QX",
        "ARS 45.000,00",
        "martes 24 de noviembre a las 12:30",
        "https://www.mercadopago.com.ar/checkout/v1/redirect?pref_id=123",
    ],
};

/// A hold ends soon.
pub const REMINDER: Template = Template {
    name: "recordatorio_de_pago",
    body: "Hola, {{1}}. Te guardamos la reserva {{2}} en {{3}} hasta el {{4}}, y todavía falta el pago.\n\n\
           Se puede pagar desde acá: {{5}}\n\n¡Te esperamos!",
    examples: &[
        "Lucía",
        "RES261124K7M2QX",
        "Cabaña del Bosque",
        "martes 24 de noviembre a las 12:30",
        "https://ejemplo.com/reservas/RES261124K7M2QX#k3J0…",
    ],
};

/// An attempt to pay failed.
pub const PAYMENT_REJECTED: Template = Template {
    name: "pago_rechazado",
    body: "Hola, {{1}}. El pago de {{2}} por tu reserva {{3}} no se pudo completar, y no se cobró nada.\n\n\
           Se puede intentar de nuevo con el mismo link o con otro medio de pago. \
           Acá están los detalles de la reserva: {{4}}\n\nCualquier duda, estamos para ayudarte.",
    examples: &[
        "Lucía",
        "ARS 45.000,00",
        "RES261124K7M2QX",
        "https://ejemplo.com/reservas/RES261124K7M2QX#k3J0…",
    ],
};

/// Money went back.
pub const PAYMENT_REFUNDED: Template = Template {
    name: "pago_devuelto",
    body: "Hola, {{1}}. Devolvimos {{2}} de tu reserva {{3}}. Motivo: {{4}}.\n\n\
           La devolución llega al mismo medio de pago; según el banco o la tarjeta puede tardar algunos días.",
    examples: &[
        "Lucía",
        "ARS 45.000,00",
        "RES261124K7M2QX",
        "cancelación de la reserva",
    ],
};

/// A stay or a hold was called off.
pub const CANCELLED: Template = Template {
    name: "reserva_cancelada",
    body: "Hola, {{1}}. La reserva {{2}} en {{3}}, del {{4}} al {{5}}, quedó cancelada.\n\n\
           Si corresponde una devolución, vas a recibir otro mensaje. Cualquier duda, estamos para ayudarte.",
    examples: &[
        "Lucía",
        "RES261124K7M2QX",
        "Cabaña del Bosque",
        "jueves 10 de diciembre de 2026",
        "domingo 13 de diciembre de 2026",
    ],
};

/// A hold ran out.
pub const EXPIRED: Template = Template {
    name: "reserva_vencida",
    body: "Hola, {{1}}. La reserva {{2}} en {{3}} venció porque el pago no llegó a tiempo, y las fechas del {{4}} \
           al {{5}} quedaron libres.\n\nSi todavía te interesa la estadía, se puede reservar de nuevo cuando quieras.",
    examples: &[
        "Lucía",
        "RES261124K7M2QX",
        "Cabaña del Bosque",
        "jueves 10 de diciembre de 2026",
        "domingo 13 de diciembre de 2026",
    ],
};

/// Every template that has to be approved at Meta.
pub const ALL: [Template; 7] = [
    CONFIRMED,
    PAYMENT_LINK,
    REMINDER,
    PAYMENT_REJECTED,
    PAYMENT_REFUNDED,
    CANCELLED,
    EXPIRED,
];

impl Template {
    /// The text with its places filled.
    #[must_use]
    pub fn filled(&self, parameters: &[String]) -> String {
        let mut text = String::new();
        let mut rest = self.body;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((place, after)) = after.split_once("}}") else {
                break;
            };
            text.push_str(before);
            let index = place.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
            text.push_str(
                index
                    .and_then(|index| parameters.get(index))
                    .map_or("", String::as_str),
            );
            rest = after;
        }
        text.push_str(rest);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Template};

    fn places(template: &Template) -> usize {
        template.body.matches("{{").count()
    }

    #[test]
    fn every_place_has_its_number_and_an_example() {
        for template in ALL {
            assert_eq!(places(&template), template.examples.len(), "{}", template.name);
            for place in 1..=places(&template) {
                assert!(
                    template.body.contains(&format!("{{{{{place}}}}}")),
                    "{}",
                    template.name
                );
            }
        }
    }

    #[test]
    fn every_body_keeps_the_rules_of_meta() {
        for Template { name, body, .. } in ALL {
            assert!(!body.starts_with("{{") && !body.ends_with("}}"), "{name}");
            assert!(!body.contains("}}{{") && !body.contains("}} {{"), "{name}");
            assert!(body.chars().count() <= 1_024, "{name}");
        }
    }

    #[test]
    fn places_are_filled_once_and_never_from_what_fills_them() {
        let template = Template {
            name: "x",
            body: "a {{1}} b {{2}} c",
            examples: &[],
        };
        let filled = template.filled(&["{{2}}".to_owned(), "dos".to_owned()]);
        assert_eq!(filled, "a {{2}} b dos c");
    }
}
