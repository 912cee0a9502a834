//! Routes that answer every method rightly.

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{FromRequest, Handler, HttpResponse, Responder, Route, web};

use crate::problem::Problem;

/// Starts a path: `resource("/reservations/{code}").get(show).post(change)`.
///
/// `HEAD` works wherever `GET` does, `OPTIONS` answers 204 with `Allow`, any other method 405 with `Allow`. (The
/// `#[get]` macros answer 404 there.)
#[must_use]
pub fn resource(path: &str) -> Resource {
    Resource {
        inner: web::resource(path),
        methods: Vec::new(),
    }
}

/// A path and its methods; made by [`resource`], given to `ServiceConfig::service` or `Scope::service`.
pub struct Resource {
    inner: actix_web::Resource,
    methods: Vec<Method>,
}

impl Resource {
    /// Answers `GET`, and `HEAD` without the body.
    #[must_use]
    pub fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::GET, handler.clone())
            .method(Method::HEAD, handler)
    }

    /// Answers `POST`.
    #[must_use]
    pub fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::POST, handler)
    }

    /// Answers `PUT`.
    #[must_use]
    pub fn put<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::PUT, handler)
    }

    /// Answers `PATCH`.
    #[must_use]
    pub fn patch<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::PATCH, handler)
    }

    /// Answers `DELETE`.
    #[must_use]
    pub fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::DELETE, handler)
    }

    /// Gives the handlers of this path a value of their own, for example other limits.
    #[must_use]
    pub fn app_data<T: 'static>(self, data: T) -> Self {
        Self {
            inner: self.inner.app_data(data),
            ..self
        }
    }

    fn method<F, Args>(mut self, method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.methods.push(method.clone());
        Self {
            inner: self.inner.route(Route::new().method(method).to(handler)),
            ..self
        }
    }

    fn allow(&self) -> String {
        let methods = self.methods.iter().map(Method::as_str).chain(["OPTIONS"]);
        methods.collect::<Vec<_>>().join(", ")
    }
}

impl HttpServiceFactory for Resource {
    fn register(self, config: &mut AppService) {
        let allow = self.allow();
        let options = {
            let allow = allow.clone();
            move || {
                let response = HttpResponse::NoContent()
                    .insert_header((ALLOW, allow.as_str()))
                    .finish();
                std::future::ready(response)
            }
        };
        let refuse = move || std::future::ready(Problem::plain(405).allow(allow.as_str()));
        self.inner
            .route(Route::new().method(Method::OPTIONS).to(options))
            .default_service(web::to(refuse))
            .register(config);
    }
}

impl std::fmt::Debug for Resource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Resource")
            .field("methods", &self.methods)
            .finish_non_exhaustive()
    }
}
