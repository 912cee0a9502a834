//! `alojactl seed`: data to try the system with; never for production.

use clap::Subcommand;
use diesel_async::AsyncPgConnection;
use domain::accommodation::{AccommodationId, Season, SeasonPrice, Terms};
use domain::cancellation::CancellationPolicy;
use domain::money::{BasisPoints, Currency, Money};
use serde_json::json;
use service::clock::Clock;
use storage::accommodations::{self, Facts, Which};
use storage::seasons;
use time::macros::{date, time};
use time::{Duration, OffsetDateTime};

use crate::commands::database;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tres alojamientos, si todavía no hay ninguno.
    Demo,
}

pub(crate) async fn run(command: Command, output: Output) -> anyhow::Result<()> {
    let Command::Demo = command;
    let conn = database::connect().await?;
    let there = accommodations::list(&conn, Which::All, AccommodationId(0), 1).await?;
    if !there.is_empty() {
        output.answer("ya hay alojamientos; no se agregó nada", &json!({ "added": [] }));
        return Ok(());
    }
    let now = Clock::system().now();
    let mut added = Vec::new();
    for facts in [cabin()?, flat()?, inn()?] {
        let lodging = accommodations::insert(&conn, &facts, now).await?;
        add_summer(&conn, lodging.id, now).await?;
        added.push(json!({ "id": lodging.id.0, "name": facts.name }));
    }
    output.answer(
        "se agregaron tres alojamientos: 1, 2 y 3",
        &json!({ "added": added }),
    );
    Ok(())
}

fn cabin() -> anyhow::Result<Facts> {
    let terms = terms(48_000, 12_000, 9_000, 2, 4)?;
    let place = (
        "Villa La Angostura",
        "Cabaña de madera entre coihues, a cinco minutos del lago.",
    );
    Ok(facts(
        "Cabaña del Bosque",
        place,
        terms,
        &["wifi", "hogar a leña", "parrilla", "cochera"],
    ))
}

fn flat() -> anyhow::Result<Facts> {
    let terms = terms(39_500, 8_000, 6_500, 2, 3)?;
    let place = (
        "Mar del Plata",
        "Departamento luminoso frente al mar, con balcón.",
    );
    Ok(facts(
        "Departamento Costanera",
        place,
        terms,
        &["wifi", "ascensor", "balcón", "cocina completa"],
    ))
}

fn inn() -> anyhow::Result<Facts> {
    let terms = terms(62_000, 15_000, 12_000, 2, 6)?;
    let place = ("Cafayate", "Hostería de adobe entre viñedos, con desayuno.");
    Ok(facts(
        "Hostería Los Viñedos",
        place,
        terms,
        &["wifi", "desayuno", "pileta", "mascotas"],
    ))
}

fn terms(night: i64, cleaning: i64, extra_guest: i64, included: u16, most: u16) -> anyhow::Result<Terms> {
    let pesos = |whole: i64| Money::new(whole * 100, Currency::ARS);
    Ok(Terms {
        base_price: pesos(night)?,
        weekend_multiplier: BasisPoints(12_000),
        cleaning_fee: pesos(cleaning)?,
        extra_guest_fee: pesos(extra_guest)?,
        included_guests: included,
        max_guests: most,
        min_nights: 1,
        max_nights: 30,
        deposit: BasisPoints(3_000),
        cancellation: CancellationPolicy::new(7, 2, BasisPoints(5_000))?,
        seasons: Vec::new(),
    })
}

fn facts(name: &str, (city, description): (&str, &str), terms: Terms, amenities: &[&str]) -> Facts {
    Facts {
        name: name.to_owned(),
        description: description.to_owned(),
        city: city.to_owned(),
        country: "AR".to_owned(),
        time_zone: "America/Argentina/Buenos_Aires".to_owned(),
        terms,
        check_in_time: time!(15:00),
        check_out_time: time!(11:00),
        photos: Vec::new(),
        amenities: amenities.iter().map(|&amenity| amenity.to_owned()).collect(),
        house_rules: "No se fuma adentro. Silencio de 23 a 8.".to_owned(),
    }
}

/// The summer holidays cost a third more and are sold from three nights on.
async fn add_summer(
    conn: &AsyncPgConnection,
    lodging: AccommodationId,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let starts_on = date!(2027 - 01 - 01);
    let season = Season {
        name: "Verano".to_owned(),
        starts_on,
        ends_on: starts_on + Duration::days(59),
        price: SeasonPrice::Multiplier(BasisPoints(13_300)),
        min_nights: Some(3),
    };
    seasons::insert(conn, lodging, &season, now).await?;
    Ok(())
}
