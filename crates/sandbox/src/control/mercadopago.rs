//! `/_control/mercadopago/…`: acting as the buyer, the bank and Mercado Pago itself.

mod notify;
mod payment;
mod preference;
mod refund;
mod total;

use actix_web::web::{self, ServiceConfig};

pub(crate) use payment::dispute;
pub(crate) use refund::refund_at_provider;

/// Everything under `/_control/mercadopago`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/mercadopago")
            .service(web::resource("/preferences").get(preference::list))
            .service(web::resource("/preferences/{id}/pay").post(preference::pay_it))
            .service(
                web::resource("/payments")
                    .get(payment::list)
                    .post(payment::create),
            )
            .service(web::resource("/payments/{id}").post(payment::change))
            .service(web::resource("/payments/{id}/refund").post(refund::create))
            .service(web::resource("/payments/{id}/dispute").post(payment::open_dispute))
            .service(web::resource("/payments/{id}/hide").post(payment::hide))
            .service(web::resource("/refunds/next").post(refund::next))
            .service(web::resource("/refunds/{id}").post(refund::finish))
            .service(
                web::resource("/notifications")
                    .get(notify::settings)
                    .post(notify::change_settings),
            )
            .service(web::resource("/notify").post(notify::send))
            .service(web::resource("/totals").get(total::list)),
    );
}
