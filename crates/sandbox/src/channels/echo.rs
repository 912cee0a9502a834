//! Importing as channels do: before a calendar is served, it reads the feeds it was given.

use url::Url;

use super::reading::{Read, read};
use crate::{
    delivery::is_local,
    state::{App, lock},
};

/// Reads the feeds that `name` imports; a feed that fails keeps its last good state.
pub(crate) async fn refresh(app: &App, name: &str) {
    let feeds = lock(&app.channels)
        .calendars
        .get(name)
        .map(|calendar| calendar.echo.clone())
        .unwrap_or_default();
    for feed in feeds {
        let Some(events) = fetch(app, &feed).await else {
            continue;
        };
        let now = app.clock.now();
        let mut world = lock(&app.channels);
        let Some(calendar) = world.calendars.get_mut(name) else {
            return;
        };
        let known = calendar.imported.iter_mut().find(|(url, _)| *url == feed);
        match known {
            Some((_, known)) if *known == events => continue,
            Some((_, known)) => *known = events,
            None => calendar.imported.push((feed, events)),
        }
        calendar.changed = now;
    }
}

async fn fetch(app: &App, feed: &Url) -> Option<Vec<Read>> {
    if !is_local(feed) {
        return None;
    }
    let request = app
        .client
        .get(feed.clone())
        .timeout(std::time::Duration::from_secs(5));
    let response = request.send().await.ok()?.error_for_status().ok()?;
    read(&response.text().await.ok()?)
}
