//! A generated market as if it had been recorded.

use bellwether::market::{Headline, Instrument, Symbol};
use bellwether_adapters::{FileSource, FolderTables};
use bellwether_gateway::{
    GatewayError, TapeHeadline,
    generator::{MarketSpec, Story, generate},
};

/// The market of `spec` as a recorded folder in memory, and what was planted in it.
///
/// # Errors
/// When a number of `spec` is outside its range, or its session is no trading day.
pub fn generated_source(spec: &MarketSpec) -> Result<(FileSource, Vec<Story>), GatewayError> {
    let generated = generate(spec)?;
    let tape = &generated.tape;
    let instrument = |symbol: &Symbol| {
        tape.instrument(symbol).map(|known| Instrument {
            symbol: symbol.clone(),
            name: known.name.clone(),
            kind: known.kind,
            primary_exchange: known.primary_exchange.clone(),
            // A recorded folder has no contract ids either: a snapshot has one name wherever it is made.
            contract_id: None,
            float_shares: known.float_shares,
        })
    };
    let headline = |it: &TapeHeadline| Headline {
        symbol: it.symbol.clone(),
        at: it.at,
        source: it.provider.clone(),
        title: it.title.clone(),
    };
    let tables = FolderTables {
        minutes: tape.minutes().clone(),
        daily: tape.daily().clone(),
        instruments: tape.instruments().iter().filter_map(|it| instrument(&it.symbol)).collect(),
        headlines: tape.headlines().iter().map(headline).collect(),
        splits: Vec::new(),
    };
    let name = format!("market of seed {} with {} stocks", spec.seed, spec.symbols);
    Ok((FileSource::in_memory(&name, tables), generated.story))
}
