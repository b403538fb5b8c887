//! Stocks that open quietly and move during the session.

use super::{Company, News, Plan, Script, Sector, Size, StoryKind, at, stock};

/// Climbs steadily from 09:35 to 11:00 on five times its usual volume.
pub(super) fn leader() -> Script {
    Script {
        company: stock("MQTI", "Marquetti Robotics", Sector::Industrials, Size::Mid).with(48.6, 1.6e6, 8.8e7),
        kind: StoryKind::MomentumLeader,
        about: "no gap; climbs steadily from 09:35 to 11:00 on several times its usual volume",
        plan: |scene| Plan {
            moves: vec![(at(4, 0), 0.002), (at(9, 35), 0.006), (at(11, 0), 0.082), (at(12, 0), 0.079), (scene.close, 0.084)],
            noise: 0.0012,
            pace: vec![(at(9, 30)..at(9, 35), 2.5), (at(9, 35)..at(11, 0), 5.5), (at(11, 0)..scene.close, 2.5)],
            ..Plan::default()
        },
        news: vec![News {
            minute: at(9, 41),
            provider: "DJNL",
            title: "Marquetti Robotics wins $180 million warehouse automation order",
            body: "Marquetti Robotics said it won an order worth $180 million to automate nine warehouses over two years.",
        }],
        halt: None,
    }
}

/// Ranges under its high for months, then passes it at about 10:20 on volume and stays above.
pub(super) fn breakout() -> Script {
    let company = stock("BKTZ", "Becketz Logistics", Sector::Industrials, Size::Mid).with(63.0, 1.1e6, 7.9e7);
    Script {
        company: Company { range_bound: true, sigma: 0.010, market_beta: 0.15, sector_beta: 0.1, ..company },
        kind: StoryKind::Breakout,
        about: "passes its highest price of 60 sessions at about 10:20 on volume",
        plan: |scene| {
            let high = scene.high / scene.previous_close - 1.0;
            Plan {
                moves: vec![
                    (at(9, 30), 0.001),
                    (at(10, 0), 0.1 * high),
                    (at(10, 18), 0.55 * high),
                    (at(10, 22), high + 0.006),
                    (at(10, 30), high + 0.012),
                    (at(12, 0), high + 0.021),
                    (scene.close, high + 0.024),
                ],
                noise: 0.0012,
                pace: vec![(at(10, 10)..at(11, 0), 7.0), (at(11, 0)..scene.close, 2.5)],
                ..Plan::default()
            }
        },
        news: Vec::new(),
        halt: None,
    }
}
