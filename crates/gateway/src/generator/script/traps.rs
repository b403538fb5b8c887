//! What looks like a gap and must not be alerted as one.

use bellwether::market::InstrumentKind;

use super::{Company, News, Plan, Script, Sector, Size, StoryKind, at, stock};

/// One new share for ten old ones: the raw price is ten times the previous close, on four prints.
pub(super) fn reverse_split() -> Script {
    Script {
        company: stock("RVXS", "Revexis Holdings", Sector::Financials, Size::Small).with(3.12, 2.6e5, 1.9e7),
        kind: StoryKind::ReverseSplit,
        about: "reverse split 1:10 this morning, without news",
        plan: |scene| Plan {
            moves: vec![(at(9, 30), 8.99), (at(11, 0), 8.90), (scene.close, 8.82)],
            noise: 0.002,
            pace: vec![(at(4, 0)..scene.close + 240, 0.12)],
            prints: Some(vec![
                (at(5, 5), 9.01, 100.0),
                (at(8, 1), 9.05, 180.0),
                (at(8, 48), 8.97, 150.0),
                (at(9, 18), 9.0, 120.0),
            ]),
            ..Plan::default()
        },
        news: Vec::new(),
        halt: None,
    }
}

/// Four new shares for one old one.
pub(super) fn forward_split() -> Script {
    Script {
        company: stock("FQSR", "Farquasar Semiconductors", Sector::Technology, Size::Large).with(248.4, 1.9e6, 2.6e8),
        kind: StoryKind::ForwardSplit,
        about: "forward split 4:1 this morning, without news",
        plan: |scene| Plan {
            moves: vec![(at(4, 0), -0.7492), (at(9, 25), -0.7508), (scene.close, -0.748)],
            noise: 0.0015,
            pace: vec![(at(4, 0)..at(9, 30), 1.5), (at(9, 30)..scene.close + 240, 4.0)],
            ..Plan::default()
        },
        news: Vec::new(),
        halt: None,
    }
}

/// +9 % on three prints and 700 shares.
pub(super) fn illiquid() -> Script {
    Script {
        company: stock("ILDQ", "Ildeque Mining", Sector::Materials, Size::Small).with(7.4, 4.5e4, 9e6),
        kind: StoryKind::IlliquidGap,
        about: "three prints and 700 shares before the open; opens where it closed",
        plan: |scene| Plan {
            moves: vec![(at(9, 30), 0.03), (at(9, 45), 0.012), (scene.close, 0.005)],
            noise: 0.003,
            prints: Some(vec![(at(6, 50), 0.041, 200.0), (at(8, 22), 0.07, 400.0), (at(9, 9), 0.091, 100.0)]),
            ..Plan::default()
        },
        news: Vec::new(),
        halt: None,
    }
}

/// +14 % on news, in a stock that the account has no market data for.
pub(super) fn not_subscribed() -> Script {
    let company = stock("NSBX", "Northsabre Exploration", Sector::Energy, Size::Mid).with(22.8, 1.2e6, 7.1e7);
    Script {
        company: Company { subscribed: false, exchange: "AMEX", ..company },
        kind: StoryKind::NotSubscribed,
        about: "drilling results at 06:30; the account is not subscribed to its market data",
        plan: |scene| Plan {
            moves: vec![(at(6, 30), 0.0), (at(6, 32), 0.08), (at(8, 0), 0.11), (at(9, 25), 0.141), (scene.close, 0.16)],
            noise: 0.003,
            pace: vec![(at(9, 30)..scene.close, 4.0)],
            surges: vec![(at(6, 30)..at(8, 0), 3e5), (at(8, 0)..at(9, 30), 5e5)],
            ..Plan::default()
        },
        news: vec![News {
            minute: at(6, 30),
            provider: "BRFG",
            title: "Northsabre Exploration (NSBX) reports 41 metres of high-grade copper at Sabre Lake",
            body: "Northsabre Exploration reported 41 metres at 3.2 % copper from its winter drilling at Sabre Lake.",
        }],
        halt: None,
    }
}

/// A leveraged fund that gaps with heavy volume.
pub(super) fn fund() -> Script {
    let company = stock("XBTQ", "Crestline Daily Biotech Bull 2X ETF", Sector::Health, Size::Mid).with(41.7, 3e6, 0.0);
    Script {
        company: Company {
            kind: InstrumentKind::Etf,
            exchange: "ARCA",
            market_beta: 2.0,
            sector_beta: 2.0,
            sigma: 0.004,
            spread_bps: 5.0,
            float_shares: None,
            ..company
        },
        kind: StoryKind::FundGap,
        about: "a leveraged fund follows its sector",
        plan: |scene| Plan {
            moves: vec![(at(7, 15), 0.0), (at(8, 0), 0.05), (at(9, 25), 0.082), (scene.close, 0.06)],
            noise: 0.002,
            pace: vec![(at(9, 30)..scene.close, 2.0)],
            surges: vec![(at(7, 15)..at(8, 0), 3e5), (at(8, 0)..at(9, 30), 6e5)],
            ..Plan::default()
        },
        news: Vec::new(),
        halt: None,
    }
}
