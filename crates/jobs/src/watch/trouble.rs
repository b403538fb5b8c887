//! What is wrong, since when, and what of it was told.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
};

use jiff::{SignedDuration, Timestamp};

use super::report::FeedReport;

/// Subscriptions that a message names.
const NAMED: usize = 8;
/// What happened within this time counts together.
const RECENTLY: SignedDuration = SignedDuration::from_mins(10);
/// So many new connections within that time are a trouble, though each loss was short.
const UNSTEADY: u64 = 4;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No connection to the gateway.
    Disconnected { address: String, problem: String },
    /// The gateway is without IB.
    ServersLost,
    /// A farm is broken.
    Farm { name: String, serves: String },
    /// The connection is lost again and again.
    Unsteady { reconnects: u64 },
    /// Bars that were to come will not.
    Lost { bars: u64 },
    /// Subscriptions that should speak and do not.
    Silent { count: usize, named: Vec<String> },
}

impl Trouble {
    /// What makes two reports of trouble the same trouble.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Disconnected { .. } => "connection".to_owned(),
            Self::ServersLost => "servers".to_owned(),
            Self::Farm { name, .. } => format!("farm {name}"),
            Self::Unsteady { .. } => "reconnections".to_owned(),
            Self::Lost { .. } => "bars".to_owned(),
            Self::Silent { .. } => "subscriptions".to_owned(),
        }
    }

    /// How many are concerned, where more of them are worth another message.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Silent { count, .. } => *count as u64,
            Self::Unsteady { reconnects: size } | Self::Lost { bars: size } => *size,
            Self::Disconnected { .. } | Self::ServersLost | Self::Farm { .. } => 1,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected { address, problem } => write!(f, "no connection to IB Gateway at {address}: {problem}"),
            Self::ServersLost => f.write_str("IB Gateway has no connection to IB (1100)"),
            Self::Farm { name, serves } => write!(f, "IB's {serves} farm {name} is broken"),
            Self::Unsteady { reconnects } => {
                write!(f, "the connection to IB Gateway was made anew {reconnects} times in ten minutes")
            }
            Self::Lost { bars } => write!(f, "{bars} bars of market data were missed in the last ten minutes and cannot be had"),
            Self::Silent { count, named } => {
                write!(f, "{count} subscriptions are silent: {}", named.join("; "))?;
                if *count > named.len() { write!(f, "; and {} more", count - named.len()) } else { Ok(()) }
            }
        }
    }
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) trouble: Trouble,
    pub(super) since: Timestamp,
    /// It is over, after so long.
    pub(super) over: Option<SignedDuration>,
}

/// What is wrong at present.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    present: BTreeMap<String, Present>,
    counted: VecDeque<Counted>,
}

#[derive(Debug)]
struct Present {
    trouble: Trouble,
    since: Timestamp,
    /// Its size when it was last told.
    told: Option<u64>,
}

/// Counters as a report had them.
#[derive(Debug, Clone, Copy)]
struct Counted {
    at: Timestamp,
    reconnects: u64,
    lost: u64,
}

impl Troubles {
    /// Compares the report with what is known; what has lasted longer than `patience` is told while `watched`, once, and
    /// once more whenever twice as many are concerned; its end is told once.
    pub(super) fn judge(&mut self, report: &FeedReport, now: Timestamp, patience: SignedDuration, watched: bool) -> Vec<Told> {
        let seen = found(report, now, patience);
        let mut found: BTreeMap<String, (Trouble, Timestamp)> =
            seen.troubles.into_iter().map(|(trouble, since)| (trouble.name(), (trouble, since))).collect();
        found.extend(self.counted(report, now).into_iter().map(|(trouble, since)| (trouble.name(), (trouble, since))));
        let mut told = Vec::new();
        self.present.retain(|name, present| {
            // What cannot be seen now is not over.
            let lasts = found.contains_key(name) || seen.hidden && present.is_behind_a_connection();
            if !lasts && present.told.is_some() {
                let over = Some(now.duration_since(present.since));
                told.push(Told { trouble: present.trouble.clone(), since: present.since, over });
            }
            lasts
        });
        for (name, (trouble, since)) in found {
            let present = self.present.entry(name).or_insert(Present { trouble: trouble.clone(), since, told: None });
            present.trouble = trouble;
            let size = present.trouble.size();
            let news = present.told.is_none_or(|told| size >= 2 * told);
            if news && watched && now.duration_since(present.since) >= patience {
                present.told = Some(size);
                told.push(Told { trouble: present.trouble.clone(), since: present.since, over: None });
            }
        }
        told
    }

    /// What the counters of the last minutes show.
    fn counted(&mut self, report: &FeedReport, now: Timestamp) -> Vec<(Trouble, Timestamp)> {
        let counter = |name: &str| report.counters.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default();
        let latest = Counted { at: now, reconnects: counter("reconnects"), lost: counter("bars_lost") };
        self.counted.push_back(latest);
        while self.counted.front().is_some_and(|first| now.duration_since(first.at) > RECENTLY) {
            self.counted.pop_front();
        }
        let Some(first) = self.counted.front() else { return Vec::new() };
        let reconnects = latest.reconnects.saturating_sub(first.reconnects);
        let bars = latest.lost.saturating_sub(first.lost);
        let unsteady = (reconnects >= UNSTEADY).then_some(Trouble::Unsteady { reconnects });
        let troubles = unsteady.into_iter().chain((bars > 0).then_some(Trouble::Lost { bars }));
        troubles.map(|trouble| (trouble, first.at)).collect()
    }
}

impl Present {
    /// Nothing shows it without a connection to IB.
    fn is_behind_a_connection(&self) -> bool {
        matches!(self.trouble, Trouble::ServersLost | Trouble::Farm { .. } | Trouble::Silent { .. })
    }
}

/// What a report shows.
struct Seen {
    troubles: Vec<(Trouble, Timestamp)>,
    /// There may be more behind it.
    hidden: bool,
}

/// What a report shows to be wrong. Behind a lost connection nothing else can be seen.
fn found(report: &FeedReport, now: Timestamp, patience: SignedDuration) -> Seen {
    if !report.connected {
        let trouble = Trouble::Disconnected { address: report.address.clone(), problem: report.problem.clone() };
        return Seen { troubles: report.since.map(|since| (trouble, since)).into_iter().collect(), hidden: true };
    }
    if let Some(since) = report.servers_lost_since {
        return Seen { troubles: vec![(Trouble::ServersLost, since)], hidden: true };
    }
    let broken = report.farms.iter().filter(|farm| farm.broken);
    let mut troubles: Vec<(Trouble, Timestamp)> =
        broken.map(|farm| (Trouble::Farm { name: farm.name.clone(), serves: farm.serves.clone() }, farm.since)).collect();
    let lasts = |since: Timestamp| now.duration_since(since) >= patience;
    let silent: Vec<_> = report.silent.iter().filter(|it| !it.waiting && lasts(it.since)).collect();
    if let Some(oldest) = silent.first() {
        let named = silent.iter().take(NAMED).map(|it| format!("{} of {}: {}", it.kind, it.symbol, it.state)).collect();
        troubles.push((Trouble::Silent { count: silent.len(), named }, oldest.since));
    }
    Seen { troubles, hidden: false }
}

#[cfg(test)]
mod tests {
    use super::{
        super::report::{FeedFarm, FeedSubscription},
        *,
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_773_149_400 + second).unwrap()
    }

    fn report(connected: bool, since: i64) -> FeedReport {
        FeedReport {
            at: at(since),
            address: "127.0.0.1:4002".to_owned(),
            client_id: 17,
            connected,
            since: Some(at(since)),
            problem: "connection refused".to_owned(),
            next_attempt_at: None,
            server_version: Some(226),
            servers_lost_since: None,
            farms: Vec::new(),
            lines_used: 0,
            lines_allowed: 100,
            budgets: Vec::new(),
            waiting: 0,
            rotation: None,
            of_bars: None,
            live: 0,
            subscribed: 0,
            silent: Vec::new(),
            last_event_at: None,
            counters: serde_json::Map::new(),
        }
    }

    #[test]
    fn trouble_that_lasts_is_told_once_and_so_is_its_end() {
        let patience = SignedDuration::from_secs(90);
        let mut troubles = Troubles::default();
        let mut judge = |report: &FeedReport, now: i64, watched| troubles.judge(report, at(now), patience, watched);
        let down = report(false, 0);
        assert_eq!(judge(&down, 60, true), []);
        assert_eq!(judge(&down, 100, false), [], "nobody needs data now");
        let told = judge(&down, 105, true);
        assert_eq!((told.len(), told[0].since, told[0].over), (1, at(0), None));
        assert!(told[0].trouble.to_string().contains("connection refused"));
        assert_eq!(judge(&down, 110, true), []);
        let over = judge(&report(true, 120), 125, true);
        assert_eq!((over.len(), over[0].over), (1, Some(SignedDuration::from_secs(125))));
        assert_eq!(judge(&report(true, 120), 130, true), []);
        // Short trouble is nobody's business.
        assert_eq!(judge(&report(false, 200), 210, true), []);
        assert_eq!(judge(&report(true, 220), 225, true), []);
    }

    #[test]
    fn silent_subscriptions_are_one_trouble_and_those_that_wait_for_the_connection_none() {
        let silent = |symbol: &str, waiting, since| FeedSubscription {
            symbol: symbol.to_owned(),
            kind: "quotes".to_owned(),
            state: "silent".to_owned(),
            waiting,
            since: at(since),
        };
        let mut report = report(true, 0);
        report.silent = vec![silent("A", true, 0), silent("B", false, 10), silent("C", false, 20)];
        let mut troubles = Troubles::default();
        let told = troubles.judge(&report, at(110), SignedDuration::from_secs(90), true);
        assert_eq!(
            told[0].trouble,
            Trouble::Silent { count: 2, named: vec!["quotes of B: silent".to_owned(), "quotes of C: silent".to_owned()] }
        );
        assert_eq!(told[0].since, at(10));
        // One more is no news, twice as many are.
        report.silent.push(silent("D", false, 30));
        assert_eq!(troubles.judge(&report, at(200), SignedDuration::from_secs(90), true), []);
        report.silent.push(silent("E", false, 150));
        assert_eq!(troubles.judge(&report, at(230), SignedDuration::from_secs(90), true), [], "E not for long enough");
        let told = troubles.judge(&report, at(250), SignedDuration::from_secs(90), true);
        assert!(matches!(told[0], Told { trouble: Trouble::Silent { count: 4, .. }, over: None, .. }), "{told:?}");
    }

    #[test]
    fn what_a_lost_connection_hides_is_not_over() {
        let patience = SignedDuration::from_secs(90);
        let [name, serves, state] = ["usfarm", "quotes", "broken"].map(str::to_owned);
        let farm = FeedFarm { name, serves, state, broken: true, since: at(0) };
        let mut troubles = Troubles::default();
        let mut judge = |report: &FeedReport, now: i64| troubles.judge(report, at(now), patience, true);
        let broken = FeedReport { farms: vec![farm], ..report(true, 0) };
        assert_eq!(judge(&broken, 100).len(), 1);
        assert_eq!(judge(&report(false, 110), 120), [], "the farm is not well because the gateway is gone");
        assert_eq!(judge(&broken, 130), []);
        let over = judge(&report(true, 140), 150);
        assert_eq!((over.len(), over[0].over), (1, Some(SignedDuration::from_secs(150))));
    }

    #[test]
    fn a_connection_that_comes_and_goes_is_told_though_each_loss_was_short() {
        let patience = SignedDuration::from_secs(90);
        let mut troubles = Troubles::default();
        let with = |reconnects: u64, lost: u64| {
            let mut report = report(true, 0);
            report.counters.insert("reconnects".to_owned(), reconnects.into());
            report.counters.insert("bars_lost".to_owned(), lost.into());
            report
        };
        let mut told = Vec::new();
        for minute in 0..6 {
            told.extend(troubles.judge(&with(10 + minute, 0), at(60 * minute as i64), patience, true));
        }
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].trouble, Trouble::Unsteady { reconnects: 4 });
        let lost = troubles.judge(&with(15, 3), at(400), patience, true);
        assert_eq!(lost.iter().map(|told| told.trouble.clone()).collect::<Vec<_>>(), [Trouble::Lost { bars: 3 }]);
        let over = troubles.judge(&with(15, 3), at(1_100), patience, true);
        assert_eq!(over.iter().filter(|told| told.over.is_some()).count(), 2);
    }
}
