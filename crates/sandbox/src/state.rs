//! What all parts of the sandbox share.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use actix_web::web::Data;
use tokio::runtime::Handle;

use crate::{
    channels::World as Channels, clock::Clock, delivery::Deliveries, faults::Faults,
    mercadopago::World as MercadoPago, options::Options, received::Received, whatsapp::World as WhatsApp,
};

/// The shared state as handlers take it.
pub(crate) type App = Data<Shared>;

/// Everything the sandbox remembers.
pub(crate) struct Shared {
    pub(crate) options: Options,
    /// Without a trailing slash.
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    pub(crate) client: reqwest::Client,
    /// Background work runs here, not on an HTTP worker's thread.
    pub(crate) runtime: Handle,
    pub(crate) received: Received,
    pub(crate) faults: Faults,
    pub(crate) deliveries: Deliveries,
    pub(crate) mercadopago: Mutex<MercadoPago>,
    pub(crate) whatsapp: Mutex<WhatsApp>,
    pub(crate) channels: Mutex<Channels>,
    /// Rises at every reset, so that older background work stops.
    epoch: AtomicU64,
}

impl Shared {
    pub(crate) fn new(options: Options, base_url: String, client: reqwest::Client, runtime: Handle) -> Self {
        let clock = Clock::new(options.now);
        Self {
            mercadopago: Mutex::new(MercadoPago::new(&options.mercadopago)),
            whatsapp: Mutex::new(WhatsApp::new(&options.whatsapp)),
            channels: Mutex::new(Channels::new(clock.now())),
            options,
            base_url,
            clock,
            client,
            runtime,
            received: Received::default(),
            faults: Faults::default(),
            deliveries: Deliveries::default(),
            epoch: AtomicU64::new(0),
        }
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Forgets everything but the options; ids go on rising, so that none is used twice.
    pub(crate) fn reset(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.clock.set(self.options.now);
        self.received.clear();
        self.faults.clear();
        self.deliveries.clear();
        lock(&self.mercadopago).reset(&self.options.mercadopago);
        lock(&self.whatsapp).reset(&self.options.whatsapp);
        *lock(&self.channels) = Channels::new(self.clock.now());
    }
}

/// Locks; a panic elsewhere while holding the lock does not spread.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
