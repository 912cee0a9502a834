//! The one registry of the process, and OpenTelemetry's meter on top of it.

use std::sync::LazyLock;

use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::Registry;

struct Metrics {
    registry: Registry,
    meter: Meter,
    /// Held so that the meter keeps its reader.
    _provider: SdkMeterProvider,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(|| {
    let registry = Registry::new();
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .scope_info_enabled(false)
        .without_target_info()
        .without_units()
        .without_counter_suffixes()
        .build();
    let mut provider = SdkMeterProvider::builder().with_resource(Resource::builder_empty().build());
    if let Ok(exporter) = exporter {
        provider = provider.with_reader(exporter);
    }
    let provider = provider.build();
    Metrics {
        registry,
        meter: provider.meter("alojamientos"),
        _provider: provider,
    }
});

pub(super) fn registry() -> &'static Registry {
    &METRICS.registry
}

pub(super) fn meter() -> &'static Meter {
    &METRICS.meter
}
