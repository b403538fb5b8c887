//! Who is listed: fictional companies, and the two funds that carry the factors.

use bellwether::market::InstrumentKind;
use rand::Rng;

use super::{
    factors::Sector,
    random::{normal, stream},
};

/// What a listing is like to trade.
#[derive(Debug, Clone)]
pub(super) struct Company {
    pub(super) symbol: String,
    pub(super) name: String,
    pub(super) kind: InstrumentKind,
    pub(super) exchange: &'static str,
    pub(super) sector: Sector,
    /// Close before the session day, USD.
    pub(super) price: f64,
    /// Typical daily volume, shares.
    pub(super) daily_volume: f64,
    /// Long-run daily volatility of its own, besides market and sector.
    pub(super) sigma: f64,
    pub(super) market_beta: f64,
    pub(super) sector_beta: f64,
    pub(super) spread_bps: f64,
    /// Mean shares of one trade.
    pub(super) trade_size: f64,
    pub(super) float_shares: Option<f64>,
    pub(super) subscribed: bool,
    /// Its price returns to a level again and again, as under a resistance.
    pub(super) range_bound: bool,
}

/// Size class of an ordinary company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Large,
    Mid,
    Small,
}

impl Company {
    /// A stock with the numbers typical of its size; `noise` gives values in 0..1 for (price, volume, float, rest).
    pub(super) fn stock(symbol: &str, name: &str, sector: Sector, size: Size, noise: [f64; 4]) -> Self {
        let [price, volume, float, rest] = noise;
        // Between the bounds on a logarithmic scale.
        let between = |low: f64, high: f64, part: f64| low * (high / low).powf(part);
        let (prices, volumes, floats, sigma, spread, trade_size) = match size {
            Size::Large => ((60.0, 480.0), (4.0e6, 3.2e7), (3.0e8, 3.0e9), 0.012, (1.5, 3.5), 90.0),
            Size::Mid => ((18.0, 160.0), (6.0e5, 4.0e6), (5.0e7, 3.0e8), 0.018, (4.0, 12.0), 85.0),
            Size::Small => ((2.2, 28.0), (9.0e4, 9.0e5), (8.0e6, 6.0e7), 0.026, (20.0, 70.0), 120.0),
        };
        Self {
            symbol: symbol.to_owned(),
            name: name.to_owned(),
            kind: InstrumentKind::Stock,
            exchange: if size == Size::Large && rest < 0.5 { "NYSE" } else { "NASDAQ" },
            sector,
            price: (between(prices.0, prices.1, price) * 100.0).round() / 100.0,
            daily_volume: between(volumes.0, volumes.1, volume).round(),
            sigma: sigma * (0.85 + 0.3 * rest),
            market_beta: 0.7 + 0.7 * float,
            sector_beta: 0.5 + 0.7 * rest,
            spread_bps: between(spread.1, spread.0, volume),
            trade_size,
            float_shares: Some((between(floats.0, floats.1, float) / 1e3).round() * 1e3),
            subscribed: true,
            range_bound: false,
        }
    }

    /// The same with a price, a daily volume and a float of its own.
    pub(super) fn with(self, price: f64, daily_volume: f64, float_shares: f64) -> Self {
        Self { price, daily_volume, float_shares: Some(float_shares), ..self }
    }
}

/// The factor portfolios: SPY is the market, QQQ the market with technology.
pub(super) fn funds() -> [Company; 2] {
    let fund = |symbol: &str, name: &str, exchange, price, daily_volume| Company {
        kind: InstrumentKind::Etf,
        exchange,
        sigma: 0.0004,
        spread_bps: 0.3,
        float_shares: None,
        sector_beta: 0.0,
        market_beta: 1.0,
        trade_size: 160.0,
        ..Company::stock(symbol, name, Sector::Technology, Size::Large, [0.5; 4]).with(price, daily_volume, 0.0)
    };
    let spy = fund("SPY", "SPDR S&P 500 ETF Trust", "ARCA", 487.31, 6.2e7);
    let qqq = fund("QQQ", "Invesco QQQ Trust", "NASDAQ", 419.86, 4.1e7);
    [spy, Company { market_beta: 1.1, sector_beta: 0.55, ..qqq }]
}

/// The `index`-th ordinary company of the market with this seed.
pub(super) fn ordinary(seed: u64, index: usize) -> Company {
    let (symbol, name) = match NAMES.get(index) {
        Some((symbol, name)) => ((*symbol).to_owned(), (*name).to_owned()),
        None => numbered(index - NAMES.len()),
    };
    let mut rng = stream(seed, "company", &symbol);
    let size = [Size::Large, Size::Small, Size::Mid][index % 3];
    let sector = Sector::ALL[index % Sector::ALL.len()];
    let noise = [(); 4].map(|()| rng.random::<f64>());
    let company = Company::stock(&symbol, &name, sector, size, noise);
    Company { market_beta: (company.market_beta + 0.15 * normal(&mut rng)).clamp(0.4, 1.8), ..company }
}

/// Number of ordinary companies there can be.
pub(super) const MOST_ORDINARY: usize = NAMES.len() + 26 * 26 * 26;

/// Tickers for markets larger than the list: `Z` and three letters.
fn numbered(index: usize) -> (String, String) {
    let letter = |place: usize| char::from(b'A' + u8::try_from(index / place % 26).unwrap_or(0));
    let symbol: String = ['Z', letter(676), letter(26), letter(1)].iter().collect();
    let name = format!("Zenobia Listing {}", index + 1);
    (symbol, name)
}

const NAMES: [(&str, &str); 47] = [
    ("ARQV", "Arquivale Software"),
    ("BLZK", "Blazek Diagnostics"),
    ("CRVQ", "Corvique Pipelines"),
    ("DQLN", "Doquelin Bancorp"),
    ("EZRK", "Ezrakon Freight"),
    ("FLQX", "Flaquex Foods"),
    ("GRZT", "Grizett Chemicals"),
    ("HXLM", "Hexalume Networks"),
    ("IVQR", "Ivaquor Biologics"),
    ("JZPT", "Jazpetrol Resources"),
    ("KQST", "Kinquest Capital"),
    ("LZVN", "Lazeven Machinery"),
    ("MXQD", "Moxquade Retail"),
    ("NVZL", "Novazul Metals"),
    ("OQPL", "Oquapel Semiconductors"),
    ("PZRA", "Pazerra Surgical"),
    ("QLMB", "Quilambo Drilling"),
    ("RZKW", "Razkow Insurance"),
    ("SQVT", "Sequovant Aerospace"),
    ("TZQL", "Tazquil Apparel"),
    ("UQBR", "Uquabar Paper"),
    ("VXQN", "Voxquin Cloud"),
    ("WZRL", "Wazzerel Genomics"),
    ("XQTA", "Xaqueta Solar"),
    ("YQZB", "Yoquezab Trust"),
    ("AZQH", "Azquahar Rail"),
    ("BQWL", "Boquawel Beverages"),
    ("CZXF", "Cazexfor Lithium"),
    ("DVZQ", "Davazque Robotics"),
    ("EQLZ", "Equilaz Devices"),
    ("FZQM", "Fazquam Refining"),
    ("GQVX", "Goquavex Lending"),
    ("HZQO", "Hazquio Construction"),
    ("IQZT", "Iquazet Leisure"),
    ("JQVL", "Joquavel Steel"),
    ("KZXB", "Kazexab Data"),
    ("LQZF", "Loquazef Vaccines"),
    ("MZQW", "Mazquaw Gas"),
    ("NQXV", "Noquexiv Brokerage"),
    ("OZKQ", "Ozkaqua Tools"),
    ("PQZL", "Poquazel Restaurants"),
    ("QZVK", "Quazevik Cement"),
    ("RQXL", "Roquexal Security"),
    ("SZQB", "Sazquab Imaging"),
    ("TQVZ", "Toquaviz Wind"),
    ("UZXQ", "Uzexaqua Reinsurance"),
    ("VQZD", "Voquazid Shipping"),
];
